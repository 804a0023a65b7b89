"""Servers of this folder's own, because its tests kill them."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis

from services.points.settings import Settings
from shared.kernel.clock import FixedClock
from shared.runtime import Runtime, connect_redis
from shared.testing.clients import Signer
from tests.faults.house import House, built_house


@pytest.fixture(scope="module")
def servers() -> Iterator[House]:
    """The servers, and a signer whose tokens are good now: the processes look at the machine's clock."""
    with built_house(Signer(FixedClock(datetime.now(UTC)))) as built:
        yield built


@pytest.fixture
async def house(servers: House) -> AsyncIterator[House]:
    """The servers, empty; what the test started is ended with it."""
    await servers.empty()
    yield servers
    servers.end_processes()


@pytest.fixture
async def redis(house: House) -> AsyncIterator[Redis]:
    client = connect_redis(house.valkey.url)
    yield client
    await client.aclose()


@pytest.fixture
async def runtime(house: House) -> AsyncIterator[Runtime[Settings]]:
    """The points service's runtime in this process."""
    built = house.runtime()
    yield built
    await built.close()
