"""The document the world reads: every service's own, merged as the gateway serves it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from openapi_spec_validator import validate

from gateway.errors import REASONS
from gateway.own_api import OWN_API
from gateway.routes_table import MIB, Auth, RoutesTable
from services.identity.unremembered import SHOWN_ONCE_ERRORS, unremembered_unit_of_work
from shared.etags import IF_MATCH_ERRORS, read_if_match
from shared.idempotency import IDEMPOTENCY_ERRORS
from shared.problems import MEDIA_TYPE, codes_of

WITHOUT_KEY = {
    "/api/v1/identity/staff_sessions": "nobody is signed in yet, so there is nobody whose key it could be",
    "/api/v1/identity/wechat_sessions": "nobody is signed in yet; WeChat takes a code once",
    "/api/v1/identity/bindings": "nobody is signed in yet; a card's code is taken once",
    "/api/v1/identity/refreshes": "the refresh token is the key: a lost answer is given again",
    "/api/v1/identity/oauth/token": "RFC 6749 knows no such header, and a token asked for twice does no harm",
    "/api/v1/media/wechat_pushes": "WeChat pushes without one; a verdict is taken once",
}
"""Every POST that heeds no Idempotency-Key, and why."""

SECRETS = {
    "/api/v1/identity/staff",
    "/api/v1/identity/staff/{account_id}/password_resets",
    "/api/v1/identity/clients",
    "/api/v1/identity/clients/{client_id}/secrets",
    "/api/v1/identity/households",
    "/api/v1/identity/households/{household_id}/card_codes",
    "/api/v1/identity/residents/{resident_id}/disclosures",
    "/api/v1/identity/rosters/{import_id}/card_lists",
}
"""The POSTs whose answer is told once."""

Operation = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> list[Operation]:
    return [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if path.startswith("/api/")
    ]


def headers_of(operation: dict[str, Any]) -> dict[str, bool]:
    """Return the header parameters, and whether each is needed."""
    return {p["name"]: p["required"] for p in operation.get("parameters", []) if p["in"] == "header"}


def calls(dependant: Dependant) -> Iterator[Any]:
    """Return everything a route depends on."""
    for inner in dependant.dependencies:
        yield inner.call
        yield from calls(inner)


def routes_that_use(call: Any, built: dict[str, FastAPI]) -> set[tuple[str, str]]:
    """Return the real routes that depend on something, by method and path."""
    return {
        (method.lower(), route.path)
        for app in built.values()
        for route in app.routes
        if isinstance(route, APIRoute) and call in calls(route.dependant)
        for method in route.methods or ()
    }


def test_it_is_openapi(document: dict[str, Any]) -> None:
    validate(document)


def test_every_operation_has_a_name_of_its_own(operations: list[Operation]) -> None:
    names = [operation["operationId"] for _, _, operation in operations]
    assert len(names) == len(set(names))
    assert len(names) > 200, "these are not all services"


def test_every_operation_tells_what_the_door_and_every_service_may_answer(operations: list[Operation]) -> None:
    door = {"too_many", "gateway.service_unreachable", "gateway.service_timeout", "unexpected"}
    assert door <= REASONS.keys()
    for method, path, operation in operations:
        codes = codes_of(operation)
        assert codes >= door, (method, path)
        assert path == "/api/v1/home" or "database_busy" in codes, (method, path)
        assert "requestBody" not in operation or {"too_large", "malformed"} <= codes, (method, path)
        assert "security" not in operation or "unauthenticated" in codes, (method, path)


def test_the_door_asks_for_no_token_where_the_service_needs_none(document: dict[str, Any]) -> None:
    """Who has no token by nature (a visitor, WeChat) would be stopped at the door and nobody behind it would ever know."""
    table = RoutesTable()
    open_to_all = set()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if "security" not in operation and path.startswith("/api/v1/") and path not in OWN_API["paths"]:
                route = table.match(path)
                assert route is not None, path
                open_to_all.add(path)
                assert route.auth is Auth.OPTIONAL, (method, path)
    assert {"/api/v1/media/wechat_pushes", "/api/v1/identity/staff_sessions"} <= open_to_all


def test_a_file_that_is_promised_room_fits_through_the_door(
    operations: list[Operation], document: dict[str, Any]
) -> None:
    promised = {}
    for _, path, operation in operations:
        form = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data")
        if form is not None:
            schema = form["schema"]
            if "$ref" in schema:
                schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            (megabytes,) = re.findall(r"at most (\d+) MB", schema["properties"]["file"]["description"])
            promised[path] = int(megabytes)
            route = RoutesTable().match(path)
            assert route is not None, path
            assert int(megabytes) * MIB < route.body_limit <= (int(megabytes) + 1) * MIB, path
    assert len(promised) >= 3


def test_every_refusal_is_a_problem_document(operations: list[Operation]) -> None:
    for method, path, operation in operations:
        for status, response in operation["responses"].items():
            if status >= "400":
                assert response["content"][MEDIA_TYPE]["schema"]["$ref"].endswith("Problem"), (method, path, status)


def test_every_post_documents_its_idempotency_key(operations: list[Operation]) -> None:
    posts = {path: operation for method, path, operation in operations if method == "post"}
    assert {path for path, operation in posts.items() if "Idempotency-Key" not in headers_of(operation)} == set(
        WITHOUT_KEY
    )
    for path, operation in posts.items():
        if path not in WITHOUT_KEY:
            assert {error.code for error in IDEMPOTENCY_ERRORS} <= codes_of(operation), path
    for method, path, operation in operations:
        assert method == "post" or "Idempotency-Key" not in headers_of(operation), (method, path)


def test_if_match_is_declared_where_it_is_read(operations: list[Operation], built: dict[str, FastAPI]) -> None:
    declared = {(method, path) for method, path, operation in operations if headers_of(operation).get("If-Match")}
    assert declared == routes_that_use(read_if_match, built) != set()
    for method, path, operation in operations:
        if (method, path) in declared:
            assert {error.code for error in IF_MATCH_ERRORS} <= codes_of(operation), path


def test_answers_that_are_told_once_say_so(operations: list[Operation], built: dict[str, FastAPI]) -> None:
    assert routes_that_use(unremembered_unit_of_work, built) == {("post", path) for path in SECRETS}
    for method, path, operation in operations:
        told_once = {error.code for error in SHOWN_ONCE_ERRORS} <= codes_of(operation)
        assert told_once == (method == "post" and path in SECRETS), (method, path)
