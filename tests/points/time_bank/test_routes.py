"""The time bank over HTTP: two hours from asking to credit, the pool, disputes, deadlines, and what is refused."""

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from shared.contracts.events import HelpMoved, MinutesGiven, TimeCredited
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import People
from tests.points.time_bank.conftest import BANK, REQUESTS, Bank


async def test_two_hours_from_asking_to_credit(bank: Bank, people: People, facts_of: Any) -> None:
    await bank.kind()
    helped, helper = await bank.resident(minutes=180), await bank.resident()

    asked = await bank.ask(helped)
    assert (asked["state"], asked["escrow_minutes"]) == ("requested", 120)
    assert await bank.minutes(helped) == 60, "what it can cost is set aside"
    assert (await helper.get(f"{REQUESTS}/{asked['id']}")).json()["location"] is None
    joined = await bank.step(helper, asked, "participants", side="helper")
    assert (joined["state"], joined["location"]) == ("matched", "3栋2单元502")
    ended = await bank.help(helper, helped, asked, hours=2)
    assert ended["state"] == "ended"
    assert (await bank.step(helper, asked, "confirmations"))["state"] == "ended"
    credited = await bank.step(helped, asked, "confirmations")

    assert credited["state"] == "credited"
    assert [p["credited_minutes"] for p in credited["participants"] if p["side"] == "helper"] == [120]
    assert (await bank.minutes(helper), await bank.minutes(helped)) == (120, 60)
    record = (await helper.get(f"{REQUESTS}/{asked['id']}/record")).json()
    assert [line["action"] for line in record] == [
        "request",
        "join_as_helper",
        "enter_start",
        "enter_start",
        "enter_stop",
        "enter_stop",
        "confirm",
        "confirm",
        "credit",
    ]
    facts = await facts_of("points", people.community_id)
    assert [f.minutes_credited for f in facts if isinstance(f, TimeCredited)] == [120]
    assert [f.state for f in facts if isinstance(f, HelpMoved)][-1] == "credited"


async def test_less_time_gives_the_rest_back(bank: Bank) -> None:
    await bank.kind(rate_percent=150)
    helped, helper = await bank.resident(minutes=180), await bank.resident()
    asked = await bank.ask(helped)
    assert await bank.minutes(helped) == 0
    await bank.step(helper, asked, "participants")
    await bank.help(helper, helped, asked, minutes=64, seconds=59)
    await bank.step(helper, asked, "confirmations")
    await bank.step(helped, asked, "confirmations")

    assert await bank.minutes(helper) == 95, "64 minutes at 150 % are 96, rounded down to five"
    assert await bank.minutes(helped) == 85


async def test_the_rate_asked_under_holds(bank: Bank) -> None:
    await bank.kind(rate_percent=100)
    helped = await bank.resident(minutes=120)
    asked = await bank.ask(helped)
    await bank.kind(rate_percent=200)

    versions = (await helped.get(f"{BANK}/kinds/escort/versions")).json()
    assert [(v["version"], v["rate_percent"]) for v in versions] == [(2, 200), (1, 100)]
    assert [k["version"] for k in (await helped.get(f"{BANK}/kinds")).json()] == [2]
    assert (await helped.get(f"{REQUESTS}/{asked['id']}")).json()["rate_percent"] == 100


async def test_negative_balances_are_impossible(bank: Bank) -> None:
    await bank.kind()
    helped = await bank.resident(minutes=119)
    response = await helped.post(REQUESTS, json=bank.body())
    assert (response.status_code, response.json()["code"]) == (409, "points.minutes_short")
    assert (response.json()["needed"], response.json()["available"]) == (120, 119)
    assert await bank.minutes(helped) == 119
    assert (await helped.get(REQUESTS)).json()["items"] == []


