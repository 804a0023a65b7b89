"""Every statement of awards."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.awards.domain import PUBLIC, Award, AwardPolicy, State, WaiverState
from services.points.awards.errors import AwardNotFoundError
from services.points.awards.models import AwardPolicyRow, AwardRow, TalentRow
from shared.kernel.principal import Principal, Role
from shared.kernel.values import Points
from shared.pagination import PageRequest, Slice, before

WATCHERS = (Role.ASSESSOR, Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN, Role.SUPERVISOR)


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return which awards this principal may see: what is public, its own and what it nominated, or all for those who judge."""
    if principal.has(*WATCHERS):
        return true()
    return (
        col(AwardRow.state).in_(PUBLIC)
        | (col(AwardRow.household_id) == principal.household_id)
        | (col(AwardRow.nominator_account_id) == principal.account_id)
    )


def _domain(row: AwardRow) -> Award:
    return Award(
        id=row.id,
        household_id=row.household_id,
        resident_id=row.resident_id,
        person_name=row.person_name,
        category=row.category,
        deed=row.deed,
        talent=row.talent,
        nominator_account_id=row.nominator_account_id,
        nominator_household_id=row.nominator_household_id,
        policy_version=row.policy_version,
        standing=Points(row.standing),
        spendable=Points(row.spendable),
        fee_months=row.fee_months,
        notice_days=row.notice_days,
        panel_quorum=row.panel_quorum,
        state=State(row.state),
        decision=row.decision,
        votes_for=row.votes_for,
        votes_against=row.votes_against,
        notice_ends_at=row.notice_ends_at,
        granted_at=row.granted_at,
        standing_transfer_id=row.standing_transfer_id,
        spendable_transfer_id=row.spendable_transfer_id,
        waiver_state=WaiverState(row.waiver_state),
        waiver_months=tuple(row.waiver_months),
        waiver_reason=row.waiver_reason,
        reason=row.reason,
        created_at=row.created_at,
    )


async def next_policy_version(session: AsyncSession, community_id: UUID) -> int:
    """Return the number of the next policy.

    Locks/IO: adoption in this community, until the transaction ends.
    """
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"award_policy:{community_id}"}
    )
    return int((await session.execute(select(func.coalesce(func.max(AwardPolicyRow.version), 0)))).scalar_one()) + 1


async def add_policy(session: AsyncSession, row: AwardPolicyRow) -> None:
    """Write a policy."""
    session.add(row)
    await session.flush()


