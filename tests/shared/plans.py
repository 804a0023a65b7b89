"""How PostgreSQL would answer a question, whatever other tests have left in the tables."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

PARTIAL = "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indpred IS NOT NULL"


async def read_whole(session: AsyncSession, statement: str, values: Mapping[str, Any] | None = None) -> set[str]:
    """Return the tables that would be read from end to end, because no index leads to the rows; a partial one holds few.

    Which of several indexes is taken is the planner's affair: it depends on what the tables hold.
    """
    partial = set((await session.execute(text(PARTIAL))).scalars())
    for way in ("seqscan", "bitmapscan"):
        await session.execute(text(f"SET LOCAL enable_{way} = off"))
    answer = (await session.execute(text(f"EXPLAIN (FORMAT JSON) {statement}"), values)).scalar_one()
    return {
        node["Relation Name"]
        for node in _nodes(answer[0]["Plan"])
        if "Relation Name" in node and "Index Cond" not in node and node.get("Index Name") not in partial
    }


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _nodes(part)