async def test_the_pool_pays_for_those_in_need(bank: Bank, people: People, facts_of: Any) -> None:
    await bank.kind()
    official = bank.staff(Role.COMMUNITY_ADMIN)
    helped, helper, giver = await bank.resident(), await bank.resident(), await bank.resident(minutes=200)
    await bank.ok(giver, "donations", minutes=150, reason="帮助独居老人")
    asked = await bank.ask(helped, payer="pool")

    early = await helper.post(f"{REQUESTS}/{asked['id']}/participants", json={})
    assert early.json()["code"] == "points.help_not_approved"
    assert (await helper.post(f"{REQUESTS}/{asked['id']}/approvals")).status_code == 403
    assert (await bank.step(official, asked, "approvals"))["is_approved"] is True
    told = [f for f in await facts_of("points", people.community_id) if isinstance(f, HelpMoved)]
    assert [(f.action, f.waits_for_pool) for f in told] == [("request", True), ("approve", False)]
    again = await official.post(f"{REQUESTS}/{asked['id']}/approvals")
    assert again.json()["code"] == "points.help_already_confirmed"
    assert (await helped.get(f"{BANK}/pool")).json() == {"minutes": 30}
    await bank.step(helper, asked, "participants")
    await bank.help(helper, helped, asked, hours=1)
    await bank.step(helper, asked, "confirmations")
    await bank.step(helped, asked, "confirmations")

    assert (await bank.minutes(helper), await bank.minutes(helped)) == (60, 0)
    assert (await helped.get(f"{BANK}/pool")).json() == {"minutes": 90}
    poor = await bank.ask(helped, payer="pool", helpers_wanted=2)
    short = await official.post(f"{REQUESTS}/{poor['id']}/approvals")
    assert short.json()["code"] == "points.minutes_short"


async def test_cancelling_gives_the_minutes_back(bank: Bank) -> None:
    await bank.kind()
    helped, helper = await bank.resident(minutes=120), await bank.resident()
    asked = await bank.ask(helped)
    await bank.step(helper, asked, "participants")
    await bank.step(helper, asked, "departures")
    assert (await helped.get(f"{REQUESTS}/{asked['id']}")).json()["state"] == "requested"
    await bank.step(helper, asked, "participants")

    assert (await helper.post(f"{REQUESTS}/{asked['id']}/cancellations", json={"reason": "x"})).status_code == 403
    assert (await bank.step(helped, asked, "cancellations", reason="改期了"))["state"] == "cancelled"
    assert await bank.minutes(helped) == 120


async def test_nobody_comes_and_the_minutes_come_back(bank: Bank, sweep: Any) -> None:
    await bank.kind()
    helped = await bank.resident(minutes=120)
    asked = await bank.ask(helped)
    bank.clock.advance(timedelta(hours=4))
    await sweep("points", "move_help_requests")
    await sweep("points", "move_help_requests")
    assert (await helped.get(f"{REQUESTS}/{asked['id']}")).json()["state"] == "cancelled"
    assert await bank.minutes(helped) == 120


async def test_forgotten_to_stop_goes_to_a_supervisor(bank: Bank, sweep: Any) -> None:
    await bank.kind()
    helped, helper = await bank.resident(minutes=120), await bank.resident()
    asked = await bank.ask(helped)
    await bank.step(helper, asked, "participants")
    await bank.show(helper, helped, asked)
    await bank.show(helped, helper, asked)

    for wait, state in ((timedelta(hours=4), "ended"), (timedelta(hours=72), "disputed")):
        bank.clock.advance(wait)
        await sweep("points", "move_help_requests")
        assert (await helper.get(f"{REQUESTS}/{asked['id']}")).json()["state"] == state

    supervisor = bank.staff(Role.SUPERVISOR)
    found = {"helpers": [{"resident_id": str(helper.principal.resident_id), "minutes": 50}], "reason": "双方说明"}
    assert (await helper.post(f"{REQUESTS}/{asked['id']}/settlements", json=found)).status_code == 403
    unfit = found | {"helpers": [{"resident_id": str(new_id()), "minutes": 50}]}
    response = await supervisor.post(f"{REQUESTS}/{asked['id']}/settlements", json=unfit)
    assert response.json()["code"] == "points.help_settlement_invalid"
    assert (await bank.step(supervisor, asked, "settlements", **found))["state"] == "settled"
    assert (await bank.minutes(helper), await bank.minutes(helped)) == (50, 70)


async def test_silence_after_codes_is_consent(bank: Bank, sweep: Any) -> None:
    await bank.kind()
    helped, helper = await bank.resident(minutes=120), await bank.resident()
    asked = await bank.ask(helped)
    await bank.step(helper, asked, "participants")
    await bank.help(helper, helped, asked, hours=1)
    bank.clock.advance(timedelta(hours=72))
    await sweep("points", "move_help_requests")
    assert (await helper.get(f"{REQUESTS}/{asked['id']}")).json()["state"] == "credited"
    assert (await bank.minutes(helper), await bank.minutes(helped)) == (60, 60)


