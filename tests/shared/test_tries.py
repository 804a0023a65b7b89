"""Codes told wrong: ten are ten however many come at once, a right one costs nothing, and without Redis nobody gets to try."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from shared.ids import new_id
from shared.kernel.errors import ConflictError, TooManyError
from shared.refusals import DatabaseBusyError
from shared.runtime import connect_redis
from shared.tries import counted_tries

LASTS = timedelta(minutes=10)


class WrongError(ConflictError):
    code = "trial.wrong"


class LockedError(TooManyError):
    code = "trial.locked"


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = connect_redis(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
def key() -> str:
    return f"trial:{new_id()}"


async def tell(redis: Redis, key: str, *, is_right: bool) -> str:
    """Tell a code and return what came of it."""

    async def look() -> None:
        await asyncio.sleep(0)
        if not is_right:
            raise WrongError

    try:
        async with counted_tries(redis, key, most=3, lasts=LASTS, wrong=WrongError, locked=LockedError):
            await look()
    except (WrongError, LockedError) as error:
        return error.code
    return "ok"


async def test_many_wrong_codes_at_once_are_no_more_than_one_after_the_other(redis: Redis, key: str) -> None:
    told = await asyncio.gather(*(tell(redis, key, is_right=False) for _ in range(8)))
    assert sorted(told) == ["trial.locked"] * 5 + ["trial.wrong"] * 3
    assert await tell(redis, key, is_right=True) == "trial.locked"


async def test_right_codes_cost_nothing(redis: Redis, key: str) -> None:
    assert [await tell(redis, key, is_right=True) for _ in range(5)] == ["ok"] * 5
    assert [await tell(redis, key, is_right=False) for _ in range(4)] == ["trial.wrong"] * 3 + ["trial.locked"]


async def test_what_fails_otherwise_costs_nothing(redis: Redis, key: str) -> None:
    for _ in range(5):
        with pytest.raises(KeyError):
            async with counted_tries(redis, key, most=3, lasts=LASTS, wrong=WrongError, locked=LockedError):
                raise KeyError
    assert await tell(redis, key, is_right=False) == "trial.wrong"


async def test_the_lock_ends_so_long_after_the_last_wrong_code(redis: Redis, key: str) -> None:
    await tell(redis, key, is_right=False)
    await redis.expire(key, 60)
    await tell(redis, key, is_right=True)
    assert 0 < await redis.ttl(key) <= 60, "only a wrong code makes it last"
    await tell(redis, key, is_right=False)
    assert await redis.ttl(key) > 60


async def test_without_redis_nobody_tries(unused_tcp_port: int, key: str) -> None:
    nowhere = connect_redis(f"redis://127.0.0.1:{unused_tcp_port}/0")
    with pytest.raises(DatabaseBusyError):
        await tell(nowhere, key, is_right=True)
    await nowhere.aclose()
