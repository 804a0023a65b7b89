"""The real steps of every service: taken once however many start at once, alike in one go and one by one, undone when one fails."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from shared import migrations
from shared.migrations import LOCK, NewerDatabaseError, StepFailedError, migrate_all, script_directory
from shared.testing.postgres import migrated_services
from tests.shared.steps import database, every_step, first_steps, rows

ROOT = Path(__file__).parents[2]
SERVICES = migrated_services()

MIGRATE = """
import asyncio, json, sys
from shared.migrations import migrate_all
sys.stdin.readline()
print(json.dumps(asyncio.run(migrate_all(sys.argv[1], sys.argv[2:]))))
"""

SHAPE = """
SELECT 'column', table_name, column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
  FROM information_schema.columns WHERE table_schema = $1
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = $1::regnamespace
UNION ALL SELECT 'index', tablename, indexdef FROM pg_indexes WHERE schemaname = $1
UNION ALL SELECT 'policy', tablename, concat_ws(' ', policyname, roles, cmd, qual, with_check) FROM pg_policies WHERE schemaname = $1
UNION ALL SELECT 'trigger', tgrelid::regclass::text, pg_get_triggerdef(t.oid) FROM pg_trigger t
  JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace = $1::regnamespace AND NOT tgisinternal
UNION ALL SELECT 'function', proname, md5(prosrc) FROM pg_proc WHERE pronamespace = $1::regnamespace
UNION ALL SELECT 'grant', table_name, grantee || ' ' || privilege_type FROM information_schema.role_table_grants
  WHERE table_schema = $1
ORDER BY 1, 2, 3
"""


Stage = Callable[..., None]


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a setter of what one service's steps are: `stage(service, 2)` knows its first two, `extra` is the code of one more."""
    real = script_directory

    def set_steps(service: str, count: int | None = None, extra: str | None = None) -> None:
        known = first_steps(service, count)
        if extra is not None:
            step = f'revision = "9999"\ndown_revision = "{known.kept[-1]}"\n\n\ndef upgrade():\n    {extra}\n'
            (tmp_path / "9999_extra.py").write_text(f"from alembic import op\n\n{step}")
            known.kept.append("9999")
            known.version_locations.append(str(tmp_path))
        monkeypatch.setattr(migrations, "script_directory", lambda name: known if name == service else real(name))

    return set_steps


async def test_processes_that_migrate_at_once_take_each_step_once(postgres_url: str) -> None:
    async with database(postgres_url) as url:
        processes = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-c", MIGRATE, url, *SERVICES, cwd=ROOT, stdin=-1, stdout=-1, stderr=-1
            )
            for _ in range(2)
        ]
        ends = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
        versions = {
            service: await rows(url, f"SELECT version_num FROM {service}.schema_version") for service in SERVICES
        }

    assert [process.returncode for process in processes] == [0, 0], [said.decode() for _, said in ends]
    one, other = (json.loads(told) for told, _ in ends)
    assert {service: sorted(one[service] + other[service]) for service in SERVICES} == {
        service: every_step(service) for service in SERVICES
    }
    assert versions == {service: [(every_step(service)[-1],)] for service in SERVICES}


async def test_the_second_waits_for_longer_than_any_other_statement_may(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.db.STATEMENT_TIMEOUT_MS", 100)
    async with database(postgres_url) as url:
        first = await asyncpg.connect(url)
        try:
            async with asyncio.TaskGroup() as tasks:
                async with first.transaction():
                    await first.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
                    second = tasks.create_task(migrate_all(url, ["media"]))
                    # Longer than a statement of everyday may take; a slow machine only makes it longer still.
                    await asyncio.wait({second}, timeout=1)
                taken = await second
        finally:
            await first.close()
    assert taken == {"media": every_step("media")}


@pytest.mark.parametrize("service", [service for service in SERVICES if len(every_step(service)) > 1])
async def test_an_old_database_ends_up_like_a_new_one(service: str, postgres_url: str, stage: Stage) -> None:
    async with database(postgres_url) as new, database(postgres_url) as old:
        await migrate_all(new, [service])
        for number, step in enumerate(every_step(service), 1):
            stage(service, number)
            assert await migrate_all(old, [service]) == {service: [step]}
        assert await rows(old, SHAPE, service) == await rows(new, SHAPE, service)


@pytest.mark.parametrize("extra", ['op.execute("SELECT 1/0")', 'raise RuntimeError("no")'], ids=["statement", "code"])
async def test_a_failing_step_is_named_and_undoes_its_services_steps(
    postgres_url: str, stage: Stage, extra: str
) -> None:
    stage("media", None, extra)
    async with database(postgres_url) as url:
        with pytest.raises(StepFailedError, match="step 9999 of media"):
            await migrate_all(url, ["notifications", "media"])
        assert await rows(url, "SELECT to_regnamespace('media')::text") == [(None,)]
        assert await rows(url, "SELECT version_num FROM notifications.schema_version") == [
            (every_step("notifications")[-1],)
        ]


async def test_a_newer_database_is_refused_before_any_service_moves(postgres_url: str, stage: Stage) -> None:
    async with database(postgres_url) as url:
        await migrate_all(url, ["media"])
        stage("media", 1)
        with pytest.raises(NewerDatabaseError) as refusal:
            await migrate_all(url, ["notifications", "media"])
        assert (refusal.value.service, refusal.value.revision) == ("media", every_step("media")[-1])
        assert await rows(url, "SELECT to_regnamespace('notifications')::text") == [(None,)]
