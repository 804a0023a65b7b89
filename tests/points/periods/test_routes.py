"""A round of assessment over HTTP, from its first day to the seal."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from shared.contracts.events import PeriodMoved
from shared.ids import new_id
from shared.kernel.principal import Principal, Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.minutes_kit import minutes_arrive
from tests.points.round_kit import AFTER, PERIODS, RoundKit


async def test_from_the_first_day_to_the_seal_by_the_clock(
    kit: RoundKit, people: People, open_household: OpenHousehold, sweep: Any, facts_of: Any
) -> None:
    household = await open_household()
    path = await kit.open()
    await kit.credit(household, 5)
    opened = (await kit.organiser.get(path)).json()
    assert (opened["begins_on"], opened["ends_on"], opened["state"]) == ("2026-05-01", "2026-06-30", "open")
    await sweep("points", "collect_periods")
    assert (await kit.organiser.get(path)).json()["state"] == "open", "its days are not over"

    kit.clock.set(AFTER - timedelta(hours=8, minutes=59))
    await sweep("points", "collect_periods")
    await sweep("points", "collect_periods")
    assert (await kit.organiser.get(path)).json()["state"] == "collecting"
    published = await kit.publicise(path)
    assert published["objections_until"] == "2026-07-06T16:00:00Z"
    kit.clock.set(kit.clock.now() + timedelta(days=5))
    await sweep("points", "seal_periods")
    assert (await kit.organiser.get(path)).json()["state"] == "publicised", "the notice runs"
    kit.clock.advance(timedelta(days=1))
    await sweep("points", "seal_periods")
    await sweep("points", "seal_periods")

    sealed = (await kit.organiser.get(path)).json()
    assert (sealed["state"], len(sealed["root"]), sealed["edition"]) == ("sealed", 64, 1)
    told = [f.state for f in await facts_of("points", people.community_id) if isinstance(f, PeriodMoved)]
    assert told == ["collecting", "reviewed", "publicised", "sealed"]
    steps = (await kit.organiser.get(f"{path}/steps")).json()["items"]
    assert [(step["action"], step["state"]) for step in steps] == [
        ("open", "open"),
        ("collect", "collecting"),
        ("review", "reviewed"),
        ("publicise", "publicised"),
        ("seal", "sealed"),
    ]
    organiser, assessor = str(kit.organiser_account.account_id), str(kit.assessor_account.account_id)
    assert [step["account_id"] for step in steps] == [organiser, None, assessor, organiser, None], "None is the clock"


async def test_rounds_follow_each_other(kit: RoundKit) -> None:
    first = await kit.open()
    refused = await kit.organiser.post(
        PERIODS, json={"name": "跳过一个月", "begins_on": "2026-08-01", "ends_on": "2026-09-30"}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "points.period_dates_invalid")
    assert refused.json()["expected"] == "2026-07-01"
    second = await kit.open("2026年7—8月")

    listed = (await kit.organiser.get(PERIODS, params={"limit": 1})).json()
    assert [row["number"] for row in listed["items"]] == [2]
    rest = (await kit.organiser.get(PERIODS, params={"cursor": listed["next_cursor"]})).json()
    assert [f"{PERIODS}/{row['id']}" for row in rest["items"]] == [first]
    assert (await kit.organiser.get(second)).json()["begins_on"] == "2026-07-01"
    by_state = (await kit.organiser.get(PERIODS, params={"state": ["sealed", "publicised"]})).json()
    assert by_state["items"] == []


async def test_a_round_is_published_after_the_one_before_it_is_sealed(kit: RoundKit) -> None:
    await kit.open()
    second = await kit.open("2026年7—8月")
    await kit.review(second)

    refused = await kit.organiser.post(f"{second}/publications")

    assert (refused.status_code, refused.json()["code"]) == (409, "points.period_earlier_open")


async def test_an_objection_holds_the_seal_until_it_is_answered(
    kit: RoundKit, people: People, client_for: ClientFor, open_household: OpenHousehold, sweep: Any
) -> None:
    household = await open_household()
    path = await kit.open()
    await kit.publicise(path)
    resident = client_for("points", people.resident(household))
    objection = await resident.post(f"{path}/objections", json={"reason": "漏记一次巡逻"})
    assert objection.status_code == 201
    again = await resident.post(f"{path}/objections", json={"reason": "再说一次"})
    assert (again.status_code, again.json()["code"]) == (409, "points.period_already_objected")

    kit.clock.advance(timedelta(days=10))
    await sweep("points", "seal_periods")
    refused = await kit.supervisor.post(f"{path}/seals")
    assert (refused.status_code, refused.json()["code"], refused.json()["count"]) == (
        409,
        "points.period_objections_open",
        1,
    )
    late = await client_for("points", people.resident(await open_household())).post(
        f"{path}/objections", json={"reason": "太晚了"}
    )
    assert (late.status_code, late.json()["code"]) == (409, "points.period_objection_late")

    answer = f"{path}/objections/{objection.json()['id']}/answers"
    own = client_for("points", people.staff(Role.SUPERVISOR, household_id=household))
    recused = await own.post(answer, json={"is_upheld": False, "answer": "没有漏记"})
    assert (recused.status_code, recused.json()["code"]) == (403, "points.period_recused")
    relative = client_for("points", people.staff(Role.SUPERVISOR))
    kin = {"household_id": str(household), "relation": "女儿家"}
    assert (await relative.post("/api/v1/points/kinships", json=kin)).status_code == 201
    recused = await relative.post(answer, json={"is_upheld": True, "answer": "确有漏记"})
    assert (recused.status_code, recused.json()["code"]) == (403, "points.period_recused")
    answered = await kit.supervisor.post(answer, json={"is_upheld": False, "answer": "已在上期计入"})
    assert (answered.json()["is_upheld"], answered.json()["answer"]) == (False, "已在上期计入")
    twice = await kit.supervisor.post(answer, json={"is_upheld": True, "answer": "改口"})
    assert (twice.status_code, twice.json()["code"]) == (409, "points.period_answered")
    await sweep("points", "seal_periods")
    assert (await kit.organiser.get(path)).json()["state"] == "sealed"


async def test_an_upheld_objection_is_corrected_and_published_again(
    kit: RoundKit, people: People, client_for: ClientFor, open_household: OpenHousehold
) -> None:
    household = await open_household()
    path = await kit.open()
    during = kit.clock.now()
    published = await kit.publicise(path)
    resident = client_for("points", people.resident(household))
    objection = (await resident.post(f"{path}/objections", json={"reason": "漏记一次巡逻"})).json()

    await kit.supervisor.post(
        f"{path}/objections/{objection['id']}/answers", json={"is_upheld": True, "answer": "确有漏记，补记 3 分"}
    )
    back = (await kit.organiser.get(path)).json()
    assert (back["state"], back["reason"], back["open_objections"]) == ("collecting", "确有漏记，补记 3 分", 0)
    await kit.credit(household, 3, at=during)
    again = await kit.publicise(path)

    assert (again["state"], again["edition"], published["edition"]) == ("publicised", 2, 1)
    assert again["reason"] == ""


async def test_objections_are_seen_by_their_household_and_officials(
    kit: RoundKit, people: People, client_for: ClientFor, open_household: OpenHousehold
) -> None:
    path = await kit.open()
    await kit.publicise(path)
    households = [await open_household() for _ in range(3)]
    for household in households:
        await client_for("points", people.resident(household)).post(f"{path}/objections", json={"reason": "不对"})

    own = (await client_for("points", people.resident(households[0])).get(f"{path}/objections")).json()["items"]
    first = (await kit.supervisor.get(f"{path}/objections", params={"limit": 2, "is_open": True})).json()
    rest = (
        await kit.supervisor.get(f"{path}/objections", params={"cursor": first["next_cursor"], "is_open": True})
    ).json()

    assert [row["household_id"] for row in own] == [str(households[0])]
    seen = [row["household_id"] for row in first["items"] + rest["items"]]
    assert seen == [str(household) for household in reversed(households)]
    answered = (await kit.supervisor.get(f"{path}/objections", params={"is_open": False})).json()
    assert answered["items"] == []


async def test_claims_on_their_way_hold_the_review(
    kit: RoundKit, people: People, client_for: ClientFor, open_household: OpenHousehold, work_in: Any, hear: Any
) -> None:
    path = await kit.open()
    household = await open_household()
    item = {"code": "stairwell_cleaning", "name": "清扫楼道", "points": 5}
    adopted = await kit.organiser.post(
        "/api/v1/points/rulebooks",
        json={
            "decision": "居民代表会议",
            "minutes_asset_id": await minutes_arrive(hear, people.community_id),
            "effective_on": "2026-05-11",
            "items": [item],
        },
    )
    assert adopted.status_code == 201, adopted.text
    claim = {"item_code": item["code"], "happened_on": "2026-05-10", "place": "3栋", "photo_ids": [str(new_id())]}
    submitted = await client_for("points", people.resident(household)).post("/api/v1/points/claims", json=claim)
    assert submitted.status_code == 201, submitted.text
    kit.clock.set(AFTER)
    await kit.organiser.post(f"{path}/collections")

    refused = await kit.assessor.post(f"{path}/reviews")
    assert (refused.status_code, refused.json()["code"], refused.json()["count"]) == (
        409,
        "points.period_claims_pending",
        1,
    )
    assert (await kit.organiser.get(path)).json()["pending_claims"] == 1
    async with work_in("points", people.community_id) as uow:
        await uow.session.execute(text("UPDATE points.claim SET state = 'withdrawn'"))
    assert (await kit.assessor.post(f"{path}/reviews")).status_code == 200


async def test_only_those_in_charge(kit: RoundKit, people: People, client_for: ClientFor) -> None:
    path = await kit.open()
    resident = client_for("points", people.resident())
    assert (await resident.post(PERIODS, json={"name": "自己开"})).status_code == 403
    for step in ("collections", "reviews", "publications", "seals"):
        refused = await resident.post(f"{path}/{step}")
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), step
    refused = await kit.organiser.post(f"{path}/returns", json={"reason": "不对"})
    assert refused.status_code == 403
    assert (await kit.supervisor.get(f"{path}/actions")).json() == {"state": "open", "actions": []}
    assert (await kit.organiser.get(f"{path}/actions")).json() == {"state": "open", "actions": []}, "its days still run"
    await kit.publicise(path)
    assert (await kit.supervisor.get(f"{path}/actions")).json()["actions"] == ["send_back"], "the notice still runs"
    resident = client_for("points", people.resident())
    assert (await resident.get(f"{path}/actions")).json()["actions"] == ["object"]


async def test_what_is_offered_is_not_refused(
    kit: RoundKit, people: People, client_for: ClientFor, open_household: OpenHousehold
) -> None:
    path, home = await kit.open(), await open_household()

    async def offered(*roles: Role, principal: Principal | None = None) -> list[str]:
        client = client_for("points", principal or people.staff(*roles))
        actions: list[str] = (await client.get(f"{path}/actions")).json()["actions"]
        return actions

    both = people.staff(Role.COMMITTEE_MEMBER, Role.ASSESSOR)
    kit.clock.set(AFTER)
    assert await offered(Role.COMMITTEE_MEMBER) == ["collect"]
    await kit.organiser.post(f"{path}/collections")
    assert await offered(principal=both) == ["review"]
    assert (await client_for("points", both).post(f"{path}/reviews")).status_code == 200
    assert await offered(principal=both) == [], "whoever reviewed does not publish"
    assert await offered(Role.COMMITTEE_MEMBER) == ["publicise"]
    published = (await kit.organiser.post(f"{path}/publications")).json()
    resident = people.resident(home)
    assert await offered(principal=resident) == ["object"]
    made = await client_for("points", resident).post(f"{path}/objections", json={"reason": "少记一次"})
    assert made.status_code == 201, made.text
    assert await offered(principal=resident) == [], "one objection at a time"
    kit.clock.set(datetime.fromisoformat(published["objections_until"]))
    assert await offered(Role.SUPERVISOR) == ["send_back"], "an objection waits"
    answer = {"is_upheld": False, "answer": "记过了"}
    await kit.supervisor.post(f"{path}/objections/{made.json()['id']}/answers", json=answer)
    assert await offered(Role.SUPERVISOR) == ["send_back", "seal"]
    assert await offered(principal=resident) == [], "the days to object are over"


async def test_whoever_reviewed_it_does_not_publish_it(kit: RoundKit, people: People, client_for: ClientFor) -> None:
    path = await kit.open()
    kit.clock.set(AFTER)
    everything = client_for("points", people.staff(Role.COMMITTEE_MEMBER, Role.ASSESSOR))
    await everything.post(f"{path}/collections")
    await everything.post(f"{path}/reviews")

    refused = await everything.post(f"{path}/publications")

    assert (refused.status_code, refused.json()["code"]) == (403, "points.period_one_person")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "validation_failed"),
        ({"name": ""}, "validation_failed"),
        ({"name": "长" * 101}, "validation_failed"),
        ({"name": "一期", "notice_days": 0}, "validation_failed"),
        ({"name": "一期", "notice_days": 31}, "validation_failed"),
        ({"name": "一期", "notice_days": 2.5}, "validation_failed"),
        ({"name": "一期", "state": "sealed"}, "validation_failed"),
        ({"name": "一期", "begins_on": "昨天"}, "validation_failed"),
        ({"name": "一期", "begins_on": "2026-05-01", "ends_on": "2026-05-06"}, "points.period_dates_invalid"),
        ({"name": "一期", "begins_on": "2026-05-01", "ends_on": "2027-05-01"}, "points.period_dates_invalid"),
        ({"name": "一期", "begins_on": "2026-05-01", "ends_on": "2026-04-01"}, "points.period_dates_invalid"),
    ],
)
async def test_bad_rounds_are_told_what_is_wrong(kit: RoundKit, body: dict[str, Any], code: str) -> None:
    refused = await kit.organiser.post(PERIODS, json=body)

    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert (await kit.organiser.get(PERIODS)).json()["items"] == []


async def test_too_early_is_told(kit: RoundKit) -> None:
    path = await kit.open()
    early = await kit.organiser.post(f"{path}/collections")
    assert (early.status_code, early.json()["code"]) == (409, "points.period_not_over")
    wrong = await kit.organiser.post(f"{path}/publications")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "wrong_state")
    await kit.publicise(path)
    runs = await kit.supervisor.post(f"{path}/seals")
    assert (runs.status_code, runs.json()["code"]) == (409, "points.period_notice_runs")
    nothing = await kit.supervisor.post(f"{path}/returns", json={"reason": "  "})
    assert (nothing.status_code, nothing.json()["code"]) == (422, "validation_failed")


async def test_one_key_opens_one_round(kit: RoundKit) -> None:
    headers = {"Idempotency-Key": new_id().hex}

    first = await kit.organiser.post(PERIODS, json={"name": "一期"}, headers=headers)
    again = await kit.organiser.post(PERIODS, json={"name": "一期"}, headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert len((await kit.organiser.get(PERIODS)).json()["items"]) == 1


async def test_another_community_sees_nothing(kit: RoundKit, strangers: People, client_for: ClientFor) -> None:
    path = await kit.open()
    stranger = client_for("points", strangers.staff(*Role, household_id=new_id()))

    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.get(f"{path}/objections")).status_code == 404
    assert (await stranger.post(f"{path}/collections")).status_code == 404
    assert (await stranger.get(PERIODS)).json()["items"] == []
