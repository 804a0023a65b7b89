"""Carries requests to services that are other processes, over HTTP/1.1 with kept connections."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, ClassVar, Final, NamedTuple, Self
from urllib.parse import quote

import aiohttp
import structlog
from multidict import CIMultiDict
from yarl import URL

from gateway.asgi import Receive, Scope, Send
from gateway.errors import UNREACHABLE, RefusalError
from gateway.proxy import CutError
from gateway.replicas import NO_CONNECTION, BrokenConnectionError, Replica, ReplicaPool
from shared.tasks import end_tasks

log = structlog.get_logger(__name__)

IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
WATCH_AFTER_SECONDS: Final = 0.05
"""A client that leaves is looked for only when the service has not answered by then: most requests never pay for it."""
READ_BUFFER_BYTES: Final = 256 * 1024
CONNECTIONS_PER_REPLICA: Final = 200
KEEPALIVE_SECONDS: Final = 3
"""Shorter than the five seconds after which uvicorn closes an idle connection: none is used while it is being closed."""
NOT_GUESSED: Final[CIMultiDict[None]] = CIMultiDict({"Content-Type": None})
PROBE_PATH: Final = "/readyz"
FAILURES: Final = (aiohttp.ClientError, OSError)


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep the library from repeating a request by itself: whether and where to is decided here, once."""
    try:
        return await handler(request)
    except NO_CONNECTION:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise BrokenConnectionError(repr(error)) from error


class PlainRequest(aiohttp.ClientRequest):
    """A request that carries the client's headers and no invention of ours: no User-Agent, no Accept, no Content-Type."""

    DEFAULT_HEADERS: ClassVar[dict[str, str]] = {}  # type: ignore[assignment,misc]  # the library annotates it more narrowly

    def update_auto_headers(self, skip_auto_headers: Iterable[str] | None) -> None:
        """Add nothing, and keep the body from adding its guess of a type."""
        self._skip_auto_headers = NOT_GUESSED


class RequestBody:
    """What the client sends: nothing, one piece, or a stream that can be read once."""

    def __init__(self, receive: Receive, first: bytes | None, *, more_body: bool) -> None:
        self._receive = receive
        self._first = first
        self.is_complete = not more_body
        self.is_aborted = False
        self.can_repeat = True

    @classmethod
    async def open(cls, receive: Receive) -> Self:
        """Read the first piece; without a body it is empty and the last one."""
        message = await receive()
        first = message.get("body", b"")
        body = cls(receive, first or None, more_body=message.get("more_body", False))
        body.is_aborted = message["type"] == "http.disconnect"
        return body

    def content(self) -> bytes | AsyncIterator[bytes] | None:
        """Return the body for one attempt."""
        return self._first if self.is_complete else self._pieces()

    async def _pieces(self) -> AsyncIterator[bytes]:
        self.can_repeat = False
        if self._first:
            yield self._first
        while not self.is_complete:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.is_aborted = True
                raise _AbortedError
            self.is_complete = not message.get("more_body", False)
            if message.get("body"):
                yield message["body"]


class _AbortedError(Exception):
    """The client stopped sending; makes the half-sent request to the service break off too."""


class ClientWatch:
    """Ends the work of this task when the client leaves while the service is still thinking or streaming."""

    def __init__(self, receive: Receive, body: RequestBody) -> None:
        self.is_client_gone = False
        self._receive = receive
        self._body = body
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._working: asyncio.Task[Any] | None = None

    def __enter__(self) -> Self:
        self._working = asyncio.current_task()
        self._timer = self._loop.call_later(WATCH_AFTER_SECONDS, self._begin)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()

    def forgive(self) -> None:
        """Take back the cancellation, once the work has ended because of it."""
        if self._working is not None:
            self._working.uncancel()

    def _begin(self) -> None:
        if self._body.is_complete:
            self._watcher = self._loop.create_task(self._watch())
        else:
            # The body is still being read, and reading it notices the same.
            self._timer = self._loop.call_later(WATCH_AFTER_SECONDS, self._begin)

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.is_client_gone = True
        if self._working is not None:
            self._working.cancel()


class OutgoingRequest(NamedTuple):
    """A request in the words of the client library, whichever replica it goes to."""

    method: str
    path: str
    headers: CIMultiDict[str]

    @classmethod
    def of(cls, scope: Scope) -> Self:
        """Translate an ASGI scope; the path goes out byte for byte as it came in."""
        raw_path: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
        query: bytes = scope["query_string"]
        path = (raw_path + b"?" + query if query else raw_path).decode("latin-1")
        headers = [(name.decode("latin-1"), value.decode("utf-8", "replace")) for name, value in scope["headers"]]
        return cls(scope["method"], path, CIMultiDict(headers))