async def test_a_dispute_stops_the_credit(bank: Bank, sweep: Any) -> None:
    await bank.kind()
    helped, helper = await bank.resident(minutes=120), await bank.resident()
    asked = await bank.ask(helped)
    await bank.step(helper, asked, "participants")
    await bank.help(helper, helped, asked, hours=2)
    await bank.step(helped, asked, "disputes", reason="只来了一个小时")
    assert (await helper.post(f"{REQUESTS}/{asked['id']}/confirmations")).json()["code"] == "wrong_state"
    bank.clock.advance(timedelta(days=30))
    await sweep("points", "move_help_requests")
    assert await bank.minutes(helper) == 0


async def test_codes_wrong_used_replayed_and_guessed(bank: Bank) -> None:
    await bank.kind()
    helped, helper = await bank.resident(minutes=120), await bank.resident()
    asked = await bank.ask(helped)
    await bank.step(helper, asked, "participants")
    path = f"{REQUESTS}/{asked['id']}"
    start = (await helped.get(f"{path}/code")).json()
    assert start["phase"] == "start"

    async def enter(phase: str, code: str) -> str:
        response = await helper.post(f"{path}/codes", json={"phase": phase, "code": code})
        return "ok" if response.is_success else response.json()["code"]

    own = (await helper.get(f"{path}/code")).json()["code"]
    wrong = next(c for c in ("000000", "111111", "222222") if c not in {own, start["code"]})
    assert await enter("start", own) == "points.time_code_wrong", "one's own code proves nothing"
    assert await enter("start", wrong) == "points.time_code_wrong"
    assert await enter("start", start["code"]) == "ok"
    assert await enter("start", start["code"]) == "points.time_code_used"
    assert await enter("stop", start["code"]) == "wrong_state"
    await bank.show(helper, helped, asked)
    bank.clock.advance(timedelta(minutes=30))
    assert await enter("stop", start["code"]) == "points.time_code_wrong", "the start's code does not end it"
    stop = (await helped.get(f"{path}/code")).json()
    assert stop["phase"] == "stop"
    assert await enter("stop", stop["code"]) == "ok"
    bank.clock.advance(timedelta(minutes=30))
    assert await enter("stop", stop["code"]) == "points.time_code_used", "a replayed stop code does not stretch it"
    for _ in range(7):
        assert await enter("start", wrong) == "points.time_code_wrong"
    assert await enter("start", wrong) == "points.time_code_locked"
    stranger = await bank.resident()
    assert (await stranger.get(f"{path}/code")).status_code == 404


async def test_nobody_helps_in_two_places_at_once(bank: Bank) -> None:
    await bank.kind()
    helper, first, second = await bank.resident(), await bank.resident(minutes=120), await bank.resident(minutes=120)
    asked = [await bank.ask(first), await bank.ask(second)]
    for one in asked:
        await bank.step(helper, one, "participants")
    await bank.show(helper, first, asked[0])
    code = (await helper.get(f"{REQUESTS}/{asked[1]['id']}/code")).json()["code"]

    response = await second.post(f"{REQUESTS}/{asked[1]['id']}/codes", json={"phase": "start", "code": code})

    assert response.json()["code"] == "points.help_already_helping"


async def test_many_helpers_and_many_helped(bank: Bank) -> None:
    await bank.kind()
    helped, first, second, along = await bank.resident(minutes=240), *[await bank.resident() for _ in range(3)]
    asked = await bank.ask(helped, helpers_wanted=2)
    assert await bank.minutes(helped) == 0
    for helper in (first, second):
        await bank.step(helper, asked, "participants")
    await bank.step(along, asked, "participants", side="helped")
    full = await (await bank.resident()).post(f"{REQUESTS}/{asked['id']}/participants", json={})
    assert full.json()["code"] == "points.help_full"
    for helper in (first, second):
        await bank.show(helper, along, asked)
    await bank.show(along, first, asked)
    bank.clock.advance(timedelta(hours=1))
    await bank.show(first, along, asked)
    bank.clock.advance(timedelta(minutes=30))
    await bank.show(second, along, asked)
    ended = await bank.show(along, second, asked)
    assert ended["state"] == "ended"
    for who in (first, second, along):
        last = await bank.step(who, asked, "confirmations")

    assert last["state"] == "credited"
    assert [await bank.minutes(who) for who in (first, second, helped, along)] == [60, 90, 90, 0]


