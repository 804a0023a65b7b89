"""Every statement of rulebooks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.rulebooks.domain import ItemGroup, Policy, RuleItem
from services.points.rulebooks.errors import RulebookNotFoundError
from services.points.rulebooks.models import Rulebook, RuleItemRow
from shared.kernel.values import Points


@dataclass(frozen=True, slots=True)
class RulebookVersion:
    """A version as it was adopted."""

    version: int
    decision: str
    effective_on: date
    policy: Policy
    items: Sequence[RuleItem]


async def next_version(session: AsyncSession, community_id: UUID) -> int:
    """Return the number of the next version.

    Locks/IO: adoption in this community, until the transaction ends.
    """
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"rulebook:{community_id}"}
    )
    return int((await session.execute(select(func.coalesce(func.max(Rulebook.version), 0)))).scalar_one()) + 1


async def add(session: AsyncSession, rulebook: Rulebook, items: Sequence[RuleItem]) -> None:
    """Write a version and its lines."""
    session.add(rulebook)
    await session.flush()
    for position, item in enumerate(items):
        session.add(
            RuleItemRow(
                community_id=rulebook.community_id,
                version=rulebook.version,
                code=item.code,
                position=position,
                name=item.name,
                group=item.group,
                points=item.points,
                unit=item.unit,
                cap_count=item.cap_count,
                cap_days=item.cap_days,
                photos_required=item.photos_required,
            )
        )
    await session.flush()


async def get(session: AsyncSession, version: int) -> RulebookVersion:
    """Return a version with its lines.

    Errors: RulebookNotFoundError.
    """
    rulebook = (await session.execute(select(Rulebook).where(col(Rulebook.version) == version))).scalar_one_or_none()
    if rulebook is None:
        raise RulebookNotFoundError
    rows = (
        (
            await session.execute(
                select(RuleItemRow).where(col(RuleItemRow.version) == version).order_by(col(RuleItemRow.position))
            )
        )
        .scalars()
        .all()
    )
    items = [
        RuleItem(
            code=row.code,
            name=row.name,
            group=ItemGroup(row.group),
            points=Points(row.points),
            unit=row.unit,
            cap_count=row.cap_count,
            cap_days=row.cap_days,
            photos_required=row.photos_required,
        )
        for row in rows
    ]
    policy = Policy(panel_quorum=rulebook.panel_quorum, notice_days=rulebook.notice_days)
    return RulebookVersion(rulebook.version, rulebook.decision, rulebook.effective_on, policy, items)


async def get_in_force(session: AsyncSession, on: date) -> RulebookVersion:
    """Return the version in force on a day: the newest that has taken effect.

    Errors: RulebookNotFoundError.
    """
    statement = select(func.max(Rulebook.version)).where(col(Rulebook.effective_on) <= on)
    version = (await session.execute(statement)).scalar_one_or_none()
    if version is None:
        raise RulebookNotFoundError
    return await get(session, version)
