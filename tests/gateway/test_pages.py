"""The addresses the door answers itself."""

import asyncio
import re
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from prometheus_client import generate_latest

from gateway.errors import REASONS
from gateway.home import PARTS, Part
from gateway.main import build, create_app
from gateway.routes_table import ROUTES, RoutesTable
from shared.telemetry import serve_metrics
from shared.testing.clients import People, Signer
from tests.gateway.conftest import TEST_ROUTES, Door
from tests.gateway.serving import serve
from tests.gateway.upstream import Upstream

HOME_PARTS = (
    Part("balance", "points", "/api/v1/points/meet", b"limit=5"),
    Part("votes", "points", "/api/v1/points/status/404"),
    Part("notices", "points", "/api/v1/points/slow"),
    Part("tickets", "property", "/api/v1/property/tickets"),
    Part("inbox", "points", "/api/v1/points/crash"),
    Part("gigs", "points", "/api/v1/points/meet"),
)


async def test_alive(door: Door) -> None:
    answer = await door.get("/healthz")
    assert answer.json() == {"status": "ok", "service": "gateway"}


async def test_ready_asks_every_service(door: Door) -> None:
    answer = await door.get("/readyz")
    if door.mode == "in_process":
        assert answer.status_code == 200
        assert answer.json()["checks"] == {"identity": "ok", "points": "ok"}
    else:
        assert answer.status_code == 503
        checks = {"identity": "ok", "points": "ok", "property": "gateway.service_unreachable"}
        assert answer.json()["checks"] == checks


async def test_not_ready_while_a_service_is_not(door: Door) -> None:
    door.upstream.is_ready = False
    answer = await door.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["points"] == "not_ready"


async def test_docs_need_no_other_host(door: Door) -> None:
    page = await door.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["x-frame-options"] == "DENY"
    assert "http" not in page.text.replace("http-equiv", "")
    for asset in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        answer = await door.get(asset)
        assert answer.status_code == 200, asset
        assert len(answer.content) > 100
    assert "script-src 'self'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("name", ["nonsense.js", "redoc.standalone.js", "%2e%2e", "..%2fcore.py"])
async def test_docs_serve_nothing_else(door: Door, name: str) -> None:
    assert (await door.get(f"/docs/{name}")).status_code in {400, 404}


