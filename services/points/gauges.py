"""How the points of all communities stand, as numbers for those who run the system; nobody's name and no community's is in them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.audits.domain import Invariant
from shared.gauges import Count
from shared.telemetry import AUDIT_BREACHES, HOLDS_OPEN, WAITING

# The states as the partial indexes name them, or the indexes do not serve.
HOLDS: Final = """
    SELECT 'redemption' AS kind, count(*) AS number FROM points.redemption WHERE state IN ('reserved', 'ready', 'scheduled')
    UNION ALL SELECT 'voucher', count(*) FROM points.voucher WHERE state = 'issued'
"""
WAITERS: Final = """
    SELECT 'claim' AS kind, coalesce(sum(c.number), 0)::bigint AS number FROM points.audit_schedule s
    CROSS JOIN LATERAL (
        SELECT count(*) AS number FROM points.claim WHERE community_id = s.community_id AND state IN ('submitted', 'verified', 'voted')) c
    UNION ALL SELECT 'appeal', count(*) FROM points.claim_appeal WHERE state = 'open'
"""
BREACHES: Final = """
    SELECT b.code AS kind, count(*) AS number FROM points.audit_schedule s
    CROSS JOIN LATERAL (
        SELECT breaches FROM points.nightly_audit WHERE community_id = s.community_id ORDER BY audited_at DESC LIMIT 1) n
    CROSS JOIN LATERAL jsonb_to_recordset(n.breaches) AS b (code text)
    GROUP BY b.code
"""


async def count_holds(session: AsyncSession, _now: datetime) -> Mapping[str, int]:
    """Return how many times points are set aside for goods or vouchers that nobody has taken yet."""
    return {row.kind: row.number for row in await session.execute(text(HOLDS))}


async def count_waiting(session: AsyncSession, _now: datetime) -> Mapping[str, int]:
    """Return how many claims and appeals wait for an official or a neighbour."""
    return {row.kind: row.number for row in await session.execute(text(WAITERS))}


async def count_breaches(session: AsyncSession, _now: datetime) -> Mapping[str, int]:
    """Return how many breaches of each invariant the last night found."""
    found = {row.kind: row.number for row in await session.execute(text(BREACHES))}
    return {invariant.name: found.get(invariant.name, 0) for invariant in Invariant}


COUNTS: Final = (
    Count(HOLDS_OPEN, count_holds),
    Count(WAITING, count_waiting),
    Count(AUDIT_BREACHES, count_breaches),
)
