"""The loop that sends what is due: note the attempt, send outside any transaction, note how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from services.notifications.messages import repository, usecases
from services.notifications.messages.domain import Outcome, quota_returns_at
from shared.heartbeats import beat, rest
from shared.kernel.errors import UnavailableError
from shared.uow import open_session, unit_of_work

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from services.notifications.channels import Channel
    from services.notifications.settings import Settings
    from shared.runtime import Runtime

log = structlog.get_logger(__name__)

BATCH: Final = 100
IDLE_SECONDS: Final = 2.0


class MessageSender:
    """Sends the community's messages through one channel."""

    def __init__(self, runtime: Runtime[Settings], channel: Channel) -> None:
        self._runtime = runtime
        self._channel = channel
        self._shut_until: datetime | None = None

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            try:
                tried = await self.send_due()
            except (UnavailableError, OSError) as error:
                log.warning("sender_waits", error=str(error))
                tried = 0
            await rest(IDLE_SECONDS if tried < BATCH else 0)

    async def send_due(self) -> int:
        """Send one batch of what is due and return how many messages were looked at.

        Once WeChat's daily count is used up nobody is tried before tomorrow: every attempt would be refused likewise.
        """
        runtime = self._runtime
        if self._is_shut():
            return 0
        async with open_session(runtime.database, runtime.database.worker) as session:
            due = await repository.list_due(session, runtime.clock.now(), BATCH)
        for looked_at, (community_id, message_id) in enumerate(due, start=1):
            beat()
            await self._send(community_id, message_id)
            if self._is_shut():
                return looked_at
        return len(due)

    def _is_shut(self) -> bool:
        return self._shut_until is not None and self._runtime.clock.now() < self._shut_until

    async def _send(self, community_id: UUID, message_id: UUID) -> None:
        database, clock = self._runtime.database, self._runtime.clock
        async with unit_of_work(database, clock, community_id) as uow:
            sending = await usecases.begin_sending(uow=uow, message_id=message_id)
        if sending is None:
            return
        message, openid = sending
        outcome = await self._channel.send(message, openid)
        async with unit_of_work(database, clock, community_id) as uow:
            await usecases.settle_sending(uow=uow, message_id=message_id, outcome=outcome)
        if outcome is Outcome.QUOTA:
            self._shut_until = quota_returns_at(clock.now())
        if outcome in {Outcome.QUOTA, Outcome.MISCONFIGURED}:
            log.error("messages_need_an_operator", outcome=outcome.value, template=message.template.value)
