"""Every rule of every table is needed: with it the row it forbids is refused, by it and nothing else; without it the row stands.

The rules are read from the catalogue, so that a new one without its forbidden row fails. One transaction, rolled back; each test is a
savepoint in it.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from tests.points.workloads.bad_rows import FORBIDDEN, SECOND, TWICE
from tests.points.workloads.guard_stories import STORIES, Story
from tests.points.workloads.rows import Row, Rows, insertion

CHECKS = """
    SELECT conname AS name, relname AS table FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
    WHERE c.relnamespace = 'points'::regnamespace AND contype = 'c'
"""
UNIQUE = """
    SELECT i.relname AS name, t.relname AS table, x.indisprimary AS is_key, o.conname IS NOT NULL AS is_constraint,
        ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = x.indexrelid ORDER BY a.attnum) AS columns
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    LEFT JOIN pg_constraint o ON o.conindid = x.indexrelid AND o.contype IN ('p', 'u')
    WHERE t.relnamespace = 'points'::regnamespace AND x.indisunique AND t.relname <> 'schema_version'
"""
TRIGGERS = """
    SELECT tgname AS name, relname AS table, proname AS function, tgenabled = 'O' AS is_on FROM pg_trigger g
    JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_proc p ON p.oid = g.tgfoid
    WHERE c.relnamespace = 'points'::regnamespace AND NOT tgisinternal
"""
EXCLUSIONS = "SELECT conname AS name FROM pg_constraint WHERE connamespace = 'points'::regnamespace AND contype = 'x'"


@dataclass
class Guarded:
    """The database's owner in a transaction nobody else will see, and the rules there are."""

    connection: Any
    rows: Rows
    checks: dict[str, str]
    unique: dict[str, Any]
    triggers: dict[str, Any]

    async def write(self, table: str, row: Row) -> None:
        """Write a row."""
        await self.connection.execute(insertion(table, row))

    async def refused(self, statement: str, error: Any) -> Any:
        """Return what a statement is refused with; nothing of it stays."""
        savepoint = self.connection.transaction()
        await savepoint.start()
        try:
            with pytest.raises(error) as told:
                await self.connection.execute(statement)
        finally:
            await savepoint.rollback()
        return told.value


