"""The headers that change what a route does, declared in OpenAPI wherever a route heeds them.

A route tells by its refusals which headers it heeds: the tests hold it to those, so the document cannot forget a header either.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from shared.etags import IfMatchMissingError
from shared.idempotency import HEADER, IdempotencyKeyReusedError
from shared.problems import codes_of

IDEMPOTENCY_KEY: Final[dict[str, Any]] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A name the caller makes up for this one command, best a UUID. Sent again with the same body within seven days, "
    "it changes nothing twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7e]+$"},
    "example": "0197f2a0-6a3e-7cc1-9d5b-3f0a5a9d1e11",
}

IF_MATCH: Final[dict[str, Any]] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag that came with what the caller read last; the change is refused when somebody else was faster.",
    "schema": {"type": "string"},
    "example": '"3"',
}

BY_REFUSAL: Final[Mapping[str, dict[str, Any]]] = {
    IdempotencyKeyReusedError.code: IDEMPOTENCY_KEY,
    IfMatchMissingError.code: IF_MATCH,
}


def declare_headers(schema: dict[str, Any]) -> dict[str, Any]:
    """Add the header parameters to every operation whose refusals show that it heeds them."""
    for operations in schema.get("paths", {}).values():
        for operation in operations.values():
            codes = codes_of(operation)
            heeded = [copy.deepcopy(header) for code, header in BY_REFUSAL.items() if code in codes]
            if heeded:
                operation["parameters"] = [*operation.get("parameters", []), *heeded]
    return schema
