"""Every statement of fee waivers."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.property.waivers.domain import State, Waiver
from services.property.waivers.errors import WaiverNotFoundError
from services.property.waivers.models import WaiverMonthRow, WaiverRow
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice, before

WATCHERS = (
    Role.PROPERTY_MANAGER,
    Role.PROPERTY_AGENT,
    Role.COMMITTEE_MEMBER,
    Role.COMMUNITY_ADMIN,
    Role.SUPERVISOR,
)


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return which waivers this principal may see: its household's, or all for those who bill and watch."""
    if principal.has(*WATCHERS):
        return true()
    return col(WaiverRow.household_id) == principal.household_id


def _domain(row: WaiverRow) -> Waiver:
    return Waiver(
        award_id=row.award_id,
        household_id=row.household_id,
        state=State(row.state),
        months=tuple(row.months),
        reason=row.reason,
        asked_at=row.asked_at,
        ended_at=row.ended_at,
    )


async def lock_household(session: AsyncSession, household_id: UUID) -> None:
    """Let one waiver of a household be given at a time.

    Locks/IO: the household's waivers, until the transaction ends.
    """
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"waiver:{household_id}"}
    )


async def find_for_update(session: AsyncSession, award_id: UUID) -> Waiver | None:
    """Return what an award was answered and lock it, or None when it was not."""
    statement = select(WaiverRow).where(col(WaiverRow.award_id) == award_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _domain(row)


async def list_taken(session: AsyncSession, household_id: UUID) -> set[date]:
    """Return the months a household pays no fee for."""
    statement = select(col(WaiverMonthRow.month)).where(col(WaiverMonthRow.household_id) == household_id)
    return set((await session.execute(statement)).scalars())


async def add(session: AsyncSession, community_id: UUID, waiver: Waiver) -> None:
    """Write an answer and the months it gives."""
    fields = {name: getattr(waiver, name) for name in Waiver.__slots__} | {"months": list(waiver.months)}
    session.add(WaiverRow(community_id=community_id, **fields))
    await session.flush()
    for month in waiver.months:
        session.add(
            WaiverMonthRow(
                community_id=community_id,
                household_id=waiver.household_id,
                month=month,
                award_id=waiver.award_id,
            )
        )
    await session.flush()


async def withdraw(session: AsyncSession, award_id: UUID, reason: str, now: datetime) -> None:
    """Take a given waiver back; its months are to be paid again."""
    await session.execute(delete(WaiverMonthRow).where(col(WaiverMonthRow.award_id) == award_id))
    await session.execute(
        update(WaiverRow)
        .where(col(WaiverRow.award_id) == award_id)
        .values(state=State.WITHDRAWN, reason=reason, ended_at=now)
        .execution_options(synchronize_session=False)
    )


async def get(session: AsyncSession, principal: Principal, award_id: UUID) -> Waiver:
    """Return a waiver this principal may see.

    Errors: WaiverNotFoundError.
    """
    statement = select(WaiverRow).where(col(WaiverRow.award_id) == award_id, visible_to(principal))
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise WaiverNotFoundError
    return _domain(row)


async def list_page(
    session: AsyncSession, principal: Principal, page: PageRequest, *, household_id: UUID | None
) -> Slice[Waiver]:
    """Return waivers this principal may see, newest first."""
    statement = (
        select(WaiverRow)
        .where(visible_to(principal))
        .order_by(col(WaiverRow.asked_at).desc(), col(WaiverRow.award_id).desc())
        .limit(page.limit + 1)
    )
    if household_id is not None:
        statement = statement.where(col(WaiverRow.household_id) == household_id)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(WaiverRow.asked_at), col(WaiverRow.award_id)], after))
    rows: Sequence[WaiverRow] = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, lambda r: (r.asked_at, r.award_id))
