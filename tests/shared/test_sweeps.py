"""Deadlines: each acted on once, whoever sweeps, and none held up by its neighbour."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db import Database
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.errors import ConflictError, UnavailableError
from shared.sweeps import FIRST_RETRY, LONGEST_RETRY, Failing, Sweep, run_sweep, sweep_once
from shared.tasks import end_tasks
from shared.telemetry import OVERDUE, SWEPT
from shared.testing.clients import People
from shared.uow import DatabaseBusyError, UnitOfWork
from tests.shared.trial import NoteWritten, Trial


class Closing:
    """Closes notes whose time has come; words tell what goes wrong with which."""

    def __init__(self) -> None:
        self.tried: list[UUID] = []
        self.gate: asyncio.Barrier | None = None

    async def find_due(self, session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
        query = text(
            "SELECT community_id, id FROM trial.note WHERE state = 'open' AND due_at <= :now ORDER BY due_at LIMIT :limit"
        )
        found = (await session.execute(query, {"now": now, "limit": limit})).all()
        if self.gate is not None:
            await self.gate.wait()
        return [(row.community_id, row.id) for row in found]

    async def act(self, uow: UnitOfWork, note_id: UUID) -> None:
        query = text("SELECT words FROM trial.note WHERE id = :id AND state = 'open' FOR UPDATE SKIP LOCKED")
        row = (await uow.session.execute(query, {"id": note_id})).one_or_none()
        if row is None:
            return
        self.tried.append(note_id)
        await uow.session.execute(text("UPDATE trial.note SET state = 'closed' WHERE id = :id"), {"id": note_id})
        uow.announce(note_id, NoteWritten(note_id=note_id, words=row.words))
        if row.words == "拒绝":
            raise ConflictError
        if row.words == "出错":
            raise ZeroDivisionError
        if row.words == "忙":
            raise UnavailableError


@pytest.fixture
def closing() -> Closing:
    return Closing()


@pytest.fixture
def sweep(closing: Closing) -> Sweep:
    return Sweep(f"close_{new_id().hex}", closing.find_due, closing.act)


@pytest.fixture
async def add(service: Trial, clock: FixedClock, people: People) -> Any:
    """Return a writer of notes that fall due after some minutes."""
    async with service.database.worker.begin() as connection:
        await connection.execute(text("UPDATE trial.note SET state = 'closed'"))

    async def write(words: str, *, minutes: int = 0, community_id: UUID | None = None) -> UUID:
        note_id = new_id()
        async with service.database.worker.begin() as connection:
            await connection.execute(
                text(
                    "INSERT INTO trial.note (community_id, id, words, slot, due_at)"
                    " VALUES (:c, :id, :words, :slot, :due)"
                ),
                {
                    "c": community_id or people.community_id,
                    "id": note_id,
                    "words": words,
                    "slot": note_id.int % 2**31,
                    "due": clock.now() + timedelta(minutes=minutes),
                },
            )
        return note_id

    return write


async def states(service: Trial) -> dict[str, str]:
    rows = await service.select("SELECT words, state FROM trial.note WHERE due_at IS NOT NULL AND words LIKE '今%'")
    return {row.words: row.state for row in rows}


async def closed(service: Trial, note_id: UUID) -> bool:
    (row,) = await service.select("SELECT state FROM trial.note WHERE id = :id", id=note_id)
    return bool(row.state == "closed")


async def announced(service: Trial, note_id: UUID) -> int:
    return len(await service.select("SELECT 1 FROM trial.outbox WHERE key = :key", key=str(note_id)))


async def test_only_what_is_due_is_acted_on_in_every_community(
    service: Trial, clock: FixedClock, sweep: Sweep, add: Any, strangers: People
) -> None:
    due, later = await add("到期"), await add("未到", minutes=10)
    elsewhere = await add("别处到期", community_id=strangers.community_id)

    assert await sweep_once(service.database, clock, sweep) == 2
    assert [await closed(service, n) for n in (due, later, elsewhere)] == [True, False, True]
    clock.advance(timedelta(minutes=10))
    assert await sweep_once(service.database, clock, sweep) == 1
    assert await closed(service, later)
    assert await sweep_once(service.database, clock, sweep) == 0


async def test_two_sweepers_at_once_act_once(
    service: Trial, clock: FixedClock, sweep: Sweep, closing: Closing, add: Any
) -> None:
    notes = [await add(f"第{n}张") for n in range(10)]
    closing.gate = asyncio.Barrier(2)

    tried = await asyncio.gather(*(sweep_once(service.database, clock, sweep) for _ in range(2)))

    assert tried == [10, 10]
    assert sorted(closing.tried) == sorted(notes)
    assert [await announced(service, n) for n in notes] == [1] * 10


async def test_row_that_fails_does_not_stop_the_rest(service: Trial, clock: FixedClock, sweep: Sweep, add: Any) -> None:
    words = ["拒绝", "出错", "忙", "好"]
    notes = [await add(w, minutes=n - 9) for n, w in enumerate(words)]

    assert await sweep_once(service.database, clock, sweep) == 4

    assert [await closed(service, n) for n in notes] == [False, False, False, True]
    assert [await announced(service, n) for n in notes] == [0, 0, 0, 1]
    outcomes = {
        outcome: SWEPT.labels("trial", sweep.name, outcome)._value.get()
        for outcome in ("done", "refused", "failed", "postponed")
    }
    assert outcomes == {"done": 1, "refused": 1, "failed": 1, "postponed": 1}
    assert OVERDUE.labels("trial", sweep.name)._value.get() == 4


async def test_batch_is_bounded_and_the_oldest_come_first(
    service: Trial, clock: FixedClock, sweep: Sweep, closing: Closing, add: Any
) -> None:
    notes = [await add(f"第{n}张", minutes=-n) for n in range(5)]
    assert await sweep_once(service.database, clock, sweep, limit=2) == 2
    assert closing.tried == [notes[4], notes[3]]


async def test_rows_that_keep_failing_do_not_keep_the_others_waiting(
    service: Trial, clock: FixedClock, sweep: Sweep, closing: Closing, add: Any
) -> None:
    bad = [await add(word, minutes=-9) for word in ("拒绝", "出错", "拒绝")]
    good = [await add("好", minutes=-minutes) for minutes in (3, 2, 1)]
    failing = Failing()

    async def tried() -> list[UUID]:
        closing.tried.clear()
        assert await sweep_once(service.database, clock, sweep, limit=3, failing=failing) == len(closing.tried)
        return list(closing.tried)

    assert sorted(await tried()) == sorted(bad)
    assert await tried() == good
    assert await tried() == [], "too early to try them again"
    clock.advance(FIRST_RETRY)
    assert sorted(await tried()) == sorted(bad)
    clock.advance(FIRST_RETRY)
    assert await tried() == [], "each time they wait twice as long"
    clock.advance(LONGEST_RETRY)
    async with service.database.worker.begin() as connection:
        await connection.execute(text("UPDATE trial.note SET state = 'closed'"))
    assert await tried() == []
    assert failing.rows == {}, "what a person has settled is forgotten"


@pytest.mark.parametrize(("tries", "seconds"), [(1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (1_000, 300)])
def test_how_long_a_failing_row_waits(clock: FixedClock, tries: int, seconds: int) -> None:
    row, now, failing = (new_id(), new_id()), clock.now(), Failing()
    for _ in range(tries):
        failing.note(row, now)
    assert failing.waits(row, now + timedelta(seconds=seconds - 1))
    assert not failing.waits(row, now + timedelta(seconds=seconds))


async def test_loop_goes_on_after_a_database_that_was_away(
    service: Trial, clock: FixedClock, sweep: Sweep, closing: Closing, add: Any
) -> None:
    note = await add("终于")
    find, misses = closing.find_due, [DatabaseBusyError(), ConnectionRefusedError()]

    async def find_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
        if misses:
            raise misses.pop()
        return await find(session, now, limit)

    task = asyncio.create_task(
        run_sweep(service.database, clock, Sweep(sweep.name, find_due, closing.act), every_seconds=0.01)
    )
    async with asyncio.timeout(60):
        while not await closed(service, note):  # noqa: ASYNC110 - the condition is a row, which no event can be set from.
            await asyncio.sleep(0.01)
    await end_tasks([task])
    assert misses == []


async def test_finding_on_a_lost_database_is_told_as_busy(clock: FixedClock, sweep: Sweep) -> None:
    away = Database.connect("trial", "postgresql://nobody:x@127.0.0.1:1/none")
    with pytest.raises(DatabaseBusyError):
        await sweep_once(away, clock, sweep)
    await away.close()
