"""From a committed transaction to the stream: nothing said that did not happen, nothing that happened left unsaid.

A fact is a row written with the change it tells. The relay publishes unpublished rows and then marks them; a relay that dies in
between publishes again, and the readers' inbox drops the second copy. One relay per service works at a time (advisory lock) and goes by
the database's own sequence, so that facts about one key leave in the order they were committed whatever clocks or ids say.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import structlog
from pydantic import TypeAdapter
from sqlalchemy import text

from shared.contracts.events import REGISTRY

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

    from shared.contracts.events import Event
    from shared.db import Database

log = structlog.get_logger(__name__)

BATCH: Final = 200
KEEP: Final = timedelta(days=14)
RECOVERED: Final = timedelta(days=2)
"""How far back a stream that lost its end is filled again."""
STREAM_LENGTH: Final = 1_000_000
"""Entries kept per stream, about; a reader further behind than this is replayed from the outbox."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A fact as it travels: who (`key`), what, since when, and the trace it belongs to."""

    id: UUID
    type: str
    version: int
    community_id: UUID
    key: str
    occurred_at: datetime
    payload: dict[str, Any]
    trace: str | None = None

    def to_fields(self) -> dict[Any, Any]:
        """Return the fields of a stream entry."""
        return {
            "id": str(self.id),
            "type": self.type,
            "version": str(self.version),
            "community_id": str(self.community_id),
            "key": self.key,
            "occurred_at": self.occurred_at.isoformat(),
            "payload": json.dumps(self.payload, ensure_ascii=False, separators=(",", ":")),
            "trace": self.trace or "",
        }

    @classmethod
    def from_fields(cls, fields: dict[str, str]) -> Envelope:
        """Read a stream entry.

        Errors: KeyError or ValueError for an entry this system never wrote.
        """
        return cls(
            id=UUID(fields["id"]),
            type=fields["type"],
            version=int(fields["version"]),
            community_id=UUID(fields["community_id"]),
            key=fields["key"],
            occurred_at=datetime.fromisoformat(fields["occurred_at"]),
            payload=json.loads(fields["payload"]),
            trace=fields.get("trace") or None,
        )

    def open(self) -> Any:
        """Return the event object, or None for a type or version this code does not know yet.

        Errors: pydantic.ValidationError when the payload does not fit its type.
        """
        cls = REGISTRY.get((self.type, self.version))
        return None if cls is None else adapter(cls).validate_python(self.payload)


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def adapter(cls: type[Any]) -> TypeAdapter[Any]:
    """Return the codec of an event class, built once."""
    if cls not in _adapters:
        _adapters[cls] = TypeAdapter(cls)
    return _adapters[cls]


def seal(event: Event, *, id: UUID, community_id: UUID, key: str, occurred_at: datetime, trace: str | None) -> Envelope:  # noqa: A002 - the field's name.
    """Wrap an event for the road."""
    return Envelope(
        id=id,
        type=event.event_type,
        version=event.event_version,
        community_id=community_id,
        key=key,
        occurred_at=occurred_at,
        payload=adapter(type(event)).dump_python(event, mode="json"),
        trace=trace,
    )


async def save(session: AsyncSession, service: str, envelopes: Sequence[Envelope]) -> None:
    """Write facts beside the change they tell; the caller's transaction decides whether they ever happened."""
    statement = text(
        f"INSERT INTO {service}.outbox (community_id, id, type, version, key, payload, trace, occurred_at)"
        " VALUES (:community_id, :id, :type, :version, :key, CAST(:payload AS jsonb), :trace, :occurred_at)"
    )
    rows = [
        {
            "community_id": e.community_id,
            "id": e.id,
            "type": e.type,
            "version": e.version,
            "key": e.key,
            "payload": json.dumps(e.payload, ensure_ascii=False),
            "trace": e.trace,
            "occurred_at": e.occurred_at,
        }
        for e in envelopes
    ]
    await session.execute(statement, rows)


def stream_of(service: str) -> str:
    """Return the name of a service's stream."""
    return f"events:{service}"


def mark_of(service: str) -> str:
    """Return the key under which a service's relay remembers which Redis it last found complete."""
    return f"relay:{service}"


