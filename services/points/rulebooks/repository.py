"""Every statement of rulebooks."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.rulebooks.domain import Claimant, ItemGroup, Policy, RulebookVersion, RuleItem, Verifier
from services.points.rulebooks.errors import RulebookNotFoundError
from services.points.rulebooks.models import Rulebook, RuleDecision, RuleItemRow
from shared.kernel.values import Points
from shared.pagination import PageRequest, Slice, before


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
    await session.execute(
        insert(RuleItemRow),
        [
            {
                "community_id": rulebook.community_id,
                "version": rulebook.version,
                "code": item.code,
                "position": position,
                "name": item.name,
                "group": item.group,
                "points": item.points,
                "unit": item.unit,
                "cap_count": item.cap_count,
                "cap_days": item.cap_days,
                "community_cap_count": item.community_cap_count,
                "max_quantity": item.max_quantity,
                "photos_required": item.photos_required,
                "claimants": sorted(item.claimants),
                "verifier": item.verifier,
            }
            for position, item in enumerate(items)
        ],
    )


async def get(session: AsyncSession, version: int) -> RulebookVersion:
    """Return a version with its lines.

    Errors: RulebookNotFoundError.
    """
    rulebook = (await session.execute(select(Rulebook).where(col(Rulebook.version) == version))).scalar_one_or_none()
    if rulebook is None:
        raise RulebookNotFoundError
    statement = select(RuleItemRow).where(col(RuleItemRow.version) == version).order_by(col(RuleItemRow.position))
    items = [_item(row) for row in (await session.execute(statement)).scalars()]
    return _version(rulebook, items)


async def list_page(session: AsyncSession, page: PageRequest) -> Slice[RulebookVersion]:
    """Return versions without their lines, newest first."""
    statement = select(Rulebook).order_by(col(Rulebook.version).desc()).limit(page.limit + 1)
    if (after := page.after_number()) is not None:
        statement = statement.where(before([col(Rulebook.version)], [after]))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_version(row, []) for row in rows], page.limit, lambda row: (row.version,))


async def get_in_force(session: AsyncSession, on: date) -> RulebookVersion:
    """Return the version in force on a day: the newest that has taken effect.

    Errors: RulebookNotFoundError.
    """
    statement = select(func.max(Rulebook.version)).where(col(Rulebook.effective_on) <= on)
    version = (await session.execute(statement)).scalar_one_or_none()
    if version is None:
        raise RulebookNotFoundError
    return await get(session, version)


async def save_decision(session: AsyncSession, decision: RuleDecision) -> None:
    """Note a published decision; one told again keeps what it had."""
    values = decision.model_dump()
    await session.execute(upsert(RuleDecision).values(**values).on_conflict_do_nothing())


async def note_result(session: AsyncSession, proposal_id: UUID, now: datetime) -> None:
    """Note that what came of a decision was shown to everybody."""
    await session.execute(
        update(RuleDecision)
        .where(col(RuleDecision.proposal_id) == proposal_id, col(RuleDecision.result_published_at).is_(None))
        .values(result_published_at=now)
        .execution_options(synchronize_session=False)
    )


async def find_decision(session: AsyncSession, proposal_id: UUID) -> RuleDecision | None:
    """Return a published decision, or None."""
    statement = select(RuleDecision).where(col(RuleDecision.proposal_id) == proposal_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def find_version_of_decision(session: AsyncSession, proposal_id: UUID) -> int | None:
    """Return which version a decision has adopted already, or None."""
    statement = select(func.min(Rulebook.version)).where(col(Rulebook.decision_id) == proposal_id)
    return (await session.execute(statement)).scalar_one_or_none()


def _item(row: RuleItemRow) -> RuleItem:
    return RuleItem(
        code=row.code,
        name=row.name,
        group=ItemGroup(row.group),
        points=Points(row.points),
        unit=row.unit,
        cap_count=row.cap_count,
        cap_days=row.cap_days,
        photos_required=row.photos_required,
        max_quantity=row.max_quantity,
        community_cap_count=row.community_cap_count,
        claimants=frozenset(Claimant(value) for value in row.claimants),
        verifier=Verifier(row.verifier),
    )


def _version(row: Rulebook, items: Sequence[RuleItem]) -> RulebookVersion:
    policy = Policy(
        panel_quorum=row.panel_quorum,
        notice_days=row.notice_days,
        appeal_days=row.appeal_days,
        household_cap_points=row.household_cap_points,
        household_cap_days=row.household_cap_days,
    )
    return RulebookVersion(
        version=row.version,
        decision=row.decision,
        decision_id=row.decision_id,
        minutes_asset_id=row.minutes_asset_id,
        effective_on=row.effective_on,
        adopted_at=row.adopted_at,
        policy=policy,
        items=items,
    )
