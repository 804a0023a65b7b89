"""Statements over thousands of rows at once, for the slices that write a whole community."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Table, Uuid, any_, literal, text
from sqlalchemy.ext.asyncio import AsyncSession

ROWS_AT_ONCE = 5_000
"""Keeps one statement far from its time-out and its text within a few megabytes."""


def among(column: Any, ids: Sequence[UUID]) -> ColumnElement[bool]:
    """Return `column = ANY(ids)`: one parameter, however many ids."""
    return cast("ColumnElement[bool]", column == any_(literal(list(ids), ARRAY(Uuid()))))


async def insert_many(session: AsyncSession, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns.

    Locks/IO: one statement for 5,000 rows, which the server takes apart itself; row by row it would be parsed and answered 5,000 times.
    (COPY is refused on tables with row-level security.)
    """
    if not rows:
        return
    columns = ", ".join(f'"{name}"' for name in rows[0])
    name = f"{table.schema}.{table.name}"
    statement = text(
        f"INSERT INTO {name} ({columns}) SELECT {columns}"  # noqa: S608 - names from the service's own models.
        f" FROM jsonb_populate_recordset(NULL::{name}, CAST(:rows AS jsonb))"
    )
    for start in range(0, len(rows), ROWS_AT_ONCE):
        chunk = [dict(row) for row in rows[start : start + ROWS_AT_ONCE]]
        await session.execute(statement, {"rows": json.dumps(chunk, ensure_ascii=False, default=_as_json)})


def _as_json(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):  # A moment is a date, too.
        return value.isoformat()
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    msg = f"{type(value).__name__} cannot be written in bulk"
    raise TypeError(msg)


async def execute_many(session: AsyncSession, statement: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute a statement once per row, sent together.

    A plain Core execution: the session would take a list of parameters for an update by primary key.
    """
    await (await session.connection()).execute(statement, list(rows))
