"""What comes to a file after its household went up in another follows it there, by the clock, once, and without a point made or lost."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.points.families import usecases as families
from services.points.ledger.domain import Asset, SystemAccount, TransferKind
from shared.contracts.events import HouseholdsMerged
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books

ROOT = "/api/v1/points"
SWEEP = "move_late_points"


@pytest.fixture
def merge(client_for: ClientFor, people: People) -> Any:
    async def merge(household: UUID, into: UUID) -> Any:
        admin = client_for("points", people.staff(Role.COMMUNITY_ADMIN))
        body = {"into_household_id": str(into), "reason": "老人搬来同住"}
        return await admin.post(f"{ROOT}/households/{household}/mergers", json=body)

    return merge


async def has(books: Books, household: UUID) -> tuple[int, int, int]:
    """Return what a household has: standing, spendable points and debt."""
    return await books.has(household, Asset.STANDING), await books.has(household), await books.owes(household)


async def test_what_comes_late_follows_by_itself(
    books: Books, open_household: OpenHousehold, sweep: Any, merge: Any, facts_of: Any, people: People, clock: Any
) -> None:
    gone, into, third = [await open_household() for _ in range(3)]
    spent = await books.capture(await books.hold(gone, 30, clock.now().replace(year=2027)), SystemAccount.STORE)
    assert (await merge(gone, into)).status_code == 201
    assert (await merge(into, third)).status_code == 201
    before = await has(books, third)

    await books.earn(gone, 7)
    await books.earn(gone, 5, asset=Asset.STANDING)
    await books.reverse(spent)
    await sweep("points", SWEEP)

    assert await has(books, gone) == (100, 0, 0), (
        "its base in standing stays with the file, and what came back of it is taken in"
    )
    assert await has(books, third) == (before[0] + 5, before[1] + 7, before[2])
    lines = await books.lines(gone)
    assert [(kind, amount) for kind, amount, _ in lines[-2:]] == [("merge", -7), ("merge", -30)]
    told = [fact for fact in await facts_of("points", people.community_id) if isinstance(fact, HouseholdsMerged)]
    assert (told[-1].household_id, told[-1].into_household_id) == (gone, third)
    assert (told[-1].standing, told[-1].spendable) == (5, 7)

    await sweep("points", SWEEP)
    assert await books.lines(gone) == lines, "nothing is left to move"
    assert (
        len([fact for fact in await facts_of("points", people.community_id) if isinstance(fact, HouseholdsMerged)]) == 3
    )


async def test_each_move_is_told_with_its_own_moment_and_whether_it_came_late(
    books: Books, open_household: OpenHousehold, sweep: Any, merge: Any, facts_of: Any, people: People, clock: Any
) -> None:
    gone, into = await open_household(), await open_household()
    assert (await merge(gone, into)).status_code == 201
    for _ in range(2):
        clock.advance(timedelta(hours=1))
        await books.earn(gone, 7)
        await sweep("points", SWEEP)

    told = [fact for fact in await facts_of("points", people.community_id) if isinstance(fact, HouseholdsMerged)]

    assert [fact.is_late for fact in told] == [False, True, True]
    assert len({fact.moved_at for fact in told}) == 3
    assert told[-1].moved_at == clock.now()


async def test_what_is_taken_late_is_taken_from_the_household_it_went_up_in(
    books: Books, open_household: OpenHousehold, sweep: Any, merge: Any
) -> None:
    gone, into = await open_household(), await open_household()
    assert (await merge(gone, into)).status_code == 201
    await books.deduct(gone, 8)
    assert await has(books, gone) == (92, 0, 8)

    await sweep("points", SWEEP)

    assert await has(books, gone) == (100, 0, 0)
    assert await has(books, into) == (92, 100, 8), "a debt moves as a debt"
    await books.earn(into, 10)
    assert await has(books, into) == (92, 102, 0), "and whatever comes in next repays it"


async def test_an_open_file_keeps_what_it_has(
    books: Books, open_household: OpenHousehold, sweep: Any, work_in: Any, people: People
) -> None:
    household = await open_household()
    await books.earn(household, 7)
    await sweep("points", SWEEP)
    async with work_in("points", people.community_id) as uow:
        await families.move_late_points(uow=uow, household_id=household)
    assert await has(books, household) == (100, 107, 0)


async def test_posting_merging_and_the_clock_at_once_lose_and_make_nothing(
    books: Books, open_household: OpenHousehold, sweep: Any, merge: Any
) -> None:
    for _ in range(3):
        gone, into, third = [await open_household() for _ in range(3)]
        assert (await merge(gone, into)).status_code == 201
        await books.earn(gone, 3)

        *_, joined = await asyncio.gather(
            *(books.earn(gone, 2, kind=TransferKind.CLAIM) for _ in range(4)),
            *(sweep("points", SWEEP) for _ in range(2)),
            merge(gone, into),
            merge(into, third),
        )
        await sweep("points", SWEEP)

        assert joined.status_code == 201, joined.text
        assert [await has(books, one) for one in (gone, into)] == [(100, 0, 0)] * 2
        assert await has(books, third) == (100, 111, 0)