async def test_family_cannot_mint_time_by_helping_itself(bank: Bank) -> None:
    await bank.kind()
    household = await bank.open_household()
    helped, son = await bank.resident(household, minutes=120), await bank.resident(household)
    asked = await bank.ask(helped)
    response = await son.post(f"{REQUESTS}/{asked['id']}/participants", json={})
    assert response.json()["code"] == "points.help_of_own_household"
    assert (await son.get(f"{REQUESTS}/{asked['id']}/actions")).json()["actions"] == ["accompany"]


async def test_gifts_donations_and_grants(bank: Bank, people: People, hear: Any, facts_of: Any) -> None:
    from shared.contracts.events import ResidentLeft

    household = await bank.open_household()
    giver, grandmother = await bank.resident(household, minutes=100), await bank.resident(household)
    outside = await bank.resident()
    to = str(grandmother.principal.resident_id)

    given = await bank.ok(giver, "gifts", to_resident_id=to, minutes=60, reason="给奶奶用")
    assert (given["kind"], given["minutes"]) == ("gift", 60)
    assert (await bank.minutes(giver), await bank.minutes(grandmother)) == (40, 60)
    family = (await giver.get(f"{BANK}/passbook")).json()["family"]
    assert [member["resident_id"] for member in family] == [to]

    async def refused(who: Any, path: str, **body: Any) -> str:
        response = await who.post(f"{BANK}/{path}", json=body)
        assert not response.is_success
        return str(response.json()["code"])

    assert await refused(giver, "gifts", to_resident_id=to, minutes=41) == "points.minutes_short"
    assert await refused(giver, "gifts", to_resident_id=to, minutes=0) == "validation_failed"
    assert await refused(giver, "gifts", to_resident_id=to, minutes=-1) == "validation_failed"
    own = str(giver.principal.resident_id)
    assert await refused(giver, "gifts", to_resident_id=own, minutes=1) == "points.gift_to_self"
    other = str(outside.principal.resident_id)
    assert await refused(giver, "gifts", to_resident_id=other, minutes=1) == "points.gift_outside_family"
    assert await refused(giver, "gifts", to_resident_id=str(new_id()), minutes=1) == "points.member_not_found"
    assert await refused(bank.staff(), "gifts", to_resident_id=to, minutes=1) == "points.resident_needed"
    assert await refused(giver, "donations", minutes=41) == "points.minutes_short"
    await bank.ok(giver, "donations", minutes=40)
    official = bank.staff(Role.COMMITTEE_MEMBER)
    grant = {"to_resident_id": other, "minutes": 30, "reason": "术后照料"}
    assert await refused(giver, "grants", **grant) == "forbidden"
    at_home = bank.staff(Role.COMMITTEE_MEMBER, household_id=household)
    assert await refused(at_home, "grants", **grant | {"to_resident_id": to}) == "points.grant_to_own_household"
    relative = bank.staff(Role.COMMITTEE_MEMBER)
    kin = {"household_id": str(outside.principal.household_id), "relation": "女儿家"}
    assert (await relative.post("/api/v1/points/kinships", json=kin)).status_code == 201
    assert await refused(relative, "grants", **grant) == "points.grant_to_own_household"
    await bank.ok(official, "grants", **grant)
    assert await refused(official, "grants", **grant) == "points.minutes_short"
    assert await bank.minutes(outside) == 30
    given_away = [f for f in await facts_of("points", people.community_id) if isinstance(f, MinutesGiven)]
    assert [(f.giver_resident_id, f.resident_id, f.minutes, f.reason) for f in given_away[-2:]] == [
        (giver.principal.resident_id, grandmother.principal.resident_id, 60, "给奶奶用"),
        (None, outside.principal.resident_id, 30, "术后照料"),
    ], "only who receives is told; what was refused or given to the pool is nobody's news"
    assert len(given_away) == 3, "the first one gave the giver something to give"

    left = ResidentLeft(resident_id=grandmother.principal.resident_id, household_id=household, reason="moved")
    await hear("points", people.community_id, left)
    assert await refused(giver, "gifts", to_resident_id=to, minutes=1) == "points.gift_outside_family"
    supervisor = bank.staff(Role.SUPERVISOR)
    moves = (await supervisor.get(f"{BANK}/moves")).json()["items"]
    assert [move["kind"] for move in moves] == ["grant", "donation", "gift", "grant", "issue"]
    only = (await supervisor.get(f"{BANK}/moves", params={"kind": "gift"})).json()["items"]
    assert [move["id"] for move in only] == [given["id"]]
    assert (await giver.get(f"{BANK}/moves")).status_code == 403


