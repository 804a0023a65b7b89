"""What a community sets aside for a gig and does not pay is free in its budget again, whoever is at the budget meanwhile."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from services.points.budgets.errors import BudgetExhaustedError
from services.points.budgets.usecases import charge_budget, refund_budget
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import People
from shared.testing.factories import WorkIn
from tests.points.budget_kit import backing
from tests.points.damage import damaged
from tests.points.gigs.conftest import GIGS, JOBS, Market

ROOT = "/api/v1/points"


async def budgeted(market: Market, amount: int) -> str:
    """Set a budget of so many points and return its path."""
    clerk = market.staff(Role.COMMUNITY_ADMIN)
    days = {"starts_on": "2026-05-01", "ends_on": "2026-06-30"}
    body = {"name": "5—6月额度", "amount": amount, "decision": "居委会会议"} | days | await backing(clerk)
    made = await clerk.post(f"{ROOT}/budgets", json=body)
    assert made.status_code == 201, made.text
    return f"{ROOT}/budgets/{made.json()['id']}"


async def charged(market: Market, path: str) -> int:
    return int((await market.staff(Role.COMMITTEE_MEMBER).get(path)).json()["charged"])


async def disputed(market: Market, worker: Any, *, points: int = 20, places: int = 1) -> dict[str, Any]:
    """Let a neighbour work for the community, which is not content; return the job."""
    clerk, chief = market.staff(Role.COMMUNITY_ADMIN), market.staff(Role.COMMITTEE_MEMBER)
    gig = await market.post(clerk, grid_id=str(new_id()), points=points, places=places)
    assert (await chief.post(f"{GIGS}/{gig['id']}/publications")).status_code == 200
    job = await market.work(worker, await market.take(worker, gig))
    await market.step(chief, job, "disputes", reason="只扫了一半")
    return {**job, "gig_id": gig["id"]}


@pytest.mark.parametrize(("paid", "left"), [(20, 20), (5, 5), (1, 1), (0, 0)])
async def test_what_is_not_paid_is_free_again(market: Market, paid: int, left: int) -> None:
    budget, worker = await budgeted(market, 30), await market.resident()
    job = await disputed(market, worker)
    assert await charged(market, budget) == 20

    split = {"worker_points": paid, "poster_points": 20 - paid, "reason": "看过现场"}
    await market.step(market.staff(Role.SUPERVISOR), job, "settlements", **split)

    assert await charged(market, budget) == left


async def test_a_place_nobody_took_and_a_divided_one_are_each_given_back_once(market: Market) -> None:
    budget, worker = await budgeted(market, 60), await market.resident()
    job = await disputed(market, worker, places=3)
    split = {"worker_points": 15, "poster_points": 5, "reason": "看过现场"}
    await market.step(market.staff(Role.SUPERVISOR), job, "settlements", **split)
    assert await charged(market, budget) == 55

    market.clock.advance(timedelta(days=-1))
    chief = market.staff(Role.COMMITTEE_MEMBER)
    called_off = await chief.post(f"{GIGS}/{job['gig_id']}/cancellations", json={"reason": "不用了"})

    assert called_off.status_code == 200, called_off.text
    assert await charged(market, budget) == 15
    wide = market.body(grid_id=str(new_id()), points=45)
    assert (await market.staff(Role.COMMUNITY_ADMIN).post(GIGS, json=wide)).status_code == 201


async def test_two_settlements_and_a_gig_at_once_count_right(market: Market) -> None:
    """The budget has 10 left and gets 15 back: whoever posts a gig of 20 finds room or does not, and nothing is counted twice."""
    budget, worker = await budgeted(market, 30), await market.resident()
    for _ in range(3):
        begin, before = market.clock.now(), await charged(market, budget)
        job = await disputed(market, worker, points=8)
        body = {"worker_points": 2, "poster_points": 6, "reason": "看过现场"}
        settle = [market.staff(Role.SUPERVISOR).post(f"{JOBS}/{job['id']}/settlements", json=body) for _ in range(2)]
        wide = market.body(grid_id=str(new_id()), points=30 - before - 2)

        *settled, posted = await asyncio.gather(*settle, market.staff(Role.COMMUNITY_ADMIN).post(GIGS, json=wide))

        assert sorted(answer.status_code for answer in settled) == [200, 409]
        if posted.is_success:
            assert await charged(market, budget) == 30
            gig = posted.json()["id"]
            off = await market.staff(Role.COMMITTEE_MEMBER).post(f"{GIGS}/{gig}/cancellations", json={"reason": "改期"})
            assert off.status_code == 200, off.text
        else:
            assert posted.json()["code"] == "points.budget_exhausted"
        assert await charged(market, budget) == before + 2
        market.clock.set(begin)


async def test_parts_given_back_at_once_never_exceed_the_charge(
    market: Market, work_in: WorkIn, people: People
) -> None:
    """Of 60 charged, four give 25 back at once while others charge: 60 comes back in all, and no point more can be issued."""
    budget, cause = await budgeted(market, 100), new_id()

    async def work(use: Any, **facts: Any) -> str:
        try:
            async with work_in("points", people.community_id) as uow:
                await use(uow=uow, **facts)
        except BudgetExhaustedError:
            return "exhausted"
        return "ok"

    await work(charge_budget, amount=60, source_id=cause)
    outcomes = await asyncio.gather(
        *(work(refund_budget, source_id=cause, amount=25) for _ in range(4)),
        *(work(charge_budget, amount=30, source_id=new_id()) for _ in range(6)),
    )

    taken = outcomes[4:].count("ok")
    assert await charged(market, budget) == 30 * taken
    assert taken <= 3
    while await work(charge_budget, amount=10, source_id=new_id()) == "ok":
        taken += 1
    assert await charged(market, budget) == 100
    await work(refund_budget, source_id=cause)
    assert await charged(market, budget) == 100, "nothing is left of the first charge"


@pytest.mark.breaks_books
async def test_the_audit_names_a_part_that_was_not_given_back(
    market: Market, people: People, database_url: str
) -> None:
    budget, worker = await budgeted(market, 30), await market.resident()
    job = await disputed(market, worker)
    split = {"worker_points": 5, "poster_points": 15, "reason": "看过现场"}
    await market.step(market.staff(Role.SUPERVISOR), job, "settlements", **split)
    supervisor = market.staff(Role.SUPERVISOR)
    assert (await supervisor.get(f"{ROOT}/audit")).json()["is_clean"]

    kept = (
        "WITH c AS (UPDATE points.budget_charge SET refunded = 0, refunded_at = NULL WHERE community_id = $1)"
        " UPDATE points.budget SET charged = 20 WHERE community_id = $1"
    )
    superuser: Any = await asyncpg.connect(database_url)
    async with damaged(superuser, people.community_id, ("budget_charge", "budget"), kept):
        audit = (await supervisor.get(f"{ROOT}/audit")).json()
    await superuser.close()

    assert [(breach["code"], breach["subject"]) for breach in audit["breaches"]] == [("I14", job["id"])]
    assert await charged(market, budget) == 5
