"""Ends background tasks for certain."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any


async def end_tasks(tasks: Iterable[asyncio.Task[Any]], *, again_seconds: float = 0.1) -> None:
    """Cancel the tasks and wait until every one has ended, asking again those that did not hear it.

    Once is not enough: `asyncio.wait_for` before Python 3.12 drops a cancellation that arrives together with its result, and the
    Redis client sends every command through it. A reader that lost it would go on for ever and keep the process from stopping.
    A caller that ends tasks which themselves end tasks gives them more time than they need (`again_seconds`).

    Errors: none of the tasks'; what they raised is dropped.
    """
    every = list(tasks)
    pending = {task for task in every if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=again_seconds)
    await asyncio.gather(*every, return_exceptions=True)
