"""The way to PostgreSQL: one engine per role, and the names constraints get.

A service owns the schema of its name and reaches it as one of two roles:

- `<service>_app`: requests and effects; row-level security shows one community.
- `<service>_worker`: finds what is due or unpublished across communities, and accounts before their community is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import MetaData, Table, inspect, text
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import registry

from shared.lines import Lines
from shared.refusals import constraint_name, error_facts, sqlstate, translated

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from shared.kernel.errors import DomainError

__all__ = [
    "NAMING",
    "Database",
    "async_url",
    "constraint_name",
    "create_engine",
    "error_facts",
    "new_registry",
    "sqlstate",
    "upsert",
]

NAMING: Final = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

LOCK_TIMEOUT_MS: Final = 3_000
STATEMENT_TIMEOUT_MS: Final = 10_000


def new_registry(service: str) -> registry:
    """Return a registry of its own for a service; a shared base would make services collide in one process."""
    return registry(metadata=MetaData(schema=service, naming_convention=NAMING))


def async_url(url: str) -> str:
    """Return the URL with the asyncpg driver, whichever PostgreSQL spelling was given."""
    return make_url(url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


def plain_url(url: str) -> str:
    """Return the URL without a driver, as asyncpg itself reads it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def create_engine(url: str, role: str | None, *, pool_size: int, application_name: str) -> AsyncEngine:
    """Open a pool whose every connection acts as `role` from its first byte on.

    IO: none until the first use.
    """
    return create_async_engine(
        async_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=False,
        pool_recycle=1800,
        connect_args={"server_settings": server_settings(role, application_name), "timeout": 10},
    )


def server_settings(role: str | None, application_name: str) -> dict[str, str]:
    """Return what every connection tells the server when it opens."""
    settings = {
        "application_name": application_name,
        "timezone": "UTC",
        "lock_timeout": str(LOCK_TIMEOUT_MS),
        "statement_timeout": str(STATEMENT_TIMEOUT_MS),
        "idle_in_transaction_session_timeout": "60000",
        # Every statement here is short; compiling one to machine code costs more than it saves.
        "jit": "off",
    }
    return settings if role is None else settings | {"role": role}


@dataclass(frozen=True)
class Database:
    """A service's two engines and what its constraints mean.

    `constraints` maps a constraint's name, or the SQLSTATE of a function of ours, to the refusal it stands for, so that a rule
    broken in a race is told in the same words as one refused beforehand.
    """

    service: str
    app: AsyncEngine
    worker: AsyncEngine
    hot: Lines
    constraints: Mapping[str, type[DomainError]] = field(default_factory=dict)

    @classmethod
    def connect(
        cls,
        service: str,
        url: str,
        *,
        pool_size: int = 10,
        worker_pool_size: int = 4,
        constraints: Mapping[str, type[DomainError]] | None = None,
    ) -> Database:
        """Build both engines.

        IO: none until the first use.
        """
        role, name = f"{service}_app", f"diyuan-{service}"
        return cls(
            service=service,
            app=create_engine(url, role, pool_size=pool_size, application_name=name),
            worker=create_engine(
                url, f"{service}_worker", pool_size=worker_pool_size, application_name=f"{name}-worker"
            ),
            hot=Lines(plain_url(url), pool_size, server_settings(role, name)),
            constraints=constraints or {},
        )

    async def call(self, statement: str, *arguments: object) -> Any:
        """Run one statement that is a transaction of its own and return its first value: a hot path's single round trip.

        The statement sets its tenant itself.
        Errors: the refusal that a SQLSTATE or constraint stands for; DatabaseBusyError; the driver's own for a defect.
        """
        with translated(self):
            return await self.hot.fetch_value(statement, *arguments)

    async def ping(self) -> None:
        """Ask the database for an answer.

        Errors: whatever the driver raises when there is none.
        """
        async with self.app.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self.hot.close()
        await self.app.dispose()
        await self.worker.dispose()


async def upsert(
    session: AsyncSession, model: type[Any], rows: Sequence[Mapping[str, Any]], *, keep: tuple[str, ...] = ()
) -> None:
    """Enter rows or overwrite what stands there, except the columns of `keep`; of two rows with one key the later wins.

    `rows` name every column. IO: one journey for all of them.
    """
    connection = await session.connection()
    await connection.execute(_upsert(inspect(model).local_table, keep), rows)


@cache
def _upsert(table: Table, keep: tuple[str, ...]) -> Insert:
    statement = insert(table)
    told = {c.name: statement.excluded[c.name] for c in table.columns if not c.primary_key and c.name not in keep}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=told)
