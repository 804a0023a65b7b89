"""Deadlines are rows: a sweep finds what is due and does to each what a person would.

Finding is one indexed query over all communities as the worker role; acting is one unit of work per row, in its community, through
the use case, which locks the row (SKIP LOCKED) and checks again. Two sweepers, or a sweeper and a person, cannot both act.

A row that cannot be acted on stays due for ever. It is tried again ever more seldom, and is not counted in a batch meanwhile: a
community whose rows fail must not keep those of the others waiting.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from shared.heartbeats import beat, rest
from shared.kernel.errors import DomainError, UnavailableError
from shared.telemetry import OVERDUE, SWEPT
from shared.uow import UnitOfWork, open_session, unit_of_work

if TYPE_CHECKING:
    from shared.db import Database
    from shared.kernel.clock import Clock

log = structlog.get_logger(__name__)

BATCH: Final = 200
FIRST_RETRY: Final = timedelta(seconds=1)
LONGEST_RETRY: Final = timedelta(minutes=5)
FAILING_KEPT: Final = 5_000

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


@dataclass
class Failing:
    """What one sweeper knows of rows that were refused or failed: how often, and when each is tried again."""

    rows: dict[tuple[UUID, UUID], tuple[int, datetime]] = field(default_factory=dict)

    def waits(self, row: tuple[UUID, UUID], now: datetime) -> bool:
        """Tell whether it is too early to try a row again."""
        return row in self.rows and now < self.rows[row][1]

    def note(self, row: tuple[UUID, UUID], now: datetime) -> None:
        """Put a row off, each time twice as long."""
        tries = self.rows.pop(row, (0, now))[0] + 1
        if len(self.rows) < FAILING_KEPT:
            self.rows[row] = tries, now + min(FIRST_RETRY * 2 ** min(tries - 1, 16), LONGEST_RETRY)

    def keep(self, due: Sequence[tuple[UUID, UUID]]) -> None:
        """Forget rows that are due no more."""
        still = set(due)
        self.rows = {row: told for row, told in self.rows.items() if row in still}


async def sweep_once(
    database: Database, clock: Clock, sweep: Sweep, *, limit: int = BATCH, failing: Failing | None = None
) -> int:
    """Act on one batch of what is due and return how many rows were tried.

    `failing` remembers from one batch to the next which rows to leave alone for a while.

    Errors: DatabaseBusyError when even finding fails; a refusal or failure of one row is logged and the others go on.
    """
    failing = Failing() if failing is None else failing
    now, wanted = clock.now(), limit + len(failing.rows)
    async with open_session(database, database.worker) as session:
        due = await sweep.find_due(session, now, wanted)
    OVERDUE.labels(database.service, sweep.name).set(len(due))
    if len(due) < wanted:
        failing.keep(due)
    ripe = [(community_id, row_id) for community_id, row_id in due if not failing.waits((community_id, row_id), now)]
    for community_id, row_id in ripe[:limit]:
        beat()
        try:
            async with unit_of_work(database, clock, community_id) as uow:
                await sweep.act(uow, row_id)
            failing.rows.pop((community_id, row_id), None)
            SWEPT.labels(database.service, sweep.name, "done").inc()
        except UnavailableError:
            SWEPT.labels(database.service, sweep.name, "postponed").inc()
        except DomainError as refusal:
            failing.note((community_id, row_id), now)
            SWEPT.labels(database.service, sweep.name, "refused").inc()
            log.warning("sweep_refused", sweep=sweep.name, id=str(row_id), code=refusal.code)
        except Exception:
            failing.note((community_id, row_id), now)
            SWEPT.labels(database.service, sweep.name, "failed").inc()
            log.exception("sweep_failed", sweep=sweep.name, id=str(row_id))
    return len(ripe[:limit])


async def run_sweep(database: Database, clock: Clock, sweep: Sweep, *, every_seconds: float = 1.0) -> None:
    """Sweep until cancelled; a full batch is followed by the next at once."""
    failing = Failing()
    while True:
        try:
            tried = await sweep_once(database, clock, sweep, failing=failing)
        except (UnavailableError, OSError) as error:
            log.warning("sweep_waits", sweep=sweep.name, error=str(error))
            tried = 0
        await rest(every_seconds if tried < BATCH else 0)
