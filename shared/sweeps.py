"""Deadlines are rows: a sweep finds what is due and does to each what a person would.

Finding is one indexed query over all communities as the worker role; acting is one unit of work per row, in its community, through
the use case, which locks the row (SKIP LOCKED) and checks again. Two sweepers, or a sweeper and a person, cannot both act.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.errors import DomainError, UnavailableError
from shared.telemetry import OVERDUE, SWEPT
from shared.uow import UnitOfWork, open_session, unit_of_work

if TYPE_CHECKING:
    from shared.db import Database
    from shared.kernel.clock import Clock

log = structlog.get_logger(__name__)

BATCH: Final = 200

FindDue = Callable[[AsyncSession, datetime, int], Awaitable[Sequence[tuple[UUID, UUID]]]]
"""(session, now, limit) → (community_id, id) of what is due, oldest deadline first."""
Act = Callable[[UnitOfWork, UUID], Awaitable[object]]
"""Acts on one due row; returns without effect when somebody else did or is at it."""


@dataclass(frozen=True)
class Sweep:
    """One kind of deadline."""

    name: str
    find_due: FindDue
    act: Act


async def sweep_once(database: Database, clock: Clock, sweep: Sweep, *, limit: int = BATCH) -> int:
    """Act on one batch of what is due and return how many rows were tried.

    Errors: DatabaseBusyError when even finding fails; a refusal or failure of one row is logged and the others go on.
    """
    async with open_session(database, database.worker) as session:
        due = await sweep.find_due(session, clock.now(), limit)
    OVERDUE.labels(database.service, sweep.name).set(len(due))
    for community_id, row_id in due:
        try:
            async with unit_of_work(database, clock, community_id) as uow:
                await sweep.act(uow, row_id)
            SWEPT.labels(database.service, sweep.name, "done").inc()
        except UnavailableError:
            SWEPT.labels(database.service, sweep.name, "postponed").inc()
        except DomainError as refusal:
            SWEPT.labels(database.service, sweep.name, "refused").inc()
            log.warning("sweep_refused", sweep=sweep.name, id=str(row_id), code=refusal.code)
        except Exception:
            SWEPT.labels(database.service, sweep.name, "failed").inc()
            log.exception("sweep_failed", sweep=sweep.name, id=str(row_id))
    return len(due)


async def run_sweep(database: Database, clock: Clock, sweep: Sweep, *, every_seconds: float = 1.0) -> None:
    """Sweep until cancelled; a full batch is followed by the next at once."""
    while True:
        try:
            tried = await sweep_once(database, clock, sweep)
        except (UnavailableError, OSError) as error:
            log.warning("sweep_waits", sweep=sweep.name, error=str(error))
            tried = 0
        if tried < BATCH:
            await asyncio.sleep(every_seconds)
