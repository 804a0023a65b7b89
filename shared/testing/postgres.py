"""A database built by the migrations, cloned from a template for each worker of the run.

Tests do not clean up: each works in a community of its own, and row-level security keeps them apart.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from shared.migrations import migrate_all

ROOT = Path(__file__).parents[2]
SERVICES = ("identity", "points", "proposals", "property", "media", "notifications")


def migrated_services() -> list[str]:
    """Return the services that have migrations."""
    return [name for name in SERVICES if any((ROOT / "services" / name / "migrations" / "versions").glob("*.py"))]


def _needed_services(items: list[pytest.Item]) -> list[str]:
    """Return the services whose own tests are run with those they name in a `services` mark, or all when any other test is run.

    A broken step of one service fails its tests alone.
    """
    folders = {item.path.relative_to(ROOT / "tests").parts[0] for item in items}
    named = {name for item in items for mark in item.iter_markers("services") for name in mark.args}
    migrated = migrated_services()
    return [name for name in migrated if name in folders | named] if folders <= set(SERVICES) else migrated


def plain_url(url: str, database: str) -> str:
    """Return the same server's URL for another database."""
    return make_url(url).set(drivername="postgresql", database=database).render_as_string(hide_password=False)


def _run(url: str, *statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


@pytest.fixture(scope="session")
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """A database without any schema, for tests of the migrations themselves."""
    name = f"diyuan_empty_{os.getpid()}"
    _run(postgres_url, f"CREATE DATABASE {name}")
    yield plain_url(postgres_url, name)
    _run(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest, postgres_url: str) -> Iterator[str]:
    """This run's database, with the schemas its tests need at their newest step."""
    name = f"diyuan_test_{os.getpid()}"
    _run(postgres_url, f"CREATE DATABASE {name}")
    url = plain_url(postgres_url, name)
    asyncio.run(migrate_all(url, _needed_services(request.session.items)))
    yield url
    _run(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")
