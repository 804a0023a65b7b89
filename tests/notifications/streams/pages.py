"""An open page: reads a live stream over the bare ASGI interface, event by event, and can go away in the middle."""

import asyncio
import json
from typing import Any


class Page:
    """One page of one person."""

    def __init__(self, app: Any, token: str | None, *, last_event_id: str | None = None) -> None:
        headers = [(b"host", b"notifications.test")]
        if token is not None:
            headers.append((b"authorization", f"Bearer {token}".encode()))
        if last_event_id is not None:
            headers.append((b"last-event-id", last_event_id.encode()))
        self._app = app
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/api/v1/notifications/stream",
            "raw_path": b"/api/v1/notifications/stream",
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("notifications.test", 80),
        }
        self._gone = asyncio.Event()
        self._started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._wire: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.headers: dict[str, str] = {}
        self.task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Page":
        self.task = asyncio.create_task(self._app(self._scope, self._receive, self._send))
        self.status = await asyncio.wait_for(self._started, 60)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._gone.set()
        if self.task is not None:
            await asyncio.wait_for(asyncio.gather(self.task, return_exceptions=True), 60)

    async def _receive(self) -> dict[str, Any]:
        if not self._scope.get("asked"):
            self._scope["asked"] = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            self._started.set_result(message["status"])
            return
        if message.get("body"):
            self._wire.put_nowait(message["body"])
        if not message.get("more_body"):
            self._wire.put_nowait(None)

    async def block(self) -> str | None:
        """Return the next block of the wire, or None when the stream has ended."""
        wire = await asyncio.wait_for(self._wire.get(), 60)
        return None if wire is None else wire.decode()

    async def event(self) -> tuple[str, int | None, dict[str, Any]]:
        """Return the next event: its name, its id and its data; comments and the opening are passed over."""
        while True:
            text = await self.block()
            assert text is not None, "the stream has ended"
            fields = dict(line.split(": ", 1) for line in text.strip().splitlines() if not line.startswith(":"))
            if "event" in fields:
                event_id = int(fields["id"]) if "id" in fields else None
                return fields["event"], event_id, json.loads(fields["data"])
