"""From the streams to effects, each exactly once.

A consumer group per service reads the streams it cares about. One transaction writes the event's id into the inbox and applies the
effect; a known id is acknowledged and dropped, so a reader that dies before it acknowledges does no harm. An event that keeps failing
is set aside in the service's dead-letter stream, where an operator sees it and can play it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog
from pydantic import ValidationError
from redis.exceptions import RedisError, ResponseError
from sqlalchemy import text

from shared.kernel.errors import UnavailableError
from shared.outbox import Envelope, stream_of
from shared.telemetry import DEAD_LETTERS, EVENTS, span
from shared.uow import UnitOfWork, unit_of_work

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from shared.db import Database
    from shared.kernel.clock import Clock

log = structlog.get_logger(__name__)

Handler = Callable[[UnitOfWork, Any], Awaitable[None]]
"""Applies one event inside an open unit of work of the event's community."""
Handlers = Mapping[type[Any], Handler]

BATCH: Final = 100
BLOCK_MS: Final = 1_000
DELIVERIES: Final = 5
"""How often an event is tried before it is set aside."""
ORPHANED_MS: Final = 30_000
"""How long a reader may sit on an event before another one takes it over."""
KEEP: Final = timedelta(days=30)


def dead_letters_of(service: str) -> str:
    """Return the name of a service's dead-letter stream."""
    return f"dead:{service}"


