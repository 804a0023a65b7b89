"""An award over HTTP: nominated, decided, published, granted with all its effects once, revoked."""

import asyncio
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from openpyxl import load_workbook

from shared.contracts.events import (
    AwardGranted,
    AwardMoved,
    AwardRevoked,
    FeeWaiverGranted,
    FeeWaiverRefused,
    FeeWaiverWithdrawn,
)
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.store_kit import StoreKit, redeem

PATH = "/api/v1/points/awards"
DECIDED = {"is_approved": True, "decision": "评议会纪要第3号", "votes_for": 5, "votes_against": 0}


class AwardKit:
    """The people of the test's community around an award."""

    def __init__(self, client_for: ClientFor, people: People, open_household: OpenHousehold, clock: Any, sweep: Any):
        self.client_for, self.people, self.open_household, self.clock, self.sweep = (
            client_for,
            people,
            open_household,
            clock,
            sweep,
        )

    def staff(self, *roles: Role) -> httpx2.AsyncClient:
        return self.client_for("points", self.people.staff(*roles))

    async def nominated(self, **facts: Any) -> tuple[UUID, str]:
        household = facts.pop("household_id", None) or await self.open_household()
        body = {
            "household_id": str(household),
            "person_name": "王小明",
            "category": "身边好人",
            "deed": "三年来每天给楼里的老人送饭。",
            "talent": "助老",
        }
        created = await self.client_for("points", self.people.resident()).post(PATH, json=body | facts)
        assert created.status_code == 201, created.text
        return household, created.json()["id"]

    async def published(self, **facts: Any) -> tuple[UUID, str]:
        household, award = await self.nominated(**facts)
        decided = await self.staff(Role.ASSESSOR).post(f"{PATH}/{award}/decisions", json=DECIDED)
        published = await self.staff(Role.COMMUNITY_ADMIN).post(f"{PATH}/{award}/publications")
        assert (decided.status_code, published.status_code) == (200, 200), decided.text + published.text
        return household, award

    async def granted(self, **facts: Any) -> tuple[UUID, str]:
        household, award = await self.published(**facts)
        self.clock.advance(timedelta(days=5))
        await self.sweep("points", "grant_awards")
        return household, award

    async def balances(self, household: UUID) -> dict[str, int]:
        account = (
            await self.client_for("points", self.people.resident(household)).get("/api/v1/points/account")
        ).json()
        return {balance["asset"]: balance["available"] for balance in account["balances"]}


@pytest.fixture
def awards(client_for: ClientFor, people: People, open_household: OpenHousehold, clock: Any, sweep: Any) -> AwardKit:
    return AwardKit(client_for, people, open_household, clock, sweep)


async def test_an_award_brings_points_a_talent_tag_and_a_request_to_property(
    awards: AwardKit, people: People, facts_of: Any
) -> None:
    household, award = await awards.granted()
    await awards.sweep("points", "grant_awards")

    shown = (await awards.staff(Role.SUPERVISOR).get(f"{PATH}/{award}")).json()
    assert (shown["state"], shown["waiver_state"], shown["person_name"]) == ("granted", "pending", "王**")
    assert await awards.balances(household) == {"standing": 110, "spendable": 110}
    pool = (await awards.staff(Role.PROPERTY_MANAGER).get("/api/v1/points/talents", params={"tag": "助老"})).json()
    assert [talent["award_id"] for talent in pool["items"]] == [award]
    told = await facts_of("points", people.community_id)
    (asked,) = [fact for fact in told if isinstance(fact, AwardGranted)]
    assert (str(asked.award_id), asked.household_id, asked.fee_months) == (award, household, 1)
    states = [fact.state for fact in told if isinstance(fact, AwardMoved)]
    assert states == ["nominated", "decided", "published", "granted"]
    steps = (await awards.staff(Role.SUPERVISOR).get(f"{PATH}/{award}/steps")).json()["items"]
    assert [step["action"] for step in steps] == ["nominate", "decide", "publish", "grant"]


