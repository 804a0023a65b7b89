"""A walk over a service's routes with ids that belong to somebody else."""

from collections.abc import Mapping, Sequence
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
