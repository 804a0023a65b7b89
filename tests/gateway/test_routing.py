"""Where requests go, and how they look when they arrive."""

from typing import Any

import pytest

from gateway.asgi import Receive, Scope, Send
from gateway.lifespan import StartupError
from gateway.main import create_app
from gateway.proxy import InProcess
from gateway.routes_table import ROUTES, SERVICES, SLOW, Auth, Route, RoutesTable
from services.points.audits.usecases import SECONDS_ASKED
from tests.gateway.conftest import Door
from tests.gateway.serving import serve, talk
from tests.gateway.upstream import Upstream, trivial


@pytest.mark.parametrize(
    ("path", "prefix"),
    [
        ("/api/v1/points", "/api/v1/points"),
        ("/api/v1/points/", "/api/v1/points"),
        ("/api/v1/points/redemptions/1", "/api/v1/points"),
        ("/api/v1/pointsx", None),
        ("/api/v1", None),
        ("/", None),
        ("", None),
        ("//api/v1/points", None),
        ("/API/v1/points", None),
        ("/.well-known/jwks.json", "/.well-known/jwks.json"),
        ("/.well-known/jwks.json/x", "/.well-known/jwks.json"),
        ("/.well-known/security.txt", None),
        ("/api/v1/media/files/a/b/public", "/api/v1/media/files"),
        ("/api/v1/media/filesystem", "/api/v1/media"),
        ("/api/v1/identity/oauth/token", "/api/v1/identity/oauth"),
    ],
)
def test_longest_prefix_at_a_segment_boundary(path: str, prefix: str | None) -> None:
    route = RoutesTable().match(path)
    assert (route.prefix if route else None) == prefix


@pytest.mark.parametrize("path", ["/api/v1/points/audit", "/api/v1/points/export"])
def test_who_reads_all_books_is_given_time(path: str) -> None:
    route = RoutesTable().match(path)
    assert route is not None
    assert (route.auth, route.patience) == (Auth.REQUIRED, SLOW)
    assert route.patience.first_byte_seconds > SECONDS_ASKED, "an audit is not cut off at the door"


def test_longer_prefix_wins_wherever_it_stands_in_the_table() -> None:
    table = RoutesTable([Route("/a/b", "short"), Route("/a/b/c/d", "long"), Route("/a", "shortest")])
    assert [table.match(path).service for path in ("/a/x", "/a/b/c", "/a/b/c/d", "/a/b/c/d/e")] == [  # type: ignore[union-attr]
        "shortest",
        "short",
        "long",
        "long",
    ]


def test_every_service_has_a_route_and_every_route_a_service() -> None:
    assert {route.service for route in ROUTES} == set(SERVICES)
    assert all(f"/api/v1/{service}" in {route.prefix for route in ROUTES} for service in SERVICES)


@pytest.mark.parametrize("service", ["points", "proposals", "property", "media", "notifications"])
def test_everything_but_signing_in_needs_a_token(service: str) -> None:
    route = RoutesTable().match(f"/api/v1/{service}/anything")
    assert route is not None
    assert route.auth is Auth.REQUIRED


def test_what_is_open_to_visitors_is_listed_here() -> None:
    """Another open prefix is a decision; it is made in this list too."""
    assert {route.prefix for route in ROUTES if route.auth is Auth.OPTIONAL} == {
        "/.well-known/jwks.json",
        "/api/v1/identity",
        "/api/v1/identity/bindings",
        "/api/v1/identity/oauth",
        "/api/v1/identity/staff_sessions",
        "/api/v1/identity/wechat_sessions",
        "/api/v1/media/files",
        "/api/v1/media/wechat_pushes",
        "/api/v1/points/public",
    }


@pytest.mark.parametrize("path", ["staff_sessions", "wechat_sessions", "bindings", "oauth/token"])
def test_guessing_starts_where_the_stricter_limit_applies(path: str) -> None:
    route = RoutesTable().match(f"/api/v1/identity/{path}")
    assert route is not None
    assert route.is_sign_in


