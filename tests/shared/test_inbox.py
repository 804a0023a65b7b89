"""From the stream to effects: each once, in order per key, and never stuck behind one that cannot work."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from shared import inbox
from shared.handlers import Together, in_groups
from shared.ids import new_id
from shared.inbox import Consumer, dead_letters_of, list_dead_letters, reader_of, replay_dead_letters
from shared.kernel.clock import FixedClock
from shared.kernel.errors import ConflictError, UnavailableError
from shared.outbox import Envelope, seal, stream_of
from shared.tasks import end_tasks
from shared.testing.clients import People
from shared.uow import UnitOfWork
from tests.shared.trial import NoteWritten, Trial

STREAM, GROUP = stream_of("trial"), "trial"


class Notebook:
    """What the handler does: writes the words into the database, unless told to fail first."""

    def __init__(self) -> None:
        self.failures: dict[str, list[Exception]] = {}
        self.before: Callable[[], Awaitable[None]] | None = None

    async def note(self, uow: UnitOfWork, heard: NoteWritten) -> None:
        if self.before is not None:
            await self.before()
        await uow.session.execute(
            text("INSERT INTO trial.diary (community_id, id, line) VALUES (:c, :id, :line)"),
            {"c": uow.community_id, "id": uow.new_id(), "line": heard.words},
        )
        if self.failures.get(heard.words):
            raise self.failures[heard.words].pop(0)


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


MakeReader = Callable[..., Awaitable[Consumer]]


@pytest.fixture
def reader(service: Trial, redis: Redis, clock: FixedClock, notebook: Notebook) -> MakeReader:
    """Return a maker of readers, each under a name of its own."""
    made = 0

    async def make() -> Consumer:
        nonlocal made
        made += 1
        consumer = Consumer(service.database, redis, clock, {NoteWritten: notebook.note}, name=f"reader-{made}")
        await consumer.prepare()
        return consumer

    return make


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "RETRY_MS", 0)


@pytest.fixture
def tell(redis: Redis, clock: FixedClock, people: People) -> Any:
    """Return a teller: puts a fact on the stream as the relay would and returns its envelope."""

    async def put(words: str, *, key: str = "one", **changes: str) -> Envelope:
        sealed = seal(
            NoteWritten(note_id=new_id(), words=words),
            id=new_id(),
            community_id=people.community_id,
            key=key,
            occurred_at=clock.now(),
            trace=None,
        )
        await redis.xadd(STREAM, sealed.to_fields() | changes)
        return sealed

    return put


@pytest.fixture
def diary(service: Trial, people: People) -> Callable[[], Awaitable[list[str]]]:
    async def read() -> list[str]:
        rows = await service.select(
            "SELECT line FROM trial.diary WHERE community_id = :c ORDER BY id", c=people.community_id
        )
        return [row.line for row in rows]

    return read


async def pending(redis: Redis) -> int:
    return int((await redis.xpending(STREAM, GROUP))["pending"])


@contextlib.asynccontextmanager
async def running(*consumers: Consumer) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(consumer.run()) for consumer in consumers]
    yield tasks
    await end_tasks(tasks)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - the condition is a row, which no event can be set from.
            await asyncio.sleep(0.02)


async def test_new_service_hears_the_whole_story(reader: MakeReader, tell: Any, diary: Any, redis: Redis) -> None:
    for words in ("一", "二", "三"):
        await tell(words)
    consumer = await reader()
    assert await consumer.read(block_ms=None) == 3
    assert await diary() == ["一", "二", "三"]
    assert await pending(redis) == 0


async def test_second_copy_has_no_effect(reader: MakeReader, tell: Any, diary: Any, redis: Redis) -> None:
    sealed = await tell("一次")
    await redis.xadd(STREAM, sealed.to_fields())
    assert await (await reader()).read(block_ms=None) == 2
    assert await diary() == ["一次"]
    assert await pending(redis) == 0


async def test_reader_that_died_before_acknowledging_does_no_harm(
    reader: MakeReader, tell: Any, diary: Any, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell("生效了")
    first = await reader()

    async def die(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        # The process ends between the effect and its acknowledgement.
        dying.setattr(redis, "xack", die)
        with pytest.raises(SystemExit):
            await first.read(block_ms=None)
    assert (await diary(), await pending(redis)) == (["生效了"], 1)

    second = await reader()
    assert await second.take_over() == 1
    assert (await diary(), await pending(redis)) == (["生效了"], 0)


async def test_failed_effect_leaves_nothing_and_is_tried_again(
    reader: MakeReader, tell: Any, diary: Any, redis: Redis, notebook: Notebook
) -> None:
    await tell("第二次才行")
    notebook.failures["第二次才行"] = [ConflictError()]
    consumer = await reader()

    await consumer.read(block_ms=None)
    assert (await diary(), await pending(redis)) == ([], 1)
    await consumer.take_over()
    assert (await diary(), await pending(redis)) == (["第二次才行"], 0)


async def test_poison_is_set_aside_and_can_be_played_again(
    reader: MakeReader, tell: Any, diary: Any, redis: Redis, notebook: Notebook
) -> None:
    await tell("毒", key="poisoned")
    await tell("好", key="sound")
    notebook.failures["毒"] = [ValueError("cannot digest")] * inbox.DELIVERIES
    consumer = await reader()

    await consumer.read(block_ms=None)
    assert await diary() == ["好"]
    for attempt in range(2, inbox.DELIVERIES + 1):
        assert await redis.xlen(dead_letters_of(GROUP)) == 0, attempt
        assert await consumer.take_over() == 1
    (letter,) = await list_dead_letters(redis, GROUP)
    assert letter["error"] == "ValueError: cannot digest"
    assert letter["stream"] == STREAM
    assert await pending(redis) == 0

    assert await replay_dead_letters(redis, GROUP) == 1
    await consumer.read(block_ms=None)
    assert await diary() == ["好", "毒"]
    assert await redis.xlen(dead_letters_of(GROUP)) == 0
    assert await replay_dead_letters(redis, GROUP) == 0


async def test_replayed_letter_that_took_effect_after_all_is_dropped(
    reader: MakeReader, tell: Any, diary: Any, redis: Redis
) -> None:
    sealed = await tell("已生效")
    consumer = await reader()
    await consumer.read(block_ms=None)
    await redis.xadd(dead_letters_of(GROUP), sealed.to_fields() | {"stream": STREAM, "position": "1-1", "error": "x"})
    await replay_dead_letters(redis, GROUP)
    await consumer.read(block_ms=None)
    assert await diary() == ["已生效"]


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "not-an-id"},
        {"payload": "{"},
        {"payload": '{"words": 5}'},
        {"occurred_at": "yesterday"},
        {"version": "one"},
    ],
    ids=lambda c: next(iter(c)),
)
async def test_entry_nobody_can_read_is_set_aside_at_once(
    reader: MakeReader, tell: Any, diary: Any, redis: Redis, changes: dict[str, str]
) -> None:
    await tell("坏", **changes)
    await tell("好")
    await (await reader()).read(block_ms=None)
    assert await diary() == ["好"]
    assert len(await list_dead_letters(redis, GROUP)) == 1
    assert await pending(redis) == 0


@pytest.mark.parametrize("changes", [{"type": "trial.unheard_of"}, {"version": "2"}], ids=["type", "version"])
async def test_fact_this_code_does_not_know_is_acknowledged(
    reader: MakeReader, tell: Any, diary: Any, redis: Redis, changes: dict[str, str]
) -> None:
    await tell("以后才懂", **changes)
    assert await (await reader()).read(block_ms=None) == 1
    assert (await diary(), await pending(redis)) == ([], 0)
    assert await redis.xlen(dead_letters_of(GROUP)) == 0


async def test_later_fact_of_a_key_waits_behind_the_one_that_failed(
    reader: MakeReader, tell: Any, diary: Any, notebook: Notebook, redis: Redis
) -> None:
    await tell("甲一", key="a")
    await tell("甲二", key="a")
    await tell("乙一", key="b")
    notebook.failures["甲一"] = [ConflictError(), ConflictError()]
    consumer = await reader()

    await consumer.read(block_ms=None)
    assert await diary() == ["乙一"]
    await tell("甲三", key="a")
    await consumer.read(block_ms=None)
    assert await diary() == ["乙一"]
    await consumer.take_over()
    await consumer.take_over()
    assert await diary() == ["乙一", "甲一", "甲二", "甲三"]
    assert await pending(redis) == 0


async def test_waiting_behind_another_counts_against_nobody(
    reader: MakeReader, tell: Any, diary: Any, notebook: Notebook, redis: Redis
) -> None:
    await tell("毒", key="a")
    await tell("跟在后面", key="a")
    notebook.failures = {"毒": [ConflictError()] * inbox.DELIVERIES, "跟在后面": [ConflictError()]}
    consumer = await reader()

    await consumer.read(block_ms=None)
    for _ in range(inbox.DELIVERIES + 1):
        await consumer.take_over()

    assert await diary() == ["跟在后面"]
    assert [letter["key"] for letter in await list_dead_letters(redis, GROUP)] == ["a"]


async def test_busy_database_counts_against_nobody_and_keeps_the_order(
    reader: MakeReader, tell: Any, diary: Any, notebook: Notebook, redis: Redis
) -> None:
    for words in ("一", "二"):
        await tell(words)
    notebook.failures["一"] = [UnavailableError()] * (inbox.DELIVERIES + 2)
    consumer = await reader()
    with pytest.raises(UnavailableError):
        await consumer.read(block_ms=None)
    await tell("三")
    async with running(consumer):
        await until(lambda: _is(diary, ["一", "二", "三"]), 20)
    assert await redis.xlen(dead_letters_of(GROUP)) == 0


async def _is(read: Callable[[], Awaitable[list[str]]], lines: list[str]) -> bool:
    return await read() == lines


async def test_failed_fact_waits_longer_each_time(
    reader: MakeReader, tell: Any, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "RETRY_MS", 60_000)
    await tell("慢慢来")
    notebook.failures["慢慢来"] = [ConflictError()]
    consumer = await reader()
    await consumer.read(block_ms=None)
    assert await consumer.take_over() == 0
    monkeypatch.setattr(inbox, "RETRY_MS", 0)
    assert await consumer.take_over() == 1


async def test_one_reader_works_and_the_other_follows_when_it_leaves(
    reader: MakeReader, tell: Any, diary: Any, redis: Redis
) -> None:
    first, second = await reader(), await reader()
    async with running(first) as (task,):
        await tell("一")
        await until(lambda: _is(diary, ["一"]))
        async with running(second):
            await asyncio.sleep(0.2)
            assert await redis.get(reader_of(GROUP)) == first._token
            await end_tasks([task])
            await tell("二")
            await until(lambda: _is(diary, ["一", "二"]))
            assert await redis.get(reader_of(GROUP)) == second._token


async def test_reader_ends_only_when_it_has_left_however_often_it_is_cancelled(
    reader: MakeReader, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer, may_leave = await reader(), asyncio.Event()
    resign = consumer._resign

    async def resign_slowly() -> None:
        await may_leave.wait()
        await resign()

    async def is_reader() -> bool:
        return bool(await redis.get(reader_of(GROUP)) == consumer._token)

    monkeypatch.setattr(consumer, "_resign", resign_slowly)
    task = asyncio.create_task(consumer.run())
    await until(is_reader)
    for _ in range(3):
        task.cancel()
        await asyncio.wait({task}, timeout=0.05)
    assert not task.done(), "what it still does would outlive its connections"
    may_leave.set()
    await end_tasks([task])
    assert not await is_reader()


async def test_reader_whose_place_was_taken_stops_reading(
    reader: MakeReader, tell: Any, diary: Any, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "LEASE_MS", 300)
    consumer = await reader()
    async with running(consumer):
        await tell("一")
        await until(lambda: _is(diary, ["一"]))
        await redis.set(reader_of(GROUP), "somebody else")
        await asyncio.sleep(1.5)  # Longer than one blocking read: whatever it had begun is over.
        await tell("二")
        await asyncio.sleep(0.3)
        assert await diary() == ["一"]
        await redis.delete(reader_of(GROUP))
        await until(lambda: _is(diary, ["一", "二"]))


async def test_emptied_redis_is_joined_again(reader: MakeReader, tell: Any, diary: Any, redis: Redis) -> None:
    consumer = await reader()
    async with running(consumer):
        sealed = await tell("一")
        await until(lambda: _is(diary, ["一"]))
        await redis.flushall()
        await redis.xadd(STREAM, sealed.to_fields())
        await tell("二")
        await until(lambda: _is(diary, ["一", "二"]))


async def test_effect_belongs_to_the_community_of_the_fact(
    reader: MakeReader, tell: Any, diary: Any, service: Trial, strangers: People
) -> None:
    await tell("别的社区", community_id=str(strangers.community_id))
    await (await reader()).read(block_ms=None)
    rows = await service.select("SELECT line FROM trial.diary WHERE community_id = :c", c=strangers.community_id)
    assert ([row.line for row in rows], await diary()) == (["别的社区"], [])


async def test_known_ids_are_forgotten_after_every_replay_is_past(
    reader: MakeReader, tell: Any, clock: FixedClock, service: Trial, people: People
) -> None:
    async def known() -> list[Any]:
        return await service.select("SELECT event_id FROM trial.inbox WHERE community_id = :c", c=people.community_id)

    sealed = await tell("记住")
    consumer = await reader()
    await consumer.read(block_ms=None)
    await consumer.purge(clock.now() + inbox.KEEP - timedelta(seconds=1))
    assert [row.event_id for row in await known()] == [sealed.id]
    await consumer.purge(clock.now() + inbox.KEEP + timedelta(seconds=1))
    assert await known() == []


def test_streams_follow_from_the_handlers(service: Trial, redis: Redis, clock: FixedClock, notebook: Notebook) -> None:
    from shared.contracts.events import HouseholdRegistered, RoleGranted

    handlers = {NoteWritten: notebook.note, HouseholdRegistered: notebook.note, RoleGranted: notebook.note}
    consumer = Consumer(service.database, redis, clock, handlers, name="x")
    assert consumer.streams == ["events:identity", "events:trial"]


async def test_many_facts_are_applied_together_each_once(
    reader: MakeReader, tell: Any, diary: Any, redis: Redis
) -> None:
    first = await tell("第 0 件")
    for number in range(1, 30):
        await tell(f"第 {number} 件")
    await redis.xadd(STREAM, first.to_fields())
    consumer = await reader()

    assert await consumer.read(block_ms=None) == 31
    assert (await diary(), await pending(redis)) == ([f"第 {number} 件" for number in range(30)], 0)


async def test_handler_of_many_hears_them_in_groups_and_each_key_in_order(
    service: Trial, redis: Redis, clock: FixedClock, tell: Any
) -> None:
    heard: list[list[str]] = []

    async def note(_uow: UnitOfWork, facts: Sequence[NoteWritten]) -> None:
        heard.append([fact.words for fact in facts])

    consumer = Consumer(service.database, redis, clock, {NoteWritten: Together(note)}, name="together")
    await consumer.prepare()
    for number in range(12):
        await tell(str(number), key=str(number % 3))
    await consumer.read(block_ms=None)
    assert heard == [[str(number) for number in range(12)]]
    await tell("一件")
    await consumer.read(block_ms=None)
    assert heard[1:] == [["一件"]]


def test_groups_keep_the_order_of_each_key() -> None:
    async def handler(_uow: UnitOfWork, _fact: Any) -> None: ...

    def told(type_: str, key: str) -> Any:
        return SimpleNamespace(type=type_, key=key), f"{type_}{key}", handler

    run = [
        told("H", "1"),
        told("R", "1"),
        told("R", "1"),
        told("H", "2"),
        told("R", "2"),
        told("L", "1"),
        told("R", "1"),
    ]
    groups = [[event for _, event, _ in facts] for _, facts in in_groups(run)]
    assert groups == [["H1", "H2"], ["R1", "R1", "R2"], ["L1"], ["R1"]]


async def test_one_bad_fact_among_many_spoils_only_itself(
    reader: MakeReader, tell: Any, diary: Any, redis: Redis, notebook: Notebook
) -> None:
    for number in range(12):
        await tell(f"第 {number} 件", key=str(number))
    # Once in the batch that is then split, once when it is its own turn.
    notebook.failures["第 5 件"] = [ConflictError(), ConflictError()]
    consumer = await reader()

    await consumer.read(block_ms=None)
    assert await pending(redis) == 1
    assert sorted(await diary()) == sorted(f"第 {number} 件" for number in range(12) if number != 5)
    await consumer.take_over()
    assert (len(await diary()), await pending(redis)) == (12, 0)
