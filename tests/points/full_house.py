"""A database in which every table of points is full, so that the planner has something to weigh.

Every table gets rows for many communities, made from its own description: keys by number, foreign keys to one parent in ten, states from the
CHECK that lists them. Constraints and triggers are left out while it is filled; no rule is tried here, only the way to the rows.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import ARRAY, JSON, Boolean, Column, Date, DateTime, Integer, LargeBinary, Table, Uuid

from services.points.histories.domain import HOLD, ORIGINS
from services.points.registry import registry

COMMUNITIES: Final = 30
ROWS: Final = 50
"""Rows of a table in each community."""
LARGE: Final = 1_000
"""From how many rows on a table must not be read from end to end."""

KINDS: Final = list({origin: kind for kind, origin in ORIGINS.items() if kind != HOLD}.values())
"""One kind of transfer for each way to tell whose doing it is, so that a statement asks them all."""

VALUES: Final = {
    "account.kind": "'household'",
    "account.asset": "'spendable'",
    "account.owner_id": "household",
    "transfer.reverses_id": "NULL",
    "transfer.kind": f"(string_to_array('{' '.join(KINDS)}', ' '))[1 + k % {len(KINDS)}]",
    "entry.transfer_id": "transfer",
}
"""What the general rules would get wrong: an expression, or the table whose key it is."""

PLAIN: Final[Mapping[Any, str]] = {
    Integer: "k + 1",
    Boolean: "k % 2 = 0",
    DateTime: "timestamptz '2026-05-11 01:00Z' - k * interval '1 hour'",
    Date: "date '2026-05-11' - k",
    LargeBinary: "sha256(convert_to(k::text, 'UTF8'))",
    JSON: "'{}'",
    ARRAY: "'{}'",
}


def key_of(table: str, number: int, community: int = 0) -> UUID:
    """Return the id of a row."""
    return UUID(hashlib.md5(f"{table} {community} {number}".encode()).hexdigest())


def community_of(number: int = 0) -> UUID:
    """Return the id of a community."""
    return key_of("community", 0, number)


def _key(table: str, number: str) -> str:
    return f"md5('{table} ' || c || ' ' || ({number}))::uuid"


def _expression(
    table: Table, column: "Column[Any]", literals: dict[tuple[str, str], list[str]], tables: set[str]
) -> str:
    name = column.name
    given = VALUES.get(f"{table.name}.{name}")
    if name == "community_id":
        return "md5('community ' || c || ' 0')::uuid"
    if given is not None:
        return _key(given, "k") if given in tables else given
    if isinstance(column.type, Uuid):
        referred = [key.column.table.name for key in column.foreign_keys if key.column.name == "id"]
        if not referred and name != "id" and name.removesuffix("_id") in tables:
            referred = [name.removesuffix("_id")]
        if referred:
            return _key(referred[0], "k" if column is list(table.primary_key)[-1] else "k / 10")
        return _key(table.name if name == "id" else f"{table.name}.{name}", "k")
    if (table.name, name) in literals:
        listed = ", ".join(f"'{value}'" for value in literals[table.name, name])
        return f"(ARRAY[{listed}])[1 + k % {len(literals[table.name, name])}]"
    return next((plain for kind, plain in PLAIN.items() if isinstance(column.type, kind)), "'x' || k")


async def _literals(connection: Any) -> dict[tuple[str, str], list[str]]:
    """Return the values each column may have, from the CHECKs that list them."""
    rows = await connection.fetch(
        """
        SELECT t.relname AS table, a.attname AS column, pg_get_constraintdef(c.oid) AS rule
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'c' AND c.connamespace = 'points'::regnamespace AND cardinality(c.conkey) = 1
        """
    )
    found = {
        (row["table"], row["column"]): re.findall(r"'([a-z_]+)'::(?:text|character varying)", row["rule"])
        for row in rows
    }
    return {key: values for key, values in found.items() if values}


async def fill(url: str) -> set[str]:
    """Fill every table of points and return the names of those that are large."""
    connection: Any = await asyncpg.connect(url)
    literals = await _literals(connection)
    tables = {table.name: table for table in registry.metadata.sorted_tables}
    await connection.execute("SET session_replication_role = replica")
    await connection.execute("SET synchronous_commit = off")
    for row in await connection.fetch(
        "SELECT conrelid::regclass::text AS table, conname FROM pg_constraint WHERE contype = 'c' AND connamespace = 'points'::regnamespace"
    ):
        await connection.execute(f'ALTER TABLE {row["table"]} DROP CONSTRAINT "{row["conname"]}"')
    for name, table in tables.items():
        if "community_id" not in table.columns:
            continue
        columns = [column for column in table.columns if column.computed is None]
        listed = ", ".join(f'"{column.name}"' for column in columns)
        chosen = ", ".join(_expression(table, column, literals, set(tables)) for column in columns)
        await connection.execute(
            f"INSERT INTO points.{name} ({listed}) SELECT {chosen}"
            f" FROM generate_series(0, {COMMUNITIES - 1}) AS c, generate_series(0, {ROWS - 1}) AS k ON CONFLICT DO NOTHING"
        )
    # Indexes made for the sweeps, which look across communities, must not be what a list lives on.
    for row in await connection.fetch(
        """
        SELECT i.indexrelid::regclass::text AS index FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'community_id'
        WHERE t.relnamespace = 'points'::regnamespace AND NOT i.indisunique AND i.indkey[0] <> a.attnum
        """
    ):
        await connection.execute(f"DROP INDEX {row['index']}")
    await connection.execute("ANALYZE")
    large = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'points'::regnamespace AND relkind = 'r' AND reltuples >= $1",
        LARGE,
    )
    await connection.close()
    return {row["relname"] for row in large}