async def test_unknown_path_is_a_problem(door: Door) -> None:
    answer = await door.get("/api/v1/nonsense")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "route_not_found"
    assert problem["type"] == "/problems/route_not_found"
    assert problem["instance"] == answer.headers["x-request-id"]
    assert "没有这个地址" in problem["detail"]
    assert door.upstream.calls == []


async def test_metrics_and_service_internals_are_not_public(door: Door) -> None:
    for path in ("/metrics", "/api/v1/metrics", "/internal"):
        assert (await door.get(path)).status_code == 404
    assert door.upstream.calls == []


async def test_method_not_allowed_passes_through(door: Door) -> None:
    answer = await door.client.delete("/api/v1/points/only-post")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


async def test_own_page_refuses_other_methods(door: Door) -> None:
    answer = await door.client.post("/healthz")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert answer.json()["code"] == "method_not_allowed"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_method_and_body_arrive(door: Door, method: str) -> None:
    answer = await door.client.request(method, "/api/v1/points/echo", content=b"abc")
    seen = answer.json()
    assert (seen["method"], seen["size"]) == (method, 3)


async def test_empty_post_arrives_empty(door: Door) -> None:
    seen = (await door.client.post("/api/v1/points/echo")).json()
    assert (seen["method"], seen["size"]) == ("POST", 0)


async def test_path_and_query_arrive_byte_for_byte(door: Door) -> None:
    target = "/api/v1/points/a%2Fb%20c/%E6%97%A5;v=1//x?q=%E4%B8%AD+a%26b&q=2&empty=&%5B%5D=1"
    answer = await talk(door.url, f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    body = answer.partition(b"\r\n\r\n")[2].decode()
    assert '"raw_path": "/api/v1/points/a%2Fb%20c/%E6%97%A5;v=1//x"' in body
    assert '"query": "q=%E4%B8%AD+a%26b&q=2&empty=&%5B%5D=1"' in body


@pytest.mark.parametrize(
    "target",
    [
        "/api/v1/points/../identity/accounts",
        "/api/v1/points/%2e%2e/identity/accounts",
        "/api/v1/points/./x",
        "/api/v1/points/..%2Fidentity",
        "/api/v1/points/%5c..%5cidentity",
        "/api/v1/points/%00",
        "/api/v1/points/%0d%0aX-Evil:1",
        "/api/v1/points/" + "a" * 5000,
    ],
)
async def test_ambiguous_paths_are_refused(door: Door, target: str) -> None:
    answer = await talk(door.url, f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"malformed"' in answer
    assert door.upstream.calls == []


async def test_mounted_services_start_and_stop_with_the_door(make_settings: Any) -> None:
    upstream = Upstream()
    app = create_app(make_settings(), {"points": upstream, "identity": upstream})
    async with serve(app):
        assert (upstream.started, upstream.stopped) == (1, 0)
    assert (upstream.started, upstream.stopped) == (1, 1)


async def test_a_service_that_does_not_start_stops_the_others(make_settings: Any) -> None:
    upstream = Upstream()

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    carrier = InProcess({"points": upstream, "property": broken})
    with pytest.raises(StartupError, match="property: no database"):
        await carrier.start()
    assert (upstream.started, upstream.stopped) == (1, 1)


async def test_a_service_that_knows_requests_only_counts_as_started() -> None:
    carrier = InProcess({"points": trivial})
    await carrier.start()
    await carrier.stop()


async def test_a_service_that_fails_before_answering_is_502_or_its_servers_500(door: Door) -> None:
    answer = await door.get("/api/v1/points/crash")
    assert answer.status_code == (502 if door.mode == "in_process" else 500)


async def test_websocket_is_refused_in_words(door: Door) -> None:
    answer = await talk(
        door.url,
        b"GET /api/v1/points/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        until_closed=True,
    )
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert "不使用 WebSocket".encode() in answer
    assert door.upstream.calls == []
