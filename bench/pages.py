"""What a page costs beside one community and beside a hundred: ten million entries, and the index must not care."""

import asyncio
from collections.abc import Iterator
from itertools import islice
from tempfile import TemporaryFile
from typing import Final

import asyncpg

from bench.load import repeated, request, run, send_once
from bench.measure import CONNECTIONS, serving
from bench.people import COMMUNITY, RESIDENTS, resident, token
from bench.scenarios import statement_requests
from bench.stage import Stage, seed_points
from bench.trials import Finding, Trial

COMMUNITIES = 100
TRANSFERS = 12
"""Transfers of each household, of two entries each: with a hundred communities of the model's size about ten million entries."""
COPIED: Final = ("household", "account", "transfer", "entry")
ALLOWED: Final = 1.3
SECONDS_TO_COPY: Final = 3_600

_HISTORY = (
    f"""
    INSERT INTO points.transfer (community_id, id, asset, kind, amount, from_account_id, to_account_id, source_id, summary, event_at, created_at)
        SELECT community_id, md5('t' || id || n)::uuid, 'spendable', 'claim', 5, points.derived_id(community_id, 'issuance/spendable'),
            points.derived_id(id, 'spendable'), md5('s' || id || n)::uuid, '楼道清扫', now() - n * interval '1 day', now()
        FROM points.household, generate_series(1, {TRANSFERS}) AS n WHERE community_id = '{COMMUNITY}'
    """,
    f"""
    INSERT INTO points.entry (community_id, id, account_id, version, transfer_id, amount, available_after, held_after, previous_hash, hash,
            created_at)
        SELECT community_id, md5('e' || id || n)::uuid, points.derived_id(id, 'spendable'), 1 + n, md5('t' || id || n)::uuid, 5, 5 * n, 0,
            sha256('a'), sha256('b'), now()
        FROM points.household, generate_series(1, {TRANSFERS}) AS n WHERE community_id = '{COMMUNITY}'
    """,
    f"""
    INSERT INTO points.entry (community_id, id, account_id, transfer_id, amount, created_at)
        SELECT community_id, md5('i' || id || n)::uuid, points.derived_id(community_id, 'issuance/spendable'), md5('t' || id || n)::uuid, -5,
            now()
        FROM points.household, generate_series(1, {TRANSFERS}) AS n WHERE community_id = '{COMMUNITY}'
    """,
)

_RANKINGS = f"SELECT points.refresh_ranking(md5('community ' || c)::uuid, now(), now()) FROM generate_series(2, {COMMUNITIES}) AS c"


def _ranking_requests(stage: Stage) -> Iterator[bytes]:
    return repeated(
        [
            request("GET", "/api/v1/points/rankings?limit=20", token(stage.key, resident(number)))
            for number in range(RESIDENTS)
        ]
    )


def _per_second(stage: Stage, seconds: float) -> dict[str, float]:
    """Measure both pages on the service alone."""
    found = {}
    with serving(stage, "direct", "points") as (port, _pid):
        for name, requests in (("statement", statement_requests(stage)), ("ranking", _ranking_requests(stage))):
            send_once(port, list(islice(requests, RESIDENTS)), connections=CONNECTIONS)
            result = run(port, requests, connections=CONNECTIONS, seconds=seconds)
            if set(result.statuses) != {200}:
                msg = f"the {name} page answered {dict(result.statuses)}"
                raise RuntimeError(msg)
            found[name] = result.per_second
    return found


async def _copy(stage: Stage) -> None:
    """Make further communities like the first, by COPY out and COPY in."""
    connection = await asyncpg.connect(stage.database_url)
    await connection.execute("SET session_replication_role = replica")
    try:
        for table in COPIED:
            columns = [
                row["column_name"]
                for row in await connection.fetch(
                    "SELECT column_name FROM information_schema.columns"
                    " WHERE table_schema = 'points' AND table_name = $1 AND column_name <> 'community_id'",
                    table,
                )
            ]
            with TemporaryFile() as copied:
                await connection.copy_from_query(
                    f"SELECT md5('community ' || c)::uuid, {', '.join(columns)}"
                    f" FROM generate_series(2, {COMMUNITIES}) AS c, points.{table} WHERE community_id = '{COMMUNITY}'",
                    output=copied,
                    format="binary",
                )
                copied.seek(0)
                await connection.copy_to_table(
                    table,
                    schema_name="points",
                    columns=["community_id", *columns],
                    source=copied,
                    format="binary",
                    timeout=SECONDS_TO_COPY,
                )
    finally:
        await connection.close()


def _pages(stage: Stage, seconds: float) -> Iterator[Finding]:
    """Read pages of one community, then make it one of a hundred and read them again."""
    seed_points(stage)
    stage.run_sql(*_HISTORY, "VACUUM ANALYZE", as_replica=True)
    alone = _per_second(stage, seconds)
    asyncio.run(_copy(stage))
    stage.run_sql(_RANKINGS, "VACUUM ANALYZE", as_replica=True)
    (entries,) = stage.ask("SELECT count(*) FROM points.entry")
    among = _per_second(stage, seconds)
    for name, before in alone.items():
        ratio = before / among[name]
        told = "within" if ratio <= ALLOWED else "NOT within"
        yield Finding(
            "pages",
            f"{name}: 1 community, then {COMMUNITIES} with {entries / 1e6:.1f} million entries; {told} {ALLOWED}",
            f"{before:.0f}/s · {among[name]:.0f}/s · {ratio:.2f}",
        )


PAGES = Trial("pages", _pages, is_big=True)
