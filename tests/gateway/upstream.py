"""A service for tests: plain ASGI, answers what a test asks for by its path, and tells how far it got."""

import asyncio
import hashlib
import json
import zlib
from typing import Any

from gateway.asgi import Message, Receive, Scope, Send
from shared.auth import VERIFIED

MIB = 1024 * 1024
PREFIX = "/api/v1/points"


class Upstream:
    """One replica. Tests look at `received`, `sent` and the events, and open `gate` to let it go on."""

    def __init__(self, name: str = "one", jwks: Any = None) -> None:
        self.name = name
        self.jwks = jwks
        self.calls: list[str] = []
        self.met = 0
        self.received = 0
        self.sent = 0
        self.started = 0
        self.stopped = 0
        self.is_ready = True
        self.gate = asyncio.Event()
        self.both = asyncio.Event()
        self.left = asyncio.Event()
        self.progress = asyncio.Condition()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        path = scope["path"].removeprefix(PREFIX)
        if path != "/readyz":
            self.calls.append(f"{scope['method']} {scope['path']}")
        handler = getattr(self, "on_" + path.strip("/").split("/")[0].replace("-", "_").replace(".", "_"), self.on_echo)
        await handler(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "lifespan.startup"
        self.started += 1
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        self.stopped += 1
        await send({"type": "lifespan.shutdown.complete"})

    async def read(self, receive: Receive) -> bytes:
        pieces = []
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.left.set()
                raise ConnectionAbortedError
            pieces.append(message.get("body", b""))
            async with self.progress:
                self.received += len(pieces[-1])
                self.progress.notify_all()
            if not message.get("more_body", False):
                return b"".join(pieces)

    async def on_caller(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell whose token the door says it has verified."""
        principal = scope.get(VERIFIED)
        body = json.dumps({"account": None if principal is None else str(principal.account_id)}).encode()
        await reply(send, 200, body, [(b"content-type", b"application/json")])

    async def on_echo(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await self.read(receive)
        document = {
            "name": self.name,
            "method": scope["method"],
            "path": scope["path"],
            "raw_path": scope["raw_path"].decode(),
            "query": scope["query_string"].decode(),
            "headers": [[k.decode("latin-1"), v.decode("latin-1")] for k, v in scope["headers"]],
            "size": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        extra = [(b"x-dup", b"a"), (b"x-dup", b"b"), (b"x-hop", b"1"), (b"connection", b"x-hop")]
        await reply(send, 200, json.dumps(document).encode(), [(b"content-type", b"application/json"), *extra])

    async def on_meet(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer only when two are here."""
        self.met += 1
        if self.met == 2:
            self.both.set()
        await self.both.wait()
        await self.on_echo(scope, receive, send)

    async def on_status(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = int(scope["path"].rpartition("/")[2])
        body = b"" if status in {204, 304} or scope["method"] == "HEAD" else b"hello"
        headers = [] if status == 204 else [(b"etag", b'"x"')]
        if scope["method"] == "HEAD":
            headers.append((b"content-length", b"5"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def on_slow(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.read(receive)
        try:
            await asyncio.wait_for(self.gate.wait(), 30)
        finally:
            self.left.set()
        await reply(send, 200, b"late")

    async def on_stall(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})
        await send({"type": "http.response.body", "body": b"hello", "more_body": True})
        await self.gate.wait()

    async def on_crash(self, scope: Scope, receive: Receive, send: Send) -> None:
        msg = "the handler failed"
        raise RuntimeError(msg)

    async def on_cut(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})
        await send({"type": "http.response.body", "body": b"hello", "more_body": True})

    async def on_download(self, scope: Scope, receive: Receive, send: Send) -> None:
        size = int(scope["query_string"])
        piece = bytes(range(256)) * 256
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-size", str(size).encode())]})
        while self.sent < size:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            self.sent += len(piece)
            if self.sent == MIB and not self.gate.is_set():
                await self.gate.wait()
        await send({"type": "http.response.body", "body": b""})

    async def on_events(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

        async def speak() -> None:
            for number in range(1000):
                self.gate.clear()
                await send({"type": "http.response.body", "body": b"id: %d\n\n" % number, "more_body": True})
                await self.gate.wait()

        speaking = asyncio.create_task(speak())
        while (await receive())["type"] != "http.disconnect":
            pass
        speaking.cancel()
        self.left.set()

    async def on_gzip(self, scope: Scope, receive: Receive, send: Send) -> None:
        packer = zlib.compressobj(wbits=31)
        body = packer.compress(b"hello" * 1000) + packer.flush()
        await reply(send, 200, body, [(b"content-encoding", b"gzip"), (b"content-type", b"text/plain")])

    async def on_only_post(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = 200 if scope["method"] == "POST" else 405
        await reply(send, status, b"{}", [(b"content-type", b"application/problem+json"), (b"allow", b"POST")])

    async def on_boast(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [
            (b"server", b"secret/1.0"),
            (b"x-powered-by", b"snake oil"),
            (b"access-control-allow-origin", b"*"),
            (b"x-principal-id", b"42"),
            (b"cache-control", b"public, max-age=60"),
            (b"set-cookie", b"a=1"),
            (b"set-cookie", b"b=2"),
        ]
        await reply(send, 200, b"{}", headers)

    async def on_readyz(self, scope: Scope, receive: Receive, send: Send) -> None:
        await reply(send, 200 if self.is_ready else 503, b"{}")

    async def on__well_known(self, scope: Scope, receive: Receive, send: Send) -> None:
        await reply(send, 200, json.dumps(await self.jwks()).encode())


async def reply(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    start = [(b"content-length", str(len(body)).encode()), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})


async def trivial(scope: Scope, receive: Receive, send: Send) -> None:
    """The least a service can do; replicas in processes of their own run it."""
    assert scope["type"] == "http"
    message: Message = await receive()
    while message.get("more_body", False):
        message = await receive()
    if scope["path"].endswith("/pause"):
        await asyncio.sleep(0.2)
    await reply(send, 200, b'{"ok":true}', [(b"content-type", b"application/json")])