class Relay:
    """Publishes what a service's outbox holds."""

    def __init__(self, database: Database, redis: Redis) -> None:
        self._service = database.service
        self._engine = database.worker
        self._redis = redis

    async def publish(self, now: datetime) -> int:
        """Publish one batch and return how many facts left; 0 when nothing waits or another relay is at it.

        Locks/IO: the service's relay lock; one stream write per batch between select and mark.
        Idempotency: a crash between write and mark publishes the batch again, with the same ids.
        """
        await self._recover(now)
        async with self._engine.begin() as connection:
            if not await self._is_mine(connection):
                return 0
            rows = (
                await connection.execute(
                    text(
                        "SELECT community_id, id, type, version, key, payload, trace, occurred_at"
                        f" FROM {self._service}.outbox WHERE published_at IS NULL"
                        " ORDER BY seq LIMIT :batch FOR UPDATE SKIP LOCKED"
                    ),
                    {"batch": BATCH},
                )
            ).all()
            if not rows:
                return 0
            positions = await self._write([Envelope(**row._mapping) for row in rows])  # noqa: SLF001 - SQLAlchemy's public spelling.
            if positions is None:
                return 0
            await connection.execute(
                text(
                    f"UPDATE {self._service}.outbox SET published_at = :now, position = :position"
                    " WHERE community_id = :community_id AND id = :id"
                ),
                [
                    {"now": now, "position": position, "community_id": row.community_id, "id": row.id}
                    for row, position in zip(rows, positions, strict=True)
                ],
            )
            return len(rows)

    async def _is_mine(self, connection: AsyncConnection) -> bool:
        lock = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")
        return bool((await connection.execute(lock, {"name": f"relay:{self._service}"})).scalar_one())

    async def _write(self, envelopes: Sequence[Envelope]) -> list[str] | None:
        """Write to the stream and return the positions; None when Redis lost data meanwhile.

        Look and write are two journeys, and in between Redis may have come back without what it held before. Marking the batch would
        hide that; unmarked, it is published again after what was lost.
        """
        async with self._redis.pipeline(transaction=False) as pipeline:
            for envelope in envelopes:
                pipeline.xadd(stream_of(self._service), envelope.to_fields(), maxlen=STREAM_LENGTH, approximate=True)
            pipeline.info("server")
            pipeline.get(mark_of(self._service))
            *positions, server, mark = await pipeline.execute()
        return [str(position) for position in positions] if mark == server["run_id"] else None

    async def _recover(self, now: datetime) -> None:
        """Take back the mark of what the stream has lost.

        Redis may come back older than it went (no disk, a restored snapshot), or empty. A key in it names the run of Redis whose stream
        was found complete; another run, or no key, means that the newest published facts have to be looked for. What is missing is
        published again, and the readers' inbox makes a needless second copy harmless.
        """
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.info("server")
            pipeline.get(mark_of(self._service))
            server, mark = await pipeline.execute()
        if mark == server["run_id"]:
            return
        async with self._engine.begin() as connection:
            if not await self._is_mine(connection):
                return
            lost = await self._find_lost(connection, now)
            if lost:
                await connection.execute(
                    text(
                        f"UPDATE {self._service}.outbox SET published_at = NULL, position = NULL"
                        " WHERE community_id = :community_id AND id = :id"
                    ),
                    lost,
                )
                log.warning("stream_lost_facts", service=self._service, republished=len(lost))
        # Only now: a relay that dies before its transaction is committed has to look again.
        await self._redis.set(mark_of(self._service), server["run_id"])

    async def _find_lost(self, connection: AsyncConnection, now: datetime) -> list[dict[str, UUID]]:
        """Return the published facts the stream no longer holds, looking back from its end until it is complete."""
        rows = (
            await connection.execute(
                text(
                    f"SELECT community_id, id, position FROM {self._service}.outbox WHERE published_at >= :since"
                    " ORDER BY split_part(position, '-', 1)::bigint DESC, split_part(position, '-', 2)::bigint DESC"
                ),
                {"since": now - RECOVERED},
            )
        ).all()
        lost: list[dict[str, UUID]] = []
        for batch in (rows[start : start + BATCH] for start in range(0, len(rows), BATCH)):
            async with self._redis.pipeline(transaction=False) as pipeline:
                for row in batch:
                    pipeline.xrange(stream_of(self._service), row.position, row.position)
                found = await pipeline.execute()
            missing = [row for row, entries in zip(batch, found, strict=True) if not entries]
            lost += [{"community_id": row.community_id, "id": row.id} for row in missing]
            if not missing:
                # What was lost is what was written last; older facts that are gone were trimmed long after everybody read them.
                break
        return lost

    async def purge(self, now: datetime) -> int:
        """Delete published facts older than the time they are kept for replay; return how many."""
        async with self._engine.begin() as connection:
            result = await connection.execute(
                text(f"DELETE FROM {self._service}.outbox WHERE published_at < :before"),
                {"before": now - KEEP},
            )
            return result.rowcount

    async def backlog(self) -> tuple[int, datetime | None]:
        """Return how many facts wait for publication, and since when the oldest does."""
        async with self._engine.connect() as connection:
            query = text(
                f"SELECT count(*) AS waiting, min(occurred_at) AS since FROM {self._service}.outbox WHERE published_at IS NULL"
            )
            row = (await connection.execute(query)).one()
            return row.waiting, row.since
