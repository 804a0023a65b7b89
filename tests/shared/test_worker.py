"""A service's background half: its loops live apart, and it stops when told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy import text

from shared.ids import new_id
from shared.inbox import reader_of
from shared.kernel.clock import FixedClock
from shared.sweeps import Sweep
from shared.tasks import end_tasks
from shared.testing.clients import People
from shared.uow import UnitOfWork, unit_of_work
from shared.worker import Worker
from tests.shared.trial import NoteWritten, Trial


@contextlib.asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(worker.run())
    yield task
    await end_tasks([task])


async def until(condition: Callable[[], Awaitable[Any]]) -> None:
    async with asyncio.timeout(60):
        while not await condition():  # noqa: ASYNC110 - the condition is a row, which no event can be set from.
            await asyncio.sleep(0.02)


async def note(uow: UnitOfWork, heard: NoteWritten) -> None:
    await uow.session.execute(
        text("INSERT INTO trial.diary (community_id, id, line) VALUES (:c, :id, :line)"),
        {"c": uow.community_id, "id": uow.new_id(), "line": heard.words},
    )


async def tell(service: Trial, clock: FixedClock, community_id: UUID, words: str) -> None:
    async with unit_of_work(service.database, clock, community_id) as uow:
        uow.announce("k", NoteWritten(note_id=new_id(), words=words))


async def lines(service: Trial, community_id: UUID) -> list[str]:
    rows = await service.select("SELECT line FROM trial.diary WHERE community_id = :c ORDER BY id", c=community_id)
    return [row.line for row in rows]


async def test_fact_travels_from_commit_to_effect(
    service: Trial, redis: Redis, clock: FixedClock, people: People
) -> None:
    async with working(Worker(service.runtime, handlers={NoteWritten: note})):
        for words in ("一", "二", "三"):
            await tell(service, clock, people.community_id, words)
        await until(lambda: _has(service, people, 3))
    assert await lines(service, people.community_id) == ["一", "二", "三"]


async def _has(service: Trial, people: People, number: int) -> bool:
    return len(await lines(service, people.community_id)) >= number


async def test_loop_that_fails_is_started_again_and_stops_no_other(
    service: Trial, redis: Redis, clock: FixedClock, people: People
) -> None:
    ran: list[str] = []

    async def broken() -> None:
        ran.append("broken")
        raise ZeroDivisionError

    async def finished() -> None:
        ran.append("finished")

    async def find_due(*_: Any) -> Any:
        raise ZeroDivisionError

    async def act(*_: Any) -> None:
        ran.append("acted")

    worker = Worker(
        service.runtime,
        handlers={NoteWritten: note},
        sweeps=[Sweep("broken", find_due, act)],
        extra=[broken, finished],
    )
    async with working(worker) as task:
        await until(lambda: _at_least(ran, "broken", 2))
        await tell(service, clock, people.community_id, "照常")
        await until(lambda: _has(service, people, 1))
        assert not task.done()
    assert ran.count("finished") == 1
    assert "acted" not in ran


async def _at_least(ran: list[str], name: str, times: int) -> bool:
    return ran.count(name) >= times


async def test_stopped_worker_leaves_its_place_to_the_next(service: Trial, redis: Redis) -> None:
    async with working(Worker(service.runtime, handlers={NoteWritten: note})):
        await until(lambda: redis.get(reader_of("trial")))
    await until(lambda: _is_free(redis))


async def _is_free(redis: Redis) -> bool:
    return await redis.get(reader_of("trial")) is None


async def test_service_without_handlers_reads_nothing(service: Trial, redis: Redis) -> None:
    async with working(Worker(service.runtime)):
        await until(lambda: redis.get("relay:trial"))
    assert await redis.get(reader_of("trial")) is None
