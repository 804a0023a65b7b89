"""A walk over a service's routes with ids that belong to somebody else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2
from sqlalchemy import text

from shared.db import Database
from shared.ids import new_id

SAMPLES_PER_COLUMN = 2


@dataclass(frozen=True)
class Step:
    """One operation with the path parameters it needs."""

    method: str
    path: str
    operation: Mapping[str, Any]

    @property
    def id_names(self) -> list[str]:
        """The path parameters that are ids."""
        return [p["name"] for p in self.path_parameters if p["schema"].get("format") == "uuid"]

    def others(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return a value for each path parameter that is no id."""
        plain = [p for p in self.path_parameters if p["schema"].get("format") != "uuid"]
        return {p["name"]: made(document, p["schema"]) for p in plain}

    @property
    def path_parameters(self) -> list[Mapping[str, Any]]:
        """What stands in braces in the path."""
        return [p for p in self.operation.get("parameters", []) if p["in"] == "path"]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


def steps(document: Mapping[str, Any]) -> list[Step]:
    """Return the operations whose address holds an id."""
    found = [
        Step(m, path, operation) for path, methods in document["paths"].items() for m, operation in methods.items()
    ]
    return [step for step in found if step.id_names]


def made(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """Return a value that fits a schema, from its examples where it has some."""
    if "$ref" in schema:
        target: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return made(document, target)
    given = [*schema.get("examples", []), *schema.get("enum", []), schema.get("const")]
    choices = [choice for name in ("anyOf", "oneOf", "allOf") for choice in schema.get(name, [])]
    value = next((value for value in given if value is not None), None)
    if value is None:
        real = [choice for choice in choices if choice.get("type") != "null"]
        value = made(document, real[0]) if real else _of_type(document, schema)
    return value


def _of_type(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    match schema.get("type"):
        case "object":
            properties, required = schema.get("properties", {}), schema.get("required", [])
            return {name: made(document, inner) for name, inner in properties.items() if name in required}
        case "array":
            return [made(document, schema["items"])] * max(1, schema.get("minItems", 1))
        case "integer" | "number":
            return max(1, schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case _:
            return _text(schema)


PATTERNS = {"^[0-9a-f]{64}$": "0" * 64}


def _text(schema: Mapping[str, Any]) -> str:
    if "pattern" in schema and schema["pattern"] in PATTERNS:
        return PATTERNS[schema["pattern"]]
    known = {"uuid": str(new_id()), "date-time": "2026-05-12T01:00:00Z", "date": "2026-05-12", "time": "09:00:00"}
    given: str = known.get(schema.get("format", ""), "好" * max(2, schema.get("minLength", 2)))
    return given[: schema.get("maxLength", 1_000)]


async def ids_in(database: Database, community_id: UUID) -> dict[str, list[UUID]]:
    """Return ids that exist in a community, by the names under which paths would ask for them."""
    found: dict[str, list[UUID]] = {"community_id": [community_id]}
    columns = text(
        "SELECT t.table_name, c.column_name FROM information_schema.tables t JOIN information_schema.columns c"
        " USING (table_schema, table_name) WHERE t.table_schema = :schema AND c.udt_name = 'uuid'"
        " AND c.column_name <> 'community_id' AND EXISTS (SELECT 1 FROM information_schema.columns k"
        " WHERE k.table_schema = t.table_schema AND k.table_name = t.table_name AND k.column_name = 'community_id')"
    )
    async with database.worker.connect() as connection:
        for table, column in (await connection.execute(columns, {"schema": database.service})).all():
            query = text(
                f"SELECT DISTINCT {column} FROM {database.service}.{table}"
                f" WHERE community_id = :c AND {column} IS NOT NULL LIMIT {SAMPLES_PER_COLUMN}"
            )
            values = list((await connection.execute(query, {"c": community_id})).scalars())
            found.setdefault(f"{table}_id" if column == "id" else column, []).extend(values)
    return {name: list(dict.fromkeys(values)) for name, values in found.items() if values}


def named(name: str, ids: Mapping[str, Sequence[UUID]]) -> list[UUID]:
    """Return the ids of that name: `grant_id` is also that of a `role_grant`."""
    found = list(ids.get(name, [])) or [v for key, values in ids.items() if key.endswith(f"_{name}") for v in values]
    return found[:SAMPLES_PER_COLUMN]


def candidates(name: str, ids: Mapping[str, Sequence[UUID]]) -> list[UUID]:
    """Return the ids to try for a path parameter: those of that name, else one of every kind."""
    return named(name, ids) or [values[0] for values in ids.values()][:6]


def not_given(document: Mapping[str, Any], ids: Mapping[str, Sequence[UUID]]) -> set[str]:
    """Return the path parameters for which no real id was at hand."""
    return {name for step in steps(document) for name in step.id_names if not named(name, ids)} | {
        p["name"] for step in steps(document) for p in step.path_parameters if p["schema"].get("format") != "uuid"
    }


@dataclass
class Findings:
    """What a walk found: doors that told something, and doors that were never tried to the end."""

    leaks: list[str]
    unproven: list[str]


async def walk(
    clients: Sequence[httpx2.AsyncClient], document: Mapping[str, Any], ids: Mapping[str, Sequence[UUID]]
) -> Findings:
    """Try every foreign id on every route, and compare with an id that exists nowhere.

    A stranger must not succeed, and must not be able to tell a thing that exists elsewhere from one that does not exist.
    """
    findings = Findings([], [])
    for step in steps(document):
        is_proven = False
        for client in clients:
            for foreign in _fillings(step, ids):
                theirs = await _ask(client, document, step, foreign)
                nobodys = await _ask(client, document, step, dict.fromkeys(foreign, new_id()))
                if theirs[0] < 300 or theirs[0] >= 500 or theirs != nobodys:
                    findings.leaks.append(f"{step} {foreign}: {theirs}, and for an id of nobody {nobodys}")
                    break
                is_proven |= theirs[0] == 404
        if not is_proven:
            findings.unproven.append(f"{step} never answered 404")
    return findings


def _fillings(step: Step, ids: Mapping[str, Sequence[UUID]]) -> list[dict[str, UUID]]:
    first, *rest = step.id_names
    others = {name: candidates(name, ids)[0] for name in rest}
    return [{first: candidate} | others for candidate in candidates(first, ids)]


async def _ask(
    client: httpx2.AsyncClient, document: Mapping[str, Any], step: Step, ids: Mapping[str, UUID]
) -> tuple[int, str]:
    path = step.path
    for name, value in {**step.others(document), **ids}.items():
        path = path.replace(f"{{{name}}}", str(value))
    content = step.operation.get("requestBody", {}).get("content", {})
    body = made(document, content["application/json"]["schema"]) if "application/json" in content else None
    queries = {
        p["name"]: made(document, p["schema"])
        for p in step.operation.get("parameters", [])
        if p["in"] == "query" and p.get("required")
    }
    # The first version of a thing: a precondition must not be what keeps a stranger out.
    headers = {"If-Match": '"1"'} if step.method in {"put", "delete"} else {}
    response = await client.request(step.method.upper(), path, params=queries, json=body, headers=headers)
    kind = response.headers.get("content-type", "")
    return response.status_code, response.json()["code"] if kind.startswith("application/problem+json") else kind


Place = tuple[str | int, ...]
"""Where an id stands: `("query", name)`, or `("body", name, …)` with 0 for the only element of a list."""


def places(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[Place]:
    """Yield where an operation that names nothing in its path is told ids all the same."""
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "query":
            yield from (("query", parameter["name"]) for _ in _places_in(document, parameter["schema"]))
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        yield from (("body", *place) for place in _places_in(document, content["application/json"]["schema"]))


def _choices(document: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    inner = [choice for name in ("anyOf", "oneOf", "allOf") for choice in schema.get(name, [])]
    return [schema, *(found for choice in inner for found in _choices(document, choice))]


def _places_in(document: Mapping[str, Any], schema: Mapping[str, Any], deepest: int = 4) -> Iterator[Place]:
    for choice in _choices(document, schema) if deepest else []:
        if choice.get("format") == "uuid":
            yield ()
        for name, inner in choice.get("properties", {}).items():
            yield from ((name, *place) for place in _places_in(document, inner, deepest - 1))
        if choice.get("type") == "array":
            yield from ((0, *place) for place in _places_in(document, choice["items"], deepest - 1))


def _put(document: Mapping[str, Any], schema: Mapping[str, Any], body: Any, place: Place, value: str) -> Any:
    if not place:
        return value
    step, *rest = place
    choices = _choices(document, schema)
    if step == 0:
        items = next(choice["items"] for choice in choices if choice.get("type") == "array")
        return [_put(document, items, body[0] if isinstance(body, list) and body else None, tuple(rest), value)]
    thing = next(choice for choice in choices if step in choice.get("properties", {}))
    filled = dict(body) if isinstance(body, dict) else made(document, thing)
    return {**filled, step: _put(document, thing["properties"][step], filled.get(step), tuple(rest), value)}


async def walk_told(
    client: httpx2.AsyncClient, document: Mapping[str, Any], ids: Mapping[str, Sequence[UUID]]
) -> tuple[list[str], int]:
    """Tell every operation a foreign id in its body or query, and an id of nobody before and after; return the leaks and the tries.

    Whatever the answer is, it must be one that an id of nobody gets too.
    """
    leaks, tries = [], 0
    found = [
        Step(m, path, operation) for path, methods in document["paths"].items() for m, operation in methods.items()
    ]
    # Who names nothing in the path; and not the doors of sign-in, where the community is what one looks for.
    telling = [step for step in found if "security" in step.operation and not step.id_names]
    # Reading comes first: what is written in between bears the ids it was told.
    for step in sorted(telling, key=lambda step: step.method != "get"):
        for place in places(document, step.operation):
            name = str(next(part for part in reversed(place) if part != 0)).removesuffix("s")
            for foreign in candidates(name, ids)[:SAMPLES_PER_COLUMN]:
                before = await _tell(client, document, step, place, new_id())
                theirs = await _tell(client, document, step, place, foreign)
                after = await _tell(client, document, step, place, new_id())
                tries += 1
                if theirs not in (before, after) or theirs[0] == 500:
                    leaks.append(f"{step} {place} {foreign}: {theirs}, and for an id of nobody {before}, {after}")
    return leaks, tries


async def _tell(
    client: httpx2.AsyncClient, document: Mapping[str, Any], step: Step, place: Place, value: UUID
) -> tuple[int, Any]:
    content = step.operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    body = None if schema is None else made(document, schema)
    queries = {
        p["name"]: made(document, p["schema"])
        for p in step.operation.get("parameters", [])
        if p["in"] == "query" and p.get("required")
    }
    if place[0] == "query":
        queries[str(place[1])] = str(value)
    else:
        body = _put(document, schema, body, place[1:], str(value))
    path = step.path
    for name, other in step.others(document).items():
        path = path.replace(f"{{{name}}}", str(other))
    response = await client.request(step.method.upper(), path, params=queries, json=body)
    if response.headers.get("content-type", "").startswith("application/problem+json"):
        return response.status_code, response.json()["code"]
    told = response.json() if step.method == "get" and "json" in response.headers.get("content-type", "") else None
    return response.status_code, len(told["items"]) if isinstance(told, dict) and "items" in told else None
