"""A request is answered as without the index, by whichever route comes first."""

import httpx2
import pytest
from fastapi import APIRouter, FastAPI

from shared.app import mount_flat
from shared.routing import RouteIndex


def named(name: str) -> object:
    async def answer() -> str:
        return name

    return answer


ROUTES = [
    ("GET", "/api/v1/points/claims"),
    ("POST", "/api/v1/points/claims"),
    ("GET", "/api/v1/points/claims/export"),
    ("GET", "/api/v1/points/claims/{claim_id}"),
    ("GET", "/api/v1/points/{thing}"),
    ("GET", "/api/v1/points/{thing}/actions"),
    ("GET", "/api/v1/points/seals"),
    ("DELETE", "/api/v1/points/seals/{number}"),
    ("GET", "/api/v1/points"),
    ("GET", "/healthz"),
]


def build(*, is_indexed: bool) -> FastAPI:
    router = APIRouter()
    for method, path in ROUTES:
        router.add_api_route(path, named(f"{method} {path}"), methods=[method])  # type: ignore[arg-type]  # a function all the same.
    app = FastAPI()
    mount_flat(app, router)
    if is_indexed:
        app.router.middleware_stack = RouteIndex(app.router)
    return app


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/points/claims",
        "/api/v1/points/claims/",
        "/api/v1/points/claims/export",
        "/api/v1/points/claims/7",
        "/api/v1/points/claims/7/8",
        "/api/v1/points/claims/actions",
        "/api/v1/points/seals",
        "/api/v1/points/seals/7",
        "/api/v1/points/other",
        "/api/v1/points/other/actions",
        "/api/v1/points",
        "/api/v1/points/",
        "/api/v1/nowhere/claims",
        "/healthz",
        "/",
        "//",
    ],
)
async def test_answers_are_the_same(method: str, path: str) -> None:
    answers = []
    for is_indexed in (False, True):
        transport = httpx2.ASGITransport(app=build(is_indexed=is_indexed))
        async with httpx2.AsyncClient(transport=transport, base_url="http://points.test") as client:
            answer = await client.request(method, path)
            answers.append(
                (answer.status_code, answer.text, answer.headers.get("allow"), answer.headers.get("location"))
            )
    usual, indexed = answers
    assert indexed == usual


async def test_few_routes_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    app = build(is_indexed=True)
    for route in app.router.routes:
        if hasattr(route, "path"):
            matches = type(route).matches
            monkeypatch.setattr(
                type(route),
                "matches",
                lambda self, scope, matches=matches: tried.append(self.path) or matches(self, scope),
            )
            break
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://points.test") as client:
        await client.get("/api/v1/points/seals")
    assert tried
    assert "/healthz" not in tried
    assert not [path for path in tried if "claims" in path]