async def _relay(answer: aiohttp.ClientResponse, body: RequestBody, send: Send) -> None:
    """Pass the answer on piece by piece, each as soon as it is there.

    Errors: CutError when the service breaks off in the middle.
    """
    content = answer.content
    try:
        await send({"type": "http.response.start", "status": answer.status, "headers": list(answer.raw_headers)})
        while True:
            piece = await content.readany()
            is_last = content.at_eof()
            await send({"type": "http.response.body", "body": piece, "more_body": not is_last})
            if is_last:
                return
    except FAILURES as error:
        if not body.is_aborted:
            log.warning("answer_cut", url=str(answer.url.origin()), error=repr(error))
            raise CutError from error
    finally:
        if content.at_eof() and body.is_complete:
            answer.release()
        else:
            answer.close()


class Remote:
    """Sends each request to the best replica of its service."""

    def __init__(
        self, replicas: Mapping[str, Sequence[str]], *, connect_seconds: float = 2, probe_seconds: float = 5
    ) -> None:
        self._pools = {service: ReplicaPool(service, urls) for service, urls in replicas.items()}
        self._connect_seconds = connect_seconds
        self._probe_seconds = probe_seconds
        self._session: aiohttp.ClientSession | None = None
        self._probing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the connection pool and begin to look after the replicas."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,
                limit_per_host=CONNECTIONS_PER_REPLICA,
                keepalive_timeout=KEEPALIVE_SECONDS,
                ttl_dns_cache=10,
            ),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            request_class=PlainRequest,
            middlewares=(_once,),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_seconds),
            read_bufsize=READ_BUFFER_BYTES,
            max_line_size=16 * 1024,
            max_field_size=16 * 1024,
        )
        self._probing = asyncio.create_task(self._probe_for_ever(), name="gateway:probes")

    async def stop(self) -> None:
        """Close the connections."""
        if self._probing is not None:
            await end_tasks([self._probing])
            self._probing = None
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def carry(self, service: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the request to a replica; an idempotent one gets a second attempt when the connection fails.

        Errors: RefusalError before the answer began, CutError after.
        """
        pool = self._pools.get(service)
        replica = pool.pick() if pool is not None else None
        if pool is None or replica is None:
            raise RefusalError(UNREACHABLE, service=service)
        body = await RequestBody.open(receive)
        if body.is_aborted:
            return
        with ClientWatch(receive, body) as watch:
            try:
                await self._attempt(pool, replica, scope, body, send)
            except asyncio.CancelledError:
                if not watch.is_client_gone:
                    raise
                watch.forgive()

    async def _attempt(self, pool: ReplicaPool, replica: Replica, scope: Scope, body: RequestBody, send: Send) -> None:
        request = OutgoingRequest.of(scope)
        is_second = False
        while True:
            replica.in_flight += 1
            try:
                answer = await self._ask(replica, request, body)
                await _relay(answer, body, send)
            except FAILURES as error:
                if body.is_aborted:
                    return
                pool.failed(replica, error)
                log.warning("service_unreachable", service=pool.service, replica=replica.url, error=repr(error))
                may_repeat = not is_second and body.can_repeat and scope["method"] in IDEMPOTENT
                other = pool.pick_instead(replica, error) if may_repeat else None
                if other is None:
                    raise RefusalError(UNREACHABLE, service=pool.service) from error
            else:
                return
            finally:
                replica.in_flight -= 1
            replica, is_second = other, True

    async def _ask(self, replica: Replica, request: OutgoingRequest, body: RequestBody) -> aiohttp.ClientResponse:
        if self._session is None:
            msg = "the carrier was not started"
            raise RuntimeError(msg)
        return await self._session.request(
            request.method,
            URL(replica.url + request.path, encoded=True),
            headers=request.headers,
            data=body.content(),
            allow_redirects=False,
        )

    async def _probe_for_ever(self) -> None:
        while True:
            await asyncio.gather(
                *(self._probe(pool, replica) for pool in self._pools.values() for replica in pool.replicas)
            )
            await asyncio.sleep(self._probe_seconds)

    async def _probe(self, pool: ReplicaPool, replica: Replica) -> None:
        """Ask a replica whether it is ready. Silence decides nothing: a busy replica is not a dead one."""
        if self._session is None:
            return
        try:
            timeout = aiohttp.ClientTimeout(total=self._probe_seconds, sock_connect=self._connect_seconds)
            async with self._session.get(f"{replica.url}{PROBE_PATH}", timeout=timeout) as answer:
                pool.mark(replica, is_up=answer.status < 500)
        except NO_CONNECTION:
            pool.mark(replica, is_up=False)
        except (*FAILURES, TimeoutError):
            return
