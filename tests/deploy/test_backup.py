"""A dump restored elsewhere holds the same books: the audit finds them clean, they prove themselves offline, and one changed row is named."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from launcher.embedded import EmbeddedPostgres
from services.points.audits.repository import list_breaches
from services.points.seals.usecases import export_books
from shared.contracts.events import HouseholdRegistered
from shared.db import Database
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.principal import Principal, Role
from shared.testing.clients import Apps, ClientFor, People
from shared.testing.factories import WorkIn
from shared.uow import unit_of_work
from tests.points.ledger.books import Books
from tests.points.round_kit import AFTER, RoundKit
from tests.points.store_kit import StoreKit, redeem

ROOT = Path(__file__).parents[2]
ONE_MORE = """
    UPDATE points.entry SET amount = amount + 1 WHERE id = (
        SELECT e.id FROM points.entry e JOIN points.account a ON a.community_id = e.community_id AND a.id = e.account_id
        WHERE a.community_id = $1 AND a.owner_id = $2 AND a.asset = 'spendable' ORDER BY e.version DESC LIMIT 1)
    RETURNING id
"""
"""A point more in the last line of a household."""


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


@dataclass
class Town:
    """A community in whose books a little of everything has happened, and the supervisor who exports them."""

    people: People
    household: UUID
    supervisor: Principal


@pytest.fixture
async def town(people: People, hear: Any, client_for: ClientFor, clock: FixedClock, work_in: WorkIn) -> Town:
    """Two households, points posted, a deduction, goods redeemed, a reversal, a sealed round, and a seal of the books."""
    households = [new_id(), new_id()]
    for number, household_id in enumerate(households, start=1):
        registered = HouseholdRegistered(
            household_id=household_id,
            household_number=f"QLQ-{number:04}",
            grid_id=new_id(),
            grid_name="第一网格",
            building_id=new_id(),
            building_name="1栋",
            householder_name="王**",
            area_cm2e2=8_800,
            resident_count=3,
        )
        await hear("points", people.community_id, registered)
    rounds, books = RoundKit(client_for, people, clock, work_in), Books(work_in, people.community_id)
    store = StoreKit(client_for, people)
    path = await rounds.open()
    wrong = await rounds.credit(households[0], 15)
    await books.deduct(households[1], 120)
    bought = await redeem(store.household(households[0]), await store.stock())
    assert bought.status_code == 201, bought.text
    await store.pick_up(bought.json()["pickup_code"])
    await books.reverse(wrong)
    await rounds.seal(path)
    sealed = await rounds.supervisor.post("/api/v1/points/seals")
    assert sealed.status_code == 201, sealed.text
    return Town(people, households[0], people.staff(Role.SUPERVISOR))


async def exported(database: Database, town: Town) -> bytes:
    """Return the export of the books as they stand in a database."""
    with await export_books(database=database, principal=town.supervisor, now=AFTER) as file:
        return file.read()


def verified(file: Path, content: bytes) -> tuple[int, str]:
    """Return what the offline verifier says of an export."""
    file.write_bytes(content)
    told = subprocess.run(
        [sys.executable, "-m", "services.points.ledger.verify", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.returncode, told.stdout


@pytest.mark.slow
async def test_a_restored_backup_proves_itself_and_betrays_a_changed_row(
    apps: Apps, town: Town, database_url: str, elsewhere: EmbeddedPostgres, tmp_path: Path
) -> None:
    backup = run("backup.sh", tmp_path / "备份", database_url, elsewhere.bin_dir)
    assert backup.returncode == 0, backup.stderr
    dump = Path(backup.stdout.strip())
    restored = run("restore.sh", dump, elsewhere.url, elsewhere.bin_dir)
    assert restored.returncode == 0, restored.stderr

    database = Database.connect("points", elsewhere.url)
    try:
        async with unit_of_work(database, apps.runtime("points").clock, town.people.community_id) as uow:
            assert await list_breaches(uow.session, uow.now) == []
        code, told = verified(tmp_path / "恢复.zip", await exported(database, town))
        assert (code, "核验通过" in told, "1 轮封账的结算单" in told) == (0, True, True), told

        superuser: Any = await asyncpg.connect(elsewhere.url)
        async with superuser.transaction():
            await superuser.execute("SET LOCAL session_replication_role = replica")
            changed = await superuser.fetchval(ONE_MORE, town.people.community_id, town.household)
        await superuser.close()

        code, told = verified(tmp_path / "改过.zip", await exported(database, town))
        assert (code, "核验没有通过" in told) == (1, True), told
        assert str(changed) in told, "the verifier names the row"
    finally:
        await database.close()

    again = run("restore.sh", dump, elsewhere.url, elsewhere.bin_dir)
    assert again.returncode == 65, "a database that is not empty is left alone"
