"""Households, goods and ways to count them, shared by every points test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from services.points.audits.repository import list_breaches
from shared.contracts.events import HouseholdRegistered
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.testing.clients import Apps, ClientFor, People
from shared.testing.factories import WorkIn
from tests.points.nights import Nights
from tests.points.store_kit import StoreKit

OpenHousehold = Callable[..., Awaitable[UUID]]


@pytest.fixture
def open_household(hear: Any, people: People) -> OpenHousehold:
    """Return an opener of households in the test's community; each starts with 100 points of both kinds."""
    count = 0

    async def register(community_id: UUID | None = None, grid_id: UUID | None = None) -> UUID:
        nonlocal count
        count += 1
        household_id = new_id()
        event = HouseholdRegistered(
            household_id=household_id,
            household_number=f"QLQ-{count:04d}",
            grid_id=grid_id or new_id(),
            grid_name="第一网格",
            building_id=new_id(),
            building_name="1栋",
            householder_name="王**",
            area_cm2e2=8_800,
            resident_count=3,
        )
        await hear("points", community_id or people.community_id, event)
        return household_id

    return register


@pytest.fixture
def store(client_for: ClientFor, people: People) -> StoreKit:
    """A storekeeper of the test's community."""
    return StoreKit(client_for, people)


@pytest.fixture
def nights(apps: Apps, people: People, work_in: WorkIn, clock: FixedClock) -> Nights:
    """The nights of the test's community."""
    return Nights(apps, people, work_in, clock)


@pytest.fixture(autouse=True)
async def _books_balance(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """After every test that wrote something, each invariant must hold in its community."""
    if "people" not in request.fixturenames or "breaks_books" in request.keywords:
        yield
        return
    people: People = request.getfixturevalue("people")
    work_in: WorkIn = request.getfixturevalue("work_in")
    yield
    async with work_in("points", people.community_id) as uow:
        assert await list_breaches(uow.session, uow.now) == []
