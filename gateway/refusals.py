"""Tells in the merged document what the door itself may answer in a service's place."""

from typing import Any, Final

from gateway.errors import (
    BODY_TOO_LARGE,
    BODY_TOO_SLOW,
    MALFORMED,
    PROBLEM_MEDIA_TYPE,
    PROBLEM_TYPE_PREFIX,
    TOO_MANY,
    TOO_SLOW,
    UNAUTHENTICATED,
    UNEXPECTED,
    UNREACHABLE,
    Reason,
)
from gateway.openapi import METHODS, Document

ANYWHERE: Final = (TOO_MANY, UNEXPECTED, UNREACHABLE, TOO_SLOW)
WITH_A_BODY: Final = (MALFORMED, BODY_TOO_SLOW, BODY_TOO_LARGE)
MEDIA_TYPE: Final = PROBLEM_MEDIA_TYPE.decode()


def declare_refusals(document: Document) -> Document:
    """Add the door's refusals to every operation behind it; each is written down once, under `components/examples`."""
    components = document["components"]
    components.setdefault("schemas", {}).setdefault("Problem", {"type": "object"})
    examples = components.setdefault("examples", {})
    for path, item in document["paths"].items():
        if not path.startswith("/api/"):
            continue
        for operation in (operation for method, operation in item.items() if method in METHODS):
            for reason in _reasons(operation):
                examples[reason.code] = _example(reason)
                _add(operation["responses"], reason)
            operation["responses"] = dict(sorted(operation["responses"].items()))
    components["examples"] = dict(sorted(examples.items()))
    return document


def _reasons(operation: Document) -> tuple[Reason, ...]:
    signed_in = (UNAUTHENTICATED,) if "security" in operation else ()
    return (*ANYWHERE, *signed_in, *(WITH_A_BODY if "requestBody" in operation else ()))


def _add(responses: dict[str, Any], reason: Reason) -> None:
    response = responses.setdefault(str(reason.status), {"description": reason.title})
    content = response.setdefault("content", {}).setdefault(
        MEDIA_TYPE, {"schema": {"$ref": "#/components/schemas/Problem"}}
    )
    content.setdefault("examples", {}).setdefault(reason.code, {"$ref": f"#/components/examples/{reason.code}"})


def _example(reason: Reason) -> dict[str, Any]:
    value = {
        "type": f"{PROBLEM_TYPE_PREFIX}{reason.code}",
        "title": reason.title,
        "status": reason.status,
        "detail": reason.detail,
        "code": reason.code,
    }
    return {"summary": reason.title, "value": value}
