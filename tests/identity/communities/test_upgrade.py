"""An older database tells what its communities are called when it is brought up to date."""

from collections.abc import Iterator

import asyncpg
import pytest
from alembic.script import Script, ScriptDirectory

from shared import migrations
from shared.ids import new_id
from shared.kernel.ids import NO_COMMUNITY
from shared.migrations import migrate_all, script_directory
from shared.testing.postgres import plain_url

BEFORE = "0002"
"""The last step that told nobody."""
REGISTER = """
    WITH d AS (INSERT INTO identity.district (id, code, name) VALUES (gen_random_uuid(), '420304', '郧阳区') RETURNING id),
    t AS (INSERT INTO identity.township (id, district_id, code, name)
        SELECT gen_random_uuid(), d.id, '420304001', '城关镇' FROM d RETURNING id)
    INSERT INTO identity.community (id, township_id, code, name, registered_at)
        SELECT gen_random_uuid(), t.id, code, name, now()
        FROM t, (VALUES ('c1', '青龙泉社区'), ('c2', '山水苑社区')) AS c (code, name)
"""
TOLD = """
    SELECT payload->>'code', payload->>'name', key = payload->>'community_id', published_at IS NULL
    FROM identity.outbox WHERE community_id = $1 AND type = 'identity.community_named' AND version = 1 ORDER BY seq
"""


async def test_names_of_an_older_database_are_told_once(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"diyuan_names_{new_id().hex}"
    url = plain_url(postgres_url, name)
    server = await asyncpg.connect(postgres_url)
    try:
        await server.execute(f"CREATE DATABASE {name}")
        real = script_directory

        class Older(ScriptDirectory):
            def _load_revisions(self) -> Iterator[Script]:
                return (step for step in super()._load_revisions() if step.revision <= BEFORE)

        older = Older(real("identity").dir, version_locations=[real("identity").versions])
        with monkeypatch.context() as then:
            then.setattr(migrations, "script_directory", lambda _service: older)
            await migrate_all(url, ["identity"])
        database = await asyncpg.connect(url)
        try:
            await database.execute(REGISTER)
            assert BEFORE not in (await migrate_all(url, ["identity"]))["identity"]
            await migrate_all(url, ["identity"])
            told = [tuple(row) for row in await database.fetch(TOLD, NO_COMMUNITY)]
        finally:
            await database.close()
    finally:
        await server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await server.close()
    assert told == [("c1", "青龙泉社区", True, True), ("c2", "山水苑社区", True, True)]