async def test_two_sweeps_at_once_grant_once(awards: AwardKit) -> None:
    household, _ = await awards.published()
    awards.clock.advance(timedelta(days=5))

    await asyncio.gather(*(awards.sweep("points", "grant_awards") for _ in range(4)))

    assert await awards.balances(household) == {"standing": 110, "spendable": 110}


@pytest.mark.parametrize(
    ("answer", "state", "months", "reason"),
    [("granted", "granted", ["2026-06-01"], ""), ("refused", "refused", [], "物业没有这一户的记录")],
)
async def test_the_award_shows_what_property_answered(
    awards: AwardKit, people: People, hear: Any, answer: str, state: str, months: list[str], reason: str
) -> None:
    from datetime import date

    household, award = await awards.granted()
    event: Any = (
        FeeWaiverGranted(award_id=UUID(award), household_id=household, months=(date(2026, 6, 1),))
        if answer == "granted"
        else FeeWaiverRefused(award_id=UUID(award), household_id=household, reason=reason)
    )
    await hear("points", people.community_id, event)
    await hear("points", people.community_id, event)

    shown = (await awards.staff(Role.SUPERVISOR).get(f"{PATH}/{award}")).json()

    assert (shown["waiver_state"], shown["waiver_months"], shown["waiver_reason"]) == (state, months, reason)


async def test_an_answer_for_an_award_of_nobody_changes_nothing(people: People, hear: Any, facts_of: Any) -> None:
    await hear("points", people.community_id, FeeWaiverWithdrawn(award_id=new_id(), household_id=new_id()))

    assert await facts_of("points", people.community_id) == []


@pytest.mark.parametrize("is_late", [False, True])
async def test_a_revoked_award_takes_everything_back_once(
    awards: AwardKit, people: People, hear: Any, facts_of: Any, is_late: bool
) -> None:
    from datetime import date

    household, award = await awards.granted()
    granted = FeeWaiverGranted(award_id=UUID(award), household_id=household, months=(date(2026, 6, 1),))
    if not is_late:
        await hear("points", people.community_id, granted)
    committee = awards.staff(Role.COMMITTEE_MEMBER)
    body = {"reason": "事迹不实"}

    first = await committee.post(f"{PATH}/{award}/revocations", json=body, headers={"Idempotency-Key": "r1"})
    replay = await committee.post(f"{PATH}/{award}/revocations", json=body, headers={"Idempotency-Key": "r1"})
    second = await committee.post(f"{PATH}/{award}/revocations", json=body)
    await hear("points", people.community_id, FeeWaiverWithdrawn(award_id=UUID(award), household_id=household))
    if is_late:
        await hear("points", people.community_id, granted)

    assert (first.status_code, first.json()["state"]) == (200, "revoked")
    assert replay.json() == first.json()
    assert (second.status_code, second.json()["code"]) == (409, "wrong_state")
    assert await awards.balances(household) == {"standing": 100, "spendable": 100}
    assert (await committee.get("/api/v1/points/talents")).json()["items"] == []
    shown = (await committee.get(f"{PATH}/{award}")).json()
    assert (shown["waiver_state"], shown["waiver_months"]) == ("withdrawn", [])
    told = await facts_of("points", people.community_id)
    assert len([fact for fact in told if isinstance(fact, AwardRevoked)]) == 1


async def test_points_already_spent_are_owed_after_a_revocation(awards: AwardKit, store: StoreKit) -> None:
    household, award = await awards.granted()
    keeper = awards.staff(Role.STOREKEEPER)
    store.keeper = keeper
    product = await store.stock(price=105)
    bought = (await redeem(store.household(household), product)).json()
    await keeper.post("/api/v1/points/redemptions/pickups", json={"code": bought["pickup_code"]})

    revoked = await awards.staff(Role.COMMITTEE_MEMBER).post(f"{PATH}/{award}/revocations", json={"reason": "事迹不实"})

    assert revoked.status_code == 200
    balances = await awards.balances(household)
    assert (balances["standing"], balances["spendable"]) == (100, 0)


