"""A dump restored elsewhere holds the same books, and the audit finds them clean."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from launcher.embedded import EmbeddedPostgres
from services.points.audits.repository import list_breaches
from shared.contracts.events import HouseholdRegistered
from shared.db import Database
from shared.ids import new_id
from shared.testing.clients import Apps, People
from shared.uow import unit_of_work

ROOT = Path(__file__).parents[2]


@pytest.fixture
def elsewhere() -> Iterator[EmbeddedPostgres]:
    """Another server, empty."""
    with EmbeddedPostgres.temporary() as server:
        yield server


def run(script: str, argument: Path, database_url: str, bin_dir: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DATABASE_URL": database_url, "PG_BIN": str(bin_dir)}
    return subprocess.run(
        ["sh", str(ROOT / "deploy" / script), str(argument)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
async def test_a_restored_backup_passes_the_audit(
    apps: Apps, hear: Any, people: People, database_url: str, elsewhere: EmbeddedPostgres, tmp_path: Path
) -> None:
    household = HouseholdRegistered(
        household_id=new_id(),
        household_number="QLQ-0001",
        grid_id=new_id(),
        grid_name="第一网格",
        building_id=new_id(),
        building_name="1栋",
        householder_name="王**",
        area_cm2e2=8_800,
        resident_count=3,
    )
    await hear("points", people.community_id, household)

    backup = run("backup.sh", tmp_path / "备份", database_url, elsewhere.bin_dir)
    assert backup.returncode == 0, backup.stderr
    dump = Path(backup.stdout.strip())
    restored = run("restore.sh", dump, elsewhere.url, elsewhere.bin_dir)
    assert restored.returncode == 0, restored.stderr

    database = Database.connect("points", elsewhere.url)
    try:
        async with unit_of_work(database, apps.runtime("points").clock, people.community_id) as uow:
            assert await list_breaches(uow.session, uow.now) == []
            rows = await uow.session.execute(text("SELECT count(*) FROM points.account WHERE kind = 'household'"))
            assert rows.scalar_one() == 2
    finally:
        await database.close()

    again = run("restore.sh", dump, elsewhere.url, elsewhere.bin_dir)
    assert again.returncode == 65, "a database that is not empty is left alone"