async def test_exchange_only_where_the_community_allows_it(bank: Bank) -> None:
    who = await bank.resident(minutes=130)
    path = f"{BANK}/exchanges"
    assert (await who.post(path, json={"minutes": 60})).json()["code"] == "points.exchange_closed"
    numbers = {"minutes_per_point": 30, "most_exchanged_minutes": 90}
    adopted = {"decision": "居民代表会议", "numbers": numbers}
    policy = await bank.staff(Role.COMMUNITY_ADMIN).post("/api/v1/points/help-policies/time_bank", json=adopted)
    assert policy.status_code == 201, policy.text

    assert (await who.post(path, json={"minutes": 61})).json()["code"] == "points.exchange_uneven"
    exchanged = (await who.post(path, json={"minutes": 60})).json()
    assert (exchanged["kind"], exchanged["points"]) == ("exchange", 2)
    assert await bank.minutes(who) == 70
    (spendable,) = [
        b for b in (await who.get("/api/v1/points/account")).json()["balances"] if b["asset"] == "spendable"
    ]
    assert spendable["available"] == 102
    limited = (await who.post(path, json={"minutes": 60})).json()
    assert (limited["code"], limited["exchanged"]) == ("points.exchange_limit", 60)


async def test_a_quarter_reads_from_opening_to_closing(bank: Bank) -> None:
    household = await bank.open_household()
    who, mother = await bank.resident(household, minutes=100), await bank.resident(household)
    bank.clock.advance(timedelta(days=60))
    await bank.ok(who, "gifts", to_resident_id=str(mother.principal.resident_id), minutes=30)
    await bank.ok(mother, "gifts", to_resident_id=str(who.principal.resident_id), minutes=10)
    path = f"{BANK}/statement"

    now = (await who.get(path)).json()
    before = (await who.get(path, params={"quarter": "2026Q2"})).json()

    assert (now["quarter"], now["opening"], now["earned"], now["spent"], now["closing"]) == ("2026Q3", 100, 10, 30, 80)
    assert [line["balance_after"] for line in now["lines"]] == [70, 80]
    assert (before["opening"], before["earned"], before["closing"]) == (0, 100, 100)
    assert (await who.get(path, params={"quarter": "2026"})).json()["code"] == "points.quarter_invalid"
    whose = {"resident_id": str(who.principal.resident_id)}
    assert (await mother.get(path, params=whose)).status_code == 403
    assert (await bank.staff(Role.SUPERVISOR).get(path, params=whose)).json()["closing"] == 80
    missing = await bank.staff(Role.SUPERVISOR).get(path, params={"resident_id": str(new_id())})
    assert missing.json()["code"] == "points.member_not_found"
    for file_format in ("csv", "xlsx"):
        response = await who.get(f"{path}/export", params={"format": file_format})
        assert response.status_code == 200
        if file_format == "csv":
            assert "期末,,-20,80" in response.content.decode("utf-8-sig")
        else:
            sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
            assert sheet is not None
            assert [row[4] for row in sheet.iter_rows(min_row=2, values_only=True)] == [100, 70, 80, 80]


async def test_officials_download_all_help(bank: Bank) -> None:
    await bank.kind()
    helped, helper = await bank.resident(minutes=240), await bank.resident()
    asked = await bank.ask(helped)
    await bank.ask(helped)
    await bank.step(helper, asked, "participants")
    span = {"from_on": "2026-05-01", "to_on": "2026-06-30", "format": "csv"}
    assert (await helper.get(f"{REQUESTS}/export", params=span)).status_code == 403
    response = await bank.staff(Role.SUPERVISOR).get(f"{REQUESTS}/export", params=span)
    rows = response.content.decode("utf-8-sig").splitlines()
    assert [row.split(",")[2] for row in rows[1:]] == ["matched", "requested"]


