"""Signed in as community A, no id of community B opens any door, or even shows that it exists.

A service's `tests/<service>/seeds.py` offers `async def seed(...)`, which puts something of everything into a community and is given
the fixtures its parameters name, `people` being those of community B. Every route that takes an id is then asked with a real id of B and
must be seen to answer 404; one that is told an id in its body or query must answer as if nobody had it.
"""

import contextlib
import inspect
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest

from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.principal import Role
from shared.outbox import adapter
from shared.testing.clients import Apps, ClientFor, People
from shared.testing.factories import WorkIn
from tests.architecture.test_api import SERVICES
from tests.architecture.walk import ids_in, made, not_given, places, steps, walk, walk_told
from tests.contracts.test_events import FOLDER, read

RECORDED = [read(path) for path in sorted(FOLDER.glob("*.json"))]


NO_IDS = {
    "step_code": "names a step of the template, which is the same everywhere; the process before it is a real one",
    "leaf_hash": "asks for a ballot of a round; the round before it is a real one",
    "rendition": "one of three words; the asset before it is a real one",
}
"""Parameters beside an id that are no ids of a community's things."""

PUBLIC = {
    "GET /api/v1/identity/communities/{community_id}": "everybody may know the communities: one chooses his own before signing in",
    "GET /api/v1/points/public/{community_id}": "what the community is called stands on everything that hangs out in it",
} | {
    f"GET /api/v1/points/public/{{community_id}}/{page}": "hangs out in the village, masked, for everybody who passes"
    for page in (
        "periods",
        "periods/{period_id}",
        "periods/{period_id}/page",
        "periods/{period_id}/statements",
        "rulebook",
        "funds",
        "seal",
        "boards",
        "rankings",
        "adoptions",
        "awards",
    )
}
"""Doors that stand open to everybody, on purpose."""


def seed_of(service: str) -> Callable[..., Any]:
    """Return a service's seed function."""
    seed: Callable[..., Any] = import_module(f"tests.{service}.seeds").seed
    return seed


async def hear_everything(apps: Apps, hear: Any, service: str, community_id: UUID) -> None:
    """Tell a service every recorded fact it listens to."""
    handlers = import_module(f"services.{service}.worker").create_worker(apps.runtime(service)).handlers
    for event in RECORDED:
        if type(event) in handlers:
            # Recorded one by one, the facts do not always follow from one another.
            with contextlib.suppress(Exception):
                await hear(service, community_id, event)


@pytest.mark.slow
@pytest.mark.parametrize("service", SERVICES)
async def test_ids_of_another_community_lead_nowhere(
    service: str,
    apps: Apps,
    client_for: ClientFor,
    people: People,
    strangers: People,
    hear: Any,
    sweep: Any,
    work_in: WorkIn,
    clock: FixedClock,
) -> None:
    at_hand = {"client_for": client_for, "people": strangers, "hear": hear, "sweep": sweep}
    at_hand |= {"work_in": work_in, "apps": apps, "clock": clock}
    seed = seed_of(service)
    await hear_everything(apps, hear, service, strangers.community_id)
    await seed(**{name: at_hand[name] for name in inspect.signature(seed).parameters})
    document = apps.app(service).openapi()
    ids = await ids_in(apps.runtime(service).database, strangers.community_id)
    everything = tuple(Role)
    visitors = [
        client_for(service, people.staff(*everything, household_id=new_id())),
        client_for(service, people.resident(None, *everything)),
    ]

    findings = await walk(visitors, document, ids)

    leaks = [told for told in findings.leaks if not told.startswith(tuple(f"{door} " for door in PUBLIC))]
    assert not leaks, "\n".join(["", *leaks])
    stale = [door for door in PUBLIC if f"/{service}/" in door and not any(door in told for told in findings.leaks)]
    assert not stale, "not public"
    unproven = [told for told in findings.unproven if not told.startswith(tuple(f"{door} " for door in PUBLIC))]
    assert not unproven, "\n".join(["", *unproven])
    told, tries = await walk_told(visitors[0], document, ids)
    assert not told, "\n".join(["", *told])
    assert tries > 0 or service in {"media", "notifications"}, "nothing was told"
    lacking = not_given(document, ids) - NO_IDS.keys()
    assert not lacking, f"tests/{service}/seeds.py makes nothing that these name: {sorted(lacking)}"


