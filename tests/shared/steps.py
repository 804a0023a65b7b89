"""Databases that stand where an older release left them."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from alembic.script import Script, ScriptDirectory

from shared import migrations
from shared.ids import new_id
from shared.migrations import migrate_all, script_directory
from shared.testing.postgres import plain_url


@asynccontextmanager
async def database(postgres_url: str) -> AsyncIterator[str]:
    """Lend an empty database."""
    name = f"diyuan_steps_{new_id().hex}"
    connection = await asyncpg.connect(postgres_url)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        yield plain_url(postgres_url, name)
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


async def rows(url: str, query: str, *arguments: object) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query, *arguments)]
    finally:
        await connection.close()


def every_step(service: str) -> list[str]:
    """Return all steps of a service, the first one first."""
    return [step.revision for step in script_directory(service).walk_revisions()][::-1]


class FirstSteps(ScriptDirectory):
    """A service's steps as an older release knew them."""

    kept: list[str]

    def _load_revisions(self) -> Iterator[Script]:
        return (step for step in super()._load_revisions() if step.revision in self.kept)


def first_steps(service: str, count: int | None) -> FirstSteps:
    """Return the first so many steps of a service, or all of them."""
    real = script_directory(service)
    known = FirstSteps(real.dir, version_locations=[real.versions])
    known.kept = every_step(service)[:count]
    return known


async def migrate_to(url: str, service: str, revision: str) -> None:
    """Bring a database to where a release stands whose newest step is this one."""
    steps = every_step(service)
    known = first_steps(service, steps.index(revision) + 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "script_directory", lambda _: known)
        await migrate_all(url, [service])


async def insert(url: str, table: str, columns: Sequence[str], *values: Sequence[object]) -> None:
    """Enter rows as they stand, without asking for those they refer to."""
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", values)
    finally:
        await connection.close()
