"""Asks a service something on the door's own behalf, through the same carrier as everybody's requests."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gateway.asgi import Message
from gateway.bodies import MeteredBody
from gateway.errors import BODY_TOO_LARGE, TOO_SLOW, UNREACHABLE, RefusalError
from gateway.headers import RawHeaders
from gateway.proxy import Carrier, CutError

LARGEST_ANSWER_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole answer of a service."""

    status: int
    headers: RawHeaders
    body: bytes

    @property
    def is_ok(self) -> bool:
        """Whether the status says success."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Return the body as JSON.

        Errors: ValueError when it is none.
        """
        return json.loads(self.body)


async def fetch(
    carrier: Carrier,
    service: str,
    path: str,
    *,
    query: bytes = b"",
    headers: Iterable[tuple[bytes, bytes]] = (),
    within_seconds: float,
) -> Fetched:
    """GET a path of a service.

    Errors: RefusalError when it does not answer, not in time, or not with a sensible amount of data.
    """
    answer = _Collector()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": list(headers),
        "client": ("127.0.0.1", 0),
        "server": ("gateway", None),
        "state": {},
    }
    try:
        async with asyncio.timeout(within_seconds):
            await carrier.carry(service, scope, MeteredBody(answer.receive, 0), answer.send)
    except TimeoutError:
        raise RefusalError(TOO_SLOW, service=service) from None
    except CutError:
        raise RefusalError(UNREACHABLE, service=service) from None
    if not answer.is_complete:
        raise RefusalError(UNREACHABLE, service=service)
    return Fetched(answer.status, answer.headers, b"".join(answer.pieces))


class _Collector:
    """The client's side of a fetch: sends nothing, keeps everything."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: RawHeaders = []
        self.pieces: list[bytes] = []
        self.is_complete = False
        self._size = 0
        self._is_asked = False
        self._never = asyncio.Event()

    async def receive(self) -> Message:
        if self._is_asked:
            await self._never.wait()
        self._is_asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [(name.lower(), value) for name, value in message.get("headers", ())]
            return
        piece = message.get("body", b"")
        self._size += len(piece)
        if self._size > LARGEST_ANSWER_BYTES:
            raise RefusalError(BODY_TOO_LARGE, limit_bytes=LARGEST_ANSWER_BYTES)
        self.pieces.append(piece)
        self.is_complete = not message.get("more_body", False)