@pytest.mark.parametrize(
    ("facts", "status", "code"),
    [
        ({"minutes": 0}, 422, "validation_failed"),
        ({"minutes": -120}, 422, "validation_failed"),
        ({"minutes": 60.5}, 422, "validation_failed"),
        ({"minutes": 241}, 422, "points.help_times_invalid"),
        ({"wanted_until": "2020-01-01T00:00:00Z"}, 422, "points.help_times_invalid"),
        ({"wanted_from": "2026-05-11T09:00:00"}, 422, "validation_failed"),
        ({"kind_code": "nothing"}, 404, "points.help_kind_not_found"),
        ({"helpers_wanted": 21}, 422, "validation_failed"),
        ({"payer": "neighbour"}, 422, "validation_failed"),
    ],
)
async def test_refusals_change_nothing(bank: Bank, facts: dict[str, Any], status: int, code: str) -> None:
    await bank.kind()
    helped = await bank.resident(minutes=500)
    response = await helped.post(REQUESTS, json=bank.body(**facts))
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert await bank.minutes(helped) == 500


async def test_retired_kinds_are_not_asked_for(bank: Bank) -> None:
    await bank.kind()
    body = {"code": "escort", "name": "陪同就医", "decision": "不再提供", "is_active": False}
    helped = await bank.resident(minutes=120)
    assert (await helped.post(f"{BANK}/kinds", json=body)).status_code == 403
    await bank.ok(bank.staff(Role.COMMITTEE_MEMBER), "kinds", **body)
    assert (await helped.post(REQUESTS, json=bank.body())).json()["code"] == "points.help_kind_not_found"
    assert (await helped.get(f"{BANK}/kinds", params={"is_active": True})).json() == []
    assert (await helped.get(f"{BANK}/kinds/nothing/versions")).status_code == 404


async def test_lists_and_who_sees_what(bank: Bank, strangers: People) -> None:
    await bank.kind()
    helped, helper, neighbour = await bank.resident(minutes=500), await bank.resident(), await bank.resident()
    asked = []
    for _ in range(3):
        bank.clock.advance(timedelta(seconds=1))
        asked.append((await bank.ask(helped))["id"])
    await bank.step(helper, {"id": asked[0]}, "participants")
    await bank.help(helper, helped, {"id": asked[0]}, minutes=30)

    async def ids(who: Any, **params: Any) -> list[str]:
        return [row["id"] for row in (await who.get(REQUESTS, params=params)).json()["items"]]

    assert await ids(neighbour) == [asked[2], asked[1]], "what is over is for those who took part"
    assert await ids(helper, mine=True) == [asked[0]]
    assert await ids(helped) == asked[::-1]
    assert await ids(helped, state="ended") == [asked[0]]
    assert await ids(helped, kind_code="other") == []
    assert await ids(bank.staff(Role.SUPERVISOR)) == asked[::-1]
    first = await helped.get(REQUESTS, params={"limit": 2})
    second = await helped.get(first.links["next"]["url"])
    assert [row["id"] for row in first.json()["items"] + second.json()["items"]] == asked[::-1]
    assert (await neighbour.get(f"{REQUESTS}/{asked[0]}")).status_code == 404
    outside = bank.client_for("points", strangers.staff(*Role))
    assert (await outside.get(f"{REQUESTS}/{asked[1]}")).status_code == 404
    assert (await bank.staff().get(REQUESTS, params={"mine": True})).json()["code"] == "points.resident_needed"


async def test_the_same_key_asks_and_confirms_once(bank: Bank) -> None:
    await bank.kind()
    helped, helper = await bank.resident(minutes=240), await bank.resident()
    key = {"Idempotency-Key": "tap-1"}
    body = bank.body()
    first, second = [await helped.post(REQUESTS, json=body, headers=key) for _ in range(2)]
    assert first.json() == second.json()
    assert await bank.minutes(helped) == 120
    asked = first.json()
    await bank.step(helper, asked, "participants")
    await bank.help(helper, helped, asked, hours=1)
    path = f"{REQUESTS}/{asked['id']}/confirmations"
    again = [await helper.post(path, headers={"Idempotency-Key": "tap-2"}) for _ in range(2)]
    assert again[0].json() == again[1].json()
    assert (await helper.post(path)).json()["code"] == "points.help_already_confirmed"
