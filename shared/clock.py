"""Clocks that read the machine; decisions never see these, only the moment they return."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from redis.asyncio import Redis

CLOCK_OFFSET_KEY = "diyuan:clock:offset_seconds"
CLOCK_CHANNEL = "diyuan:clock"

log = structlog.get_logger(__name__)


class SystemClock:
    """The time of the machine."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)


class TravellingClock:
    """The time of the machine plus an offset that every process of a development system shares through Redis.

    Publication periods last days; a story that shows one must be able to turn the calendar. Production never builds this clock.
    """

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        """Return the present moment in UTC, moved by the shared offset."""
        return datetime.now(UTC) + self._offset

    @property
    def offset(self) -> timedelta:
        """How far this process's calendar is turned ahead."""
        return self._offset

    async def load(self, redis: Redis) -> None:
        """Read the shared offset once."""
        raw = await redis.get(CLOCK_OFFSET_KEY)
        self._offset = timedelta(seconds=int(raw)) if raw is not None else timedelta()

    async def follow(self, redis: Redis) -> None:
        """Keep the offset current until cancelled; a lost connection is retried."""
        while True:
            try:
                async with redis.pubsub() as channel:
                    await channel.subscribe(CLOCK_CHANNEL)
                    await self.load(redis)
                    async for message in channel.listen():
                        if message["type"] == "message":
                            self._offset = timedelta(seconds=int(message["data"]))
            except (RedisError, OSError) as error:
                log.warning("clock_follow_failed", error=str(error))
                await asyncio.sleep(1)


async def advance_shared_clock(redis: Redis, by: timedelta) -> timedelta:
    """Turn the calendar of every development process ahead and return the new offset."""
    offset = await redis.incrby(CLOCK_OFFSET_KEY, int(by.total_seconds()))
    await redis.publish(CLOCK_CHANNEL, offset)
    return timedelta(seconds=offset)
