"""The books of the test's community, and who lives in its households."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.events import AccountBound, ResidentJoined
from shared.ids import new_id
from shared.testing.clients import People
from shared.testing.factories import WorkIn
from tests.points.ledger.books import Books

MoveIn = Callable[[UUID, UUID, str], Awaitable[UUID]]


@pytest.fixture
def books(people: People, work_in: WorkIn) -> Books:
    """Return the books of the test's community."""
    return Books(work_in, people.community_id)


@pytest.fixture
def move_in(hear: Any, people: People) -> MoveIn:
    """Return what lets somebody live in a household and have an account, which it returns."""

    async def join(household: UUID, resident: UUID, name: str) -> UUID:
        account = new_id()
        joined = ResidentJoined(
            resident_id=resident, household_id=household, name=name, is_householder=False, is_adult=True
        )
        bound = AccountBound(
            account_id=account, kind="resident", resident_id=resident, household_id=household, name=name
        )
        for event in (joined, bound):
            await hear("points", people.community_id, event)
        return account

    return join