async def find_policy(session: AsyncSession, on: date) -> AwardPolicy | None:
    """Return the policy in force on a day: the newest that has taken effect; None while none was adopted."""
    statement = (
        select(AwardPolicyRow)
        .where(col(AwardPolicyRow.effective_on) <= on)
        .order_by(col(AwardPolicyRow.version).desc())
        .limit(1)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        return None
    return AwardPolicy(
        version=row.version,
        standing=Points(row.standing),
        spendable=Points(row.spendable),
        fee_months=row.fee_months,
        notice_days=row.notice_days,
        panel_quorum=row.panel_quorum,
    )


async def add(session: AsyncSession, community_id: UUID, award: Award) -> None:
    """Enter an award.

    Errors: AlreadyNominatedError (uq_award_open).
    """
    fields = {name: getattr(award, name) for name in Award.__slots__} | {"waiver_months": list(award.waiver_months)}
    session.add(AwardRow(community_id=community_id, **fields))
    await session.flush()


async def get(session: AsyncSession, principal: Principal, award_id: UUID, *, for_update: bool = False) -> Award:
    """Return an award this principal may see; `for_update` locks its row.

    Errors: AwardNotFoundError.
    """
    statement = select(AwardRow).where(col(AwardRow.id) == award_id, visible_to(principal))
    if for_update:
        statement = statement.with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise AwardNotFoundError
    return _domain(row)


async def find_for_update(session: AsyncSession, award_id: UUID) -> Award | None:
    """Return an award and lock its row, for the system itself."""
    statement = select(AwardRow).where(col(AwardRow.id) == award_id).with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    return None if row is None else _domain(row)


async def find_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return published awards whose notice has ended in all communities, oldest first."""
    statement = (
        select(col(AwardRow.community_id), col(AwardRow.id))
        .where(col(AwardRow.state) == State.PUBLISHED, col(AwardRow.notice_ends_at) <= now)
        .order_by(col(AwardRow.notice_ends_at))
        .limit(limit)
    )
    return [(community, row_id) for community, row_id in (await session.execute(statement)).all()]


async def find_due_for_update(session: AsyncSession, award_id: UUID, now: datetime) -> Award | None:
    """Return a published award whose notice has ended and lock it; None when it moved on or somebody is at it."""
    statement = (
        select(AwardRow)
        .where(
            col(AwardRow.id) == award_id, col(AwardRow.state) == State.PUBLISHED, col(AwardRow.notice_ends_at) <= now
        )
        .with_for_update(skip_locked=True)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _domain(row)


async def list_page(
    session: AsyncSession, principal: Principal, page: PageRequest, *, state: State | None, household_id: UUID | None
) -> Slice[Award]:
    """Return awards this principal may see, newest first."""
    conditions = [visible_to(principal)]
    if state is not None:
        conditions.append(col(AwardRow.state) == state)
    if household_id is not None:
        conditions.append(col(AwardRow.household_id) == household_id)
    return await _list(session, page, conditions)


async def list_public(session: AsyncSession, page: PageRequest) -> Slice[Award]:
    """Return awards that hang out or are granted, newest first."""
    return await _list(session, page, [col(AwardRow.state).in_(PUBLIC)])


async def _list(session: AsyncSession, page: PageRequest, conditions: Sequence[ColumnElement[bool]]) -> Slice[Award]:
    statement = (
        select(AwardRow)
        .where(*conditions)
        .order_by(col(AwardRow.created_at).desc(), col(AwardRow.id).desc())
        .limit(page.limit + 1)
    )
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(AwardRow.created_at), col(AwardRow.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, lambda r: (r.created_at, r.id))


async def list_all(session: AsyncSession) -> Sequence[Award]:
    """Return every award of the community, newest first."""
    statement = select(AwardRow).order_by(col(AwardRow.created_at).desc(), col(AwardRow.id).desc())
    return [_domain(row) for row in (await session.execute(statement)).scalars()]


async def save(session: AsyncSession, award_id: UUID, **changed: Any) -> None:
    """Write what a locked award became."""
    await session.execute(
        update(AwardRow)
        .where(col(AwardRow.id) == award_id)
        .values(**changed)
        .execution_options(synchronize_session=False)
    )


async def add_talent(session: AsyncSession, row: TalentRow) -> None:
    """Enter somebody into the talent pool; the primary key lets an award do it once."""
    session.add(row)
    await session.flush()


async def end_talent(session: AsyncSession, award_id: UUID, now: datetime) -> None:
    """Take out of the talent pool what this award brought in."""
    await session.execute(
        update(TalentRow)
        .where(col(TalentRow.award_id) == award_id, col(TalentRow.ended_at).is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )


async def list_talents(session: AsyncSession, page: PageRequest, *, tag: str | None) -> Slice[TalentRow]:
    """Return who is in the talent pool now, newest first."""
    statement = (
        select(TalentRow)
        .where(col(TalentRow.ended_at).is_(None))
        .order_by(col(TalentRow.tagged_at).desc(), col(TalentRow.award_id).desc())
        .limit(page.limit + 1)
    )
    if tag is not None:
        statement = statement.where(col(TalentRow.tag) == tag)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(TalentRow.tagged_at), col(TalentRow.award_id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut(rows, page.limit, lambda r: (r.tagged_at, r.award_id))
