"""Every statement of periods."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.periods.domain import Period, PeriodObjection, State
from services.points.periods.errors import PeriodNotFoundError, PeriodObjectionNotFoundError
from services.points.periods.models import PeriodObjectionRow, PeriodRow
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice, before

OFFICIALS = (Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER, Role.BRANCH_SECRETARY, Role.ASSESSOR, Role.SUPERVISOR)


def _domain(row: PeriodRow) -> Period:
    facts = {name: getattr(row, name) for name in Period.__slots__}
    return Period(**facts | {"state": State(row.state)})


def _objection(row: PeriodObjectionRow) -> PeriodObjection:
    return PeriodObjection(**{name: getattr(row, name) for name in PeriodObjection.__slots__})


async def require_open(session: AsyncSession, community_id: UUID, on: date, *, is_entry: bool) -> None:
    """Pass when a day may still be entered for.

    Locks/IO: the gate of the community's periods, shared, until the transaction ends.
    Errors: PeriodClosedError (SQLSTATE DP041).
    """
    await session.execute(
        text("SELECT points.require_open_period(:community_id, :on, :is_entry)"),
        {"community_id": community_id, "on": on, "is_entry": is_entry},
    )


async def close_gate(session: AsyncSession, community_id: UUID) -> None:
    """Keep every entry for a past day out until the transaction ends.

    Locks/IO: the gate of the community's periods, alone; waits for entries on their way.
    """
    await session.execute(
        text("SELECT pg_advisory_xact_lock(points.period_gate(:community_id))"), {"community_id": community_id}
    )


async def find_last(session: AsyncSession) -> Period | None:
    """Return the newest period, or None before the first."""
    statement = select(PeriodRow).order_by(col(PeriodRow.number).desc()).limit(1)
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _domain(row)


async def find_by_number(session: AsyncSession, number: int) -> Period | None:
    """Return the period of a number, or None."""
    row = (await session.execute(select(PeriodRow).where(col(PeriodRow.number) == number))).scalar_one_or_none()
    return None if row is None else _domain(row)


async def add(session: AsyncSession, row: PeriodRow) -> None:
    """Enter a period."""
    session.add(row)
    await session.flush()


async def get(session: AsyncSession, period_id: UUID, *, for_update: bool = False) -> Period:
    """Return a period; `for_update` locks its row.

    Errors: PeriodNotFoundError.
    """
    statement = select(PeriodRow).where(col(PeriodRow.id) == period_id).execution_options(populate_existing=True)
    if for_update:
        statement = statement.with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise PeriodNotFoundError
    return _domain(row)


async def list_page(session: AsyncSession, page: PageRequest, *, states: Sequence[State]) -> Slice[Period]:
    """Return periods, newest first; only those in `states` when any are named."""
    statement = select(PeriodRow).order_by(col(PeriodRow.number).desc()).limit(page.limit + 1)
    if states:
        statement = statement.where(col(PeriodRow.state).in_(states))
    if (after := page.after_number()) is not None:
        statement = statement.where(before([col(PeriodRow.number)], [after]))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, lambda period: (period.number,))


async def save(session: AsyncSession, period_id: UUID, state: State, **facts: Any) -> None:
    """Write what a locked period became."""
    await session.execute(
        update(PeriodRow)
        .where(col(PeriodRow.id) == period_id)
        .values(state=state, **facts)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


async def count_pending_claims(session: AsyncSession, begins_on: date, ends_on: date) -> int:
    """Return how many claims for these days are neither posted nor refused nor taken back."""
    statement = text(
        "SELECT count(*) FROM points.claim WHERE state IN ('submitted', 'verified', 'voted', 'publicised')"
        " AND happened_on BETWEEN :begins_on AND :ends_on"
    )
    return int((await session.execute(statement, {"begins_on": begins_on, "ends_on": ends_on})).scalar_one())


async def find_due_to_collect(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return open periods whose last day is over in China, in all communities, oldest first."""
    statement = (
        select(col(PeriodRow.community_id), col(PeriodRow.id))
        .where(col(PeriodRow.state) == State.OPEN, col(PeriodRow.ends_on) < local_date(now))
        .order_by(col(PeriodRow.ends_on))
        .limit(limit)
    )
    return [(community, row_id) for community, row_id in (await session.execute(statement)).all()]


