"""From the streams to effects, each exactly once.

A consumer group per service reads the streams it cares about. One transaction writes the event's id into the inbox and applies the
effect; a known id is acknowledged and dropped, so a reader that dies before it acknowledges does no harm. An event that keeps failing
is set aside in the service's dead-letter stream, where an operator sees it and can play it again.

Facts about one key take effect in the order they were told: one reader per service works at a time (a lease in Redis), what was left
pending comes before what is new, and a fact waits behind an earlier one of its key that failed.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import structlog
from pydantic import ValidationError
from redis.exceptions import RedisError, ResponseError
from sqlalchemy import text

from shared.handlers import Handler, Handlers, Together, Told, in_groups
from shared.heartbeats import beat, rest
from shared.ids import new_id
from shared.kernel.errors import UnavailableError
from shared.outbox import Envelope, stream_of
from shared.telemetry import EVENTS, span
from shared.uow import unit_of_work

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from shared.db import Database
    from shared.kernel.clock import Clock

log = structlog.get_logger(__name__)

BATCH: Final = 100
TOGETHER: Final = 10
"""Fewer facts than this are not worth a batch that may have to be split."""
BLOCK_MS: Final = 1_000
DELIVERIES: Final = 5
"""How often an event is tried before it is set aside."""
RETRY_MS: Final = 1_000
LONGEST_RETRY_MS: Final = 30_000
"""A failed event is tried again after 2, 4, 8 and 16 times RETRY_MS, never later than this."""
LEASE_MS: Final = 10_000
"""How long the reader of a service may stay silent before another one takes its place."""
KEEP: Final = timedelta(days=30)


def dead_letters_of(service: str) -> str:
    """Return the name of a service's dead-letter stream."""
    return f"dead:{service}"


