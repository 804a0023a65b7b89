"""Turns the calendar of a development system ahead, so that days of publication pass in a moment. Absent in production."""

import json
from datetime import timedelta
from typing import Final

from redis.asyncio import Redis

from gateway.errors import MALFORMED, METHOD_NOT_ALLOWED, RefusalError
from gateway.pages import Call
from shared.clock import CLOCK_OFFSET_KEY, TravellingClock, advance_shared_clock

LARGEST_BODY: Final = 1024
LONGEST_JUMP_SECONDS: Final = 366 * 24 * 3600


class DevClock:
    """`GET` and `POST /api/v1/dev/clock`."""

    def __init__(self, clock: TravellingClock, redis: Redis) -> None:
        self._clock = clock
        self._redis = redis

    async def page(self, call: Call) -> None:
        """Tell the time, after moving it when asked to."""
        if call.scope["method"] == "POST":
            await advance_shared_clock(self._redis, timedelta(seconds=await _jump(call)))
            # This process hears of it by the channel too; loading now means the caller sees what it asked for.
            await self._clock.load(self._redis)
        elif call.scope["method"] != "GET":
            raise RefusalError(METHOD_NOT_ALLOWED)
        document = {
            "now": self._clock.now().isoformat(),
            "offset_seconds": int(await self._redis.get(CLOCK_OFFSET_KEY) or 0),
        }
        await call.reply_json(200, document, [(b"cache-control", b"no-store")])


async def _jump(call: Call) -> int:
    """Read `{"advance_seconds": n}`; only forward, because facts that were recorded stay recorded."""
    pieces: list[bytes] = []
    while True:
        message = await call.receive()
        pieces.append(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body", False):
            break
        if sum(map(len, pieces)) > LARGEST_BODY:
            raise RefusalError(MALFORMED, why="内容太长")
    try:
        seconds = json.loads(b"".join(pieces))["advance_seconds"]
    except (ValueError, KeyError, TypeError):
        raise RefusalError(MALFORMED, why='需要 JSON：{"advance_seconds": 秒数}') from None
    if type(seconds) is not int or not 0 <= seconds <= LONGEST_JUMP_SECONDS:
        raise RefusalError(MALFORMED, why="advance_seconds 应为 0 到一年之间的整数秒")
    return seconds
