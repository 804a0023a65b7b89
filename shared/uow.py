"""The unit of work: one transaction, one community, one moment; its commit comes before the answer.

This is the only module that commits.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from shared import outbox
from shared.ids import new_id
from shared.refusals import DatabaseBusyError, refusal_for, translated
from shared.telemetry import current_trace

if TYPE_CHECKING:
    from shared.contracts.events import Event
    from shared.db import Database
    from shared.kernel.clock import Clock
    from shared.kernel.ids import IdSource

__all__ = ["DatabaseBusyError", "UnitOfWork", "open_session", "refusal_for", "translated", "unit_of_work"]


@dataclass
class UnitOfWork:
    """What a use case works with: the session, whose community it is, what time it is, and where facts are announced."""

    session: AsyncSession
    community_id: UUID
    now: datetime
    service: str
    new_id: IdSource = new_id
    _announced: list[outbox.Envelope] = field(default_factory=list)

    def announce(self, key: UUID | str, event: Event) -> None:
        """Tell a fact about `key`; it leaves with the commit and never without it."""
        self._announced.append(
            outbox.seal(
                event,
                id=self.new_id(),
                community_id=self.community_id,
                key=str(key),
                occurred_at=self.now,
                trace=current_trace(),
            )
        )

    async def flush(self) -> None:
        """Send pending rows and facts to the database, so that what constraints say is heard now."""
        await self.session.flush()
        if self._announced:
            await outbox.save(self.session, self.service, self._announced)
            self._announced.clear()

    def forget_announcements(self) -> None:
        """Drop facts not yet written: the change they tell was rolled back to a savepoint."""
        self._announced.clear()


@asynccontextmanager
async def unit_of_work(
    database: Database, clock: Clock, community_id: UUID, *, engine: AsyncEngine | None = None
) -> AsyncIterator[UnitOfWork]:
    """Open a transaction in which only `community_id` exists; commit when the block ends well, else roll back.

    Locks/IO: one connection for the whole block; do not call the network inside.
    Errors: the refusal a violated constraint stands for; DatabaseBusyError for lock time-outs, deadlocks and lost connections.
    """
    async with open_session(database, engine or database.app) as session:
        await session.execute(
            text("SELECT set_config('app.community_id', :community_id, true)"), {"community_id": str(community_id)}
        )
        uow = UnitOfWork(session=session, community_id=community_id, now=clock.now(), service=database.service)
        yield uow
        await uow.flush()
        await session.commit()


@asynccontextmanager
async def open_session(database: Database, engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """Open a session that tells the driver's errors in our words, those of giving its connection back included.

    A connection that died is noticed at the rollback when nothing was asked of it in between.
    Errors: as `unit_of_work`.
    """
    with translated(database):
        async with AsyncSession(engine, expire_on_commit=False, autoflush=False) as session:
            yield session
