"""Each service's schema, moved forward by its own numbered steps, one process at a time.

A service keeps its steps in `services/<name>/migrations/versions/` and its version in its own schema. All services are moved under one
advisory lock, so that several processes may start at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from shared.db import create_engine
from shared.versions import VERSION_TABLE, NewerDatabaseError, folder_of

if TYPE_CHECKING:
    from sqlalchemy import MetaData
    from sqlalchemy.ext.asyncio import AsyncEngine

__all__ = [
    "NewerDatabaseError",
    "Operations",
    "StepFailedError",
    "draft",
    "migrate",
    "migrate_all",
    "script_directory",
]

LOCK: Final = 0x4459  # "DY"
LOCK_TIMEOUT_MS: Final = 5_000
STATEMENT_TIMEOUT_MS: Final = 600_000


class StepFailedError(Exception):
    """A step of a service could not be taken; none of that service's steps of this run stays. The cause is chained."""

    def __init__(self, service: str, revision: str) -> None:
        self.service = service
        self.revision = revision
        super().__init__(f"step {revision} of {service} failed and was undone")


def script_directory(service: str) -> ScriptDirectory:
    """Return a service's steps as alembic reads them."""
    folder = folder_of(service)
    return ScriptDirectory(str(folder.parent), version_locations=[str(folder)])


def _context(service: str, connection: Connection) -> MigrationContext:
    return MigrationContext.configure(
        connection, opts={"version_table": VERSION_TABLE, "version_table_schema": service, "target_metadata": None}
    )


def _current(service: str, connection: Connection) -> str | None:
    return _context(service, connection).get_current_revision()


def _pending(service: str, connection: Connection) -> list[str]:
    script = script_directory(service)
    current = _current(service, connection)
    known = {revision.revision for revision in script.walk_revisions()}
    if current is not None and current not in known:
        raise NewerDatabaseError(service, current)
    steps = [revision.revision for revision in script.iterate_revisions("heads", current or "base")]
    return steps[::-1]


def _upgrade(service: str, connection: Connection) -> list[str]:
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {service}"))
    steps = _pending(service, connection)
    if not steps:
        return []
    script = script_directory(service)
    taken: list[str] = []
    # Steps name their tables without a schema; the search path leads them home.
    connection.execute(text(f"SET LOCAL search_path TO {service}, pg_catalog"))
    with EnvironmentContext(
        Config(),
        script,
        fn=lambda rev, _context: script._upgrade_revs("head", rev),  # noqa: SLF001 - what alembic's own `upgrade` passes here.
        as_sql=False,
    ) as environment:
        environment.configure(
            connection=connection,
            target_metadata=None,
            version_table=VERSION_TABLE,
            version_table_schema=service,
            transaction_per_migration=False,
            on_version_apply=lambda step, **_: taken.append(step.up_revision_id),
        )
        try:
            environment.run_migrations()
        except Exception as error:
            raise StepFailedError(service, steps[len(taken)]) from error
    # Readiness asks for the version as the worker role.
    connection.execute(text(f"GRANT SELECT ON {service}.{VERSION_TABLE} TO {service}_app, {service}_worker"))
    return steps


async def migrate(service: str, engine: AsyncEngine) -> list[str]:
    """Move one service's schema to the newest step, in one transaction; return the steps taken.

    Locks/IO: the advisory lock of all migrations; lock_timeout keeps a busy table from stopping the whole service.
    Errors: NewerDatabaseError; StepFailedError, and then nothing of this run stays in the schema; the driver's own.
    """
    async with engine.begin() as connection:
        # Whoever comes second waits for as long as the first may take.
        await connection.execute(text(f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}"))
        await connection.execute(text(f"SET LOCAL lock_timeout = {STATEMENT_TIMEOUT_MS}"))
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        await connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}"))
        return await connection.run_sync(lambda sync: _upgrade(service, sync))


async def migrate_all(url: str, services: Sequence[str]) -> dict[str, list[str]]:
    """Move several services' schemas as the user of `url`; return the steps taken by each.

    Errors: NewerDatabaseError, before anything is changed; StepFailedError, and then the services before it stay moved.
    """
    engine = create_engine(url, None, pool_size=1, application_name="diyuan-migrate")
    try:
        async with engine.connect() as connection:
            for service in services:
                await connection.run_sync(partial(_pending, service))
        return {service: await migrate(service, engine) for service in services}
    finally:
        await engine.dispose()


async def draft(service: str, url: str, metadata: MetaData, message: str, revision: str) -> Path:
    """Write the next step of a service from the difference between its models and the database; a person then reads it.

    Row-level security, grants and triggers are not in the models and have to be added by hand with `shared.ddl`.
    """
    from alembic.autogenerate import produce_migrations, render_python_code

    engine = create_engine(url, None, pool_size=1, application_name="diyuan-migrate")

    def compare(connection: Connection) -> str:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _parents: name == service if kind == "schema" else True,
                "include_object": is_modelled,
                "compare_type": True,
                "user_module_prefix": None,
                "sqlalchemy_module_prefix": "sa.",
            },
        )
        upgrade: Any = produce_migrations(context, metadata).upgrade_ops
        code = render_python_code(upgrade, migration_context=context)
        return code.replace("sqlmodel.sql.sqltypes.AutoString(", "sa.String(")

    try:
        async with engine.connect() as connection:
            body = await connection.run_sync(compare)
    finally:
        await engine.dispose()
    script = script_directory(service)
    head = script.get_current_head()
    path = Path(script.dir) / "versions" / f"{revision}_{message}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_TEMPLATE.format(message=message, revision=revision, head=head, body=body))
    return path


def is_modelled(table: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Tell whether a database object is described by models (the plumbing tables are described by `shared.ddl`)."""
    owner = name if kind == "table" else getattr(getattr(table, "table", None), "name", None)
    return owner not in {"outbox", "inbox", "idempotency", VERSION_TABLE}


_TEMPLATE: Final = '''"""{message}."""

import sqlalchemy as sa
from alembic import op

from shared import ddl

revision = "{revision}"
down_revision = {head!r}


def upgrade() -> None:
    {body}
'''