async def find_due_to_seal(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return published periods whose notice has ended without an objection left open, in all communities, oldest first."""
    statement = (
        select(col(PeriodRow.community_id), col(PeriodRow.id))
        .where(
            col(PeriodRow.state) == State.PUBLICISED,
            col(PeriodRow.objections_until) <= now,
            ~_open_objections().exists(),
        )
        .order_by(col(PeriodRow.objections_until))
        .limit(limit)
    )
    return [(community, row_id) for community, row_id in (await session.execute(statement)).all()]


def _open_objections() -> Any:
    return (
        select(col(PeriodObjectionRow.id))
        .where(
            col(PeriodObjectionRow.community_id) == col(PeriodRow.community_id),
            col(PeriodObjectionRow.period_id) == col(PeriodRow.id),
            col(PeriodObjectionRow.answered_at).is_(None),
        )
        .correlate(PeriodRow)
    )


async def count_open_objections(session: AsyncSession, period_id: UUID) -> int:
    """Return how many objections to a period wait for an answer."""
    statement = select(func.count()).where(
        col(PeriodObjectionRow.period_id) == period_id, col(PeriodObjectionRow.answered_at).is_(None)
    )
    return int((await session.execute(statement)).scalar_one())


async def has_open_objection(session: AsyncSession, period_id: UUID, household_id: UUID | None) -> bool:
    """Tell whether a household's objection to a period waits for an answer."""
    statement = select(col(PeriodObjectionRow.id)).where(
        col(PeriodObjectionRow.period_id) == period_id,
        col(PeriodObjectionRow.household_id) == household_id,
        col(PeriodObjectionRow.answered_at).is_(None),
    )
    return (await session.execute(statement)).first() is not None


async def add_objection(session: AsyncSession, row: PeriodObjectionRow) -> None:
    """Enter an objection.

    Errors: PeriodAlreadyObjectedError (uq_period_objection_open).
    """
    session.add(row)
    await session.flush()


async def get_objection(session: AsyncSession, period_id: UUID, objection_id: UUID) -> PeriodObjection:
    """Return an objection to a period.

    Errors: PeriodObjectionNotFoundError.
    """
    statement = (
        select(PeriodObjectionRow)
        .where(col(PeriodObjectionRow.period_id) == period_id, col(PeriodObjectionRow.id) == objection_id)
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise PeriodObjectionNotFoundError
    return _objection(row)


async def answer_objection(
    session: AsyncSession, objection_id: UUID, *, is_upheld: bool, answer: str, answered_by: UUID, now: datetime
) -> None:
    """Write the answer to an objection."""
    await session.execute(
        update(PeriodObjectionRow)
        .where(col(PeriodObjectionRow.id) == objection_id)
        .values(is_upheld=is_upheld, answer=answer, answered_by=answered_by, answered_at=now)
        .execution_options(synchronize_session=False)
    )


def _objections_visible_to(principal: Principal) -> ColumnElement[bool]:
    if principal.has(*OFFICIALS):
        return true()
    return col(PeriodObjectionRow.household_id) == principal.household_id


async def list_objections(
    session: AsyncSession, principal: Principal, period_id: UUID, page: PageRequest, *, is_open: bool | None
) -> Slice[PeriodObjection]:
    """Return the objections to a period this principal may see, newest first."""
    statement = (
        select(PeriodObjectionRow)
        .where(col(PeriodObjectionRow.period_id) == period_id, _objections_visible_to(principal))
        .order_by(col(PeriodObjectionRow.made_at).desc(), col(PeriodObjectionRow.id).desc())
        .limit(page.limit + 1)
    )
    if is_open is not None:
        unanswered = col(PeriodObjectionRow.answered_at).is_(None)
        statement = statement.where(unanswered if is_open else ~unanswered)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(PeriodObjectionRow.made_at), col(PeriodObjectionRow.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_objection(row) for row in rows], page.limit, lambda o: (o.made_at, o.id))
