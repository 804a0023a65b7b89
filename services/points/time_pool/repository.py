"""Every statement of the pool's lines."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.time_pool.domain import Direction, PoolFilter, PoolKind, PoolLine
from shared.pagination import PageRequest, Slice

LINES: Final = """
    SELECT e.id, e.version, e.created_at AS made_at, t.kind, e.amount AS minutes, e.available_after AS balance_after, t.summary,
        coalesce(m.reason, '') AS reason, coalesce(m.from_resident_id, m.to_resident_id) AS resident_id, coalesce(p.name, '') AS name,
        t.source_id, t.acting_account_id AS account_id
    FROM points.entry e
    JOIN points.transfer t ON t.community_id = e.community_id AND t.id = e.transfer_id
    LEFT JOIN points.time_move m ON m.community_id = t.community_id AND m.id = t.source_id
    LEFT JOIN points.member p ON p.community_id = m.community_id AND p.resident_id = coalesce(m.from_resident_id, m.to_resident_id)
    WHERE e.account_id = :account_id
        AND (CAST(:kind AS text) IS NULL OR t.kind = :kind)
        AND (CAST(:sign AS int) IS NULL OR sign(e.amount) = :sign)
        AND (CAST(:begins_at AS timestamptz) IS NULL OR e.created_at >= :begins_at)
        AND (CAST(:ends_at AS timestamptz) IS NULL OR e.created_at < :ends_at)
        AND (CAST(:before AS bigint) IS NULL OR e.version < :before)
    ORDER BY e.version DESC LIMIT CAST(:limit AS bigint)
"""
SIGNS: Final = {None: None, Direction.IN: 1, Direction.OUT: -1}


async def list_page(session: AsyncSession, account_id: UUID, page: PageRequest, wanted: PoolFilter) -> Slice[PoolLine]:
    """Return the pool's lines, newest first."""
    rows = await _list(session, account_id, wanted, before=page.after_number(), limit=page.limit + 1)
    return Slice.cut(rows, page.limit, lambda line: (line.version,))


async def list_all(session: AsyncSession, account_id: UUID, wanted: PoolFilter) -> list[PoolLine]:
    """Return all of the pool's lines, oldest first, for the sheet."""
    return (await _list(session, account_id, wanted, before=None, limit=None))[::-1]


async def _list(
    session: AsyncSession, account_id: UUID, wanted: PoolFilter, *, before: int | None, limit: int | None
) -> list[PoolLine]:
    values = {
        "account_id": account_id,
        "kind": wanted.kind,
        "sign": SIGNS[wanted.direction],
        "begins_at": wanted.begins_at,
        "ends_at": wanted.ends_at,
        "before": before,
        "limit": limit,
    }
    rows = (await session.execute(text(LINES), values)).mappings()
    return [PoolLine(**dict(row) | {"kind": PoolKind(row["kind"])}) for row in rows]
