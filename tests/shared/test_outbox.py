"""From committed rows to the stream: in order, by one relay at a time, and again when Redis lost them."""

import contextlib
import shutil
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import text

from launcher.embedded import EmbeddedValkey
from shared import outbox
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.outbox import Envelope, Relay, seal, stream_of
from shared.runtime import connect_redis
from shared.testing.clients import People
from shared.uow import unit_of_work
from tests.shared.trial import NoteWritten, Trial, gathered

STREAM = stream_of("trial")


@pytest.fixture(autouse=True)
async def _nothing_waits(service: Trial) -> None:
    async with service.database.worker.begin() as connection:
        await connection.execute(text("DELETE FROM trial.outbox"))


@pytest.fixture
def relay(service: Trial, redis: Redis) -> Relay:
    return Relay(service.database, redis)


async def announce(service: Trial, clock: FixedClock, community_id: UUID, *words: str, key: str = "one") -> None:
    async with unit_of_work(service.database, clock, community_id) as uow:
        for word in words:
            uow.announce(key, NoteWritten(note_id=new_id(), words=word))


async def heard(redis: Redis) -> list[str]:
    """Return the words of every entry on the stream, in its order."""
    entries: Any = await redis.xrange(STREAM)
    return [Envelope.from_fields(fields).open().words for _, fields in entries]


async def publish_all(relay: Relay, clock: FixedClock) -> int:
    total = 0
    while published := await relay.publish(clock.now()):
        total += published
    return total


def test_envelope_survives_the_stream(clock: FixedClock, people: People) -> None:
    event = NoteWritten(note_id=new_id(), words='引号"和\n换行')
    sealed = seal(
        event, id=new_id(), community_id=people.community_id, key="k", occurred_at=clock.now(), trace="00-ab-cd-01"
    )
    read = Envelope.from_fields(sealed.to_fields())
    assert read == sealed
    assert read.open() == event


def test_field_a_reader_does_not_know_is_ignored(clock: FixedClock, people: People) -> None:
    sealed = seal(
        NoteWritten(note_id=new_id(), words="x"),
        id=new_id(),
        community_id=people.community_id,
        key="k",
        occurred_at=clock.now(),
        trace=None,
    )
    fields = sealed.to_fields()
    fields["payload"] = fields["payload"].replace("{", '{"added_later": 1, ', 1)
    fields["added_later"] = "too"
    assert Envelope.from_fields(fields).open().words == "x"


@pytest.mark.parametrize(("type_", "version"), [("trial.unheard_of", 1), ("trial.note_written", 99)])
def test_type_or_version_nobody_knows_opens_to_nothing(
    clock: FixedClock, people: People, type_: str, version: int
) -> None:
    assert Envelope(new_id(), type_, version, people.community_id, "k", clock.now(), {}).open() is None


async def test_batches_leave_in_the_order_told(
    relay: Relay, service: Trial, redis: Redis, clock: FixedClock, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "BATCH", 3)
    words = [f"第{n}件" for n in range(8)]
    for word in words:
        await announce(service, clock, people.community_id, word)

    assert (await relay.backlog())[0] == 8
    assert [await relay.publish(clock.now()) for _ in range(4)] == [3, 3, 2, 0]
    assert await heard(redis) == words
    assert (await relay.backlog())[0] == 0


async def test_facts_leave_in_the_order_of_their_transactions_whatever_their_ids_say(
    relay: Relay, service: Trial, redis: Redis, clock: FixedClock, people: People
) -> None:
    """Another process has another clock, and a function of the database makes ids of its own."""
    words = ["先", "再", "后"]
    ids = sorted((new_id() for _ in words), reverse=True)
    for word, id_ in zip(words, ids, strict=True):
        fact = NoteWritten(note_id=new_id(), words=word)
        told = seal(fact, id=id_, community_id=people.community_id, key="one", occurred_at=clock.now(), trace=None)
        async with unit_of_work(service.database, clock, people.community_id) as uow:
            await outbox.save(uow.session, "trial", [told])

    await publish_all(relay, clock)

    assert await heard(redis) == words


async def test_nothing_uncommitted_leaves(
    relay: Relay, service: Trial, redis: Redis, clock: FixedClock, people: People
) -> None:
    async with unit_of_work(service.database, clock, people.community_id) as uow:
        uow.announce("k", NoteWritten(note_id=new_id(), words="晚提交"))
        await uow.flush()
        await announce(service, clock, people.community_id, "先提交")
        assert await publish_all(relay, clock) == 1
    assert await publish_all(relay, clock) == 1
    assert await heard(redis) == ["先提交", "晚提交"]


async def test_two_relays_publish_each_fact_once(
    service: Trial, redis: Redis, clock: FixedClock, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "BATCH", 5)
    words = [f"第{n}件" for n in range(40)]
    await announce(service, clock, people.community_id, *words)
    relays = [Relay(service.database, redis) for _ in range(2)]

    async def work(relay: Relay) -> int:
        return sum([await relay.publish(clock.now()) for _ in range(30)])

    counts = await gathered(*(work(relay) for relay in relays))

    assert sum(counts) == 40
    assert await heard(redis) == words


