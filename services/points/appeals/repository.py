"""Every statement of appeals."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.appeals.domain import Appeal, State
from services.points.appeals.errors import AppealNotFoundError
from services.points.appeals.models import AppealRow
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice, before

WATCHERS = (Role.SUPERVISOR, Role.ASSESSOR, Role.COMMUNITY_ADMIN)


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return which appeals this principal may see: the own household's, or all for those who watch."""
    if principal.has(*WATCHERS):
        return true()
    return col(AppealRow.household_id) == principal.household_id


def _domain(row: AppealRow) -> Appeal:
    return Appeal(**{name: getattr(row, name) for name in Appeal.__slots__} | {"state": State(row.state)})


async def add(session: AsyncSession, row: AppealRow) -> None:
    """Enter an appeal.

    Errors: AppealOpenError (uq_claim_appeal_open).
    """
    session.add(row)
    await session.flush()


async def get(session: AsyncSession, principal: Principal, appeal_id: UUID, *, for_update: bool = False) -> Appeal:
    """Return an appeal this principal may see; `for_update` locks its row.

    Errors: AppealNotFoundError.
    """
    statement = select(AppealRow).where(col(AppealRow.id) == appeal_id, visible_to(principal))
    statement = statement.execution_options(populate_existing=True)
    if for_update:
        statement = statement.with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise AppealNotFoundError
    return _domain(row)


async def list_page(
    session: AsyncSession, principal: Principal, page: PageRequest, *, state: State | None, claim_id: UUID | None
) -> Slice[Appeal]:
    """Return appeals this principal may see, newest first."""
    statement = (
        select(AppealRow)
        .where(visible_to(principal))
        .order_by(col(AppealRow.made_at).desc(), col(AppealRow.id).desc())
        .limit(page.limit + 1)
    )
    if state is not None:
        statement = statement.where(col(AppealRow.state) == state)
    if claim_id is not None:
        statement = statement.where(col(AppealRow.claim_id) == claim_id)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(AppealRow.made_at), col(AppealRow.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, lambda row: (row.made_at, row.id))


async def end(
    session: AsyncSession, appeal_id: UUID, state: State, *, answer: str, answered_by: UUID | None, now: datetime
) -> None:
    """Write how a locked appeal ended."""
    await session.execute(
        update(AppealRow)
        .where(col(AppealRow.id) == appeal_id)
        .values(state=state, answer=answer, answered_by=answered_by, ended_at=now)
        .execution_options(synchronize_session=False)
    )
