"""Everything at once, and how to tell that nobody waited in a ring: somebody would hear 503, and the server would count it."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import httpx2

from services.points.ledger.errors import InsufficientBalanceError
from shared.kernel.errors import ConflictError, NotFoundError
from shared.testing.clients import Apps

REFUSALS = (ConflictError, NotFoundError, InsufficientBalanceError)
"""What a race may come to; "busy" is none of them."""


async def at_once(*work: Coroutine[Any, Any, Any]) -> list[Any]:
    """Do everything at once; fail when anybody was told "busy" or met a defect."""
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, httpx2.Response):
            assert outcome.status_code < 500, outcome.text
        elif isinstance(outcome, BaseException):
            assert isinstance(outcome, REFUSALS), repr(outcome)
    return outcomes


async def count_deadlocks(apps: Apps, owner: Any) -> int:
    """Return how many deadlocks the server has counted in this database."""
    # A connection tells what it counted at the latest when it ends.
    database = apps.runtime("points").database
    await database.app.dispose()
    await database.worker.dispose()
    end = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name LIKE 'diyuan-%'"
    )
    while await owner.fetchval(end):  # noqa: ASYNC110 - the server makes it true.
        await asyncio.sleep(0.01)
    counted: int = await owner.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    return counted
