"""Sets the stage: servers with durability on, migrated schemas, and one community of the model's size."""

import asyncio
import base64
import json
import os
import re
import secrets
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from joserfc.jwk import OKPKey

from bench.people import BUILDING, COMMUNITY, GRID, HOUSEHOLD, make_key, numbered
from launcher.embedded import EmbeddedPostgres, EmbeddedValkey
from shared.migrations import migrate_all

HOUSEHOLDS = 4_152
POINTS_EACH = 10_000_000
"""Enough that no household runs out of points while it is measured."""


@dataclass(frozen=True)
class Stage:
    """What a measurement runs on."""

    database_url: str
    redis_url: str
    bin_dir: Path
    key: OKPKey
    environment: dict[str, str]
    notes: dict[str, str] = field(default_factory=dict)
    """What a seed wants its requests to know."""
    counters: Counter[str] = field(default_factory=Counter)

    def taken(self, name: str) -> int:
        """Return how many of something the requests have used up."""
        return self.counters[name]

    def take(self, name: str) -> None:
        """Use up one."""
        self.counters[name] += 1

    def run_sql(self, *statements: str, as_replica: bool = False) -> None:
        """Run statements as the owner; `as_replica` leaves out foreign keys and triggers."""

        async def run() -> None:
            connection = await asyncpg.connect(self.database_url)
            try:
                if as_replica:
                    await connection.execute("SET session_replication_role = replica")
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(run())

    def ask(self, query: str, *arguments: object) -> tuple[Any, ...]:
        """Return the first row of a query, asked as the owner."""

        async def run() -> tuple[Any, ...]:
            connection = await asyncpg.connect(self.database_url)
            try:
                return tuple(await connection.fetchrow(query, *arguments) or ())
            finally:
                await connection.close()

        return asyncio.run(run())


@contextmanager
def set_stage(services: tuple[str, ...]) -> Iterator[Stage]:
    """Start private servers with fsync on, migrate, and stop them again."""
    with EmbeddedPostgres.temporary(durable=True) as postgres, EmbeddedValkey.temporary() as valkey:
        asyncio.run(migrate_all(postgres.url, services))
        key = make_key()
        secret = base64.b64encode(secrets.token_bytes(32)).decode()
        environment = os.environ | {
            "ENVIRONMENT": "development",
            "DATABASE_URL": postgres.url,
            "REDIS_URL": valkey.url,
            "FIELD_KEYS": json.dumps({"bench": secret}),
            "INDEX_KEY": secret,
            "LOG_LEVEL": "ERROR",
            "RECEIPT_KEY": secret,
            "BENCH_JWKS": json.dumps({"keys": [key.as_dict(private=False)]}),
        }
        yield Stage(postgres.url, valkey.url, postgres.bin_dir, key, environment)


def pgbench(stage: Stage, script: str, *, clients: int, seconds: int) -> str:
    """Run a pgbench script and return what it printed."""
    done = subprocess.run(
        [
            str(stage.bin_dir / "pgbench"),
            "--no-vacuum",
            "--protocol=prepared",
            f"--client={clients}",
            "--jobs=1",
            f"--time={seconds}",
            "--file=/dev/stdin",
            stage.database_url,
        ],
        input=script,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + 60,
    )
    if done.returncode != 0:
        msg = f"pgbench failed: {done.stderr[-2000:]}"
        raise RuntimeError(msg)
    return done.stdout


def tps_of(printed: str) -> float:
    """Return the transactions a second that pgbench told; it tells none where the disk stood still all the time."""
    found = re.search(r"tps = ([\d.]+)", printed)
    return float(found[1]) if found else 0.0


def seed_points(stage: Stage) -> None:
    """Enter the model community's households with a great many points each, straight by SQL; once on a stage."""
    if stage.taken("points"):
        return
    stage.take("points")
    now = datetime.now(UTC)

    async def run() -> None:
        connection: Any = await asyncpg.connect(stage.database_url)
        households = [
            (COMMUNITY, numbered(HOUSEHOLD, n), f"B-{n}", "王**", numbered(GRID, n % 8), f"第{n % 8 + 1}网格",
             numbered(BUILDING, n % 165), f"{n % 165 + 1}栋", "active", now)
            for n in range(HOUSEHOLDS)
        ]  # fmt: skip
        columns = ["community_id", "id", "number", "householder_name", "grid_id", "grid_name", "building_id", "building_name", "status",
                   "registered_at"]  # fmt: skip
        await connection.copy_records_to_table("household", records=households, columns=columns, schema_name="points")
        await connection.execute(
            """
            INSERT INTO points.account (community_id, id, kind, owner_id, asset, available, held, version, head, opened_at)
                SELECT community_id, points.derived_id(id, asset), 'household', id, asset, 0, 0, 0,
                    sha256(convert_to('diyuan.points.account', 'UTF8') || '\\x00'::bytea || uuid_send(points.derived_id(id, asset))), now()
                FROM points.household, unnest(ARRAY['standing', 'spendable']) AS asset
            """
        )
        await connection.execute(
            """
            SELECT points.credit(community_id, points.derived_id(id, 'spendable'), 'spendable', $1, 'issuance', 'opening', id, '', NULL,
                NULL, points.derived_id(id, 'opening'), now(), NULL, now()) FROM points.household
            """,
            POINTS_EACH,
        )
        await connection.execute("VACUUM ANALYZE")
        await connection.close()

    asyncio.run(run())
