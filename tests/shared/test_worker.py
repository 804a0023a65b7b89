"""A service's background half: its loops live apart, and it stops when told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen
from uuid import UUID

from prometheus_client import REGISTRY
from redis.asyncio import Redis
from sqlalchemy import text

from shared.heartbeats import PATIENCE_SECONDS, Heartbeats, beat, rest
from shared.ids import new_id
from shared.inbox import reader_of
from shared.kernel.clock import FixedClock
from shared.sweeps import Sweep, sweep_once
from shared.tasks import end_tasks
from shared.telemetry import serve_metrics
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


class Stopwatch:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def healthz(url: str) -> tuple[int, str]:
    try:
        with urlopen(url, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode()


async def test_a_loop_that_hangs_is_told_to_whoever_asks_whether_the_worker_lives(service: Trial, redis: Redis) -> None:
    stopwatch = Stopwatch()
    ran: list[str] = []

    async def hang() -> None:
        await asyncio.Event().wait()

    async def fail() -> None:
        ran.append("failed")
        raise ZeroDivisionError

    async def end() -> None:
        return

    async def nothing_due(*_: Any) -> Any:
        return []

    quiet = Sweep("quiet", nothing_due, nothing_due)
    worker = Worker(
        service.runtime, handlers={NoteWritten: note}, sweeps=[quiet], extra=[hang, fail, end], monotonic=stopwatch
    )
    server = serve_metrics("127.0.0.1:0", stuck=worker.heartbeats.stuck)
    assert server is not None
    url = f"http://127.0.0.1:{server.server_port}/healthz"
    try:
        async with working(worker):
            await until(lambda: _at_least(ran, "failed", 2))
            stopwatch.seconds = PATIENCE_SECONDS
            assert await asyncio.to_thread(healthz, url) == (200, "ok"), "long work is no reason"
            stopwatch.seconds += 1
            # The relay, the consumer, the sweep and even the loop that always fails come round; those that sleep long are let be.
            await until(lambda: _is(worker.heartbeats.stuck, ["extra 0"]))
            assert await asyncio.to_thread(healthz, url) == (503, "extra 0")
            silent = {"service": "trial", "loop": "extra 0"}
            assert REGISTRY.get_sample_value("diyuan_loop_silent_seconds", silent) == PATIENCE_SECONDS + 1
        assert worker.heartbeats.stuck() == [], "of a worker that was stopped nothing is expected"
        assert REGISTRY.get_sample_value("diyuan_loop_silent_seconds", silent) is None
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()


async def _is(asked: Callable[[], list[str]], told: list[str]) -> bool:
    return asked() == told


async def test_long_work_in_pieces_and_long_sleep_are_no_silence(
    service: Trial, clock: FixedClock, people: People
) -> None:
    stopwatch = Stopwatch()
    heartbeats = Heartbeats("trial", stopwatch)
    heartbeats.watch("nightly")
    try:
        silent: list[float] = []

        async def three_due(*_: Any) -> Any:
            return [(people.community_id, new_id()) for _ in range(3)]

        async def take_long(*_: Any) -> None:
            stopwatch.seconds += PATIENCE_SECONDS - 1
            silent.append(heartbeats.silence("nightly"))

        await sweep_once(service.database, clock, Sweep("nightly", three_due, take_long))
        assert silent == [PATIENCE_SECONDS - 1] * 3
        resting = asyncio.create_task(rest(3_600))
        await asyncio.sleep(0)
        stopwatch.seconds += 3_600 + PATIENCE_SECONDS
        assert heartbeats.stuck() == []
        stopwatch.seconds += 1
        assert heartbeats.stuck() == ["nightly"]
        beat()
        assert heartbeats.stuck() == []
        await end_tasks([resting])
    finally:
        heartbeats.release("nightly")


async def test_beats_outside_of_a_worker_go_nowhere() -> None:
    beat()
    await rest(0)
