"""Builds the door: over services mounted in this process, or over services elsewhere."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from redis.asyncio import Redis

from gateway.app import Gateway
from gateway.asgi import AsgiApp
from gateway.dev_clock import DevClock
from gateway.docs import Docs
from gateway.fetch import fetch
from gateway.health import Health
from gateway.home import PARTS, Home, Part
from gateway.limits import RateLimiter
from gateway.pages import OwnPage
from gateway.proxy import Carrier, InProcess
from gateway.routes_table import ROUTES, Auth, Route, RoutesTable
from gateway.settings import GatewaySettings
from shared.auth import JwksFetch, TokenVerifier
from shared.clock import SystemClock, TravellingClock
from shared.kernel.clock import Clock
from shared.tasks import end_tasks
from shared.telemetry import configure_logging, configure_tracing, serve_metrics

JWKS_PATH: Final = "/.well-known/jwks.json"
JWKS_WITHIN_SECONDS: Final = 5

SERVER_OPTIONS: Final[Mapping[str, Any]] = {
    # The door decides itself whose X-Forwarded-For to believe; uvicorn would believe anybody on this machine.
    "proxy_headers": False,
    "server_header": False,
    "access_log": False,
    "http": "httptools",
    "ws": "websockets-sansio",
    "timeout_keep_alive": 65,
    "h11_max_incomplete_event_size": 32 * 1024,
}
"""Options of the uvicorn server that carries the door."""


def create_app(
    settings: GatewaySettings,
    upstreams: Mapping[str, AsgiApp] | None = None,
    *,
    clock: Clock | None = None,
    routes: Sequence[Route] = ROUTES,
    home_parts: Sequence[Part] = PARTS,
) -> Gateway:
    """Build the gateway.

    With `upstreams` (service → ASGI application) the services live in this process, and start and stop with the gateway.
    Without, `settings.upstreams` says where their replicas are. `clock` is the one the services use, when they share it.
    """
    configure_logging(settings.log_level)
    configure_tracing("gateway", settings.otlp_endpoint)
    carrier: Carrier
    if upstreams is not None:
        carrier = InProcess(upstreams)
    else:
        # Its HTTP client is large; a door before services in this process does without.
        from gateway.remote import Remote

        carrier = Remote(
            settings.upstreams, connect_seconds=settings.connect_seconds, probe_seconds=settings.probe_seconds
        )
    services = tuple(upstreams if upstreams is not None else settings.upstreams)
    redis_url = settings.redis_url.get_secret_value()
    limiter = RateLimiter(redis_url)
    life = _Life(carrier, limiter)
    if clock is None:
        clock = SystemClock()
        if settings.is_development:
            clock = life.follow(TravellingClock(), redis_url)
    health = Health(carrier, services)
    docs = Docs(carrier, services)
    home = Home(carrier, part_seconds=settings.home_part_seconds, parts=home_parts)
    pages = {
        "/healthz": OwnPage("/healthz", health.alive, auth=None),
        "/readyz": OwnPage("/readyz", health.ready, auth=None),
        "/openapi.json": OwnPage("/openapi.json", docs.openapi),
        "/docs": OwnPage("/docs", docs.page),
        "/api/v1/home": OwnPage("/api/v1/home", home.page, auth=Auth.REQUIRED),
    }
    folders = {
        "/docs": OwnPage("/docs/{asset}", docs.asset),
        "/problems": OwnPage("/problems/{code}", docs.problem),
    }
    if settings.is_development and isinstance(clock, TravellingClock):
        dev_clock = DevClock(clock, life.redis(redis_url))
        pages["/api/v1/dev/clock"] = OwnPage("/api/v1/dev/clock", dev_clock.page, methods=("GET", "POST"))
    return Gateway(
        settings=settings,
        table=RoutesTable(routes),
        carrier=carrier,
        limiter=limiter,
        verifier=TokenVerifier(_fetch_jwks(carrier), clock),
        pages=pages,
        folders=folders,
        on_start=life.start,
        on_stop=life.stop,
    )


def build() -> Gateway:
    """Build the gateway from the environment, for uvicorn: `uvicorn gateway.main:build --factory`."""
    settings = GatewaySettings()
    serve_metrics(settings.metrics_address)
    return create_app(settings)


def _fetch_jwks(carrier: Carrier) -> JwksFetch:
    async def fetch_keys() -> dict[str, Any]:
        answer = await fetch(carrier, "identity", JWKS_PATH, within_seconds=JWKS_WITHIN_SECONDS)
        if not answer.is_ok:
            msg = f"identity answered {answer.status} for its keys"
            raise ValueError(msg)
        document: dict[str, Any] = answer.json()
        return document

    return fetch_keys


class _Life:
    """Everything that is opened when the door opens, and closed when it closes."""

    def __init__(self, carrier: Carrier, limiter: RateLimiter) -> None:
        self._carrier = carrier
        self._limiter = limiter
        self._redis: Redis | None = None
        self._followed: TravellingClock | None = None
        self._following: asyncio.Task[None] | None = None

    def redis(self, url: str) -> Redis:
        """Return the one connection pool for the clock."""
        if self._redis is None:
            self._redis = Redis.from_url(url, decode_responses=True)
        return self._redis

    def follow(self, clock: TravellingClock, redis_url: str) -> TravellingClock:
        """Keep a clock in step with the other processes while the door is open."""
        self.redis(redis_url)
        self._followed = clock
        return clock

    async def start(self) -> None:
        if self._followed is not None and self._redis is not None:
            self._following = asyncio.create_task(self._followed.follow(self._redis), name="gateway:clock")
        await self._carrier.start()

    async def stop(self) -> None:
        await self._carrier.stop()
        if self._following is not None:
            await end_tasks([self._following])
        await self._limiter.stop()
        if self._redis is not None:
            await self._redis.aclose()
