"""The database as the migrations build it: every tenant's table is fenced, and no different from its model."""

import importlib
import json
import os
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared.db import async_url
from shared.migrations import VERSION_TABLE, is_modelled, migrate
from shared.testing.postgres import _run, migrated_services, plain_url
from tests.architecture import rules

WITHOUT_COMMUNITY = {
    "identity": {"district", "township", "community"},
    "points": {"community"},
}
"""Tables above or beside the communities. Everything else belongs to one."""

CATALOGUE = """
SELECT c.relname AS table, c.relrowsecurity AS is_enabled, c.relforcerowsecurity AS is_forced,
       EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'community_id' AND NOT a.attisdropped)
           AS has_community,
       (SELECT json_agg(json_build_object(
                    'name', p.polname, 'roles', p.polroles::regrole[]::text[], 'command', p.polcmd,
                    'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid)))
          FROM pg_policy p WHERE p.polrelid = c.oid)::text AS policies,
       (SELECT json_agg(json_build_object('name', i.relname, 'is_primary', x.indisprimary,
                    'first', (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = x.indkey[0])))
          FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = c.oid AND x.indisunique)::text AS uniques
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition
 ORDER BY c.relname
"""


def fence_gaps(service: str, table: Any, without_community: set[str]) -> list[str]:
    """Return what keeps a table from being a tenant's own."""
    name = table["table"]
    if name == VERSION_TABLE or (name in without_community and not table["has_community"]):
        return []
    if not table["has_community"]:
        return [f"{name} has no community_id and is not listed as a table above the communities"]
    gaps = []
    if not (table["is_enabled"] and table["is_forced"]):
        gaps.append(f"{name}: row-level security is not enabled and forced")
    policies = json.loads(table["policies"] or "[]")
    tenant = [p for p in policies if p["roles"] == [f"{service}_app"]]
    if len(tenant) != 1:
        gaps.append(f"{name}: {len(tenant)} policies for {service}_app")
    gaps += [
        f"{name}: policy {policy['name']} does not compare the tenant in {clause.upper()}"
        for policy in tenant
        for clause in ("using", "check")
        if not re.search(r"community_id = .*current_setting\('app\.community_id'", policy[clause] or "")
    ]
    if [p["roles"] for p in policies if f"{service}_app" not in p["roles"]] != [[f"{service}_worker"]]:
        gaps.append(f"{name}: policies for others than the service's two roles")
    uniques = json.loads(table["uniques"] or "[]")
    if not any(u["is_primary"] for u in uniques):
        gaps.append(f"{name} has no primary key")
    gaps += [f"{name}: {u['name']} does not begin with community_id" for u in uniques if u["first"] != "community_id"]
    return gaps


