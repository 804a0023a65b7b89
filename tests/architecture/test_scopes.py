"""Another system opens no door of a service without the scope it was given for it."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from shared.auth import VERIFIED
from shared.testing.clients import Apps, ClientFor, People
from tests.architecture.walk import Step, made

SERVICES = ("points", "proposals", "property", "media", "notifications")
"""Identity says in its use cases what a system may do: it has to be asked before a scope can be had."""


def every_step(document: dict[str, Any]) -> Iterator[Step]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield Step(method, path, operation)


def needed(step: Step) -> str:
    return "read" if step.method == "get" else "write"


async def refusal(client: httpx2.AsyncClient, document: dict[str, Any], step: Step) -> str:
    """Ask as the route's own description says, and return why it was refused."""
    path = step.path
    for parameter in step.path_parameters:
        path = path.replace(f"{{{parameter['name']}}}", str(made(document, parameter["schema"])))
    content = step.operation.get("requestBody", {}).get("content", {})
    body = made(document, content["application/json"]["schema"]) if "application/json" in content else None
    response = await client.request(step.method.upper(), path, json=body)
    if response.status_code != 403:
        return ""
    return str(response.json()["code"])


@pytest.mark.parametrize("service", SERVICES)
async def test_no_door_opens_without_its_scope(apps: Apps, client_for: ClientFor, people: People, service: str) -> None:
    document = apps.app(service).openapi()
    foreign = [
        f"{other}:{right}" for other in (*SERVICES, "identity") if other != service for right in ("read", "write")
    ]
    weak = {
        "read": client_for(service, people.client(*foreign, service, f"{service}:write")),
        "write": client_for(service, people.client(*foreign, service, f"{service}:read")),
    }
    steps = [step for step in every_step(document) if "security" in step.operation]
    open_doors = [str(step) for step in steps if await refusal(weak[needed(step)], document, step) != "scope_missing"]
    assert len(steps) >= 5
    assert not open_doors, "\n".join(["", *open_doors])


def test_only_these_doors_of_points_are_open_to_anybody(apps: Apps) -> None:
    for step in every_step(apps.app("points").openapi()):
        is_public = step.path.startswith("/api/v1/points/public/")
        assert is_public == ("security" not in step.operation), f"{step}: neither public nor asks who comes"


async def test_the_scope_opens_and_people_need_none(client_for: ClientFor, people: People) -> None:
    for caller in (people.client("points:read"), people.resident(), people.staff()):
        assert (await client_for("points", caller).get("/api/v1/points/gigs")).status_code == 200
    nothing = await client_for("points", people.client()).get("/api/v1/points/gigs")
    assert (nothing.json()["code"], nothing.json()["required_scope"]) == ("scope_missing", "points:read")
    system = client_for("points", people.client("points:write"))
    assert (await system.post("/api/v1/points/gigs", json={})).json()["code"] == "validation_failed"


async def test_a_door_in_the_same_process_does_not_stand_for_the_scope(apps: Apps, people: People) -> None:
    async def door(scope: Any, receive: Any, send: Any) -> None:
        scope[VERIFIED] = people.client("points:write")
        await apps.app("points")(scope, receive, send)

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(door), base_url="http://door.test") as client:
        assert (await client.get("/api/v1/points/gigs")).json()["code"] == "scope_missing"
