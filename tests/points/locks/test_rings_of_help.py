"""Gigs and the time bank, where two need the same two things: nobody waits in a ring, and nobody is told "busy"."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from services.points.budgets import usecases as budgets
from services.points.jobs import usecases as jobs
from services.points.ledger import usecases as ledger
from services.points.ledger.domain import Asset, TransferKind
from services.points.passbooks import usecases as passbooks
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.uow import UnitOfWork
from tests.points.locks.meetings import Town, does

pytestmark = pytest.mark.usefixtures("no_deadlock")


async def test_a_settlement_that_gives_the_budget_back_as_the_worker_is_paid_from_it(town: Town) -> None:
    """Who issues points has the budget before the household's account; who gives all back to the budget needs no household's account."""
    market, official = town.market, town.market.staff(Role.COMMUNITY_ADMIN)
    await town.write("budget", starts_on="2026-05-01", ends_on="2026-06-30", amount=100, charged=0)
    worker = await market.resident()
    home = worker.principal.household_id
    gig = await market.post(official, grid_id=str(new_id()), points=30)
    assert (await market.staff(Role.COMMITTEE_MEMBER).post(f"/api/v1/points/gigs/{gig['id']}/publications")).is_success
    job = await market.work(worker, await market.take(worker, gig))
    await market.step(official, job, "disputes", reason="没擦干净")
    settle = does(
        jobs.settle_job, principal=town.people.staff(Role.SUPERVISOR), job_id=UUID(job["id"]), worker_points=0,
        poster_points=30, reason="没做",
    )  # fmt: skip

    async def issue(uow: UnitOfWork) -> None:
        source = new_id()
        await budgets.charge_budget(uow=uow, amount=5, source_id=source)
        await ledger.credit_household(
            uow=uow, household_id=home, asset=Asset.SPENDABLE, amount=5, kind=TransferKind.CLAIM, source_id=source,
            summary="清扫楼道",
        )  # fmt: skip

    account = await town.books.of(home)
    async with asyncio.TaskGroup() as group, town.owner.transaction():
        await town.owner.execute("SELECT 1 FROM points.account WHERE id = $1 FOR UPDATE", account)
        settling = group.create_task(town.told(settle))
        while not settling.done() and not await town.waiting():
            await town.owner.execute("SELECT pg_stat_clear_snapshot()")
            await asyncio.sleep(0.005)
        issuing = group.create_task(town.told(issue))
        await town.until_waiting(*(one for one in (settling, issuing) if not one.done()))

    assert (settling.result(), issuing.result()) == ("ok", "ok")
    budgeted = "SELECT charged FROM points.budget WHERE community_id = $1"
    assert await town.owner.fetchval(budgeted, town.people.community_id) == 5


async def test_two_who_give_each_other_their_first_minutes(town: Town) -> None:
    """Neither has a passbook yet: what a gift opens, it opens in one order, once it is alone with its purse."""
    home = await town.open_household()
    one, other = [(await town.bank.resident(home)).principal for _ in range(2)]

    def give(giver: Any, taker: Any) -> Any:
        facts = {"to_resident_id": taker.resident_id, "minutes": 5, "reason": ""}
        return town.told(does(passbooks.give_minutes, principal=giver, **facts))

    async with asyncio.TaskGroup() as group, town.owner.transaction():
        for who in (one, other):
            name = f"purse:{who.resident_id}"
            await town.owner.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name)
        giving = [group.create_task(give(*pair)) for pair in ((one, other), (other, one))]
        await town.until_waiting(*giving)

    assert [gift.result() for gift in giving] == ["MinutesShortError"] * 2
