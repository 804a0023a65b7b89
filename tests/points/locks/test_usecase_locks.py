"""Each lock a use case asks for is needed: where it is not asked for, the second of two who meet there is told what was true before."""

from typing import Any

import pytest

from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books
from tests.points.locks.help_meetings import HELP
from tests.points.locks.meetings import Town, without
from tests.points.locks.shop_meetings import SHOPS
from tests.points.store_kit import StoreKit

pytestmark = pytest.mark.breaks_books

MEETINGS = HELP | SHOPS


@pytest.fixture
def town(
    books: Books,
    store: StoreKit,
    open_household: OpenHousehold,
    people: People,
    client_for: ClientFor,
    clock: Any,
    owner: Any,
    hear: Any,
) -> Town:
    return Town(books, store, open_household, people, client_for, clock, owner, hear)


@pytest.mark.parametrize("name", MEETINGS)
async def test_with_the_lock(town: Town, name: str) -> None:
    assert (await MEETINGS[name].meet(town), await town.breaches()) == (MEETINGS[name].sound, set())


@pytest.mark.parametrize("name", MEETINGS)
async def test_without_the_lock(town: Town, name: str) -> None:
    meeting = MEETINGS[name]
    with without(meeting.lock):
        told = await meeting.meet(town)

    assert (told, meeting.breaks <= await town.breaches()) == (meeting.broken, True)
