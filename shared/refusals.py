"""The database's own refusals, told in the words of the domain.

A rule broken in a race is refused by a constraint, a lost connection by the driver: callers hear the same kinds of refusal as from a
use case.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import asyncpg
from sqlalchemy.connectors.asyncio import AsyncAdapt_Error
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.kernel.errors import DomainError, UnavailableError

if TYPE_CHECKING:
    from shared.db import Database

BUSY_STATES: Final = frozenset(
    {
        "25P03",  # the transaction idled too long and was ended
        "40001",  # serialization failure
        "40P01",  # deadlock
        "55P03",  # lock not available (lock_timeout)
        "57014",  # query cancelled (statement_timeout)
        "57P01",  # the server is shutting down
        "57P02",
        "57P03",
        "57P05",  # the session idled too long
        "53300",  # too many connections
    }
)
CONNECTION_CLASS: Final = "08"
DRIVER_ERRORS: Final = (DBAPIError, AsyncAdapt_Error, asyncpg.PostgresError)


class DatabaseBusyError(UnavailableError):
    code = "database_busy"


class translated:  # noqa: N801 - reads as a clause: `with translated(database):`.
    """Tell driver errors in the words of the domain."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is not None and (refusal := refusal_for(self._database, error)) is not None:
            raise refusal from error


def refusal_for(database: Database, error: BaseException) -> DomainError | None:
    """Return the refusal a driver error stands for, or None when it is a defect.

    The driver's errors come wrapped by SQLAlchemy, half wrapped while a connection is opened, and bare from `Database.call`.
    """
    if isinstance(error, DRIVER_ERRORS):
        state = sqlstate(error) or ""
        for name in (constraint_name(error), state):
            if name and (named := database.constraints.get(name)) is not None:
                return named(**error_facts(error))
        is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
        return DatabaseBusyError() if is_lost or state in BUSY_STATES or state.startswith(CONNECTION_CLASS) else None
    if isinstance(error, asyncpg.InterfaceError) and str(error) == "connection is closed":
        # The server hung up while the pool was still setting the connection up; the driver tells that as a mistake of ours.
        return DatabaseBusyError()
    if isinstance(error, PoolTimeoutError | ConnectionError | TimeoutError):
        return DatabaseBusyError()
    return None


def constraint_name(error: BaseException) -> str | None:
    """Return the constraint a driver error names, if it names one."""
    return _told(error, "constraint_name")


def sqlstate(error: BaseException) -> str | None:
    """Return the five-character SQLSTATE of a driver error, if it has one."""
    return _told(error, "sqlstate")


def error_facts(error: BaseException) -> dict[str, Any]:
    """Return the facts a function of ours put as JSON into DETAIL, or none."""
    detail = _told(error, "detail")
    if detail is None or not detail.startswith("{"):
        return {}
    try:
        facts: dict[str, Any] = json.loads(detail)
    except ValueError:
        return {}
    return facts


def _told(error: BaseException, attribute: str) -> str | None:
    cause: Any = getattr(error, "orig", error)
    for candidate in (cause, getattr(cause, "__cause__", None)):
        told = getattr(candidate, attribute, None)
        if isinstance(told, str):
            return told
    return None
