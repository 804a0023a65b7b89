"""The unit of work: commit before the answer, facts with their change, the database's refusals in our words."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared.db import Database
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.errors import DomainError
from shared.testing.clients import People, Signer
from shared.uow import DatabaseBusyError, unit_of_work
from tests.shared import trial
from tests.shared.conftest import NoteClient
from tests.shared.trial import NoteWritten, SlotTakenError, Trial

NOTES = "/api/v1/trial/notes"
INSERT = text("INSERT INTO trial.note (community_id, id, words, slot) VALUES (:community_id, :id, :words, :slot)")


async def write(database: Database, clock: FixedClock, community_id: UUID, slot: int, words: str = "一盏灯") -> UUID:
    async with unit_of_work(database, clock, community_id) as uow:
        note_id = uow.new_id()
        await uow.session.execute(INSERT, {"community_id": community_id, "id": note_id, "words": words, "slot": slot})
        uow.announce(note_id, NoteWritten(note_id=note_id, words=words))
    return note_id


async def count(service: Trial, table: str, community_id: UUID) -> int:
    rows = await service.select(f"SELECT count(*) FROM trial.{table} WHERE community_id = :c", c=community_id)
    return int(rows[0][0])


async def test_commit_that_fails_does_not_answer_success(notes_for: NoteClient, people: People, service: Trial) -> None:
    """The slot's constraint is deferred: it speaks at COMMIT, after the handler has made its answer."""
    client = notes_for(people.staff())
    first = await client.post(NOTES, json={"words": "第一张", "slot": 3})

    second = await client.post(NOTES, json={"words": "第二张", "slot": 3})

    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "trial.slot_taken")
    assert await count(service, "note", people.community_id) == 1
    assert await count(service, "outbox", people.community_id) == 1


async def test_answer_is_sent_after_the_commit(notes_for: NoteClient, people: People, service: Trial) -> None:
    """Whoever has the answer can rely on it: another connection already sees the row."""
    response = await notes_for(people.staff()).post(NOTES, json={"words": "已经写下", "slot": 1})

    found = await service.select("SELECT words FROM trial.note WHERE id = :id", id=UUID(response.json()["id"]))
    assert [row.words for row in found] == ["已经写下"]


async def test_facts_leave_with_the_commit(service: Trial, clock: FixedClock, people: People) -> None:
    note_id = await write(service.database, clock, people.community_id, 1)

    (fact,) = await service.select("SELECT * FROM trial.outbox WHERE community_id = :c", c=people.community_id)
    assert (fact.type, fact.version, fact.key) == ("trial.note_written", 1, str(note_id))
    assert fact.payload == {"note_id": str(note_id), "words": "一盏灯"}
    assert fact.occurred_at == clock.now()
    assert fact.published_at is None


async def test_facts_vanish_with_a_rollback(service: Trial, clock: FixedClock, people: People) -> None:
    async def change_and_fail() -> None:
        async with unit_of_work(service.database, clock, people.community_id) as uow:
            uow.announce("one", NoteWritten(note_id=new_id(), words="一"))
            await uow.flush()
            uow.announce("two", NoteWritten(note_id=new_id(), words="二"))
            _ = 1 / 0

    with pytest.raises(ZeroDivisionError):
        await change_and_fail()

    assert await count(service, "outbox", people.community_id) == 0


async def test_forgotten_facts_are_not_told(service: Trial, clock: FixedClock, people: People) -> None:
    async with unit_of_work(service.database, clock, people.community_id) as uow:
        uow.announce("one", NoteWritten(note_id=new_id(), words="一"))
        uow.forget_announcements()
        uow.announce("two", NoteWritten(note_id=new_id(), words="二"))

    facts = await service.select("SELECT key FROM trial.outbox WHERE community_id = :c", c=people.community_id)
    assert [fact.key for fact in facts] == ["two"]


