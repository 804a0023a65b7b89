"""Codes people tell each other: counted when they are wrong, so that nobody finds one by trying."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from shared.refusals import DatabaseBusyError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import timedelta

    from redis.asyncio import Redis

    from shared.kernel.errors import DomainError


@asynccontextmanager
async def counted_tries(
    redis: Redis, key: str, *, most: int, lasts: timedelta, wrong: type[DomainError], locked: type[DomainError]
) -> AsyncIterator[None]:
    """Let one code be told, and keep count under `key` when it turns out `wrong`; after `most` of them refuse with `locked`.

    Counted beside the database, because a refusal undoes everything it wrote there; and before the code is looked at, so that many at
    once are no more than one after the other. The count is forgotten when no wrong code was told for so long.

    IO: Redis.
    Errors: `locked`; DatabaseBusyError when Redis does not answer.
    """
    try:
        async with redis.pipeline(transaction=True) as asked:
            asked.incr(key)
            asked.expire(key, lasts, nx=True)
            told, _ = await asked.execute()
        is_wrong = False
        try:
            if told > most:
                raise locked
            yield
        except wrong:
            is_wrong = True
            await redis.expire(key, lasts)
            raise
        finally:
            if not is_wrong:
                await redis.decr(key)
    except RedisError as error:
        raise DatabaseBusyError from error
