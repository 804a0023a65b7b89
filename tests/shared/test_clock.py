"""The development calendar, turned ahead for every process at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis

from launcher.embedded import EmbeddedValkey
from shared.clock import SystemClock, TravellingClock, advance_shared_clock
from shared.runtime import connect_redis
from shared.tasks import end_tasks


@asynccontextmanager
async def following(clock: TravellingClock, redis: Redis) -> AsyncIterator[None]:
    task = asyncio.create_task(clock.follow(redis))
    yield
    await end_tasks([task])


async def until_offset(clock: TravellingClock, offset: timedelta, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while clock.offset != offset:  # noqa: ASYNC110 - the clock tells nobody when it was turned.
            await asyncio.sleep(0.01)


def test_system_clock_tells_utc() -> None:
    assert abs(SystemClock().now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert SystemClock().now().tzinfo is UTC


async def test_every_process_follows_the_turned_calendar(redis: Redis) -> None:
    mine, theirs = TravellingClock(), TravellingClock()
    async with following(mine, redis), following(theirs, redis):
        assert await advance_shared_clock(redis, timedelta(days=5)) == timedelta(days=5)
        assert await advance_shared_clock(redis, timedelta(hours=3)) == timedelta(days=5, hours=3)
        for clock in (mine, theirs):
            await until_offset(clock, timedelta(days=5, hours=3))
            ahead = clock.now() - datetime.now(UTC)
            assert abs(ahead - timedelta(days=5, hours=3)) < timedelta(seconds=5)


async def test_process_that_starts_later_reads_the_offset(redis: Redis) -> None:
    await advance_shared_clock(redis, timedelta(days=7))
    clock = TravellingClock()
    assert clock.offset == timedelta()
    await clock.load(redis)
    assert clock.offset == timedelta(days=7)


async def test_turn_missed_during_an_interruption_is_learnt_afterwards() -> None:
    with EmbeddedValkey.temporary() as server:
        redis = connect_redis(server.url)
        clock = TravellingClock()
        async with following(clock, redis):
            await advance_shared_clock(redis, timedelta(days=1))
            await until_offset(clock, timedelta(days=1))
            server.kill()
            server.start()
            # Turned while the follower's connection is still down.
            turning = connect_redis(server.url)
            await turning.set("diyuan:clock:offset_seconds", int(timedelta(days=3).total_seconds()))
            await turning.aclose()
            await until_offset(clock, timedelta(days=3))
        await redis.aclose()