def reader_of(service: str) -> str:
    """Return the key that names the one reader of a service."""
    return f"reader:{service}"


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
        self._token = f"{name}-{new_id().hex}"
        self._renewed = float("-inf")
        self._failed: dict[tuple[str, str], str] = {}
        self._behind: dict[tuple[str, str], str] = {}
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
        """Work off what was delivered and not acknowledged, by this reader or a dead one, oldest first; return how many were tried."""
        count = 0
        for stream in self.streams:
            start = "-"
            while pending := await self._pending(stream, start):
                for entry in pending:
                    position = str(entry["message_id"])
                    if self._must_wait(stream, position, entry):
                        continue
                    # A delivery to a reader that died counts as a try; our own postponed ones do not.
                    tries = int(entry["times_delivered"]) + (entry["consumer"] != self._name)
                    claimed: Any = await self._redis.xclaim(
                        stream, self._group, self._name, min_idle_time=0, message_ids=[position], retrycount=tries
                    )
                    for _, fields in claimed:
                        await self._work_off(stream, position, fields)
                        count += 1
                start = f"({pending[-1]['message_id']}"
        return count

    async def _pending(self, stream: str, start: str) -> list[dict[str, Any]]:
        entries: Any = await self._redis.xpending_range(stream, self._group, min=start, max="+", count=BATCH)
        return list(entries)

    def _must_wait(self, stream: str, position: str, entry: Mapping[str, Any]) -> bool:
        if (stream, position) in self._failed:
            wait_ms = min(RETRY_MS * 2 ** (int(entry["times_delivered"]) - 1), LONGEST_RETRY_MS)
            return bool(entry["time_since_delivered"] < wait_ms)
        key = self._behind.get((stream, position))
        return key is not None and self._is_held_up(stream, position, key)

    def _is_held_up(self, stream: str, position: str, key: str) -> bool:
        """Tell whether an earlier fact about the same key failed and is still to be tried again."""
        return any(s == stream and k == key and p != position for (s, p), k in self._failed.items())

    async def read(self, *, block_ms: int | None = BLOCK_MS) -> int:
        """Read and apply one batch; return how many entries were worked off."""
        batches: Any = await self._redis.xreadgroup(
            self._group, self._name, dict.fromkeys(self.streams, ">"), count=BATCH, block=block_ms
        )
        count = 0
        for stream, entries in batches.items() if isinstance(batches, dict) else batches or []:
            batch = list(_flat(entries))
            count += len(batch)
            await self._stay_reader()
            if await self._work_off_together(stream, batch):
                continue
            for position, fields in batch:
                await self._stay_reader()
                await self._work_off(stream, position, fields)
        return count

    async def _work_off_together(self, stream: str, batch: Sequence[tuple[str, dict[str, str] | None]]) -> bool:
        """Apply a batch with one transaction per community and acknowledge it; False when any of it needs the way of one by one.

        A roster brings tens of thousands of facts at once, and a commit for each would take minutes.
        """
        if len(batch) < TOGETHER or self._failed or self._behind:
            return False
        opened: list[Told] = []
        try:
            for _, fields in batch:
                envelope = Envelope.from_fields(fields or {})
                event = envelope.open()
                handler = None if event is None else self._handlers.get(type(event))
                if handler is not None:
                    opened.append((envelope, event, handler))
            for community_id, run in groupby(opened, key=lambda facts: facts[0].community_id):
                await self._apply_run(community_id, list(run))
        except Exception as error:  # noqa: BLE001 - whatever it was, one by one it is met again and told.
            log.info("batch_split", service=self._group, size=len(batch), error=type(error).__name__)
            return False
        await self._redis.xack(stream, self._group, *(position for position, _ in batch))
        return True

    async def _apply_run(self, community_id: UUID, run: Sequence[Told]) -> None:
        async with unit_of_work(self._database, self._clock, community_id) as uow:
            rows = await uow.session.execute(
                text(
                    f"INSERT INTO {self._group}.inbox (community_id, event_id, type, received_at)"
                    " SELECT :community_id, e.id, e.type, :now FROM unnest(CAST(:ids AS uuid[]), CAST(:types AS text[])) AS e (id, type)"
                    " ON CONFLICT DO NOTHING RETURNING event_id"
                ),
                {
                    "community_id": community_id,
                    "now": uow.now,
                    "ids": [envelope.id for envelope, _, _ in run],
                    "types": [envelope.type for envelope, _, _ in run],
                },
            )
            fresh = set(rows.scalars())
            # A fact told twice in one batch takes effect once.
            once = list({envelope.id: facts for facts in run if (envelope := facts[0]).id in fresh}.values())
            for (type_, handler), facts in in_groups(once):
                with span(f"consume {type_}", parent=facts[0][0].trace, service=self._group):
                    if isinstance(handler, Together):
                        await handler.apply(uow, [event for _, event, _ in facts])
                    else:
                        for _, event, _ in facts:
                            await handler(uow, event)
        for envelope, _, _ in run:
            EVENTS.labels(self._group, envelope.type, "applied").inc()

    async def _work_off(self, stream: str, position: str, fields: dict[str, str] | None) -> None:
        beat()
        if fields is None:  # Trimmed from the stream while pending: the relay's replay brings it back.
            await self._settle(stream, position)
            return
        try:
            envelope = Envelope.from_fields(fields)
            event = envelope.open()
        except (KeyError, ValueError, ValidationError) as error:
            await self._set_aside(stream, position, fields, error)
            return
        handler = None if event is None else self._handlers.get(type(event))
        if handler is None:
            await self._settle(stream, position)
            return
        if self._is_held_up(stream, position, envelope.key):
            self._behind[stream, position] = envelope.key
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
            await self._fail(stream, position, envelope.key, fields, error)
            return
        EVENTS.labels(self._group, envelope.type, "applied" if fresh else "known").inc()
        await self._settle(stream, position)

    async def _settle(self, stream: str, position: str) -> None:
        await self._redis.xack(stream, self._group, position)
        self._failed.pop((stream, position), None)
        self._behind.pop((stream, position), None)

    async def _fail(self, stream: str, position: str, key: str, fields: dict[str, str], error: Exception) -> None:
        pending: Any = await self._redis.xpending_range(stream, self._group, min=position, max=position, count=1)
        tries = int(pending[0]["times_delivered"]) if pending else DELIVERIES
        if tries >= DELIVERIES:
            await self._set_aside(stream, position, fields, error)
            return
        self._failed[stream, position] = key
        await self._redis.xclaim(
            stream,
            self._group,
            self._name,
            min_idle_time=0,
            message_ids=[position],
            retrycount=tries + 1,
            justid=True,
        )

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

    async def _set_aside(self, stream: str, position: str, fields: dict[str, str], error: Exception) -> None:
        letter: dict[Any, Any] = fields | {
            "stream": stream,
            "position": position,
            "error": f"{type(error).__name__}: {error}"[:500],
        }
        await self._redis.xadd(dead_letters_of(self._group), letter)
        await self._settle(stream, position)
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
        """Read until cancelled, whenever no other reader of this service does; a lost Redis or database is waited for."""
        try:
            while True:
                try:
                    if await self._become_reader():
                        await self._read_on()
                    await rest(LEASE_MS / 10_000)
                except (RedisError, OSError, UnavailableError) as error:
                    log.warning("consumer_waits", service=self._group, error=str(error))
                    await rest(0.5)
        finally:
            # Not ended with the reader, or the place would stay taken until its lease ends. Whoever cancels again waits again: what
            # went on alone would open a connection that nobody is left to close.
            leaving = asyncio.create_task(self._resign())
            while not leaving.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait({leaving})

    async def _read_on(self) -> None:
        # What is remembered of pending facts may be out of date when another reader was at work, or Redis lost its data.
        self._failed.clear()
        self._behind.clear()
        await self.prepare()
        with contextlib.suppress(_LeaseLostError):
            while True:
                beat()
                await self._stay_reader()
                await self.take_over()
                await self.read()

    async def _become_reader(self) -> bool:
        taken = await self._redis.set(reader_of(self._group), self._token, nx=True, px=LEASE_MS)
        if taken or await self._redis.get(reader_of(self._group)) == self._token:
            self._renewed = time.monotonic()
            return True
        return False

    async def _stay_reader(self) -> None:
        """Renew the lease when a third of it has passed.

        Errors: _LeaseLostError when another reader has it.
        """
        if self._renewed == float("-inf") or time.monotonic() - self._renewed < LEASE_MS / 3_000:
            return
        if await self._redis.get(reader_of(self._group)) not in {self._token, None}:
            raise _LeaseLostError
        await self._redis.set(reader_of(self._group), self._token, px=LEASE_MS)
        self._renewed = time.monotonic()

    async def _resign(self) -> None:
        """Leave the place to the next reader at once."""
        with contextlib.suppress(RedisError, OSError):
            async with asyncio.timeout(LEASE_MS / 1_000):
                if await self._redis.get(reader_of(self._group)) == self._token:
                    await self._redis.delete(reader_of(self._group))


class _LeaseLostError(Exception):
    """Another reader works for this service now."""


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
    return count


async def list_dead_letters(redis: Redis, service: str, *, limit: int = 100) -> list[dict[str, str]]:
    """Return the oldest dead letters of a service, each with its error."""
    entries: Any = await redis.xrange(dead_letters_of(service), count=limit)
    return [{"letter": position, **fields} for position, fields in entries]
