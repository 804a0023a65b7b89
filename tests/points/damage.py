"""Books altered behind the ledger's back, and put right again."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID


@asynccontextmanager
async def damaged(superuser: Any, community_id: UUID, tables: Iterable[str], damage: str) -> AsyncIterator[None]:
    """Alter some rows of a community by a statement with its id as `$1`, triggers off; afterwards the tables stand as before."""
    before = {
        table: await superuser.fetch(
            f"SELECT to_jsonb(t) AS row FROM points.{table} t WHERE community_id = $1", community_id
        )
        for table in tables
    }
    async with superuser.transaction():
        await superuser.execute("SET LOCAL session_replication_role = replica")
        assert not (await superuser.execute(damage, community_id)).endswith(" 0"), damage
    yield
    async with superuser.transaction():
        await superuser.execute("SET LOCAL session_replication_role = replica")
        for table, rows in before.items():
            await superuser.execute(f"DELETE FROM points.{table} WHERE community_id = $1", community_id)
            for one in rows:
                await superuser.execute(
                    f"INSERT INTO points.{table} SELECT (jsonb_populate_record(NULL::points.{table}, $1)).*", one["row"]
                )
