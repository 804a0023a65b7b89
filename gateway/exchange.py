"""One request and its answer, seen from the door: its id, its limits, its deadline, and the headers of the answer."""

import time
from typing import Final

from gateway.asgi import Message, Scope, Send
from gateway.bodies import MeteredBody
from gateway.deadline import Deadline, Deadlines
from gateway.errors import PROBLEM_MEDIA_TYPE, RefusalError
from gateway.headers import RawHeaders, outward, request_id_of
from gateway.limits import Verdict, limit_headers
from gateway.routes_table import Patience

EVENT_STREAM: Final = b"text/event-stream"


class Exchange:
    """Wraps `send`: writes the door's headers, keeps the deadline, and remembers how far the answer got.

    `headers` are the request's, by name; of a repeated name the last.
    """

    __slots__ = (
        "_content_type",
        "_deadline",
        "_patience",
        "_send",
        "body",
        "extra_headers",
        "has_begun",
        "headers",
        "is_complete",
        "label",
        "request_id",
        "scope",
        "service",
        "started_at",
        "status",
        "verdicts",
    )

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.request_id = request_id_of(self.headers.get(b"x-request-id"))
        self.started_at = time.perf_counter()
        self.service = "gateway"
        self.label = "unrouted"
        self.status = 0
        self.has_begun = False
        self.is_complete = False
        self.extra_headers: RawHeaders = [(b"x-request-id", self.request_id)]
        self.verdicts: list[Verdict] = []
        self.body: MeteredBody | None = None
        self._send = send
        self._deadline: Deadline | None = None
        self._patience: Patience | None = None
        self._content_type = b""

    def wait_with(self, deadlines: Deadlines, patience: Patience) -> Deadline:
        """Return the deadline of the answer: for its first byte, then between its pieces."""
        self._patience = patience
        self._deadline = deadlines.open(patience.first_byte_seconds)
        return self._deadline

    async def send(self, message: Message) -> None:
        """Pass one message of the answer on."""
        if self.body is not None and self.body.is_too_large:
            return  # The door answers 413; whatever the service says now is about a client that has left.
        deadline = self._deadline
        if deadline is not None:
            # While the client is reading, the service is not the one to hurry.
            deadline.suspend()
        if message["type"] == "http.response.start":
            self.has_begun = True
            self.status = message["status"]
            if self.verdicts:
                self.extra_headers += limit_headers(self.verdicts)
            headers = outward(message.get("headers", ()), status=self.status, extra=self.extra_headers)
            self._content_type = next((value for name, value in headers if name == b"content-type"), b"")
            await self._send({"type": "http.response.start", "status": self.status, "headers": headers})
        else:
            await self._send(message)
            self.is_complete = not message.get("more_body", False)
            if self.is_complete:
                return
        if deadline is not None and self._patience is not None:
            idle = self._patience.idle_seconds
            if idle is not None and not self._content_type.startswith(
                EVENT_STREAM
            ):  # Between events silence is normal.
                deadline.restart(idle)

    async def reply(
        self, status: int, media_type: bytes | None, body: bytes, headers: RawHeaders | None = None
    ) -> None:
        """Answer at once with a body the door made itself."""
        await self._start(status, media_type, body, headers or [])
        await self.send({"type": "http.response.body", "body": body, "more_body": False})

    async def refuse(self, refusal: RefusalError) -> None:
        """Answer with the problem a refusal describes."""
        await self.begin_refusal(refusal)
        await self.finish()

    async def begin_refusal(self, refusal: RefusalError) -> None:
        """Send the whole problem, without ending the answer yet."""
        body = refusal.body(self.request_id.decode())
        headers = [(b"cache-control", b"no-store"), *refusal.headers]
        await self._start(refusal.reason.status, PROBLEM_MEDIA_TYPE, body, headers)
        await self.send({"type": "http.response.body", "body": body, "more_body": True})

    async def finish(self) -> None:
        """End the answer."""
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _start(self, status: int, media_type: bytes | None, body: bytes, headers: RawHeaders) -> None:
        self._deadline = None
        start = [(b"content-length", str(len(body)).encode()), *headers]
        if media_type is not None:
            start.append((b"content-type", media_type))
        await self.send({"type": "http.response.start", "status": status, "headers": start})