async def test_relay_lock_is_free_again_after_a_crash(
    relay: Relay, service: Trial, redis: Redis, clock: FixedClock, people: People
) -> None:
    await announce(service, clock, people.community_id, "等着")
    async with service.database.worker.connect() as other:
        await other.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('relay:trial', 0))"))
        assert await relay.publish(clock.now()) == 0
        await other.invalidate()  # as a process that died
    assert await publish_all(relay, clock) == 1
    assert await heard(redis) == ["等着"]


async def test_crash_between_stream_and_mark_says_it_twice_with_one_id(
    relay: Relay, service: Trial, redis: Redis, clock: FixedClock, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    await announce(service, clock, people.community_id, "说两遍")
    write = relay._write

    async def write_and_die(envelopes: Any) -> Any:
        await write(envelopes)
        raise SystemExit

    monkeypatch.setattr(relay, "_write", write_and_die)
    with pytest.raises(SystemExit):
        await relay.publish(clock.now())
    assert await Relay(service.database, redis).publish(clock.now()) == 1

    entries: Any = await redis.xrange(STREAM)
    assert await heard(redis) == ["说两遍", "说两遍"]
    assert len({fields["id"] for _, fields in entries}) == 1


async def test_emptied_redis_is_filled_again(
    relay: Relay, service: Trial, redis: Redis, clock: FixedClock, people: People
) -> None:
    await announce(service, clock, people.community_id, "一", "二")
    assert await publish_all(relay, clock) == 2
    await redis.flushall()
    await announce(service, clock, people.community_id, "三")

    await publish_all(relay, clock)

    assert await heard(redis) == ["一", "二", "三"]


async def test_only_what_was_lost_is_said_again(
    relay: Relay, service: Trial, redis: Redis, clock: FixedClock, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restored snapshot holds the beginning and lacks the end."""
    monkeypatch.setattr(outbox, "BATCH", 3)
    await announce(service, clock, people.community_id, *(f"第{n}件" for n in range(10)))
    await publish_all(relay, clock)
    entries: Any = await redis.xrange(STREAM)
    await redis.xdel(STREAM, *(position for position, _ in entries[-4:]))
    await redis.delete(outbox.mark_of("trial"))

    assert await publish_all(relay, clock) == 4
    assert await heard(redis) == [f"第{n}件" for n in range(10)]


async def test_trimmed_beginning_is_not_taken_for_lost(
    relay: Relay, service: Trial, redis: Redis, clock: FixedClock, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "BATCH", 3)
    await announce(service, clock, people.community_id, *(f"第{n}件" for n in range(10)))
    await publish_all(relay, clock)
    await redis.xtrim(STREAM, maxlen=5, approximate=False)
    await redis.delete(outbox.mark_of("trial"))
    assert await publish_all(relay, clock) == 0


async def test_facts_older_than_the_recovery_are_left_alone(
    relay: Relay, service: Trial, redis: Redis, clock: FixedClock, people: People
) -> None:
    await announce(service, clock, people.community_id, "很久以前")
    await publish_all(relay, clock)
    await redis.flushall()
    clock.advance(outbox.RECOVERED + timedelta(seconds=1))
    assert await publish_all(relay, clock) == 0


async def test_redis_restarted_without_its_data(service: Trial, clock: FixedClock, people: People) -> None:
    with EmbeddedValkey.temporary() as server:
        client = connect_redis(server.url)
        relay = Relay(service.database, client)
        await announce(service, clock, people.community_id, "一", "二")
        assert await publish_all(relay, clock) == 2
        server.kill()
        shutil.rmtree(server.files)
        server.start()
        await announce(service, clock, people.community_id, "三")

        # The first try meets the connection that died with the server; a worker waits and tries again.
        with contextlib.suppress(RedisConnectionError):
            await relay.publish(clock.now())
        await publish_all(relay, clock)

        assert await heard(client) == ["一", "二", "三"]
        await client.aclose()


async def test_batch_written_to_a_redis_that_came_back_empty_is_not_marked(
    relay: Relay, service: Trial, redis: Redis, clock: FixedClock, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis loses its data between the relay's look and its write; the write itself succeeds, on an empty server."""
    await announce(service, clock, people.community_id, "一")
    await publish_all(relay, clock)
    await announce(service, clock, people.community_id, "二")
    write = relay._write

    async def lose_and_write(envelopes: Any) -> Any:
        monkeypatch.setattr(relay, "_write", write)
        await redis.flushall()
        return await write(envelopes)

    monkeypatch.setattr(relay, "_write", lose_and_write)
    assert await relay.publish(clock.now()) == 0
    await publish_all(relay, clock)
    assert set(await heard(redis)) == {"一", "二"}


async def test_published_facts_are_kept_for_a_while(
    relay: Relay, service: Trial, clock: FixedClock, people: People
) -> None:
    await announce(service, clock, people.community_id, "旧")
    await publish_all(relay, clock)
    await announce(service, clock, people.community_id, "还没发")
    assert await relay.purge(clock.now() + outbox.KEEP - timedelta(seconds=1)) == 0
    assert await relay.purge(clock.now() + outbox.KEEP + timedelta(seconds=1)) == 1
    assert (await relay.backlog())[0] == 1