@pytest.fixture(scope="module")
async def opened(database_url: str) -> AsyncIterator[Guarded]:
    connection: Any = await asyncpg.connect(database_url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("SET LOCAL lock_timeout = '60s'")
    rules = [await connection.fetch(statement) for statement in (CHECKS, UNIQUE, TRIGGERS)]
    checks, unique, triggers = ({rule["name"]: rule for rule in found} for found in rules)
    tables = {name: check["table"] for name, check in checks.items()}
    yield Guarded(connection, await Rows.read(connection), tables, unique, triggers)
    await transaction.rollback()
    await connection.close()


@pytest.fixture
async def guarded(opened: Guarded) -> AsyncIterator[Guarded]:
    """A savepoint in which foreign keys and triggers rest."""
    savepoint = opened.connection.transaction()
    await savepoint.start()
    await opened.connection.execute("SET LOCAL session_replication_role = replica")
    yield opened
    await savepoint.rollback()


async def test_every_rule_has_what_it_forbids(guarded: Guarded) -> None:
    assert set(FORBIDDEN) == set(guarded.checks)
    assert set(TWICE) == {name for name, index in guarded.unique.items() if not index["is_key"]}
    told = {name for name, trigger in guarded.triggers.items() if trigger["function"] != "refuse_change"}
    assert set(STORIES) == told
    assert await guarded.connection.fetch(EXCLUSIONS) == []


async def test_every_table_has_a_key_that_begins_with_the_community(guarded: Guarded) -> None:
    keys = {index["table"]: index["columns"] for index in guarded.unique.values() if index["is_key"]}

    assert set(keys) == set(guarded.rows.columns)
    assert keys.pop("community") == ["id"], "what every community is called, for everybody"
    assert {columns[0] for columns in keys.values()} == {"community_id"}


@pytest.mark.parametrize("check", sorted(FORBIDDEN))
async def test_a_check_alone_refuses_what_it_forbids(guarded: Guarded, check: str) -> None:
    table = guarded.checks[check]
    good = guarded.rows.good(table)
    bad = insertion(table, good | FORBIDDEN[check])
    savepoint = guarded.connection.transaction()
    await savepoint.start()
    await guarded.write(table, good)
    await savepoint.rollback()

    told = await guarded.refused(bad, (asyncpg.CheckViolationError, asyncpg.DatetimeFieldOverflowError))

    # A day no calendar has is refused before the rule can say no.
    assert told.constraint_name == (None if check == "ck_points_policy_day" else check)
    await guarded.connection.execute(f"ALTER TABLE points.{table} DROP CONSTRAINT {check}")
    await guarded.connection.execute(bad)


async def _never_twice(guarded: Guarded, name: str, shared: Row) -> None:
    index = guarded.unique[name]
    table = index["table"]
    first, second = (guarded.rows.good(table, n) | shared for n in (1, 2))
    again = second | {column: first.get(column) for column in index["columns"]} | SECOND.get(name, {})
    await guarded.write(table, first)

    told = await guarded.refused(insertion(table, again), asyncpg.UniqueViolationError)

    assert told.constraint_name == name
    drop = f"ALTER TABLE points.{table} DROP CONSTRAINT {name} CASCADE"
    await guarded.connection.execute(drop if index["is_constraint"] else f"DROP INDEX points.{name}")
    await guarded.write(table, again)


@pytest.mark.parametrize("index", sorted(TWICE))
async def test_a_unique_index_alone_refuses_a_second(guarded: Guarded, index: str) -> None:
    await _never_twice(guarded, index, TWICE[index])


async def test_every_key_refuses_a_second(guarded: Guarded) -> None:
    for name, index in guarded.unique.items():
        if index["is_key"]:
            savepoint = guarded.connection.transaction()
            await savepoint.start()
            await _never_twice(guarded, name, {})
            await savepoint.rollback()


async def test_what_is_written_once_is_never_changed(guarded: Guarded) -> None:
    kept = {name: g["table"] for name, g in guarded.triggers.items() if g["function"] == "refuse_change"}
    assert kept
    assert {trigger["is_on"] for trigger in guarded.triggers.values()} == {True}

    for name, table in kept.items():
        savepoint = guarded.connection.transaction()
        await savepoint.start()
        row = guarded.rows.good(table)
        await guarded.write(table, row)
        changes = [
            f"UPDATE points.{table} SET community_id = community_id WHERE community_id = '{row['community_id']}'",
            f"DELETE FROM points.{table} WHERE community_id = '{row['community_id']}'",
            f"TRUNCATE points.{table} CASCADE",
        ]
        await guarded.connection.execute(f"ALTER TABLE points.{table} ENABLE ALWAYS TRIGGER {name}")
        for change in changes:
            told = await guarded.refused(change, asyncpg.PostgresError)
            assert (told.sqlstate, str(told)) == ("DY001", f"rows of {table} are never changed")
        await guarded.connection.execute(f"ALTER TABLE points.{table} DISABLE TRIGGER {name}")
        assert await guarded.connection.execute(changes[0]) == "UPDATE 1"
        await savepoint.rollback()


@pytest.mark.parametrize("trigger", sorted(STORIES))
async def test_a_trigger_alone_refuses_what_it_forbids(guarded: Guarded, trigger: str) -> None:
    story: Story = STORIES[trigger]
    table = guarded.triggers[trigger]["table"]
    for before, row in story.before:
        await guarded.write(before, guarded.rows.good(before) | row)
    await guarded.connection.execute("SET LOCAL session_replication_role = origin")
    forbidden = story.forbidden(guarded.rows)

    told = await guarded.refused(forbidden, asyncpg.PostgresError)

    assert told.sqlstate == story.refusal
    await guarded.connection.execute("SET CONSTRAINTS ALL DEFERRED")
    await guarded.connection.execute(f"ALTER TABLE points.{table} DISABLE TRIGGER {trigger}")
    await guarded.connection.execute(forbidden)
