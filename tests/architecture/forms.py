"""Bodies made from what a route says of itself, with something else in every field of text and of time."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.architecture.walk import made

Leaf = Callable[[str, Mapping[str, Any]], Any]
"""Given the JSON pointer and the schema of a field, return what to write into it."""


def resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema itself: what a reference names, and the first choice that is not null."""
    while True:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif choices := [c for name in ("anyOf", "oneOf", "allOf") for c in schema.get(name, [])]:
            schema = next(choice for choice in choices if choice.get("type") != "null")
        else:
            return schema


def body_of(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the schema of a JSON body."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return None if content is None else resolved(document, content["schema"])


IN_FIELDS = ("multipart/form-data", "application/x-www-form-urlencoded")


def fields_of(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the schema of a body that is handed in field by field, as browsers do."""
    content = operation.get("requestBody", {}).get("content", {})
    kind = next((kind for kind in IN_FIELDS if kind in content), None)
    return None if kind is None else resolved(document, content[kind]["schema"])


def is_file(schema: Mapping[str, Any]) -> bool:
    """Tell a field that takes a file."""
    return schema.get("format") == "binary" or "contentMediaType" in schema


BOUNDARY = "----with-nothing-like-it-in-any-field"


def multipart(fields: Mapping[str, str], files: Mapping[str, tuple[bytes | None, bytes]]) -> dict[str, Any]:
    """Return a request's body and header; names of files are sent byte by byte as given, which no well-behaved client would do."""
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    for field, (name, content) in files.items():
        told = b"" if name is None else b'; filename="' + name.replace(b'"', b"%22") + b'"\r\nContent-Type: text/csv'
        parts.append(f'Content-Disposition: form-data; name="{field}"'.encode() + told + b"\r\n\r\n" + content)
    body = b"".join(f"--{BOUNDARY}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{BOUNDARY}--\r\n".encode()
    return {"content": body, "headers": {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}}


def filled(document: Mapping[str, Any], schema: Mapping[str, Any], leaf: Leaf, pointer: str = "") -> Any:
    """Return a body with every member the schema knows, `leaf` deciding what stands in the fields of text and of time."""
    inner = resolved(document, schema)
    match inner.get("type"):
        case "object":
            members = inner.get("properties", {})
            return {name: filled(document, member, leaf, f"{pointer}/{name}") for name, member in members.items()}
        case "array":
            length = max(1, inner.get("minItems", 1))
            return [filled(document, inner["items"], leaf, f"{pointer}/{place}") for place in range(length)]
        case "string" if "enum" not in inner and "const" not in inner:
            return leaf(pointer, {**inner, "examples": schema.get("examples") or inner.get("examples", [])})
        case _:
            return made(document, schema)


def texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Return every text of a document with the name of its member."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, name)
