"""How far each service's schema has come, told without the machinery that moves it: every process asks, hardly any moves.

The steps of a service are the files in `services/<name>/migrations/versions/`, named by their numbers and taken in that order.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

VERSION_TABLE: Final = "schema_version"


class NewerDatabaseError(Exception):
    """The database was moved by newer code than this; starting would write old shapes into new tables."""

    def __init__(self, service: str, revision: str) -> None:
        self.service = service
        self.revision = revision
        super().__init__(f"schema {service} is at {revision}, which this code does not know")


def folder_of(service: str) -> Path:
    """Return where a service keeps its steps."""
    return Path(str(resources.files(f"services.{service}"))) / "migrations" / "versions"


def steps_of(service: str) -> list[str]:
    """Return the numbers of a service's steps, the first one first."""
    return sorted(path.name.partition("_")[0] for path in folder_of(service).glob("[0-9]*_*.py"))


async def pending_steps(service: str, engine: AsyncEngine) -> list[str]:
    """Return the steps a service's schema has not taken yet.

    Errors: NewerDatabaseError.
    """
    steps = steps_of(service)
    async with engine.connect() as connection:
        try:
            current = await connection.scalar(text(f"SELECT version_num FROM {service}.{VERSION_TABLE}"))
        except ProgrammingError:  # The schema itself is not there yet, or this role may not look into it.
            return steps
    if current is None:
        return steps
    if current not in steps:
        raise NewerDatabaseError(service, current)
    return steps[steps.index(current) + 1 :]
