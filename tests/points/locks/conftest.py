"""A database of its own for the tests of locks: its deadlocks are counted by nobody else, and its functions may be replaced."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest

from shared.migrations import migrate_all
from shared.testing.clients import Apps, ClientFor, People, Signer, client_for
from shared.testing.factories import WorkIn, hear, sweep, work_in
from shared.testing.postgres import plain_url
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books
from tests.points.locks.meetings import Town
from tests.points.locks.rings import count_deadlocks
from tests.points.store_kit import StoreKit

# These are the suite's own fixtures; declared again here, they are built on the database below.
__all__ = ["client_for", "hear", "sweep", "work_in"]


@pytest.fixture(scope="session")
def database_url(postgres_url: str) -> Iterator[str]:
    """A database with the schema of points alone."""
    name = f"diyuan_locks_{os.getpid()}"

    async def run(statement: str) -> None:
        connection = await asyncpg.connect(postgres_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run(f"CREATE DATABASE {name}"))
    url = plain_url(postgres_url, name)
    asyncio.run(migrate_all(url, ["points"]))
    yield url
    asyncio.run(run(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
async def apps(database_url: str, redis_url: str, signer: Signer) -> AsyncIterator[Apps]:
    """The service on that database."""
    built = Apps(database_url, redis_url, signer)
    yield built
    await built.close()


@pytest.fixture
def books(people: People, work_in: WorkIn) -> Books:
    """Return the books of the test's community."""
    return Books(work_in, people.community_id)


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[Any]:
    """The database's owner."""
    connection: Any = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def no_deadlock(apps: Apps, owner: Any) -> AsyncIterator[None]:
    """After the test, the server has counted no deadlock more than before."""
    before = await count_deadlocks(apps, owner)
    yield
    assert await count_deadlocks(apps, owner) == before


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
    """Return the test's community with everybody in it."""
    return Town(books, store, open_household, people, client_for, clock, owner, hear)
