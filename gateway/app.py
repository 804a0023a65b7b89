"""The door itself: what happens to a request, in order."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final

import structlog
from prometheus_client import REGISTRY

from gateway.asgi import Message, Receive, Scope, Send
from gateway.auth import CHALLENGE, bearer_token, verify
from gateway.bodies import MeteredBody, drain
from gateway.cors import Cors
from gateway.deadline import Deadlines
from gateway.errors import (
    BODY_TOO_LARGE,
    BODY_TOO_SLOW,
    METHOD_NOT_ALLOWED,
    NO_WEBSOCKET,
    TOO_MANY,
    TOO_SLOW,
    UNAUTHENTICATED,
    UNEXPECTED,
    UNKNOWN_PATH,
    UNREACHABLE,
    RefusalError,
)
from gateway.exchange import Exchange
from gateway.headers import HSTS, client_address, inward
from gateway.hygiene import check_framing, check_path
from gateway.limits import Policy, RateLimiter
from gateway.pages import Call, OwnPage
from gateway.proxy import Carrier, CutError
from gateway.routes_table import Auth, Route, RoutesTable
from gateway.settings import GatewaySettings
from shared.auth import VERIFIED, TokenVerifier
from shared.kernel.principal import Principal
from shared.meters import Meters
from shared.telemetry import current_trace, span

log = structlog.get_logger(__name__)

MINUTE: Final = 60
TRACE_PARENT: Final = b"traceparent"
LINGER_SECONDS: Final = 10.0
LINGER_BYTES: Final = 64 * 1024 * 1024
"""How much of a body that was refused is read and dropped: most clients read no answer before they have sent everything."""
SLOW_SECONDS: Final = 1.0
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
QUIET: Final = frozenset({"/healthz", "/readyz"})
METERS: Final = Meters("diyuan_gateway", ("route", "method"), timed=1)
REGISTRY.register(METERS)


class Gateway:
    """The ASGI application. Pure ASGI: every layer of middleware would cost each request of every resident."""

    def __init__(
        self,
        *,
        settings: GatewaySettings,
        table: RoutesTable,
        carrier: Carrier,
        limiter: RateLimiter,
        verifier: TokenVerifier,
        pages: Mapping[str, OwnPage],
        folders: Mapping[str, OwnPage],
        on_start: Callable[[], Awaitable[None]],
        on_stop: Callable[[], Awaitable[None]],
    ) -> None:
        self._table = table
        self._carrier = carrier
        self._limiter = limiter
        self._verifier = verifier
        self._pages = dict(pages)
        self._folders = dict(folders)
        self._on_start = on_start
        self._on_stop = on_stop
        self._cors = Cors(settings.cors_origins)
        self._trusted = tuple(settings.trusted_proxies)
        self._has_access_log = settings.has_access_log
        self._is_https = settings.is_https
        self._is_traced = settings.otlp_endpoint is not None
        self._deadlines = Deadlines()
        self._by_address = Policy("address", settings.address_limit_per_minute, MINUTE)
        self._by_account = Policy("account", settings.account_limit_per_minute, MINUTE)
        self._by_sign_in = Policy("sign-in", settings.sign_in_limit_per_minute, MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the server's start and stop."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await _refuse_websocket(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, send)
        if self._is_https:
            exchange.extra_headers.append(HSTS)
        try:
            await self._answer(exchange, scope, receive)
        except RefusalError as refusal:
            await self._refuse(exchange, refusal, receive)
        except CutError:
            # The server closes the connection of an answer that was left unfinished; the client sees that it is.
            log.warning("answer_cut", path=scope["path"], request_id=exchange.request_id.decode())
        except Exception:
            log.exception("gateway_failed", path=scope["path"], request_id=exchange.request_id.decode())
            await self._refuse(exchange, RefusalError(UNEXPECTED), receive)
        self._tell(exchange)

    async def _answer(self, exchange: Exchange, scope: Scope, receive: Receive) -> None:
        """Do what the address asks for."""
        path = check_path(scope)
        length = check_framing(scope, exchange.headers)
        if (origin := exchange.headers.get(b"origin")) is not None:
            exchange.extra_headers += self._cors.headers_for(origin)
            if scope["method"] == "OPTIONS" and b"access-control-request-method" in exchange.headers:
                await self._cors.answer_preflight(origin, exchange)
                return
        own = self._pages.get(path) or self._folders.get(path.rpartition("/")[0])
        if own is not None:
            exchange.label = own.label
            await self._answer_own(own, exchange, scope, receive)
            return
        route = self._table.match(path)
        if route is None:
            raise RefusalError(UNKNOWN_PATH)
        exchange.service = route.service
        exchange.label = route.prefix
        await self._admit(exchange, scope, route.auth, is_sign_in=route.is_sign_in)
        if length is not None and length > route.body_limit:
            raise RefusalError(BODY_TOO_LARGE, limit_bytes=route.body_limit)
        if self._is_traced:
            await self._pass_on_traced(route, exchange, scope, receive)
        else:
            await self._pass_on(route, exchange, scope, receive)

    async def _answer_own(self, own: OwnPage, exchange: Exchange, scope: Scope, receive: Receive) -> None:
        if scope["method"] not in own.methods:
            raise RefusalError(METHOD_NOT_ALLOWED, headers=((b"allow", ", ".join(own.methods).encode()),))
        principal = None
        if own.auth is not None:
            principal = await self._admit(exchange, scope, own.auth, is_sign_in=False)
        await own.page(Call(exchange, scope, receive, principal))

    async def _admit(self, exchange: Exchange, scope: Scope, auth: Auth, *, is_sign_in: bool) -> Principal | None:
        """Count the request against its limits and verify its token; rewrite the headers a service will see.

        Errors: RefusalError 401, 429 or 503.
        """
        client = scope["client"][0] if scope.get("client") else ""
        if self._trusted:
            forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
            client = client_address(client, forwarded, self._trusted)
        await self._count(exchange, self._by_address, client)
        if is_sign_in and scope["method"] == "POST":
            await self._count(exchange, self._by_sign_in, client)
        principal = None
        # A token that is sent is verified even where none is asked for: whoever shows a bad one should hear so.
        if (token := bearer_token(exchange.headers.get(b"authorization"))) is not None:
            principal = scope[VERIFIED] = await verify(token, self._verifier)
            await self._count(exchange, self._by_account, str(principal.account_id))
        elif auth is Auth.REQUIRED:
            raise RefusalError(UNAUTHENTICATED, headers=CHALLENGE)
        scope["headers"] = inward(
            scope["headers"],
            connection=exchange.headers.get(b"connection"),
            vouched=(
                (b"x-request-id", exchange.request_id),
                (b"x-forwarded-for", client.encode()),
                (b"x-forwarded-proto", b"https" if self._is_https else scope.get("scheme", "http").encode()),
                (b"x-forwarded-host", exchange.headers.get(b"host", b"")),
            ),
        )
        return principal

    async def _count(self, exchange: Exchange, policy: Policy, caller: str) -> None:
        verdict = self._limiter.spend(policy, caller) or await self._limiter.hit(policy, caller)
        if verdict is None:
            return
        exchange.verdicts.append(verdict)
        if not verdict.is_allowed:
            wait = verdict.reset_seconds
            raise RefusalError(TOO_MANY, headers=((b"retry-after", str(wait).encode()),), retry_after_seconds=wait)

    async def _pass_on_traced(self, route: Route, exchange: Exchange, scope: Scope, receive: Receive) -> None:
        """Pass the request on as a span, of the caller's trace when it names one; the service continues it."""
        given = exchange.headers.get(TRACE_PARENT)
        parent = given.decode("latin-1") if given is not None else None
        with span(f"{scope['method']} {route.prefix}", parent=parent, request_id=exchange.request_id.decode()):
            if (current := current_trace()) is not None:
                others = [pair for pair in scope["headers"] if pair[0] != TRACE_PARENT]
                scope["headers"] = [*others, (TRACE_PARENT, current.encode())]
            await self._pass_on(route, exchange, scope, receive)

    async def _pass_on(self, route: Route, exchange: Exchange, scope: Scope, receive: Receive) -> None:
        body = MeteredBody(receive, route.body_limit)
        exchange.body = body
        try:
            with exchange.wait_with(self._deadlines, route.patience):
                await self._carrier.carry(route.service, scope, body, exchange.send)
        except TimeoutError:
            if exchange.has_begun:
                raise CutError from None
            raise RefusalError(BODY_TOO_SLOW if body.is_waiting else TOO_SLOW) from None
        except RefusalError:
            if not body.is_too_large:
                raise
        if body.is_too_large:
            if exchange.has_begun:
                raise CutError
            raise RefusalError(BODY_TOO_LARGE, limit_bytes=route.body_limit)
        if not exchange.is_complete and not body.is_client_gone:
            if exchange.has_begun:
                raise CutError
            raise RefusalError(UNREACHABLE, service=route.service)

    async def _refuse(self, exchange: Exchange, refusal: RefusalError, receive: Receive) -> None:
        if exchange.has_begun:
            return
        is_still_sending = refusal.reason is BODY_TOO_LARGE and not (exchange.body and exchange.body.is_complete)
        exchange.body = None
        if refusal.reason in {BODY_TOO_LARGE, BODY_TOO_SLOW}:
            exchange.extra_headers.append((b"connection", b"close"))
        await exchange.begin_refusal(refusal)
        if is_still_sending:
            # Closing now would make the client's system throw the answer away unread: listen a little longer.
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER_SECONDS):
                    await drain(receive, at_most=LINGER_BYTES)
        await exchange.finish()

    def _tell(self, exchange: Exchange) -> None:
        seconds = time.perf_counter() - exchange.started_at
        method = exchange.scope["method"] if exchange.scope["method"] in METHODS else "other"
        METERS.observe((exchange.label, method), exchange.status, seconds)
        if self._has_access_log or exchange.status >= 500 or seconds > SLOW_SECONDS:
            if exchange.scope["path"] in QUIET:
                return
            log.info(
                "request",
                service=exchange.service,
                method=method,
                path=exchange.scope["path"],
                status=exchange.status,
                is_complete=exchange.is_complete,
                ms=round(seconds * 1000, 1),
                request_id=exchange.request_id.decode(),
            )

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self._on_start()
        except Exception as error:
            log.exception("gateway_start_failed")
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._on_stop()
        await send({"type": "lifespan.shutdown.complete"})


async def _refuse_websocket(scope: Scope, receive: Receive, send: Send) -> None:
    """Say no to a WebSocket in words, where the server can; otherwise by closing it."""
    await receive()
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": NO_WEBSOCKET.title})
        return

    async def as_denial(message: Message) -> None:
        await send({**message, "type": message["type"].replace("http.", "websocket.http.", 1)})

    exchange = Exchange(scope, as_denial)
    await exchange.refuse(RefusalError(NO_WEBSOCKET))
