"""How many points may be issued: set, changed, charged, and never passed by many at once."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from services.points.budgets.errors import BudgetExhaustedError
from services.points.rulebooks.usecases import charge_budget, refund_budget
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn

BUDGETS = "/api/v1/points/budgets"


def body(**change: Any) -> dict[str, Any]:
    plain = {"name": "5—6月额度", "fund_id": str(new_id()), "amount": 100, "decision": "居委会会议"}
    return plain | {"starts_on": "2026-05-01", "ends_on": "2026-06-30"} | change


async def charge(work_in: WorkIn, people: People, amount: int, source_id: UUID | None = None) -> str:
    try:
        async with work_in("points", people.community_id) as uow:
            await charge_budget(uow=uow, amount=amount, source_id=source_id or new_id())
    except BudgetExhaustedError as refusal:
        return str(refusal.facts["left"])
    return "ok"


async def test_without_a_budget_nothing_is_limited(people: People, work_in: WorkIn) -> None:
    assert await charge(work_in, people, 10**9) == "ok"


async def test_many_at_once_never_issue_more(client_for: ClientFor, people: People, work_in: WorkIn) -> None:
    committee = client_for("points", people.staff(Role.COMMITTEE_MEMBER))
    made = await committee.post(BUDGETS, json=body(amount=35))
    assert made.status_code == 201, made.text

    outcomes = await asyncio.gather(*(charge(work_in, people, 10) for _ in range(20)))

    assert outcomes.count("ok") == 3
    assert set(outcomes) == {"ok", "5"}
    budget = (await committee.get(f"{BUDGETS}/{made.json()['id']}")).json()
    assert (budget["charged"], budget["left"]) == (30, 5)


async def test_a_cause_is_charged_once_and_given_back_once(
    client_for: ClientFor, people: People, work_in: WorkIn
) -> None:
    committee = client_for("points", people.staff(Role.COMMITTEE_MEMBER))
    path = f"{BUDGETS}/{(await committee.post(BUDGETS, json=body())).json()['id']}"
    cause = new_id()
    for _ in range(3):
        assert await charge(work_in, people, 60, cause) == "ok"
    assert (await committee.get(path)).json()["left"] == 40
    for _ in range(2):
        async with work_in("points", people.community_id) as uow:
            await refund_budget(uow=uow, source_id=cause)
    assert (await committee.get(path)).json()["left"] == 100
    assert await charge(work_in, people, 70, cause) == "ok"
    assert (await committee.get(path)).json()["left"] == 30


async def test_a_day_has_one_budget_and_it_covers_what_was_issued(
    client_for: ClientFor, people: People, strangers: People, work_in: WorkIn
) -> None:
    committee = client_for("points", people.staff(Role.COMMITTEE_MEMBER))
    made = await committee.post(BUDGETS, json=body())
    path, seen = f"{BUDGETS}/{made.json()['id']}", {"If-Match": made.headers["ETag"]}
    for days in ({}, {"starts_on": "2026-06-30", "ends_on": "2026-08-31"}, {"starts_on": "2026-05-12"}):
        overlapping = await committee.post(BUDGETS, json=body(**days))
        assert (overlapping.status_code, overlapping.json()["code"]) == (409, "points.budget_overlaps")
    assert (await committee.post(BUDGETS, json=body(starts_on="2026-07-01", ends_on="2026-08-31"))).status_code == 201

    await charge(work_in, people, 60)
    low = await committee.put(path, json={"amount": 59, "decision": "会议"}, headers=seen)
    assert (low.status_code, low.json()["code"]) == (409, "points.budget_below_charged")
    exact = await committee.put(path, json={"amount": 60, "decision": "会议"}, headers=seen)
    assert exact.json()["left"] == 0
    stale = await committee.put(path, json={"amount": 70, "decision": "会议"}, headers=seen)
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert len((await client_for("points", people.resident()).get(BUDGETS)).json()["items"]) == 2
    assert (await client_for("points", strangers.resident()).get(path)).status_code == 404


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"amount": 0}, 422, "validation_failed"),
        ({"amount": -5}, 422, "validation_failed"),
        ({"amount": 10**13}, 422, "validation_failed"),
        ({"amount": 1.5}, 422, "validation_failed"),
        ({"starts_on": "2026-07-01"}, 422, "points.budget_days_invalid"),
        ({"starts_on": "2026-01-01", "ends_on": "2026-05-10"}, 422, "points.budget_days_invalid"),
        ({"name": "a\x00b"}, 422, "validation_failed"),
    ],
)
async def test_bad_budgets(
    client_for: ClientFor, people: People, change: dict[str, Any], status: int, code: str
) -> None:
    committee = client_for("points", people.staff(Role.COMMITTEE_MEMBER))

    response = await committee.post(BUDGETS, json=body(**change))

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert (await committee.get(BUDGETS)).json()["items"] == []


async def test_only_the_committee_sets_budgets(client_for: ClientFor, people: People) -> None:
    response = await client_for("points", people.staff(Role.ASSESSOR)).post(BUDGETS, json=body())

    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
