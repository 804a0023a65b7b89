"""Waits until every service has heard of the households and residents that were just loaded; before that a resident has no account."""

import asyncio
from typing import Any

from launcher.demo.progress import Shows
from shared.outbox import stream_of
from shared.runtime import connect_redis

SETTLED_SECONDS = 1.5
"""How long everything must have been heard: facts may still be on their way to the stream."""
PAUSE_SECONDS = 0.5


async def until_heard(redis_url: str, progress: Shows) -> None:
    """Return when no service has a fact of identity before it, for a moment."""
    redis = connect_redis(redis_url)
    quiet = 0.0
    try:
        while quiet < SETTLED_SECONDS:
            groups: Any = await redis.xinfo_groups(stream_of("identity"))
            told = await redis.xlen(stream_of("identity"))
            waiting = max((int(group["lag"] or 0) + int(group["pending"]) for group in groups), default=0)
            progress.step("各服务登记住户", told - waiting, told)
            quiet = quiet + PAUSE_SECONDS if waiting == 0 else 0.0
            await asyncio.sleep(PAUSE_SECONDS)
    finally:
        await redis.aclose()
