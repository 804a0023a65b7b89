"""Every statement of policies."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.help_policies.domain import DEFAULTS, Area, Numbers, PolicyVersion
from services.points.help_policies.models import HelpPolicy


def _domain(row: HelpPolicy) -> PolicyVersion:
    area = Area(row.area)
    numbers: Numbers = type(DEFAULTS[area])(**row.numbers)
    return PolicyVersion(area, row.version, numbers, row.decision, row.adopted_at)


async def get_in_force(session: AsyncSession, area: Area) -> PolicyVersion:
    """Return the latest version, or the default where none was adopted."""
    statement = select(HelpPolicy).where(col(HelpPolicy.area) == area).order_by(col(HelpPolicy.version).desc()).limit(1)
    row = (await session.execute(statement)).scalar_one_or_none()
    return PolicyVersion(area, 0, DEFAULTS[area], "", None) if row is None else _domain(row)


async def list_versions(session: AsyncSession, area: Area) -> list[PolicyVersion]:
    """Return every adopted version, newest first; a community adopts a handful in its life."""
    statement = select(HelpPolicy).where(col(HelpPolicy.area) == area).order_by(col(HelpPolicy.version).desc())
    return [_domain(row) for row in (await session.execute(statement)).scalars()]


async def lock(session: AsyncSession, community_id: UUID, area: Area) -> None:
    """Let one version of an area be adopted at a time.

    Locks/IO: the area in this community, until the transaction ends.
    """
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
        {"name": f"help_policy:{community_id}:{area}"},
    )


async def add(
    session: AsyncSession,
    *,
    community_id: UUID,
    area: Area,
    version: int,
    numbers: Numbers,
    decision: str,
    adopted_by: UUID,
    now: datetime,
) -> None:
    """Enter an adopted version."""
    session.add(
        HelpPolicy(
            community_id=community_id,
            area=area,
            version=version,
            numbers=asdict(numbers),
            decision=decision,
            adopted_by=adopted_by,
            adopted_at=now,
        )
    )
    await session.flush()