async def test_an_objection_stops_the_notice_until_it_is_answered(awards: AwardKit) -> None:
    household, award = await awards.published()
    neighbour = awards.client_for("points", awards.people.resident())
    objected = await neighbour.post(f"{PATH}/{award}/objections", json={"reason": "楼道还堆着杂物"})
    awards.clock.advance(timedelta(days=6))
    await awards.sweep("points", "grant_awards")
    supervisor = awards.staff(Role.SUPERVISOR)
    assert objected.json()["state"] == "objected"
    assert (await supervisor.get(f"{PATH}/{award}")).json()["state"] == "objected"

    body = {"is_upheld": False, "answer": "已到现场看过，不是他家的。"}
    dismissed = await supervisor.post(f"{PATH}/{award}/answers", json=body)
    await awards.sweep("points", "grant_awards")
    assert dismissed.json()["state"] == "published"
    assert await awards.balances(household) == {"standing": 100, "spendable": 100}, "the notice began anew"

    awards.clock.advance(timedelta(days=5))
    await awards.sweep("points", "grant_awards")
    assert await awards.balances(household) == {"standing": 110, "spendable": 110}


async def test_an_upheld_objection_refuses_the_award(awards: AwardKit) -> None:
    _, award = await awards.published()
    await awards.client_for("points", awards.people.resident()).post(
        f"{PATH}/{award}/objections", json={"reason": "不属实"}
    )

    upheld = await awards.staff(Role.SUPERVISOR).post(
        f"{PATH}/{award}/answers", json={"is_upheld": True, "answer": "情况属实"}
    )

    assert upheld.json()["state"] == "refused"


async def test_what_a_meeting_adopts_is_what_the_next_award_brings(awards: AwardKit) -> None:
    committee = awards.staff(Role.COMMITTEE_MEMBER)
    household, before = await awards.published()
    policy = {"standing": 20, "spendable": 5, "fee_months": 0, "decision": "居民代表会议", "effective_on": "2026-05-11"}
    adopted = await committee.post("/api/v1/points/award-policies", json=policy)
    assert (adopted.status_code, adopted.json()["version"]) == (201, 1)
    assert (await committee.get("/api/v1/points/award-policies/current")).json()["standing"] == 20

    other, after = await awards.granted()

    assert await awards.balances(household) == {"standing": 110, "spendable": 110}, "nominated under the old rule"
    assert await awards.balances(other) == {"standing": 120, "spendable": 105}
    supervisor = awards.staff(Role.SUPERVISOR)
    assert (await supervisor.get(f"{PATH}/{after}")).json()["waiver_state"] == "none"
    assert (await supervisor.get(f"{PATH}/{before}")).json()["waiver_state"] == "pending"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"household_id": str(new_id())}, 404, "points.account_not_found"),
        ({"household_id": "x"}, 422, "validation_failed"),
        ({"category": ""}, 422, "validation_failed"),
        ({"deed": "x" * 2001}, 422, "validation_failed"),
        ({"standing": 1000}, 422, "validation_failed"),
        ({"deed": "\u0000"}, 422, "validation_failed"),
    ],
)
async def test_bad_nominations(
    client_for: ClientFor, people: People, open_household: OpenHousehold, body: dict[str, Any], status: int, code: str
) -> None:
    good = {"household_id": str(await open_household()), "category": "身边好人", "deed": "送饭"}

    response = await client_for("points", people.resident()).post(PATH, json=good | body)

    assert (response.status_code, response.json()["code"]) == (status, code), response.text


@pytest.mark.parametrize(
    "text", ["🌟好人🌟", "مرحبا", "'; DROP TABLE points.award; --", "<script>alert(1)</script>", "=1+1"]
)
async def test_any_text_is_kept_as_text(awards: AwardKit, text: str) -> None:
    _, award = await awards.nominated(deed=text, category=text)

    shown = (await awards.staff(Role.SUPERVISOR).get(f"{PATH}/{award}")).json()

    assert (shown["deed"], shown["category"]) == (text, text)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"votes_for": 2, "votes_against": 3}, "points.award_votes_invalid"),
        ({"votes_for": 2, "votes_against": 0}, "points.award_votes_invalid"),
        ({"votes_for": -1}, "validation_failed"),
        ({"votes_for": 1.5}, "validation_failed"),
        ({"decision": ""}, "validation_failed"),
    ],
)
async def test_bad_decisions(awards: AwardKit, body: dict[str, Any], code: str) -> None:
    _, award = await awards.nominated()

    response = await awards.staff(Role.ASSESSOR).post(f"{PATH}/{award}/decisions", json=DECIDED | body)

    assert (response.status_code, response.json()["code"]) == (422, code)


