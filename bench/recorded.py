"""The ground for a command that is no single function: what the service sent to PostgreSQL, written down and sent again by pgbench."""

import asyncio
import os
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import event

from bench.people import COMMUNITY
from bench.serve import service_app
from bench.stage import Stage

Sent = tuple[str, Sequence[Any]]
"""A statement and its values."""


def script(stage: Stage, service: str, raw: bytes) -> str:
    """Let a service answer one request in this process and return its transaction as a pgbench script.

    What must be new each time (ids made for this request, the key it was sent under, a number shown to people) is made from a random
    number, everything else is repeated as it was.
    """
    os.environ.update(stage.environment)
    sent = asyncio.run(_record(service, raw))
    key = re.search(rb"(?i)idempotency-key: (\S+)", raw)
    fresh = {key[1].decode() if key else ""} | {str(value) for value in _values(sent) if _is_fresh(value)}
    lines = [_filled(statement, values, sorted(fresh - {""})) for statement, values in sent]
    return "\n".join(["\\set n random(1, 9223372036854775806)", "BEGIN;", *lines, "COMMIT;", ""])


async def _record(service: str, raw: bytes) -> list[Sent]:
    app = service_app(service)
    sent: list[Sent] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, is_many: Any) -> None:
        sent.extend((statement, one) for one in values) if is_many else sent.append((statement, values))

    event.listen(app.runtime.database.app.sync_engine, "before_cursor_execute", note)
    try:
        status = await _ask(app, raw)
    finally:
        await app.runtime.close()
    if status >= 400:
        msg = f"{service} answered {status}; there is nothing to repeat"
        raise RuntimeError(msg)
    return sent


async def _ask(app: Any, raw: bytes) -> int:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    method, path, _ = first.decode().split(" ")
    headers = [(name.lower(), value) for name, value in (line.split(b": ", 1) for line in lines)]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers, "root_path": ""}
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(scope, receive, send)
    return statuses[0]


def _values(sent: Iterable[Sent]) -> Iterable[Any]:
    for _, values in sent:
        yield from values


def _is_fresh(value: Any) -> bool:
    """Tell whether a value was made for this request: an id that is none of the stage's, or the number people know a thing by."""
    if isinstance(value, UUID):
        return value != COMMUNITY and not str(value).startswith("000000")
    return isinstance(value, str) and re.fullmatch(r"\d{6}-[0-9A-Z]{4}-[0-9A-Z]{4}", value) is not None


def _filled(statement: str, values: Sequence[Any], fresh: Sequence[str]) -> str:
    text = re.sub(r"--[^\n]*", "", statement)
    return re.sub(r"\$(\d+)", lambda found: _literal(values[int(found[1]) - 1], fresh), text).rstrip() + ";"


def _literal(value: Any, fresh: Sequence[str]) -> str:  # noqa: PLR0911 - one line for each kind of value.
    """Write a value in SQL, without a colon: pgbench would take it for a variable."""
    match value:
        case None:
            return "NULL"
        case bool() | int():
            return str(value)
        case bytes():
            return f"'\\x{value.hex()}'::bytea"
        case UUID():
            return f"{_made(str(value))}::uuid" if str(value) in fresh else f"'{value}'::uuid"
        case datetime():
            return f"{_text(value.isoformat())}::timestamptz"
        case list() | tuple():
            return f"ARRAY[{', '.join(_literal(one, fresh) for one in value)}]" if value else "'{}'"
        case _:
            text = _text(str(value))
            for one in fresh:
                if one in str(value):
                    text = f"replace({text}, '{one}', {_made(one)})"
            return text


def _text(value: str) -> str:
    return f"convert_from('\\x{value.encode().hex()}', 'UTF8')"


def _made(value: str) -> str:
    """Return another value of the same length for every run of the script."""
    made = f"md5('{value}' || :n::bigint)"
    return f"({made}::uuid)::text" if len(value) == 36 else f"left({made}, {len(value)})"
