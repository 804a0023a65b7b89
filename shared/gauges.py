"""How a service stands, as numbers for those who run it: read by its worker every few seconds, and naming nobody.

A gauge that is read and not counted up tells the truth after a restart, whoever changed what meanwhile.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from shared.inbox import dead_letters_of
from shared.telemetry import DEAD_LETTERS, OUTBOX_LAG, OUTBOX_WAITING
from shared.uow import open_session

if TYPE_CHECKING:
    from prometheus_client import Gauge
    from redis.asyncio import Redis

    from shared.db import Database
    from shared.outbox import Relay

Ask = Callable[[AsyncSession, datetime], Awaitable[Mapping[str, int]]]
"""(session, now) → number of each kind, over all communities. A kind that was told once is told for ever, with 0 when there is none."""


@dataclass(frozen=True, slots=True)
class Count:
    """One gauge of a service; its labels are the service and the kind."""

    gauge: Gauge
    ask: Ask


async def measure(database: Database, redis: Redis, relay: Relay, now: datetime, counts: Sequence[Count]) -> None:
    """Read every gauge of a service once.

    IO: one indexed query per gauge as the worker role, and one question to Redis.
    Errors: DatabaseBusyError, RedisError.
    """
    service = database.service
    waiting, since = await relay.backlog()
    OUTBOX_WAITING.labels(service).set(waiting)
    OUTBOX_LAG.labels(service).set(0 if since is None else max(0.0, (now - since).total_seconds()))
    DEAD_LETTERS.labels(service).set(await redis.xlen(dead_letters_of(service)))
    for count in counts:
        async with open_session(database, database.worker) as session:
            numbers = await count.ask(session, now)
        for kind, number in numbers.items():
            count.gauge.labels(service, kind).set(number)