async def test_named_constraint_is_told_as_its_refusal(service: Trial, clock: FixedClock, people: People) -> None:
    await write(service.database, clock, people.community_id, 5)
    with pytest.raises(SlotTakenError):
        await write(service.database, clock, people.community_id, 5)


async def test_constraint_nobody_named_stays_a_defect(service: Trial, clock: FixedClock, people: People) -> None:
    with pytest.raises(IntegrityError):
        await write(service.database, clock, people.community_id, 1, words="没有名字的约束")


async def test_refusal_of_a_function_brings_its_facts(notes_for: NoteClient, people: People) -> None:
    response = await notes_for(people.staff()).post(NOTES, json={"words": "函数拒绝", "slot": 1})

    assert (response.status_code, response.json()["code"]) == (409, "trial.refused")
    assert response.json()["detail"] == "不收“函数”。"


async def test_only_the_named_community_exists(
    service: Trial, clock: FixedClock, people: People, strangers: People
) -> None:
    await write(service.database, clock, people.community_id, 1)
    count_all = text("SELECT count(*) FROM trial.note")
    async with unit_of_work(service.database, clock, strangers.community_id) as uow:
        assert (await uow.session.execute(count_all)).scalar_one() == 0
    with pytest.raises(Exception, match="row-level security"):
        async with unit_of_work(service.database, clock, strangers.community_id) as uow:
            await uow.session.execute(
                INSERT, {"community_id": people.community_id, "id": new_id(), "words": "越界", "slot": 9}
            )


async def test_tenant_does_not_leak_into_the_next_use_of_a_connection(
    service: Trial, clock: FixedClock, people: People
) -> None:
    await write(service.database, clock, people.community_id, 1)
    for _ in range(service.runtime.settings.pool_size + 1):
        async with service.database.app.connect() as connection:
            assert (await connection.execute(text("SELECT count(*) FROM trial.note"))).scalar_one() == 0


async def test_lock_timeout_is_answered_with_retry_after(notes_for: NoteClient, people: People, service: Trial) -> None:
    async with trial.lock_held(service.database):
        response = await notes_for(people.staff()).get("/api/v1/trial/slow")

    assert (response.status_code, response.json()["code"]) == (503, "database_busy")
    assert int(response.headers["retry-after"]) > 0
    assert (await notes_for(people.staff()).get("/api/v1/trial/slow")).json() == {"waited": "yes"}


async def test_deadlock_fails_one_side_as_busy_and_lets_the_other_finish(
    service: Trial, clock: FixedClock, people: People
) -> None:
    both_hold_one = asyncio.Barrier(2)

    async def cross(first: int, second: int) -> str:
        try:
            async with unit_of_work(service.database, clock, people.community_id) as uow:
                lock = text("SELECT pg_advisory_xact_lock(:n)")
                await uow.session.execute(lock, {"n": first})
                await both_hold_one.wait()
                await uow.session.execute(lock, {"n": second})
        except DatabaseBusyError:
            return "busy"
        return "done"

    assert sorted(await trial.gathered(cross(901, 902), cross(902, 901))) == ["busy", "done"]


async def test_exhausted_pool_is_busy_and_not_a_defect(trial_url: str, clock: FixedClock, people: People) -> None:
    database = Database.connect("trial", trial_url, pool_size=1)
    database.app.pool._timeout = 0.2  # type: ignore[attr-defined]  # ten seconds are too long for a test.
    try:
        async with unit_of_work(database, clock, people.community_id):
            with pytest.raises(DatabaseBusyError):
                async with unit_of_work(database, clock, people.community_id):
                    pytest.fail("there was no second connection")
    finally:
        await database.close()


