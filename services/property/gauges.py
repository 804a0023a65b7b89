"""How the promises to the residents of all communities stand, as numbers for those who run the system."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.property.sla.clocks import AT_RISK_PERCENT, ClockKind
from shared.gauges import Count
from shared.telemetry import SLA_AT_RISK, SLA_LATE, WAITING

# A clock that waits with time left has no due time: it is neither late nor at risk, but the resident waits.
AT_RISK: Final = """
    SELECT kind, count(*) AS number FROM property.ticket_clock
    WHERE stopped_at IS NULL AND due_at > :now AND :percent = ANY (told) GROUP BY kind
"""
LATE: Final = """
    SELECT kind, count(*) AS number FROM property.ticket_clock WHERE stopped_at IS NULL AND due_at <= :now GROUP BY kind
"""
TICKETS: Final = "SELECT count(*) FROM property.ticket_clock WHERE stopped_at IS NULL AND kind = 'resolve'"


async def count_at_risk(session: AsyncSession, now: datetime) -> Mapping[str, int]:
    """Return how many promised times, to answer and to mend, are nearly used up."""
    return await _by_clock(session, AT_RISK, now=now, percent=AT_RISK_PERCENT)


async def count_late(session: AsyncSession, now: datetime) -> Mapping[str, int]:
    """Return how many promised times, to answer and to mend, are used up while the resident still waits."""
    return await _by_clock(session, LATE, now=now)


async def count_tickets(session: AsyncSession, _now: datetime) -> Mapping[str, int]:
    """Return how many reported jobs are not done."""
    return {"ticket": (await session.execute(text(TICKETS))).scalar_one()}


async def _by_clock(session: AsyncSession, statement: str, **values: object) -> Mapping[str, int]:
    found = {row.kind: row.number for row in await session.execute(text(statement), values)}
    return {kind.value: found.get(kind.value, 0) for kind in ClockKind}


COUNTS: Final = (Count(SLA_AT_RISK, count_at_risk), Count(SLA_LATE, count_late), Count(WAITING, count_tickets))