class Consumer:
    """Reads other services' facts for one service.

    `handlers` maps event classes to what this service does about them; the streams to read follow from it.
    """

    def __init__(self, database: Database, redis: Redis, clock: Clock, handlers: Handlers, *, name: str) -> None:
        self._database = database
        self._redis = redis
        self._clock = clock
        self._handlers = handlers
        self._name = name
        self._group = database.service
        self.streams = sorted({stream_of(cls.event_type.partition(".")[0]) for cls in handlers})

    async def prepare(self) -> None:
        """Create the groups that do not exist yet, reading from the beginning: a new service hears the whole story."""
        for stream in self.streams:
            try:
                await self._redis.xgroup_create(stream, self._group, id="0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise

    async def take_over(self) -> int:
        """Work off what dead readers (or this one, before a restart) left unacknowledged; return how many entries that was."""
        count = 0
        for stream in self.streams:
            start: Any = "0-0"
            while True:
                start, entries, *_ = await self._redis.xautoclaim(
                    stream, self._group, self._name, min_idle_time=ORPHANED_MS, start_id=start, count=BATCH
                )
                for position, fields in entries:
                    await self._work_off(stream, position, fields)
                    count += 1
                if start == "0-0":
                    break
        return count

    async def read(self, *, block_ms: int | None = BLOCK_MS) -> int:
        """Read and apply one batch; return how many entries were worked off."""
        batches: Any = await self._redis.xreadgroup(
            self._group, self._name, dict.fromkeys(self.streams, ">"), count=BATCH, block=block_ms
        )
        count = 0
        for stream, entries in batches.items() if isinstance(batches, dict) else batches or []:
            for position, fields in _flat(entries):
                await self._work_off(stream, position, fields)
                count += 1
        return count

    async def _work_off(self, stream: str, position: str, fields: dict[str, str] | None) -> None:
        if fields is None:  # Trimmed from the stream while pending: the relay's replay brings it back.
            await self._redis.xack(stream, self._group, position)
            return
        try:
            envelope = Envelope.from_fields(fields)
            event = envelope.open()
        except (KeyError, ValueError, ValidationError) as error:
            await self._set_aside(stream, position, fields, error)
            return
        handler = None if event is None else self._handlers.get(type(event))
        if handler is None:
            await self._redis.xack(stream, self._group, position)
            return
        try:
            with span(f"consume {envelope.type}", parent=envelope.trace, service=self._group):
                fresh = await self.apply(envelope, event, handler)
        except UnavailableError:
            # The database is away or busy; the event is not to blame and stays pending without counting against it.
            EVENTS.labels(self._group, envelope.type, "postponed").inc()
            await asyncio.sleep(0.5)
            raise
        except Exception as error:
            log.warning(
                "event_failed", service=self._group, type=envelope.type, event_id=str(envelope.id), exc_info=error
            )
            EVENTS.labels(self._group, envelope.type, "failed").inc()
            if await self._deliveries(stream, position) >= DELIVERIES:
                await self._set_aside(stream, position, fields, error)
            return
        EVENTS.labels(self._group, envelope.type, "applied" if fresh else "known").inc()
        await self._redis.xack(stream, self._group, position)

    async def apply(self, envelope: Envelope, event: Any, handler: Handler) -> bool:
        """Apply an event unless its effect is already there; tell whether it was new.

        Idempotency: by the event's id, in the same transaction as the effect.
        """
        async with unit_of_work(self._database, self._clock, envelope.community_id) as uow:
            fresh = await uow.session.execute(
                text(
                    f"INSERT INTO {self._group}.inbox (community_id, event_id, type, received_at)"
                    " VALUES (:community_id, :event_id, :type, :now) ON CONFLICT DO NOTHING RETURNING 1"
                ),
                {"community_id": envelope.community_id, "event_id": envelope.id, "type": envelope.type, "now": uow.now},
            )
            if fresh.first() is None:
                return False
            await handler(uow, event)
            return True

    async def _deliveries(self, stream: str, position: str) -> int:
        pending: Any = await self._redis.xpending_range(stream, self._group, min=position, max=position, count=1)
        return int(pending[0]["times_delivered"]) if pending else 0

    async def retry(self) -> int:
        """Try this reader's own failed entries once more; return how many."""
        count = 0
        for stream in self.streams:
            pending: Any = await self._redis.xpending_range(
                stream, self._group, min="-", max="+", count=BATCH, consumername=self._name
            )
            for entry in pending:
                # Back-off by the number of deliveries, so that a poison event does not spin.
                wait_ms = min(1_000 * 2 ** int(entry["times_delivered"]), ORPHANED_MS)
                claimed: Any = await self._redis.xclaim(
                    stream, self._group, self._name, min_idle_time=wait_ms, message_ids=[entry["message_id"]]
                )
                for position, fields in claimed:
                    await self._work_off(stream, position, fields)
                    count += 1
        return count

    async def _set_aside(self, stream: str, position: str, fields: dict[str, str], error: Exception) -> None:
        letter: dict[Any, Any] = fields | {
            "stream": stream,
            "position": position,
            "error": f"{type(error).__name__}: {error}"[:500],
        }
        await self._redis.xadd(dead_letters_of(self._group), letter)
        await self._redis.xack(stream, self._group, position)
        DEAD_LETTERS.labels(self._group).inc()
        log.error("event_set_aside", service=self._group, stream=stream, position=position, type=fields.get("type"))

    async def purge(self, now: datetime) -> int:
        """Forget ids older than any replay reaches back; return how many."""
        async with self._database.worker.begin() as connection:
            done = await connection.execute(
                text(f"DELETE FROM {self._group}.inbox WHERE received_at < :before"),
                {"before": now - KEEP},
            )
            return done.rowcount

    async def run(self) -> None:
        """Read until cancelled; a lost Redis or database is waited for."""
        prepared = False
        while True:
            try:
                if not prepared:
                    await self.prepare()
                    prepared = True
                await self.take_over()
                await self.retry()
                await self.read()
            except ResponseError as error:
                # NOGROUP: Redis came back without its data; the relay republishes, the groups are made anew.
                prepared = "NOGROUP" not in str(error)
                log.warning("consumer_waits", service=self._group, error=str(error))
                await asyncio.sleep(0.5)
            except (RedisError, OSError, UnavailableError) as error:
                log.warning("consumer_waits", service=self._group, error=str(error))
                await asyncio.sleep(0.5)


def _flat(entries: Any) -> Any:
    """Return stream entries as a flat list: RESP3 groups them per stream one level deeper than RESP2."""
    return (
        entries[0]
        if entries and isinstance(entries[0], list) and entries[0] and isinstance(entries[0][0], list | tuple)
        else entries
    )


async def replay_dead_letters(redis: Redis, service: str) -> int:
    """Put every dead letter of a service back on its stream and return how many; the inbox drops what took effect after all."""
    count = 0
    entries: Any = await redis.xrange(dead_letters_of(service))
    for position, fields in entries:
        await redis.xadd(fields.pop("stream"), {k: v for k, v in fields.items() if k not in {"position", "error"}})
        await redis.xdel(dead_letters_of(service), position)
        count += 1
    DEAD_LETTERS.labels(service).set(await redis.xlen(dead_letters_of(service)))
    return count


async def list_dead_letters(redis: Redis, service: str, *, limit: int = 100) -> list[dict[str, str]]:
    """Return the oldest dead letters of a service, each with its error."""
    entries: Any = await redis.xrange(dead_letters_of(service), count=limit)
    return [{"letter": position, **fields} for position, fields in entries]
