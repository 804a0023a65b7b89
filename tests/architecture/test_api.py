"""Every service's HTTP face: readable operation ids, truthful problems, words for every field."""

import base64
import inspect
import json
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from shared.problems import MEDIA_TYPE, codes_of
from shared.testing.clients import TEST_INDEX_KEY, TEST_KEYS
from tests.architecture import rules

SERVICES = [path.name for path in rules.services() if find_spec(f"services.{path.name}.main") is not None]


@cache
def build(service: str) -> FastAPI:
    """Build a service's app on servers that are never asked anything; once for all who read it."""
    settings = import_module(f"services.{service}.settings").Settings(
        environment="development",
        database_url="postgresql://nobody:x@127.0.0.1:1/none",
        redis_url="redis://127.0.0.1:1/0",
        field_keys=TEST_KEYS,
        index_key=TEST_INDEX_KEY,
        log_level="ERROR",
    )
    main = import_module(f"services.{service}.main")
    app: FastAPI = main.create_app(main.build_runtime(settings))
    return app


@pytest.fixture(scope="module")
def documents() -> dict[str, dict[str, Any]]:
    return {service: build(service).openapi() for service in SERVICES}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def face_problems(service: str, document: dict[str, Any]) -> list[str]:
    """Return what a client of this service would stumble over."""
    found = [
        f"operation id {name} is used twice"
        for name in rules.repeated(o["operationId"] for _, _, o in operations(document))
    ]
    if "HTTPValidationError" in json.dumps(document):
        found.append("a second envelope for validation errors")
    for path, method, operation in operations(document):
        where = f"{method.upper()} {path}"
        if not path.startswith((f"/api/v1/{service}/", f"/api/v1/{service}", "/.well-known/")):
            found.append(f"{where} lies outside /api/v1/{service}/")
        if method not in {"get", "post", "put", "delete"}:
            found.append(f"{where}: the mini-program has no {method.upper()}")
        if not operation.get("description"):
            found.append(f"{where} says nothing about itself")
        if not {"unexpected", "database_busy"} <= codes_of(operation):
            found.append(f"{where} does not declare what every route may answer")
        found += [
            f"{where} answers {status} with something that is no problem document"
            for status, response in operation["responses"].items()
            if status >= "400" and MEDIA_TYPE not in response.get("content", {})
        ]
        takes_key = "idempotency_key_reused" in codes_of(operation)
        if method == "post" and "security" in operation and not takes_key:
            found.append(f"{where} does not declare what happens to an Idempotency-Key")
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_face_of_a_service(service: str, documents: dict[str, dict[str, Any]]) -> None:
    document = documents[service]
    found = face_problems(service, document)
    assert not found, "\n".join(["", *found])


def test_operation_ids_are_unique_across_services(documents: dict[str, dict[str, Any]]) -> None:
    """The gateway prefixes each with its service; within one it must stand alone."""
    for service, document in documents.items():
        assert not rules.repeated(o["operationId"] for _, _, o in operations(document)), service


def threaded(dependant: Dependant) -> list[str]:
    """Return the functions a request would wait for in a thread of its own, though they do nothing that blocks."""
    call = dependant.call
    is_async = any(map(inspect.iscoroutinefunction, (call, getattr(call, "__call__", None))))  # noqa: B004
    found = [] if is_async or inspect.isasyncgenfunction(call) else [str(getattr(call, "__qualname__", call))]
    return found + [name for inner in dependant.dependencies for name in threaded(inner)]


@pytest.mark.parametrize("service", SERVICES)
def test_no_request_waits_for_a_thread(service: str) -> None:
    routes = [route for route in build(service).routes if isinstance(route, APIRoute)]
    assert routes
    assert [f"{route.path}: {name}" for route in routes for name in threaded(route.dependant)] == []


def test_function_that_waits_for_a_thread_is_found() -> None:
    def limit() -> int:
        return 20

    async def listed(limit: Annotated[int, Depends(limit)]) -> int:
        return limit

    assert threaded(APIRoute("/notes", listed).dependant) == [limit.__qualname__]


def sample(**changes: Any) -> dict[str, Any]:
    responses = {
        "200": {"description": "ok"},
        "500": {"description": "x", "content": {MEDIA_TYPE: {"examples": {"unexpected": {}, "database_busy": {}}}}},
        "422": {"description": "x", "content": {MEDIA_TYPE: {"examples": {"idempotency_key_reused": {}}}}},
    }
    operation = {"operationId": "write", "description": "Write.", "security": [{"bearer": []}], "responses": responses}
    return {"paths": {"/api/v1/trial/notes": {"post": operation | changes}}}


BAD = [
    sample(description=""),
    sample(responses={"200": {"description": "ok"}}),
    sample(responses=sample()["paths"]["/api/v1/trial/notes"]["post"]["responses"] | {"404": {"description": "x"}}),
    {"paths": {"/notes": sample()["paths"]["/api/v1/trial/notes"]}},
    {"paths": {"/api/v1/trial/notes": {"patch": sample()["paths"]["/api/v1/trial/notes"]["post"]}}},
    {
        "paths": {
            "/api/v1/trial/a": sample()["paths"]["/api/v1/trial/notes"],
            "/api/v1/trial/b": sample()["paths"]["/api/v1/trial/notes"],
        }
    },
    sample() | {"components": {"schemas": {"HTTPValidationError": {}}}},
]


@pytest.mark.parametrize("document", BAD, ids=range(len(BAD)))
def test_bad_face_is_rejected(document: dict[str, Any]) -> None:
    assert face_problems("trial", document)


def test_good_face_passes() -> None:
    assert face_problems("trial", sample()) == []


def test_keys_of_the_tests_are_keys() -> None:
    assert all(len(base64.b64decode(key)) == 32 for key in [*TEST_KEYS.values(), TEST_INDEX_KEY])