async def test_openapi_names_what_it_could_not_ask(door: Door) -> None:
    answer = await door.get("/openapi.json")
    document = answer.json()
    assert document["openapi"] == "3.1.0"
    assert "/api/v1/home" in document["paths"]
    assert "property" in document["info"].get("x-unavailable", []) or door.mode == "in_process"
    again = await door.get("/openapi.json", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize("code", sorted(REASONS))
async def test_every_problem_of_the_door_has_a_page(door: Door, code: str) -> None:
    page = await door.get(f"/problems/{code}")
    assert page.status_code == 200
    assert REASONS[code].title in page.text
    assert "{" not in re.sub(r"(?s)<style>.*?</style>", "", page.text)


async def test_an_unknown_problem_has_no_page(door: Door) -> None:
    assert (await door.get("/problems/nonsense")).status_code == 404
    assert (await door.get("/problems/<script>")).status_code == 404


async def test_problems_of_services_are_explained_from_their_documents(make_settings: Any) -> None:
    from shared.kernel.errors import ConflictError
    from shared.problems import problems

    class SoldOutError(ConflictError):
        code = "points.sold_out"
        title = "换完了"
        detail = "这件商品已经换完。"

    from fastapi import FastAPI

    service = FastAPI()

    @service.post("/api/v1/points/x", responses=problems(SoldOutError))
    async def redeem() -> None: ...

    async with (
        serve(create_app(make_settings(), {"points": service})) as url,
        httpx2.AsyncClient(base_url=url) as client,
    ):
        page = await client.get("/problems/points.sold_out")
        assert "这件商品已经换完" in page.text


async def test_documents_are_put_together_when_they_changed(
    make_settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fastapi import FastAPI

    from gateway import docs

    put_together: list[int] = []
    make = docs._make
    monkeypatch.setattr(docs, "_make", lambda *texts: (put_together.append(1), make(*texts))[1])
    monkeypatch.setattr(docs, "FRESH_SECONDS", 0.0)
    service = FastAPI()

    async with (
        serve(create_app(make_settings(), {"points": service})) as url,
        httpx2.AsyncClient(base_url=url) as client,
    ):
        before = [(await client.get("/openapi.json")).headers["etag"] for _ in range(3)]
        assert (len(set(before)), len(put_together)) == (1, 1)

        service.openapi_schema = None
        service.get("/api/v1/points/new")(lambda: None)

        after = await client.get("/openapi.json")
        assert "/api/v1/points/new" in after.json()["paths"]
        assert after.headers["etag"] not in before
        assert len(put_together) == 2


async def test_home_shows_what_it_has_and_marks_the_rest(open_door: Any, signer: Signer, people: People) -> None:
    """Two parts answer only when both have been asked: the parts are asked at the same time."""
    door = await open_door(home_part_seconds=4, options={"home_parts": HOME_PARTS})
    headers = {"Authorization": f"Bearer {signer.token(people.resident())}", "X-Request-Id": "home-0001"}
    answer = await door.get("/api/v1/home", headers=headers)
    home = answer.json()
    assert answer.status_code == 200
    assert list(home) == [part.name for part in HOME_PARTS]
    assert home["balance"]["status"] == "ok"
    assert home["gigs"]["status"] == "ok"
    assert home["balance"]["data"]["query"] == "limit=5"
    sent = dict(home["balance"]["data"]["headers"])
    assert sent["authorization"] == headers["Authorization"]
    assert sent["x-request-id"] == "home-0001"
    assert sent["x-forwarded-for"] == "127.0.0.1"
    for failed in ("votes", "notices", "tickets", "inbox"):
        assert home[failed] == {"status": "unavailable"}


async def test_home_tells_what_does_not_concern_this_person(make_settings: Any, signer: Signer, people: People) -> None:
    from fastapi import FastAPI

    from shared import problems
    from shared.kernel.principal import NoHouseholdError

    service = FastAPI()
    problems.install(service)

    @service.get("/api/v1/points/account")
    async def account() -> None:
        raise NoHouseholdError

    parts = (Part("balance", "points", "/api/v1/points/account"),)
    apps = {"points": service, "identity": Upstream(jwks=signer.jwks)}
    app = create_app(make_settings(), apps, clock=signer.clock, home_parts=parts)
    async with serve(app) as url, httpx2.AsyncClient(base_url=url) as client:
        headers = {"Authorization": f"Bearer {signer.token(people.staff())}"}
        home = (await client.get("/api/v1/home", headers=headers)).json()
    assert home["balance"]["status"] == "none"
    assert home["balance"]["code"] == "no_household"
    assert "绑定" in home["balance"]["detail"]


async def test_home_needs_a_token(door: Door) -> None:
    assert (await door.get("/api/v1/home")).status_code == 401


def test_every_part_of_home_lies_behind_a_route_of_its_service() -> None:
    table = RoutesTable(ROUTES)
    for part in PARTS:
        route = table.match(part.path)
        assert route is not None
        assert route.service == part.service


async def test_the_calendar_turns_in_development_only(make_settings: Any, redis_url: str) -> None:
    from redis.asyncio import Redis

    from shared.clock import CLOCK_OFFSET_KEY

    redis = Redis.from_url(redis_url)
    await redis.delete(CLOCK_OFFSET_KEY)
    try:
        async with serve(create_app(make_settings(), {})) as url, httpx2.AsyncClient(base_url=url) as client:
            before = (await client.get("/api/v1/dev/clock")).json()
            moved = (await client.post("/api/v1/dev/clock", json={"advance_seconds": 86400})).json()
            after = (await client.get("/api/v1/dev/clock")).json()
            assert (before["offset_seconds"], moved["offset_seconds"], after["offset_seconds"]) == (0, 86400, 86400)
            assert moved["now"][:10] > before["now"][:10]
            for bad in ({"advance_seconds": -1}, {"advance_seconds": "1"}, {"advance_seconds": True}, {}, [], 1):
                refused = await client.post("/api/v1/dev/clock", json=bad)
                assert refused.status_code == 400, bad
            assert (await client.post("/api/v1/dev/clock", content=b"x" * 5000)).status_code == 400
    finally:
        await redis.delete(CLOCK_OFFSET_KEY)
        await redis.aclose()
    production = create_app(make_settings(environment="production"), {})
    async with serve(production) as url, httpx2.AsyncClient(base_url=url) as client:
        assert (await client.get("/api/v1/dev/clock")).status_code == 404
        assert (await client.post("/api/v1/dev/clock", json={"advance_seconds": 1})).status_code == 404


async def test_answers_are_counted_by_route_not_by_path(door: Door) -> None:
    for _ in range(3):
        await door.get(f"/api/v1/points/{uuid4().hex}")
    await door.client.request("BREW", "/api/v1/nonsense")
    metrics = generate_latest().decode()
    async with asyncio.timeout(30):
        while 'route="unrouted"' not in metrics:  # An answer is counted when it has gone out.
            await asyncio.sleep(0.01)
            metrics = generate_latest().decode()
    assert re.search(
        r'diyuan_gateway_requests_total\{method="GET",route="/api/v1/points",status="200"\} [0-9.]+', metrics
    )
    assert "BREW" not in metrics
    assert 'diyuan_gateway_request_seconds_count{route="/api/v1/points"}' in metrics


async def test_an_error_of_the_door_itself_is_a_problem(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("gateway.app.check_path", fail)
    answer = await door.get("/api/v1/points/echo")
    assert answer.status_code == 500
    assert answer.json()["code"] == "unexpected"


async def test_routes_for_tests_are_not_the_routes() -> None:
    assert TEST_ROUTES != ROUTES


async def test_operators_read_the_metrics_on_a_door_of_their_own(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    await door.get("/api/v1/points/echo")
    opened: list[Any] = []
    monkeypatch.setattr("gateway.main.serve_metrics", lambda address: opened.append(serve_metrics(address)))
    given = {"REDIS_URL": "redis://127.0.0.1:1/0", "METRICS_ADDRESS": "127.0.0.1:0", "LOG_LEVEL": "CRITICAL"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    build()
    (server,) = opened
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{server.server_port}") as client:
            assert "diyuan_gateway_requests_total" in (await client.get("/metrics")).text
    finally:
        server.shutdown()
        server.server_close()