@pytest.fixture(scope="module")
def house_url(postgres_url: str) -> Iterator[str]:
    """A database in which each service is migrated by its own tests, so that one that fails names itself."""
    name = f"diyuan_architecture_{os.getpid()}"
    _run(postgres_url, f"CREATE DATABASE {name}")
    yield plain_url(postgres_url, name)
    _run(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def engine(house_url: str) -> AsyncIterator[AsyncEngine]:
    made = create_async_engine(async_url(house_url))
    yield made
    await made.dispose()


@pytest.fixture
async def connection(house_url: str) -> AsyncIterator[Any]:
    made = await asyncpg.connect(house_url)
    yield made
    await made.close()


@pytest.mark.parametrize("service", migrated_services())
async def test_every_table_is_fenced_by_community(service: str, engine: AsyncEngine, connection: Any) -> None:
    await migrate(service, engine)
    tables = await connection.fetch(CATALOGUE, service)
    gaps = [gap for t in tables for gap in fence_gaps(service, t, WITHOUT_COMMUNITY.get(service, set()))]
    assert len(tables) >= 4
    assert not gaps, "\n".join(["", *gaps])


SAMPLES = [
    ("CREATE TABLE bad.{t} (id uuid PRIMARY KEY)", "no community_id"),
    ("{plain}", "not enabled and forced"),
    ("{plain} ALTER TABLE bad.{t} ENABLE ROW LEVEL SECURITY", "not enabled and forced"),
    ("{fenced} ALTER TABLE bad.{t} NO FORCE ROW LEVEL SECURITY", "not enabled and forced"),
    ("{fenced} DROP POLICY tenant ON bad.{t}", "0 policies"),
    ("{fenced} CREATE POLICY more ON bad.{t} TO bad_app USING (true)", "2 policies"),
    ("{fenced} CREATE POLICY more ON bad.{t} TO public USING (true)", "for others"),
    ("{fenced} ALTER POLICY tenant ON bad.{t} USING (true)", "does not compare the tenant in USING"),
    ("{fenced} ALTER POLICY tenant ON bad.{t} WITH CHECK (true)", "does not compare the tenant in CHECK"),
    ("{fenced} ALTER TABLE bad.{t} ADD UNIQUE (id)", "does not begin with community_id"),
    ("{fenced} CREATE UNIQUE INDEX ON bad.{t} (id) WHERE id IS NOT NULL", "does not begin with community_id"),
    ("{fenced} ALTER TABLE bad.{t} DROP CONSTRAINT {t}_pkey", "no primary key"),
    ("{fenced} ALTER TABLE bad.{t} DROP CONSTRAINT {t}_pkey, ADD PRIMARY KEY (id, community_id)", "does not begin"),
]
TENANT = "community_id = NULLIF(current_setting(''app.community_id'', true), '''')::uuid".replace("''", "'")
PLAIN = "CREATE TABLE bad.{t} (community_id uuid, id uuid, PRIMARY KEY (community_id, id));"
FENCED = (
    f"{PLAIN} ALTER TABLE bad.{{t}} ENABLE ROW LEVEL SECURITY; ALTER TABLE bad.{{t}} FORCE ROW LEVEL SECURITY;"
    f" CREATE POLICY tenant ON bad.{{t}} TO bad_app USING ({TENANT}) WITH CHECK ({TENANT});"
    " CREATE POLICY worker ON bad.{t} TO bad_worker USING (true) WITH CHECK (true);"
)


@pytest.fixture
async def bad_schema(connection: Any) -> AsyncIterator[Any]:
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("CREATE SCHEMA bad; CREATE ROLE bad_app; CREATE ROLE bad_worker")
    yield connection
    await transaction.rollback()


@pytest.mark.parametrize(("statements", "gap"), [*SAMPLES, ("{fenced}", None)])
async def test_gap_in_the_fence_is_found(bad_schema: Any, statements: str, gap: str | None) -> None:
    await bad_schema.execute(statements.replace("{plain}", PLAIN).replace("{fenced}", FENCED).replace("{t}", "sample"))
    (table,) = await bad_schema.fetch(CATALOGUE, "bad")
    found = fence_gaps("bad", table, set())
    assert (gap is None) == (not found)
    assert gap is None or any(gap in one for one in found), found


def models_of(service: str) -> sa.MetaData:
    """Return the tables that a service's models describe."""
    for folder in rules.slices():
        if folder.parent.name == service and (folder / "models.py").exists():
            importlib.import_module(f"services.{service}.{folder.name}.models")
    metadata: sa.MetaData = importlib.import_module(f"services.{service}.registry").registry.metadata
    return metadata


def differences(service: str, connection: sa.Connection, metadata: sa.MetaData) -> list[Any]:
    """Return what alembic would have to write to bring the database to the models."""
    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "include_name": lambda name, kind, _parents: name == service if kind == "schema" else True,
            "include_object": is_modelled,
            "compare_type": True,
        },
    )
    return list(compare_metadata(context, metadata))


@pytest.mark.parametrize("service", migrated_services())
async def test_models_are_what_the_migrations_built(service: str, engine: AsyncEngine) -> None:
    await migrate(service, engine)
    metadata = models_of(service)
    async with engine.connect() as connection:
        found = await connection.run_sync(lambda sync: differences(service, sync, metadata))
    assert metadata.tables
    assert not found, "\n".join(["", *map(str, found)])


async def test_difference_between_model_and_migration_is_found(engine: AsyncEngine) -> None:
    await migrate("points", engine)
    for change in (
        lambda t: t.append_column(sa.Column("added", sa.Integer())),
        lambda t: setattr(t.c.number, "nullable", True),
        lambda t: setattr(t.c.number, "type", sa.Integer()),
    ):
        metadata = sa.MetaData(schema="points")
        for table in models_of("points").tables.values():
            table.to_metadata(metadata)
        change(metadata.tables["points.household"])
        async with engine.connect() as connection:
            found = await connection.run_sync(lambda sync, told=metadata: differences("points", sync, told))
        assert found
