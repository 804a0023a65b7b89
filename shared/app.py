"""One shape for every service's app: request id, log line, metrics, problems, health, an OpenAPI document that tells the truth."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from shared import problems
from shared.clock import TravellingClock
from shared.header_parameters import declare_headers
from shared.hot import HotPaths, HotRoute
from shared.kernel.errors import UnavailableError
from shared.routing import RouteIndex
from shared.tasks import end_tasks
from shared.telemetry import METERS, configure_logging, configure_tracing, current_request, is_informative, span
from shared.versions import pending_steps

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from shared.runtime import Runtime

log = structlog.get_logger("access")

REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{8,64}")
QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})


class Observe:
    """The outermost layer: names each request, logs it once, counts it, and continues its trace. Plain ASGI, so it costs little."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given, parent = b"", None
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                given = value
            elif name == b"traceparent":
                parent = value.decode("latin-1")
        request_id = given.decode() if REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
        scope.setdefault("state", {})["request_id"] = request_id
        named = current_request.set((request_id, self._service))
        try:
            if parent is None:
                await self._serve(scope, receive, send, request_id.encode())
            else:
                with span(f"{scope['method']} {self._service}", parent=parent):
                    await self._serve(scope, receive, send, request_id.encode())
        finally:
            current_request.reset(named)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, request_id: bytes) -> None:
        started = time.perf_counter()
        status = 500

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", []).append((b"x-request-id", request_id))
            await send(message)

        try:
            if "\0" in scope["path"] or b"%00" in scope["query_string"]:
                # PostgreSQL keeps no NUL in text; refused here, no route has to think of it.
                refusal = problems.problem_response(Request(scope), problems.MalformedError())
                await refusal(scope, receive, send_named)
            else:
                await self._app(scope, receive, send_named)
        finally:
            self._tell(scope, status, time.perf_counter() - started)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        if scope["path"] in QUIET:
            return
        route = scope.get("route")
        template = route.path if isinstance(route, APIRoute) else "unrouted"
        METERS.observe((self._service, template, scope["method"]), status, seconds)
        if is_informative():
            log.info("request", method=scope["method"], path=scope["path"], status=status, ms=round(seconds * 1000, 1))


class ServiceApp(FastAPI):
    """A service's app with what it runs on, answering every failure as a problem.

    `asks_scopes`: other systems need the scope of the service on every route; without it the service's use cases say themselves what
    a system may do.
    """

    def __init__(self, runtime: Runtime[Any], *, asks_scopes: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.runtime = runtime
        self.asks_scopes = asks_scopes
        problems.install(self, runtime.database)

    def build_middleware_stack(self) -> ASGIApp:
        """Put our layers around all of the library's, of which a hot route needs none."""
        usual = super().build_middleware_stack()
        return Observe(HotPaths(usual, hot_routes(self), self.exception_handlers), self.runtime.service)


def operation_id(route: APIRoute) -> str:
    """Return the function's name: readable, and unique within a service because a test says so."""
    return route.name


def create_service_app(
    runtime: Runtime[Any], routers: Sequence[APIRouter], *, title: str, description: str, asks_scopes: bool = True
) -> ServiceApp:
    """Build a service's app; it closes its runtime when it stops."""
    configure_logging(runtime.settings.log_level)
    configure_tracing(runtime.service, runtime.settings.otlp_endpoint)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        follower: asyncio.Task[None] | None = None
        if isinstance(runtime.clock, TravellingClock):
            follower = asyncio.create_task(runtime.clock.follow(runtime.redis))
        # What was built until here stays until the end; looking through it for garbage would make every request wait.
        gc.freeze()
        yield
        if follower is not None:
            await end_tasks([follower])
        await runtime.close()

    app = ServiceApp(
        runtime,
        asks_scopes=asks_scopes,
        title=title,
        description=description,
        version="1",
        lifespan=lifespan,
        generate_unique_id_function=operation_id,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        separate_input_output_schemas=False,
        # `Observe` continues traces and counts answers; the library would ask of every request whether it should, too.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    for router in routers:
        mount_flat(app, router)
    mount_flat(app, _health_router(runtime))
    mount_flat(app, _document_router(app))
    app.router.middleware_stack = RouteIndex(app.router)
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = declare_headers(problems.declare(generate()))
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend its document.
    return app


def hot_routes(app: FastAPI) -> list[HotRoute]:
    """Return the routes of the hot paths."""
    return [route for route in app.router.routes if isinstance(route, HotRoute)]


def mount_flat(app: FastAPI, router: APIRouter) -> None:
    """Put a router's routes among the app's own, where each is tried once; an included router is matched a second time inside."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            route.unique_id = operation_id(route)
        app.router.routes.append(route)


def _document_router(app: ServiceApp) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    document = _Document(app)

    @router.get("/openapi.json")
    async def read_document() -> Response:
        # Making it takes seconds, and nobody's request is to wait for that.
        return Response(await asyncio.to_thread(document.text), media_type="application/json")

    return router


class _Document:
    """An app's OpenAPI document, made when it is first asked for and kept as text, which takes a tenth of the memory."""

    def __init__(self, app: ServiceApp) -> None:
        self._app = app
        self._making = Lock()
        self._text = b""

    def text(self) -> bytes:
        """Return it as JSON."""
        with self._making:
            if not self._text:
                self._text = json.dumps(self._app.openapi(), ensure_ascii=False, separators=(",", ":")).encode()
                self._app.openapi_schema = None
            return self._text


def _health_router(runtime: Runtime[Any]) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def is_alive() -> dict[str, str]:
        return {"status": "ok", "service": runtime.service}

    @router.get("/readyz")
    async def is_ready() -> Response:
        checks: dict[str, str] = {}
        try:
            await runtime.database.ping()
            checks["database"] = "ok"
            pending = await pending_steps(runtime.service, runtime.database.worker)
            checks["migrations"] = "ok" if not pending else f"pending: {', '.join(pending)}"
        except (SQLAlchemyError, OSError, UnavailableError) as error:
            checks["database"] = f"down: {type(error).__name__}"
        try:
            await runtime.redis.ping()
            checks["redis"] = "ok"
        except (RedisError, OSError) as error:
            checks["redis"] = f"down: {type(error).__name__}"
        ready = all(state == "ok" for state in checks.values())
        body = {"status": "ready" if ready else "not_ready", "service": runtime.service, "checks": checks}
        if runtime.settings.is_development:
            body["now"] = runtime.clock.now().isoformat()
        return JSONResponse(body, status_code=200 if ready else 503)

    @router.get("/metrics")
    async def tell_metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
