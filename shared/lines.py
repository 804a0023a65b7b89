"""Connections for the hot paths' single statements, straight through the driver.

SQLAlchemy's pool hands a connection over through two changes of greenlet and a reset, which cost more processor time than a hot path's
own statement does here. These connections run nothing but whole transactions in one statement, so there is nothing to reset.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

import asyncpg
from pydantic_core import from_json

CLOSE_SECONDS: Final = 5.0


LOST: Final = ("connection is closed", "cannot perform operation")
"""How the driver's mistakes of ours begin that are none: the server hung up, or an earlier call was given up half way."""


class Lines:
    """At most `size` connections, opened when needed; the one used last is used next, so that few stay warm."""

    def __init__(self, url: str, size: int, settings: Mapping[str, str]) -> None:
        self._url = url
        self._settings = dict(settings)
        self._free: asyncio.LifoQueue[asyncpg.Connection[Any] | None] = asyncio.LifoQueue()
        self._size = size
        for _ in range(size):
            self._free.put_nowait(None)

    async def fetch_value(self, statement: str, *arguments: object) -> Any:
        """Run one statement that is a transaction of its own and return its first value.

        Errors: ConnectionError when the connection broke, and it is not used again; the driver's own for anything else, as for a
        statement that is given more or fewer arguments than it takes.
        """
        line = await self._free.get()
        try:
            if line is None or line.is_closed():
                line = await self._open()
            return await line.fetchval(statement, *arguments)
        except (asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
            if not _tells_of_loss(error, line):
                raise
            if line is not None:
                line.terminate()
            raise ConnectionResetError(str(error)) from error
        finally:
            self._free.put_nowait(line)

    async def _open(self) -> asyncpg.Connection[Any]:
        line = await asyncpg.connect(self._url, server_settings=self._settings, timeout=10)
        await line.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=from_json)
        return line

    async def close(self) -> None:
        """Close what is open, when its statement has ended."""
        for _ in range(self._size):
            line = await self._free.get()
            if line is not None:
                await line.close(timeout=CLOSE_SECONDS)


def _tells_of_loss(error: Exception, line: asyncpg.Connection[Any] | None) -> bool:
    """Tell whether the server hung up at an awkward moment, which the driver tells as a mistake of ours, or there is indeed one."""
    return (
        isinstance(error, asyncpg.InternalClientError)
        or (line is not None and line.is_closed())
        or str(error).startswith(LOST)
    )
