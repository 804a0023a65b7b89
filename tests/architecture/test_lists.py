"""Lists come in pages; those that answer everything at once are short by nature, each for a reason told here."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.architecture.test_api import SERVICES, build

OF_ONE_THING = re.compile(
    r"/\{\w+\}/(record|versions|votes|objections|duplicates|dispatches|escalations|ratings|meetings)$"
)
"""What happened to one thing: it ends when the thing does."""
DECIDED = "what a community or its rules have decided on"
WITH_THE_PROGRAM = "comes with the program"

WHOLE = {
    "/api/v1/identity/consent_documents": DECIDED,
    "/api/v1/identity/consents": "what one person has agreed to",
    "/api/v1/identity/grids": DECIDED,
    "/api/v1/identity/rosters/columns": WITH_THE_PROGRAM,
    "/api/v1/notifications/templates": WITH_THE_PROGRAM,
    "/api/v1/points/products/categories": DECIDED,
    "/api/v1/points/time-bank/kinds": DECIDED,
    "/api/v1/property/categories": DECIDED,
    "/api/v1/property/departments": DECIDED,
    "/api/v1/property/workers/{worker_id}/duties": "the shifts of one worker that are not over",
    "/api/v1/proposals/ballots/open": "the votes one household can take part in today",
    "/api/v1/proposals/rules": WITH_THE_PROGRAM,
    "/api/v1/proposals/templates": WITH_THE_PROGRAM,
}
"""The other GETs that answer a bare array, and why it stays short."""


def whole_lists(document: Mapping[str, Any]) -> Iterator[str]:
    """Return the addresses that answer a bare array."""
    for path, methods in document["paths"].items():
        for content in methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).values():
            if content.get("schema", {}).get("type") == "array":
                yield path


def pages(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return the addresses that answer a page, with their operations."""
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for content in methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).values():
            name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
            if "next_cursor" in schemas.get(name, {}).get("properties", {}):
                yield path, methods["get"]


def test_every_list_has_a_cursor_or_is_short_by_nature() -> None:
    documents = {service: build(service).openapi() for service in SERVICES}
    whole = {path for document in documents.values() for path in whole_lists(document)}
    assert {path for path in whole if not OF_ONE_THING.search(path)} == WHOLE.keys()
    paged = [(path, operation) for document in documents.values() for path, operation in pages(document)]
    assert len(paged) > 60
    for path, operation in paged:
        assert {"limit", "cursor"} <= {p["name"] for p in operation["parameters"]}, path


def test_a_bare_array_is_found() -> None:
    answer = {"200": {"content": {"application/json": {"schema": {"type": "array", "items": {}}}}}}
    assert list(whole_lists({"paths": {"/a": {"get": {"responses": answer}}, "/b": {"post": {}}}})) == ["/a"]
