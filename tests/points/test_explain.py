"""Every list finds its rows by an index that begins with the community: what a page costs does not grow with the number of communities."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

import asyncpg
import httpx2
import pytest
from fastapi import params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from sqlalchemy import event

from services.points.api import ROUTERS
from services.points.registry import registry
from shared.kernel.principal import Role
from shared.migrations import migrate_all
from shared.testing.clients import Apps, People, Signer
from shared.testing.postgres import plain_url
from tests.points.full_house import community_of, fill, key_of

EVERYBODY_SEES = (Role.COMMUNITY_ADMIN, Role.SUPERVISOR, Role.STOREKEEPER, Role.ASSESSOR, Role.COMMITTEE_MEMBER)
NO_FILTERS = {"cursor", "limit"}


def _is_list(route: APIRoute) -> bool:
    answers_list = str(route.response_model).startswith("list[")
    return "GET" in route.methods and (
        answers_list or any(p.name == "cursor" for p in get_flat_params(route.dependant))
    )


LISTS = {
    route.path: route
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and _is_list(route)
}


@dataclass
class FullHouse:
    """The points app on a database full of rows."""

    apps: Apps
    url: str
    large: set[str]

    async def statements(self, route: APIRoute) -> list[tuple[str, tuple[Any, ...]]]:
        """Ask a list as staff, without filters and with each, and as a resident, and return the statements that were run."""
        app, people = self.apps.app("points"), People(community_of())
        household = key_of("household", 0)
        ran: list[tuple[str, tuple[Any, ...]]] = []

        def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            if "points." in statement and statement.lstrip().upper().startswith(("SELECT", "WITH")):
                ran.append((statement, tuple(parameters)))

        engine = self.apps.runtime("points").database.app.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            staff, resident = people.staff(*EVERYBODY_SEES, household_id=household), people.resident(household)
            for principal, urls in ((staff, list(_urls(route))), (resident, [next(_urls(route))])):
                token = self.apps.signer.token(principal)
                transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
                async with httpx2.AsyncClient(
                    transport=transport, base_url="http://points.test", headers={"Authorization": f"Bearer {token}"}
                ) as client:
                    for url in urls:
                        await client.get(url)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return ran


def _urls(route: APIRoute) -> Iterator[str]:
    """Yield a list's address without filters and with each alone."""
    path, filters = route.path, []
    for parameter in get_flat_params(route.dependant):
        if parameter.name in NO_FILTERS:
            continue
        sample = _sample(parameter.name, parameter.field_info.annotation)
        if isinstance(parameter.field_info, params.Path):
            path = path.replace("{" + parameter.alias + "}", sample)
        elif isinstance(parameter.field_info, params.Query):
            filters.append((f"{parameter.alias}={sample}", parameter.field_info.is_required()))
    required = "&".join(text for text, is_required in filters if is_required)
    yield f"{path}?{required}"
    for text, is_required in filters:
        if not is_required:
            yield f"{path}?{required}&{text}"


def _sample(name: str, annotation: Any) -> str:
    """Return a value of a parameter's type; of an id, one that is there."""
    if parts := [part for part in get_args(annotation) if part is not type(None)]:
        return str(parts[0]) if get_origin(annotation) is Literal else _sample(name, parts[0])
    if issubclass(annotation, Enum):
        return str(next(iter(annotation)).value)
    samples = {UUID: key_of(name.removesuffix("_id"), 0), date: "2026-05-01", bool: "true", int: "1", str: "x1"}
    return str(samples.get(annotation, "2026-05-01T00:00:00Z"))


@pytest.fixture(scope="module")
async def full_house(postgres_url: str, redis_url: str, signer: Signer) -> AsyncIterator[FullHouse]:
    name = f"diyuan_full_{os.getpid()}"
    url = plain_url(postgres_url, name)
    owner: Any = await asyncpg.connect(postgres_url)
    await owner.execute(f"CREATE DATABASE {name}")
    await asyncio.to_thread(lambda: asyncio.run(migrate_all(url, ["points"])))
    apps = Apps(url, redis_url, signer)
    yield FullHouse(apps, url, await fill(url))
    await apps.close()
    await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await owner.close()


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _nodes(part)


def slow_ways(plan: dict[str, Any], large: set[str]) -> list[str]:
    """Return the parts of a plan that would read more than the community's rows of a large table."""
    slow = []
    for node in _nodes(plan):
        kind, table = node["Node Type"], node.get("Relation Name")
        if kind == "Seq Scan" and table in large:
            slow.append(f"reads all of {table}")
        if kind in {"Index Scan", "Index Only Scan", "Bitmap Index Scan"}:
            table = table or _table_of(node["Index Name"])
            if table in large and "community_id" not in node.get("Index Cond", ""):
                slow.append(f"reads {node['Index Name']} past the community")
    return slow


def _table_of(index: str) -> str | None:
    names = {i.name: table.name for table in registry.metadata.tables.values() for i in table.indexes}
    return names.get(index) or next(
        (t.name for t in registry.metadata.tables.values() if index == f"pk_{t.name}"), None
    )


def test_there_are_lists() -> None:
    assert len(LISTS) >= 25


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_finds_its_rows_by_an_index_on_the_community(full_house: FullHouse, path: str) -> None:
    ran = await full_house.statements(LISTS[path])
    assert ran, "the list asked nothing"

    connection: Any = await asyncpg.connect(full_house.url, server_settings={"role": "points_app"})
    slow: dict[str, list[str]] = {}
    try:
        async with connection.transaction():
            await connection.execute("SELECT set_config('app.community_id', $1, true)", str(community_of()))
            for statement, parameters in ran:
                if statement not in slow:
                    answer = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *parameters)
                    slow[statement] = slow_ways(json.loads(answer)[0]["Plan"], full_house.large)
    finally:
        await connection.close()

    assert {statement: ways for statement, ways in slow.items() if ways} == {}


async def test_a_read_past_the_community_is_seen(full_house: FullHouse) -> None:
    """The measure itself: a question no index answers, and one answered by an index from end to end, are both found."""
    owner: Any = await asyncpg.connect(full_house.url)
    everything = json.loads(await owner.fetchval("EXPLAIN (FORMAT JSON) SELECT * FROM points.claim WHERE note = 'x'"))
    await owner.execute("SET enable_seqscan = off")
    walked = json.loads(
        await owner.fetchval("EXPLAIN (FORMAT JSON) SELECT id FROM points.claim ORDER BY community_id, id")
    )
    await owner.close()

    assert slow_ways(everything[0]["Plan"], full_house.large) == ["reads all of claim"]
    assert slow_ways(walked[0]["Plan"], full_house.large) == ["reads pk_claim past the community"]
