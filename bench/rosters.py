"""A roster of twenty thousand residents: read, compared, written and told, as the worker does it."""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from typing import Any

from bench.people import COMMUNITY
from bench.stage import Stage
from bench.trials import Finding, Trial
from launcher.demo.community import model_community
from launcher.demo.workbook import Cell, sheets, write_xlsx
from shared.clock import SystemClock
from shared.ids import new_id
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind
from shared.sweeps import sweep_once
from shared.uow import unit_of_work

RESIDENTS = 20_000
NAME, RELATION, NUMBER, PHONE, PARTY, REPRESENTATIVE, MAY_ACT = 1, 2, 4, 6, 7, 8, 9
"""Columns of the residents' sheet."""


def _workbook() -> bytes:
    """Return the model community's workbook with lodgers added until there are enough residents."""
    contents = dict(sheets(model_community()))
    title, rows = list(contents.items())[-1]
    header, people = rows[0], rows[1:]
    lodgers: list[Sequence[Cell]] = []
    for person in people[: RESIDENTS - len(people)]:
        lodger = list(person)
        lodger[NAME], lodger[RELATION], lodger[NUMBER], lodger[PHONE] = f"{person[NAME]}友", "其他", "", ""
        lodger[PARTY] = lodger[REPRESENTATIVE] = lodger[MAY_ACT] = "否"
        lodgers.append(lodger)
    contents[title] = [header, *people, *lodgers]
    return write_xlsx(contents)


async def _import(stage: Stage) -> tuple[dict[str, float], Any]:
    from services.identity.main import build_runtime
    from services.identity.rosters import usecases as rosters
    from services.identity.rosters.planning import Removals
    from services.identity.settings import Settings

    settings = Settings(
        environment="development",
        database_url=stage.database_url,
        redis_url=stage.redis_url,
        field_keys=json.loads(stage.environment["FIELD_KEYS"]),
        index_key=stage.environment["INDEX_KEY"],
    )
    runtime = build_runtime(settings, clock=SystemClock())
    grant = RoleGrant(Role.COMMUNITY_ADMIN, ScopeKind.COMMUNITY, str(COMMUNITY))
    admin = Principal(new_id(), AccountKind.STAFF, COMMUNITY, roles=frozenset({grant}))
    seconds: dict[str, float] = {}

    async def work() -> None:
        while sum([await sweep_once(runtime.database, runtime.clock, sweep) for sweep in rosters.sweeps(runtime)]):
            pass

    try:
        content = _workbook()
        began = time.perf_counter()
        async with unit_of_work(runtime.database, runtime.clock, COMMUNITY) as uow:
            import_id = await rosters.upload_roster(
                uow=uow, principal=admin, cipher=runtime.cipher, file_name="花名册.xlsx", content=content
            )
        await work()
        seconds["read and compared"] = time.perf_counter() - began
        began = time.perf_counter()
        async with unit_of_work(runtime.database, runtime.clock, COMMUNITY) as uow:
            await rosters.apply_roster(uow=uow, principal=admin, import_id=import_id, removals=Removals.KEEP)
        await work()
        seconds["applied, every service told"] = time.perf_counter() - began
        async with unit_of_work(runtime.database, runtime.clock, COMMUNITY) as uow:
            row, _ = await rosters.get_import(uow=uow, principal=admin, import_id=import_id)
    finally:
        await runtime.close()
    return seconds, row


def _rosters(stage: Stage, _seconds: float) -> Iterator[Finding]:
    """Import the roster in a community that has nobody yet."""
    seconds, row = asyncio.run(_import(stage))
    (residents,) = stage.ask("SELECT count(*) FROM identity.resident WHERE community_id = $1", COMMUNITY)
    if residents != RESIDENTS:
        msg = f"{residents} of {RESIDENTS} residents came in; the import is {row.state}"
        raise RuntimeError(msg)
    for what, taken in seconds.items():
        yield Finding("roster import", f"{residents} residents {what}", f"{taken:.1f} s")


ROSTERS = Trial("roster import", _rosters)