async def test_nobody_is_nominated_twice_at_once(awards: AwardKit, client_for: ClientFor, people: People) -> None:
    household, _ = await awards.nominated()
    body = {"household_id": str(household), "category": "身边好人", "deed": "也推荐他家"}
    clients = [client_for("points", people.resident()) for _ in range(3)]

    again = await asyncio.gather(*(client.post(PATH, json=body) for client in clients))

    assert {(r.status_code, r.json()["code"]) for r in again} == {(409, "points.already_nominated")}
    assert (await clients[0].post(PATH, json=body | {"category": "最美庭院"})).status_code == 201


async def test_doors_are_closed_to_others(
    awards: AwardKit, client_for: ClientFor, people: People, strangers: People
) -> None:
    household, award = await awards.nominated()
    path = f"{PATH}/{award}"
    resident, own = client_for("points", people.resident()), client_for("points", people.resident(household))

    assert (await client_for("points").get(path)).status_code == 401
    assert (await resident.get(path)).json()["code"] == "points.award_not_found"
    assert (await own.get(path)).status_code == 200
    assert (await client_for("points", strangers.staff(*Role)).get(path)).status_code == 404
    assert (await own.post(f"{path}/decisions", json=DECIDED)).status_code == 403
    assert (await awards.staff(Role.STOREKEEPER).get(f"{PATH}/export")).status_code == 403
    assert (await resident.get("/api/v1/points/talents")).status_code == 403
    policy = {"decision": "x", "effective_on": "2026-05-11"}
    assert (await resident.post("/api/v1/points/award-policies", json=policy)).status_code == 403
    late = await awards.staff(Role.COMMUNITY_ADMIN).post(
        "/api/v1/points/award-policies", json=policy | {"effective_on": "2026-05-10"}
    )
    assert late.json()["code"] == "points.award_policy_invalid"
    own_judge = client_for("points", people.staff(Role.ASSESSOR, household_id=household))
    kin = awards.staff(Role.ASSESSOR)
    declared = {"household_id": str(household), "relation": "父母"}
    assert (await kin.post("/api/v1/points/kinships", json=declared)).status_code == 201
    for judge in (own_judge, kin):
        assert (await judge.post(f"{path}/decisions", json=DECIDED)).json()["code"] == "points.award_recused"
        assert (await judge.get(f"{path}/actions")).json()["actions"] == []
    assert (await awards.staff(Role.ASSESSOR).get(f"{path}/actions")).json() == {
        "state": "nominated",
        "actions": ["decide", "refuse"],
    }


async def test_lists_page_and_export(awards: AwardKit) -> None:
    for _ in range(3):
        awards.clock.advance(timedelta(seconds=1))
        await awards.nominated(category="=cmd()")
    supervisor = awards.staff(Role.SUPERVISOR)

    seen, url = [], f"{PATH}?limit=2&state=nominated"
    while url:
        response = await supervisor.get(url)
        seen += [row["id"] for row in response.json()["items"]]
        url = response.links.get("next", {}).get("url")
    assert len(set(seen)) == 3
    assert (await supervisor.get(PATH, params={"cursor": "x"})).json()["code"] == "cursor_invalid"

    csv = await supervisor.get(f"{PATH}/export", params={"format": "csv"})
    assert csv.text.count("'=cmd()") == 3
    sheet = load_workbook(io.BytesIO((await supervisor.get(f"{PATH}/export")).content)).active
    assert sheet is not None
    assert sheet.max_row == 4
