"""What operators see of a service: read from where it is kept, so that it is true after a restart, too."""

from datetime import timedelta
from typing import Any
from urllib.request import urlopen

import pytest
from prometheus_client import REGISTRY
from pydantic import ValidationError
from redis.asyncio import Redis
from sqlalchemy import text

from shared.gauges import Count
from shared.ids import new_id
from shared.inbox import dead_letters_of, replay_dead_letters
from shared.kernel.clock import FixedClock
from shared.telemetry import WAITING, serve_metrics
from shared.testing.clients import People
from shared.uow import unit_of_work
from shared.worker import Worker
from tests.shared.conftest import NoteClient
from tests.shared.scrape import measured
from tests.shared.test_worker import until, working
from tests.shared.trial import NoteWritten, Trial, build


@pytest.fixture
async def worker(service: Trial, redis: Redis) -> Worker:
    """A worker of a service whose outbox is empty."""
    async with service.database.worker.begin() as connection:
        await connection.execute(text("DELETE FROM trial.outbox"))
    return Worker(service.runtime)


async def test_facts_that_wait_are_told_with_the_age_of_the_oldest(
    worker: Worker, service: Trial, clock: FixedClock, people: People, notes_for: NoteClient
) -> None:
    for _ in range(2):
        async with unit_of_work(service.database, clock, people.community_id) as uow:
            uow.announce("k", NoteWritten(note_id=new_id(), words="等着"))
        clock.advance(timedelta(minutes=3))

    told = await measured(worker, notes_for())
    assert (told["diyuan_outbox_waiting", ""], told["diyuan_outbox_lag_seconds", ""]) == (2, 360)
    while await worker.relay.publish(clock.now()):
        pass
    told = await measured(worker, notes_for())
    assert (told["diyuan_outbox_waiting", ""], told["diyuan_outbox_lag_seconds", ""]) == (0, 0)


async def test_dead_letters_are_those_that_lie_there(worker: Worker, redis: Redis, notes_for: NoteClient) -> None:
    for _ in range(3):
        await redis.xadd(
            dead_letters_of("trial"), {"stream": "events:trial", "position": "1-1", "error": "x", "id": "1"}
        )
    assert (await measured(worker, notes_for()))["diyuan_dead_letters", ""] == 3

    await replay_dead_letters(redis, "trial")

    assert (await measured(worker, notes_for()))["diyuan_dead_letters", ""] == 0


async def test_a_count_of_a_service_is_told_by_kind(service: Trial, redis: Redis, notes_for: NoteClient) -> None:
    numbers = {"note": 4, "letter": 0}

    async def ask(_session: Any, _now: Any) -> dict[str, int]:
        return numbers

    worker = Worker(service.runtime, counts=(Count(WAITING, ask),))
    told = await measured(worker, notes_for())
    assert (told["diyuan_waiting", "note"], told["diyuan_waiting", "letter"]) == (4, 0)
    numbers["note"] = 0
    assert (await measured(worker, notes_for()))["diyuan_waiting", "note"] == 0


async def test_a_worker_reads_its_gauges_by_itself(service: Trial, redis: Redis) -> None:
    told = new_id().hex

    async def ask(_session: Any, _now: Any) -> dict[str, int]:
        return {told: 7}

    async def is_told() -> bool:
        return REGISTRY.get_sample_value("diyuan_waiting", {"service": "trial", "what": told}) == 7

    async with working(Worker(service.runtime, counts=(Count(WAITING, ask),))):
        await until(is_told)


async def test_a_gauge_that_cannot_be_read_stops_nothing(service: Trial, redis: Redis, monkeypatch: Any) -> None:
    monkeypatch.setattr("shared.worker.MEASURING_SECONDS", 0.01)
    misses = [ConnectionRefusedError(), ConnectionRefusedError()]

    async def ask(_session: Any, _now: Any) -> dict[str, int]:
        if misses:
            raise misses.pop()
        return {"read_at_last": 1}

    async def is_told() -> bool:
        return REGISTRY.get_sample_value("diyuan_waiting", {"service": "trial", "what": "read_at_last"}) == 1

    async with working(Worker(service.runtime, counts=(Count(WAITING, ask),))) as task:
        await until(is_told)
        assert not task.done()


def test_a_worker_answers_on_an_address_of_its_own() -> None:
    WAITING.labels("trial", "behind_the_door").set(9)
    server = serve_metrics("127.0.0.1:0")
    assert server is not None
    try:
        with urlopen(f"http://127.0.0.1:{server.server_port}/metrics", timeout=60) as answer:
            told = answer.read().decode()
    finally:
        server.shutdown()
        server.server_close()
    assert 'diyuan_waiting{service="trial",what="behind_the_door"} 9.0' in told


def test_without_an_address_nothing_listens() -> None:
    assert serve_metrics(None) is None


@pytest.mark.parametrize("address", ["9000", "0.0.0.0", "0.0.0.0:", "a b:1", ""])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        build("postgresql://x", "redis://x", None, None, metrics_address=address)
