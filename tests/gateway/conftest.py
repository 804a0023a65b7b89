"""One suite, two carriers: every test that asks for `door` runs against services in this process and behind sockets."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from gateway.asgi import AsgiApp, Receive, Scope, Send
from gateway.main import create_app
from gateway.routes_table import KIB, Auth, Patience, Route
from gateway.settings import GatewaySettings
from shared.kernel.clock import FixedClock
from shared.testing.clients import Signer
from tests.gateway.serving import serve
from tests.gateway.upstream import Upstream

HASTY = Patience("hasty", first_byte_seconds=0.5, idle_seconds=0.5)
CALM = Patience("calm", first_byte_seconds=15, idle_seconds=15)

TEST_ROUTES = (
    Route("/.well-known/jwks.json", "identity", Auth.OPTIONAL),
    Route("/api/v1/identity", "identity", Auth.OPTIONAL),
    Route("/api/v1/identity/sessions", "identity", Auth.OPTIONAL, is_sign_in=True),
    Route("/api/v1/points", "points", Auth.OPTIONAL, 64 * KIB, CALM),
    Route("/api/v1/points/private", "points", Auth.REQUIRED),
    Route("/api/v1/points/big", "points", Auth.OPTIONAL, 16 * 1024 * KIB, CALM),
    Route("/api/v1/points/slow", "points", Auth.OPTIONAL, patience=HASTY),
    Route("/api/v1/points/stall", "points", Auth.OPTIONAL, patience=HASTY),
    Route("/api/v1/points/events", "points", Auth.OPTIONAL, patience=HASTY),
    Route("/api/v1/property", "property", Auth.OPTIONAL),
)


@pytest.fixture(scope="session")
def base_settings(redis_url: str) -> dict[str, Any]:
    return {
        "environment": "development",
        "redis_url": redis_url,
        "log_level": "CRITICAL",
        "address_limit_per_minute": 1_000_000,
        "account_limit_per_minute": 1_000_000,
        "sign_in_limit_per_minute": 1_000_000,
        "probe_seconds": 0.2,
        "connect_seconds": 1,
    }


@pytest.fixture
def make_settings(base_settings: dict[str, Any]) -> Any:
    def make(**overrides: Any) -> GatewaySettings:
        return GatewaySettings(**(base_settings | overrides))

    return make


@dataclass
class Door:
    """A gateway on a socket, the service behind it, and a client in front."""

    mode: str
    url: str
    upstream: Upstream
    client: httpx2.AsyncClient

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, **options)


class Stage:
    """The place of the upstream: a standing door keeps its sockets, and each test puts a fresh actor on the stage."""

    def __init__(self, actor: Upstream) -> None:
        self.actor = actor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.actor(scope, receive, send)


@asynccontextmanager
async def door_before(
    stage: AsgiApp, mode: str, settings: dict[str, Any], clock: FixedClock, **options: Any
) -> AsyncIterator[str]:
    """Open a door before an upstream and give its URL. The service `property` has no living replica."""
    async with AsyncExitStack() as stack:
        if mode == "in_process":
            app = create_app(GatewaySettings(**settings), {"identity": stage, "points": stage}, clock=clock, **options)
        else:
            url = await stack.enter_async_context(serve(stage))
            replicas = {"identity": [url], "points": [url], "property": ["http://127.0.0.1:9"]}
            app = create_app(GatewaySettings(upstreams=replicas, **settings), clock=clock, **options)
        yield await stack.enter_async_context(serve(app))


@pytest.fixture(scope="session", params=["in_process", "remote"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
async def standing(
    mode: str, base_settings: dict[str, Any], signer: Signer, clock: FixedClock
) -> AsyncIterator[tuple[Stage, str]]:
    stage = Stage(Upstream(jwks=signer.jwks))
    async with door_before(stage, mode, base_settings, clock, routes=TEST_ROUTES) as url:
        yield stage, url


@pytest.fixture
async def door(standing: tuple[Stage, str], mode: str, signer: Signer) -> AsyncIterator[Door]:
    """The door with the usual settings, and an upstream that no other test has seen."""
    stage, url = standing
    stage.actor = Upstream(jwks=signer.jwks)
    async with httpx2.AsyncClient(base_url=url, timeout=120) as client:
        yield Door(mode, url, stage.actor, client)


@pytest.fixture
async def open_door(mode: str, base_settings: dict[str, Any], signer: Signer, clock: FixedClock) -> AsyncIterator[Any]:
    """Return an opener of doors of one's own: `await open_door(setting=…)`."""
    async with AsyncExitStack() as stack:

        async def open_one(*, options: Any = None, **overrides: Any) -> Door:
            upstream = Upstream(jwks=signer.jwks)
            chosen = {"routes": TEST_ROUTES} | (options or {})
            opened = door_before(upstream, mode, base_settings | overrides, clock, **chosen)
            url = await stack.enter_async_context(opened)
            client = await stack.enter_async_context(httpx2.AsyncClient(base_url=url, timeout=120))
            return Door(mode, url, upstream, client)

        yield open_one


@pytest.fixture
def unique() -> str:
    """A word no other test uses."""
    return uuid4().hex
