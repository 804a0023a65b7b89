"""Waits until every service has heard of the households and residents that were just loaded; before that a resident has no account."""

import asyncio
import time
from typing import Any

from launcher.demo.progress import Shows
from shared.outbox import stream_of
from shared.runtime import connect_redis

SETTLED_SECONDS = 1.5
"""How long everything must have been heard: facts may still be on their way to the stream."""
PAUSE_SECONDS = 0.25
PATIENCE_SECONDS = 60.0
"""How long no service may hear anything while facts wait."""


class NotHeardError(Exception):
    """The services stopped hearing: a worker is not at work, or a fact fails again and again."""


async def until_heard(redis_url: str, progress: Shows) -> None:
    """Return when no service has a fact of identity before it, for a moment.

    Errors: NotHeardError.
    """
    redis = connect_redis(redis_url)
    quiet, fewest, moved_at = 0.0, None, time.monotonic()
    try:
        while quiet < SETTLED_SECONDS:
            groups: Any = await redis.xinfo_groups(stream_of("identity"))
            told = await redis.xlen(stream_of("identity"))
            waiting = max((int(group["lag"] or 0) + int(group["pending"]) for group in groups), default=0)
            progress.step("各服务登记住户", told - waiting, told)
            if waiting != fewest:
                fewest, moved_at = waiting, time.monotonic()
            if waiting and time.monotonic() - moved_at > PATIENCE_SECONDS:
                msg = f"各服务有 {waiting} 件登记信息一直没有处理，请看 data 目录下的日志"
                raise NotHeardError(msg)
            quiet = quiet + PAUSE_SECONDS if waiting == 0 else 0.0
            await asyncio.sleep(PAUSE_SECONDS)
    finally:
        await redis.aclose()
