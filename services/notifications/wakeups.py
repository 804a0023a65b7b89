"""Knocks on the door of open streams: "look into the database". The database has what is new; Redis only says that there is something.

A knock may be lost (Redis restarted, nobody listened); a stream looks for itself now and then, so it is late, never wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

import structlog
from redis.exceptions import RedisError
from sqlalchemy import event

from services.notifications.streams.errors import StreamsFullError, TooManyStreamsError
from shared.tasks import end_tasks

if TYPE_CHECKING:
    from fastapi import Request
    from redis.asyncio import Redis

    from shared.uow import UnitOfWork

log = structlog.get_logger(__name__)

CHANNEL: Final = "notifications:wake"
MANY: Final = 200
"""From so many accounts on, one knock goes to the whole community."""


class Wakeups:
    """Sends knocks. One per app and one per worker."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._running: set[asyncio.Task[None]] = set()

    def after_commit(self, uow: UnitOfWork, account_ids: Collection[UUID]) -> None:
        """Knock when and only when the unit of work has been committed; before that there is nothing to see."""
        if not account_ids:
            return
        community_id = uow.community_id
        accounts = ["*"] if len(account_ids) > MANY else [str(account_id) for account_id in account_ids]

        def knock(_session: Any) -> None:
            task = asyncio.get_running_loop().create_task(self._publish(community_id, accounts))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

        event.listen(uow.session.sync_session, "after_commit", knock, once=True)

    async def _publish(self, community_id: UUID, accounts: Collection[str]) -> None:
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for account in accounts:
                    pipeline.publish(CHANNEL, f"{community_id}:{account}")
                await pipeline.execute()
        except (RedisError, OSError) as error:
            log.warning("wakeup_lost", error=str(error))

    async def settle(self) -> None:
        """Wait until every knock begun so far is out."""
        while self._running:
            await asyncio.gather(*self._running)


@dataclass(eq=False)
class Seat:
    """An open stream's place: `knocked` is set when it should look, `is_over` when it should end."""

    knocked: asyncio.Event = field(default_factory=asyncio.Event)
    is_over: bool = False


class Hub:
    """The open streams of this process and the one subscription that wakes them. It listens while somebody does."""

    def __init__(self, redis: Redis, *, in_all: int, per_account: int) -> None:
        self._redis = redis
        self._in_all = in_all
        self._per_account = per_account
        self._open: dict[tuple[UUID, UUID], list[Seat]] = {}
        self._count = 0
        self._listener: asyncio.Task[None] | None = None
        self._is_closed = False

    def close(self) -> None:
        """End every stream and take no new one, so that a process that wants to stop need not wait for open pages."""
        self._is_closed = True
        for seats in self._open.values():
            for seat in seats:
                seat.is_over = True
                seat.knocked.set()

    @asynccontextmanager
    async def stream(self, community_id: UUID, account_id: UUID) -> AsyncIterator[Seat]:
        """Enter an open stream and yield its place.

        Errors: TooManyStreamsError for this account, StreamsFullError for this process.
        """
        key = (community_id, account_id)
        mine = self._open.get(key, [])
        if len(mine) >= self._per_account:
            raise TooManyStreamsError(most=self._per_account)
        if self._is_closed or self._count >= self._in_all:
            raise StreamsFullError
        seat = Seat()
        self._open.setdefault(key, []).append(seat)
        self._count += 1
        if self._listener is None:
            self._listener = asyncio.create_task(self._listen())
        try:
            yield seat
        finally:
            self._open[key].remove(seat)
            if not self._open[key]:
                del self._open[key]
            self._count -= 1
            if self._count == 0:
                await self._stop()

    async def _stop(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            await end_tasks([listener])

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    async for message in channel.listen():
                        # The confirmation of the subscription wakes everybody: a knock may have been missed before it.
                        self._wake(str(message["data"]) if message["type"] == "message" else None)
            except (RedisError, OSError) as error:
                log.warning("hub_listens_again", error=str(error))
                await asyncio.sleep(1)

    def _wake(self, address: str | None) -> None:
        if address is None:
            keys = list(self._open)
        else:
            community, _, account = address.partition(":")
            if account == "*":
                keys = [key for key in self._open if str(key[0]) == community]
            else:
                keys = [key for key in self._open if str(key[1]) == account and str(key[0]) == community]
        for key in keys:
            for seat in self._open[key]:
                seat.knocked.set()


def wakeups_of(request: Request) -> Wakeups:
    """Return the sender of knocks of the app serving this request."""
    return cast("Wakeups", request.app.state.wakeups)


def hub_of(request: Request) -> Hub:
    """Return the hub of the app serving this request."""
    return cast("Hub", request.app.state.hub)
