"""Makes one OpenAPI document out of the services' own.

A component that two services define alike appears once; one that they define differently carries the service's name in front.
Operation ids are prefixed with the service, so that a generated client has `points_redeem` and `property_create_ticket`.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

Document = dict[str, Any]

REFERENCE: Final = "#/components/"
METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
INFO: Final = {
    "title": "缔园开放接口",
    "version": "1",
    "description": "社区共同缔造平台的全部接口。错误一律为 application/problem+json（RFC 9457），编号见 `/problems/{code}`；"
    "填写不对的地方逐条列在 `errors[]`：`in` 说在哪一部分（body、query、path、header），`pointer` 是那一部分里的 JSON 指针（RFC 6901），"
    "例如 body 里的 `/lines/0/quantity`、query 里的 `/limit`；"
    "日期都在 1900 年到 2199 年之间，时刻要带时区；"
    "所有 POST 都可带 `Idempotency-Key` 安全重试；列表用 `cursor` 翻页。",
}


def merge(documents: Mapping[str, Document]) -> Document:
    """Return the merged OpenAPI 3.1 document of the services, in the order given.

    Errors: ValueError when two services claim the same path.
    """
    merged: Document = {
        "openapi": "3.1.0",
        "info": dict(INFO),
        "tags": [],
        "paths": {},
        "components": {},
    }
    renames = _renames(documents)
    for service, document in documents.items():
        names = renames[service]
        for kind, components in document.get("components", {}).items():
            kept = merged["components"].setdefault(kind, {})
            for name, component in components.items():
                kept[names.get((kind, name), name)] = _rewritten(component, names)
        for path, item in document.get("paths", {}).items():
            if path in merged["paths"]:
                msg = f"{service} claims {path}, which another service has already"
                raise ValueError(msg)
            merged["paths"][path] = _tagged(_rewritten(item, names), service)
        tag = {"name": service, "description": document.get("info", {}).get("description", "")}
        merged["tags"].append(tag)
    _sort(merged)
    return merged


def _renames(documents: Mapping[str, Document]) -> dict[str, dict[tuple[str, str], str]]:
    """Return, for each service, the components that need its name in front: those that others define differently."""
    meanings: dict[tuple[str, str], set[str]] = {}
    for document in documents.values():
        for key, component in _components(document):
            meanings.setdefault(key, set()).add(_expanded(component, document))
    return {
        service: {
            (kind, name): f"{service.capitalize()}{name[:1].upper()}{name[1:]}"
            for (kind, name), _ in _components(document)
            if len(meanings[kind, name]) > 1
        }
        for service, document in documents.items()
    }


def _components(document: Document) -> list[tuple[tuple[str, str], Any]]:
    return [
        ((kind, name), component)
        for kind, components in document.get("components", {}).items()
        for name, component in components.items()
    ]


def _expanded(component: Any, document: Document) -> str:
    """Return what a component means, references followed: equal texts that refer to different things are different."""
    seen: dict[str, Any] = {}
    waiting = [component]
    while waiting:
        for reference in _references(waiting.pop()):
            if reference not in seen:
                seen[reference] = _resolve(reference, document)
                waiting.append(seen[reference])
    return json.dumps([component, seen], sort_keys=True, ensure_ascii=False)


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [reference for value in node.values() for reference in _references(value)]
    if isinstance(node, list):
        return [reference for value in node for reference in _references(value)]
    return []


def _resolve(reference: str, document: Document) -> Any:
    if not reference.startswith(REFERENCE):
        return reference
    kind, _, name = reference.removeprefix(REFERENCE).partition("/")
    return document.get("components", {}).get(kind, {}).get(name)


def _rewritten(node: Any, names: Mapping[tuple[str, str], str]) -> Any:
    """Return a copy in which references and security requirements use the new names."""
    if isinstance(node, list):
        return [_rewritten(value, names) for value in node]
    if not isinstance(node, dict):
        return node
    copy = {key: _rewritten(value, names) for key, value in node.items()}
    reference = node.get("$ref")
    if isinstance(reference, str):
        copy["$ref"] = _renamed(reference, names)
    mapping = node.get("discriminator", {}).get("mapping") if isinstance(node.get("discriminator"), dict) else None
    if isinstance(mapping, dict):
        copy["discriminator"]["mapping"] = {key: _renamed(value, names) for key, value in mapping.items()}
    if isinstance(node.get("security"), list):
        copy["security"] = [
            {names.get(("securitySchemes", scheme), scheme): scopes for scheme, scopes in requirement.items()}
            for requirement in node["security"]
        ]
    return copy


def _renamed(reference: str, names: Mapping[tuple[str, str], str]) -> str:
    if not reference.startswith(REFERENCE):
        return reference
    kind, _, name = reference.removeprefix(REFERENCE).partition("/")
    return f"{REFERENCE}{kind}/{names.get((kind, name), name)}"


def _tagged(item: Document, service: str) -> Document:
    """Name and group the operations of a path by service, the slice's own tags after it."""
    for method, operation in item.items():
        if method in METHODS:
            name = operation.get("operationId", method)
            operation["operationId"] = name if name.startswith(f"{service}_") else f"{service}_{name}"
            operation["tags"] = [service, *(tag for tag in operation.get("tags", []) if tag != service)]
    return item


def _sort(merged: Document) -> None:
    """Put paths and components in a stable order, so that two merges of the same services are the same bytes."""
    merged["paths"] = dict(sorted(merged["paths"].items()))
    merged["components"] = {kind: dict(sorted(named.items())) for kind, named in sorted(merged["components"].items())}
