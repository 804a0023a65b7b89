"""The duty log over HTTP: logged by the adopter, inspected, paid by the rulebook within its cap."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from services.points.claims import usecases as claims
from shared.contracts.events import AdoptionDutyJudged
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn
from tests.points.adoption_kit import ROOT, AdoptionKit
from tests.points.claims_kit import ClaimsKit
from tests.points.conftest import OpenHousehold
from tests.points.minutes_kit import minutes_arrive

ITEM = {"code": "adoption_care", "name": "认领管护花木、桌椅", "points": 5, "cap_count": 2, "cap_days": 60}


class Care:
    """A household with a tree of its own."""

    def __init__(self, kit: AdoptionKit, household: UUID, adoption: str, clock: Any):
        self.kit, self.household, self.adoption, self.clock = kit, household, adoption, clock

    @property
    def client(self) -> httpx2.AsyncClient:
        return self.kit.household(self.household)

    async def log(self, **facts: Any) -> httpx2.Response:
        body = {"done_on": "2026-05-11", "note": "浇水", "photo_ids": [str(new_id())]}
        return await self.client.post(f"{ROOT}/adoptions/{self.adoption}/duties", json=body | facts)

    async def inspect(self, duty: str, *roles: Role, **facts: Any) -> httpx2.Response:
        inspector = self.kit.staff(*(roles or (Role.GRID_WORKER,)))
        return await inspector.post(f"{ROOT}/adoption-duties/{duty}/inspections", json={"is_passed": True} | facts)

    async def balances(self) -> dict[str, int]:
        account = (await self.client.get(f"{ROOT}/account")).json()
        return {balance["asset"]: balance["available"] for balance in account["balances"]}


@pytest.fixture
async def rulebook(client_for: ClientFor, people: People, hear: Any) -> None:
    body = {
        "decision": "居民代表会议",
        "effective_on": "2026-05-11",
        "notice_days": 3,
        "items": [ITEM],
        "minutes_asset_id": await minutes_arrive(hear, people.community_id),
    }
    adopted = await client_for("points", people.staff(Role.COMMITTEE_MEMBER)).post(f"{ROOT}/rulebooks", json=body)
    assert adopted.status_code == 201, adopted.text


@pytest.fixture
async def care(client_for: ClientFor, people: People, open_household: OpenHousehold, clock: Any) -> Care:
    kit = AdoptionKit(client_for, people)
    household = await open_household()
    return Care(kit, household, await kit.active(kit.household(household), await kit.offer()), clock)


@pytest.mark.usefixtures("rulebook")
async def test_care_that_passed_is_paid_once(care: Care, people: People, facts_of: Any) -> None:
    logged = await care.log()
    duty = logged.json()["id"]
    assert (logged.status_code, logged.json()["result"], logged.json()["points"]) == (201, "logged", 0)
    shown = (await care.client.get(f"{ROOT}/adoptions/{care.adoption}")).json()
    assert shown["duty_due_on"] == "2026-05-18"

    passed, twin = await asyncio.gather(care.inspect(duty), care.inspect(duty, Role.SUPERVISOR))

    assert sorted([passed.status_code, twin.status_code]) == [200, 409]
    assert {r.json()["code"] for r in (passed, twin) if not r.is_success} == {"points.duty_already_judged"}
    (listed,) = (await care.client.get(f"{ROOT}/adoptions/{care.adoption}/duties")).json()["items"]
    assert (listed["result"], listed["points"], listed["rulebook_version"]) == ("passed", 5, 1)
    assert await care.balances() == {"standing": 105, "spendable": 105}
    facts = await facts_of("points", people.community_id)
    assert [fact.points for fact in facts if isinstance(fact, AdoptionDutyJudged)] == [5]


@pytest.mark.usefixtures("rulebook")
async def test_the_items_cap_holds_when_all_is_inspected_at_once(care: Care) -> None:
    duties = []
    for days in range(5):
        day = date(2026, 5, 11) + timedelta(days=days)
        duties.append((await care.log(done_on=day.isoformat())).json()["id"])
        care.clock.advance(timedelta(days=1))

    judged = await asyncio.gather(*(care.inspect(duty) for duty in duties))

    assert sorted(r.json()["points"] for r in judged) == [0, 0, 0, 5, 5]
    assert {r.json()["finding"] for r in judged} == {"", "这一项在期限内已达细则上限"}
    assert await care.balances() == {"standing": 110, "spendable": 110}


async def cared(care: Care, days: int) -> list[int]:
    """Care on so many days that follow one another, and return what each was worth."""
    worth = []
    for _ in range(days):
        day = care.clock.now().date().isoformat()
        worth.append((await care.inspect((await care.log(done_on=day)).json()["id"])).json()["points"])
        care.clock.advance(timedelta(days=1))
    return worth


@pytest.mark.usefixtures("rulebook")
@pytest.mark.parametrize("claimed", [0, 1, 2])
async def test_a_cap_is_one_for_claims_and_care(
    care: Care, client_for: ClientFor, people: People, hear: Any, work_in: WorkIn, claimed: int
) -> None:
    kit = ClaimsKit(client_for, people, hear)
    for _ in range(claimed):
        assert (await kit.enter(care.client, "adoption_care")).status_code == 201

    assert await cared(care, 3) == [5, 5, 0][claimed:] + [0] * claimed

    refused = await kit.enter(care.client, "adoption_care")
    assert (refused.status_code, refused.json()["code"], refused.json()["taken"]) == (409, "points.cap_reached", 2)
    async with work_in("points", people.community_id) as uow:
        taken = await claims.list_taken(uow=uow, since=date(2026, 4, 1), until=date(2026, 5, 31))
    own = [row for row in taken if row[:2] == (care.household, "adoption_care")]
    assert (sum(row[3] for row in own), sum(row[4] for row in own)) == (2, 10), "a sheet counts the same"


@pytest.mark.usefixtures("rulebook")
async def test_what_did_not_pass_earns_nothing(care: Care) -> None:
    duty = (await care.log()).json()["id"]
    mute = await care.inspect(duty, is_passed=False)

    failed = await care.inspect(duty, is_passed=False, finding="树下还有垃圾")

    assert mute.json()["code"] == "points.inspection_reason_missing"
    assert (failed.json()["result"], failed.json()["finding"]) == ("failed", "树下还有垃圾")
    assert await care.balances() == {"standing": 100, "spendable": 100}


async def test_kin_do_not_inspect_what_is_paid(care: Care) -> None:
    duty = (await care.log()).json()["id"]
    kin = care.kit.staff(Role.SUPERVISOR)
    declared = {"household_id": str(care.household), "relation": "父母"}
    assert (await kin.post(f"{ROOT}/kinships", json=declared)).status_code == 201

    refused = await kin.post(f"{ROOT}/adoption-duties/{duty}/inspections", json={"is_passed": True})

    assert (refused.status_code, refused.json()["code"]) == (403, "points.inspection_recused")
    assert (await kin.get(f"{ROOT}/adoption-duties/{duty}/actions")).json()["actions"] == []
    assert (await care.inspect(duty)).json()["result"] == "passed"


async def test_without_a_rule_there_are_no_points(care: Care) -> None:
    passed = await care.inspect((await care.log()).json()["id"])

    assert (passed.json()["result"], passed.json()["points"]) == ("passed", 0)
    assert passed.json()["finding"] == "现行积分细则没有这一项"


@pytest.mark.usefixtures("rulebook")
async def test_a_firm_earns_honour_alone(client_for: ClientFor, people: People, clock: Any) -> None:
    kit = AdoptionKit(client_for, people)
    firm = kit.household(new_id())
    adoption = await kit.active(firm, await kit.offer(), adopter_kind="firm", adopter_name="城关粮油店")
    body = {"done_on": "2026-05-11", "photo_ids": [str(new_id())]}
    duty = (await firm.post(f"{ROOT}/adoptions/{adoption}/duties", json=body)).json()["id"]

    passed = await Care(kit, new_id(), adoption, clock).inspect(duty)

    assert (passed.json()["points"], passed.json()["finding"]) == (0, "单位和社团认领不计积分，只挂牌表彰")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"done_on": "2026-05-12"}, 422, "points.duty_date_invalid"),
        ({"done_on": "2026-05-10"}, 422, "points.duty_date_invalid"),
        ({"photo_ids": []}, 422, "validation_failed"),
        ({"photo_ids": ["x"]}, 422, "validation_failed"),
        ({"note": "x" * 501}, 422, "validation_failed"),
        ({"done_on": None}, 422, "validation_failed"),
    ],
)
async def test_bad_logs(care: Care, body: dict[str, Any], status: int, code: str) -> None:
    response = await care.log(**body)

    assert (response.status_code, response.json()["code"]) == (status, code), response.text


async def test_a_day_is_logged_once_and_by_the_adopter(
    care: Care, client_for: ClientFor, people: People, strangers: People
) -> None:
    first, second = await asyncio.gather(care.log(), care.log())
    assert sorted([first.status_code, second.status_code]) == [201, 409]
    assert {r.json()["code"] for r in (first, second) if not r.is_success} == {"points.duty_already_logged"}
    duty = next(r.json()["id"] for r in (first, second) if r.is_success)
    path = f"{ROOT}/adoption-duties/{duty}/inspections"
    body = {"done_on": "2026-05-11", "photo_ids": [str(new_id())]}
    duties = f"{ROOT}/adoptions/{care.adoption}/duties"

    assert (await client_for("points", people.resident()).post(duties, json=body)).status_code == 403
    assert (await care.client.post(path, json={"is_passed": True})).status_code == 403
    own = client_for("points", people.staff(Role.GRID_WORKER, household_id=care.household))
    assert (await own.post(path, json={"is_passed": True})).json()["code"] == "points.inspection_recused"
    foreign = client_for("points", strangers.staff(*Role))
    assert (await foreign.post(path, json={"is_passed": True})).json()["code"] == "points.duty_not_found"
    assert (await foreign.get(duties)).status_code == 404
    assert (await care.client.get(duties, params={"cursor": "x"})).json()["code"] == "cursor_invalid"
    await care.client.post(f"{ROOT}/adoptions/{care.adoption}/releases", json={"reason": "搬走"})
    assert (await care.log()).json()["code"] == "points.adoption_not_active"
