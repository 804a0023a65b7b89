"""A live stream from its opening to its end: it looks when somebody knocks, and now and then without a knock.

Each look is a short unit of work of its own; between looks a stream holds no connection, only its place in the hub.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from services.notifications.inbox import usecases
from services.notifications.inbox.schemas import InboxItemRead, UnreadRead
from services.notifications.streams.resume import KEEPALIVE, encode_event, encode_opening, start_after
from shared.kernel.errors import UnavailableError
from shared.uow import unit_of_work

if TYPE_CHECKING:
    from services.notifications.inbox.domain import InboxItem, Unread
    from services.notifications.settings import Settings
    from services.notifications.wakeups import Seat
    from shared.kernel.principal import Principal
    from shared.runtime import Runtime

log = structlog.get_logger(__name__)


@dataclass
class LiveStream:
    """One account's stream."""

    runtime: Runtime[Settings]
    principal: Principal
    seat: Seat
    last_event_id: int | None

    async def run(self) -> AsyncGenerator[bytes, None]:
        """Yield what goes over the wire until the time of the stream is over.

        A database that is away ends the stream: the page comes back by itself and names the last item it saw.
        """
        try:
            async for wire in self._follow():
                yield wire
        except UnavailableError as error:
            log.info("stream_ends", reason=error.code)

    async def _follow(self) -> AsyncGenerator[bytes, None]:
        yield encode_opening()
        time = asyncio.get_running_loop().time
        end = time() + self.runtime.settings.stream_seconds
        after = start_after(self.last_event_id, await self._newest())
        shown: Unread | None = None
        while not self.seat.is_over and (left := end - time()) > 0:
            self.seat.knocked.clear()
            items, unread = await self._look(after)
            for item in items:
                yield _item_event(item)
                after = item.sequence
            if unread != shown:
                yield _unread_event(unread)
                shown = unread
            pause = min(left, self.runtime.settings.stream_keepalive_seconds)
            if len(items) < usecases.STREAM_BATCH and not await self._is_knocked(pause):
                yield KEEPALIVE

    async def _is_knocked(self, seconds: float) -> bool:
        try:
            return await asyncio.wait_for(self.seat.knocked.wait(), seconds)
        except TimeoutError:
            return False

    async def _newest(self) -> int:
        runtime = self.runtime
        async with unit_of_work(runtime.database, runtime.clock, self.principal.community_id) as uow:
            return await usecases.get_newest_sequence(uow=uow, principal=self.principal)

    async def _look(self, after: int) -> tuple[Sequence[InboxItem], Unread]:
        runtime = self.runtime
        async with unit_of_work(runtime.database, runtime.clock, self.principal.community_id) as uow:
            # Counted first: should an item be committed in between, it is shown before it is counted, never the other way round.
            unread = await usecases.get_unread(uow=uow, principal=self.principal)
            return await usecases.read_on(uow=uow, principal=self.principal, after=after), unread


def _item_event(item: InboxItem) -> bytes:
    data = InboxItemRead.model_validate(item).model_dump(mode="json")
    return encode_event(event="inbox_item", data=data, event_id=item.sequence)


def _unread_event(unread: Unread) -> bytes:
    return encode_event(event="unread", data=UnreadRead.model_validate(unread).model_dump(mode="json"))
