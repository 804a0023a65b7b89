"""The face of every service in lines a person can compare: `make openapi` writes them, test_face.py compares them.

Usage: python tests/contracts/face.py openapi.json

One line per operation, parameter, body, status and member; a status below 400 with what it answers, one above with the codes it
refuses with. Refusals that test_openapi.py asks of every operation of a kind are left out. Words for people leave no trace here.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent / "openapi"
HEAD: Final = "# Written by `make openapi`; one line per thing a client can rely on.\n"

OF_EVERY_KIND: Final = frozenset(
    {
        *("database_busy", "keys_unavailable", "malformed", "too_large", "too_many", "unavailable", "unexpected"),
        *("gateway.request_timeout", "gateway.service_timeout", "gateway.service_unreachable"),
        *("idempotency_key_invalid", "idempotency_key_reused", "validation_failed"),
        *("token_expired", "token_invalid", "unauthenticated"),
    }
)

Schema = Mapping[str, Any]
Document = Mapping[str, Any]

_BOUNDS: Final = {
    "minimum": ">=",
    "exclusiveMinimum": ">",
    "maximum": "<=",
    "exclusiveMaximum": "<",
    "formatMinimum": ">=",
    "formatMaximum": "<=",
    "minLength": "length>=",
    "maxLength": "length<=",
    "minItems": "items>=",
    "maxItems": "items<=",
    "pattern": "~",
}


def faces(document: Document) -> dict[str, str]:
    """Return what is to be recorded of the merged document, by service."""
    lines: dict[str, list[str]] = {}
    names: dict[str, set[str]] = {}
    for method, path, operation in _operations(document):
        service = _service_of(path)
        lines.setdefault(service, []).extend(_operation(method, path, operation))
        names.setdefault(service, set()).update(_named(operation))
    for service, first in names.items():
        lines[service] += _schemas(document, first)
    return {service: HEAD + "\n".join(told) + "\n" for service, told in sorted(lines.items())}


def record(document: Document, folder: Path = FOLDER) -> None:
    """Write the files anew; a service that is gone leaves none behind."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.txt"):
        old.unlink()
    for service, text in faces(document).items():
        (folder / f"{service}.txt").write_text(text, encoding="utf-8")


def _service_of(path: str) -> str:
    found = re.match(r"/api/v\d+/([^/]+)/", path)
    return found[1] if found else "gateway"


def _operations(document: Document) -> Iterator[tuple[str, str, Schema]]:
    for path in sorted(document["paths"]):
        for method in sorted(document["paths"][path]):
            yield method, path, document["paths"][path][method]


def _operation(method: str, path: str, operation: Schema) -> Iterator[str]:
    access = "" if operation.get("security") else " (open to all)"
    yield f"\n{method.upper()} {path} {operation.get('operationId', '')}{access}"
    for one in sorted(operation.get("parameters", []), key=lambda p: (p["in"], p["name"])):
        yield f"  {one['in']} {one['name']}{'!' if one.get('required') else ''} {_type(one['schema'])}"
    for media, content in sorted(operation.get("requestBody", {}).get("content", {}).items()):
        yield f"  body {media} {_type(content.get('schema', {}))}"
    refusals: dict[str, list[str]] = {}
    for status, code in _refusals(operation):
        if code not in OF_EVERY_KIND:
            refusals.setdefault(status, []).append(code)
    for status, response in sorted(operation["responses"].items()):
        if status < "400":
            answers = [
                f"{media} {_type(c.get('schema', {}))}" for media, c in sorted(response.get("content", {}).items())
            ]
            yield f"  {status} {', '.join(answers) or 'nothing'}"
        elif status in refusals:
            yield f"  {status} {' '.join(sorted(refusals[status]))}"


def _refusals(operation: Schema) -> Iterator[tuple[str, str]]:
    for status, response in operation["responses"].items():
        for content in response.get("content", {}).values() if status >= "400" else ():
            for code in content.get("examples", {}):
                yield status, code


def _schemas(document: Document, first: set[str]) -> Iterator[str]:
    known, waiting = set[str](), set(first)
    while waiting:
        known |= waiting
        waiting = {n for name in waiting for n in _named(document["components"]["schemas"][name])} - known
    for name in sorted(known):
        schema = document["components"]["schemas"][name]
        if "properties" not in schema:
            yield f"\n{name} = {_type(schema)}"
            continue
        yield f"\n{name}"
        required = schema.get("required", [])
        for member, inner in sorted(schema["properties"].items()):
            yield f"  {member}{'!' if member in required else ''} {_type(inner)}"


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(reference := value.get("$ref"), str) and reference.startswith("#/components/schemas/"):
            yield reference.rpartition("/")[2]
        for inner in value.values():
            yield from _named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner)


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for name, sign in (("anyOf", " | "), ("oneOf", " | "), ("allOf", " & ")):
        if name in schema:
            return sign.join(_type(choice) for choice in schema[name]) + _default(schema)
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return "{" + ", ".join(json.dumps(value, ensure_ascii=False) for value in values) + "}" + _default(schema)
    kind = schema.get("type", "anything")
    told = str(kind) if isinstance(kind, str) else "|".join(kind)
    if "format" in schema:
        told += f"({schema['format']})"
    if kind == "array":
        told = f"[{_type(schema.get('items', {}))}]"
    elif kind == "object" and isinstance(inner := schema.get("additionalProperties"), Mapping):
        told = f"{{*: {_type(inner)}}}"
    bounds = [f" {sign}{_whole(schema[name])}" for name, sign in _BOUNDS.items() if name in schema]
    return told + "".join(bounds) + _default(schema)


def _whole(bound: Any) -> Any:
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound


def _default(schema: Schema) -> str:
    return f" ={json.dumps(schema['default'], ensure_ascii=False)}" if schema.get("default") is not None else ""


if __name__ == "__main__":
    record(json.loads(Path(sys.argv[1]).expanduser().read_text(encoding="utf-8")))