@pytest.mark.parametrize("port", [1])
async def test_database_that_is_not_there_is_unavailable(
    clock: FixedClock, people: People, signer: Signer, valkey: Any, port: int
) -> None:
    import httpx2

    away = trial.build(f"postgresql://nobody:x@127.0.0.1:{port}/none", valkey.url, clock, signer.jwks)
    client = httpx2.AsyncClient(
        transport=trial.transport(away.app),
        base_url="http://trial.test",
        headers={"Authorization": f"Bearer {signer.token(people.staff())}"},
    )
    async with client:
        response = await client.get(f"{NOTES}/{new_id()}")
    await away.runtime.close()

    assert (response.status_code, response.json()["code"]) == (503, "database_busy")
    assert "retry-after" in response.headers


async def test_one_round_trip_call_sets_its_own_tenant(service: Trial, people: People, clock: FixedClock) -> None:
    await write(service.database, clock, people.community_id, 1)
    seen = await service.database.call("SELECT count(*) FROM trial.note")
    assert seen == 0
    assert await service.database.call("SELECT $1::int + $2::int", 40, 2) == 42


async def test_connection_that_dies_is_replaced_and_the_call_on_it_is_told_to_come_again(trial_url: str) -> None:
    database = Database.connect("trial", trial_url, pool_size=1)
    owner = await asyncpg.connect(trial_url)
    try:
        pid = await database.call("SELECT pg_backend_pid()")
        sleeping = asyncio.create_task(database.call("SELECT pg_sleep(9)"))
        await asyncio.sleep(0.2)
        await owner.execute("SELECT pg_terminate_backend($1)", pid)
        with pytest.raises(DatabaseBusyError):
            await sleeping
        pid = await database.call("SELECT pg_backend_pid()")
        await owner.execute("SELECT pg_terminate_backend($1)", pid)
        await asyncio.sleep(0.2)
        assert await database.call("SELECT 2") == 2
    finally:
        await owner.close()
        await database.close()


async def test_connection_that_died_unnoticed_is_told_as_busy_whatever_was_to_be_answered(
    trial_url: str, clock: FixedClock, people: People
) -> None:
    """Nothing was asked of it after it died: the rollback of a refusal is the first to notice."""
    database = Database.connect("trial", trial_url, pool_size=1)
    owner = await asyncpg.connect(trial_url)

    async def refuse_on_a_dead_connection() -> None:
        async with unit_of_work(database, clock, people.community_id) as uow:
            pid = (await uow.session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            await owner.execute("SELECT pg_terminate_backend($1)", pid)
            raise SlotTakenError

    try:
        with pytest.raises(DatabaseBusyError):
            await refuse_on_a_dead_connection()
        await write(database, clock, people.community_id, 7)
    finally:
        await owner.close()
        await database.close()


async def test_call_that_was_given_up_leaves_its_connection_usable(trial_url: str) -> None:
    database = Database.connect("trial", trial_url, pool_size=1)
    try:
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await database.call("SELECT pg_sleep(9)")
            assert await database.call("SELECT $1::jsonb", {"ja": [1]}) == {"ja": [1]}
    finally:
        await database.close()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [((1,), "expects 2 arguments"), ((1, 2, 3), "expects 2 arguments"), ((1, "zwei"), "invalid input")],
)
async def test_call_with_wrong_arguments_is_a_defect_and_leaves_its_connection_usable(
    trial_url: str, arguments: tuple[object, ...], told: str
) -> None:
    database = Database.connect("trial", trial_url, pool_size=1)
    try:
        pid = await database.call("SELECT pg_backend_pid()")
        with pytest.raises((asyncpg.InterfaceError, asyncpg.DataError), match=told):
            await database.call("SELECT $1::int + $2::int", *arguments)
        assert await database.call("SELECT pg_backend_pid()") == pid
    finally:
        await database.close()


async def test_call_tells_our_functions_refusals(service: Trial) -> None:
    with pytest.raises(DomainError) as refusal:
        await service.database.call(
            """DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'DX001', DETAIL = '{"words": "函数"}'; END $$"""
        )
    assert refusal.value.code == "trial.refused"
    assert refusal.value.facts == {"words": "函数"}
