"""The trial service on servers of this folder's own, because some tests empty or break them."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import asyncpg
import httpx2
import pytest
from redis.asyncio import Redis

from launcher.embedded import EmbeddedValkey
from shared.kernel.clock import FixedClock
from shared.kernel.principal import Principal
from shared.runtime import connect_redis
from shared.testing.clients import Signer
from shared.testing.postgres import plain_url
from tests.shared import trial
from tests.shared.trial import Trial

NoteClient = Callable[..., httpx2.AsyncClient]


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def trial_url(postgres_url: str) -> Iterator[str]:
    """A database that holds the trial service's schema and nothing else."""
    name = f"diyuan_trial_{os.getpid()}"
    asyncio.run(_run(postgres_url, f"CREATE DATABASE {name}"))
    url = plain_url(postgres_url, name)
    asyncio.run(trial.build_schema(url))
    yield url
    asyncio.run(_run(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def valkey() -> Iterator[EmbeddedValkey]:
    """A Valkey whose data these tests may throw away."""
    with EmbeddedValkey.temporary() as server:
        yield server


@pytest.fixture(scope="session")
async def service(trial_url: str, valkey: EmbeddedValkey, clock: FixedClock, signer: Signer) -> AsyncIterator[Trial]:
    built = trial.build(trial_url, valkey.url, clock, signer.jwks)
    yield built
    await built.runtime.close()


@pytest.fixture
async def redis(valkey: EmbeddedValkey) -> AsyncIterator[Redis]:
    """An empty Redis."""
    client = connect_redis(valkey.url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
async def notes_for(service: Trial, signer: Signer) -> AsyncIterator[NoteClient]:
    """Return a maker of clients of the trial service."""
    trial.hooks.calls = 0
    trial.hooks.inside = None
    opened: list[httpx2.AsyncClient] = []

    def make(principal: Principal | None = None, **headers: str) -> httpx2.AsyncClient:
        if principal is not None:
            headers["Authorization"] = f"Bearer {signer.token(principal)}"
        client = httpx2.AsyncClient(
            transport=trial.transport(service.app), base_url="http://trial.test", headers=headers
        )
        opened.append(client)
        return client

    yield make
    trial.hooks.inside = None
    for client in opened:
        await client.aclose()


@pytest.fixture
def in_database(service: Trial) -> Any:
    """Return a reader of the trial's tables across communities."""
    return service.select
