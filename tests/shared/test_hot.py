"""A hot route answers as an ordinary route of the same function does, to good requests and to bad ones."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi import APIRouter, Request, Response

from shared.app import ServiceApp, mount_flat
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.hot import HotRoute
from shared.idempotency import CommandRoute
from shared.problems import problems
from shared.schemas import Input, Int64, Output
from shared.testing.clients import People, Signer
from tests.shared.trial import Trial

PATH = "/shelves/01900000-0000-7000-8000-000000000001/orders"
GOODS = "01900000-0000-7000-8000-000000000002"
DEFECTIVE = 13
"""So many pieces and the route fails in a way that nobody foresaw."""


class Order(Input):
    """What is wanted."""

    goods: UUID
    pieces: Int64 = 1


class OrderRead(Output):
    """What was understood."""

    shelf: UUID
    pieces: int
    buyer: UUID
    path: str


async def order(
    shelf_id: UUID, body: Order, principal: CurrentPrincipal, request: Request, response: Response
) -> OrderRead:
    """Order something."""
    if body.pieces == DEFECTIVE:
        raise ZeroDivisionError
    response.headers["Location"] = "/orders/1"
    return OrderRead(shelf=shelf_id, pieces=body.pieces, buyer=principal.account_id, path=request.url.path)


def app_with(service: Trial, route_class: type[Any]) -> ServiceApp:
    router = APIRouter(route_class=route_class)
    router.post("/shelves/{shelf_id}/orders", status_code=201, responses=problems(*AUTH_ERRORS))(order)
    app = ServiceApp(service.runtime)
    mount_flat(app, router)
    return app


@pytest.fixture
async def doors(service: Trial, signer: Signer, people: People) -> AsyncIterator[list[httpx2.AsyncClient]]:
    headers = {"Authorization": f"Bearer {signer.token(people.resident())}", "X-Request-Id": "the-same-request"}
    apps = [app_with(service, route_class) for route_class in (CommandRoute, HotRoute)]
    clients = [
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False),
            base_url="http://trial.test",
            headers=headers,
        )
        for app in apps
    ]
    yield clients
    for client in clients:
        await client.aclose()


GOOD = json.dumps({"goods": GOODS, "pieces": 2})
KIND = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("path", "content", "headers", "status"),
    [
        (PATH, GOOD, KIND, 201),
        ("/orders", GOOD, KIND, 404),
        (PATH, GOOD, {"Content-Type": "application/json; charset=utf-8"}, 201),
        (PATH, json.dumps({"goods": GOODS}), KIND, 201),
        (PATH, GOOD, {"Content-Type": "text/plain"}, 422),
        (PATH, "{", KIND, 400),
        (PATH, b"\xff\xfe", KIND, 400),
        (PATH, "null", KIND, 422),
        (PATH, "", KIND, 422),
        (PATH, "[]", KIND, 422),
        (PATH, json.dumps({"goods": "keins", "pieces": 2}), KIND, 422),
        (PATH, json.dumps({"goods": GOODS, "pieces": 2.5}), KIND, 422),
        (PATH, json.dumps({"goods": GOODS, "pieces": True}), KIND, 422),
        (PATH, json.dumps({"goods": GOODS, "pieces": "2"}), KIND, 422),
        (PATH, json.dumps({"goods": GOODS, "colour": "红"}), KIND, 422),
        (PATH, json.dumps({"pieces": 2**70}), KIND, 422),
        ("/shelves/eins/orders", GOOD, KIND, 422),
        (PATH, GOOD, KIND | {"Authorization": ""}, 401),
        (PATH, "{}", KIND | {"Authorization": ""}, 401),
        (PATH, GOOD, KIND | {"Authorization": "Bearer nonsense"}, 401),
        (PATH, json.dumps({"goods": GOODS, "pieces": DEFECTIVE}), KIND, 500),
    ],
)
async def test_answers_are_the_same(
    doors: list[httpx2.AsyncClient], path: str, content: str | bytes, headers: dict[str, str], status: int
) -> None:
    usual, hot = [await door.post(path, content=content, headers=headers) for door in doors]

    assert hot.status_code == usual.status_code == status
    assert hot.headers["content-type"] == usual.headers["content-type"]
    assert hot.headers.get("location") == usual.headers.get("location")
    assert len(hot.headers.get_list("x-request-id")) == len(usual.headers.get_list("x-request-id")) == 1
    assert without_instance(hot.json()) == without_instance(usual.json())


def without_instance(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "instance"}


async def test_defect_reaches_whoever_serves(service: Trial, signer: Signer, people: People) -> None:
    headers = KIND | {"Authorization": f"Bearer {signer.token(people.resident())}"}
    transport = httpx2.ASGITransport(app=app_with(service, HotRoute))
    async with httpx2.AsyncClient(transport=transport, base_url="http://trial.test", headers=headers) as door:
        with pytest.raises(ZeroDivisionError):
            await door.post(PATH, content=json.dumps({"goods": GOODS, "pieces": DEFECTIVE}))


def test_descriptions_are_the_same(service: Trial) -> None:
    usual, hot = (app_with(service, route_class).openapi() for route_class in (CommandRoute, HotRoute))
    assert hot == usual


def test_parameter_it_cannot_fill_is_told_when_the_route_is_made() -> None:
    async def greet(name: str) -> OrderRead: ...

    with pytest.raises(TypeError, match="name"):
        APIRouter(route_class=HotRoute).post("/greetings")(greet)


async def test_its_neighbours_are_served_as_usual(doors: list[httpx2.AsyncClient]) -> None:
    """The layer above the routes takes only what is its own: other methods and unknown addresses go where they always went."""
    for method, path, status in (("GET", PATH, 405), ("POST", "/shelves/1/2/orders", 404), ("POST", f"{PATH}/", 307)):
        usual, hot = [await door.request(method, path) for door in doors]
        assert hot.status_code == usual.status_code == status