def leaky(status_for_known: int, known: UUID) -> httpx2.AsyncClient:
    """Return a client of a service that treats an id it knows differently, as one without row-level security would."""

    async def answer(request: httpx2.Request) -> httpx2.Response:
        status = status_for_known if str(known) in request.url.path else 404
        problem = {"code": "trial.seen" if status != 404 else "trial.not_found"}
        kind = "application/problem+json" if status >= 400 else "application/json"
        return httpx2.Response(status, content=json.dumps(problem), headers={"content-type": kind})

    return httpx2.AsyncClient(transport=httpx2.MockTransport(answer), base_url="http://trial.test")


DOCUMENT: dict[str, Any] = {
    "paths": {
        "/notes": {"get": {"responses": {}}},
        "/notes/{note_id}/lines/{number}": {
            "post": {
                "parameters": [
                    {"in": "path", "name": "note_id", "schema": {"type": "string", "format": "uuid"}},
                    {"in": "path", "name": "number", "schema": {"type": "integer"}},
                ],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Line"}}}},
            }
        },
    },
    "components": {
        "schemas": {
            "Line": {
                "type": "object",
                "required": ["words", "at", "tags"],
                "properties": {
                    "words": {"type": "string", "examples": ["你好"]},
                    "at": {"anyOf": [{"type": "null"}, {"type": "string", "format": "date-time"}]},
                    "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2},
                    "optional": {"type": "integer"},
                },
            }
        }
    },
}


@pytest.mark.parametrize("status", [200, 201, 403, 409, 410, 500])
async def test_door_that_shows_a_strangers_thing_is_found(status: int) -> None:
    known = new_id()
    async with leaky(status, known) as client:
        findings = await walk([client], DOCUMENT, {"note_id": [known]})
    assert len(findings.leaks) == 1


async def test_door_that_tells_nothing_passes() -> None:
    async with leaky(200, new_id()) as client:
        findings = await walk([client], DOCUMENT, {"note_id": [new_id()], "other_id": [new_id()]})
    assert (findings.leaks, findings.unproven) == ([], [])


async def test_door_that_was_never_tried_is_told() -> None:
    async def refuse(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(
            403, content='{"code": "forbidden"}', headers={"content-type": "application/problem+json"}
        )

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(refuse), base_url="http://trial.test") as client:
        findings = await walk([client], DOCUMENT, {"note_id": [new_id()]})
    assert (findings.leaks, len(findings.unproven)) == ([], 1)


def test_parameter_without_a_real_id_is_told() -> None:
    known = new_id()
    assert not_given(DOCUMENT, {"other_id": [known]}) == {"note_id", "number"}
    assert not_given(DOCUMENT, {"old_note_id": [known]}) == {"number"}


TELLING: dict[str, Any] = {
    "paths": {
        "/notes": {
            "post": {
                "security": [{"bearer": []}],
                "parameters": [{"in": "query", "name": "book_id", "schema": {"type": "string", "format": "uuid"}}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}}},
            }
        }
    },
    "components": {
        "schemas": {
            "Note": {
                "type": "object",
                "required": ["lines"],
                "properties": {
                    "note_id": {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]},
                    "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
                },
            },
            "Line": {
                "type": "object",
                "required": ["words"],
                "properties": {"words": {"type": "string"}, "note_id": {"type": "string", "format": "uuid"}},
            },
        }
    },
}


def test_ids_are_found_wherever_they_are_told() -> None:
    assert list(places(TELLING, TELLING["paths"]["/notes"]["post"])) == [
        ("query", "book_id"),
        ("body", "note_id"),
        ("body", "lines", 0, "note_id"),
    ]


@pytest.mark.parametrize("where", ["query", "top", "line"])
async def test_door_that_knows_an_id_it_is_told_is_found(where: str) -> None:
    known = new_id()

    async def answer(request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        said = {
            "query": request.url.params.get("book_id"),
            "top": body.get("note_id"),
            "line": body["lines"][0].get("note_id"),
        }
        return httpx2.Response(201 if said[where] == str(known) else 404, json={})

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer), base_url="http://trial.test") as client:
        leaks, tries = await walk_told(client, TELLING, {"note_id": [known], "book_id": [known]})
    assert (len(leaks), tries) == (1, 3)


def test_bodies_are_made_from_their_schema() -> None:
    (step,) = steps(DOCUMENT)
    body = made(DOCUMENT, step.operation["requestBody"]["content"]["application/json"]["schema"])
    assert body == {"words": "你好", "at": "2026-05-12T01:00:00Z", "tags": ["a", "a"]}
    assert step.others(DOCUMENT) == {"number": 1}


def test_recordings_are_read() -> None:
    assert len(RECORDED) == len(list(Path(FOLDER).glob("*.json")))
    assert all(adapter(type(event)) for event in RECORDED)
