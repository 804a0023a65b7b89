"""Every statement of installations."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.property.installations.domain import DISPATCHERS, Installation, State
from services.property.installations.errors import InstallationNotFoundError
from services.property.installations.models import InstallationRow as Row
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice, before

WATCHERS = (*DISPATCHERS, Role.COMMUNITY_ADMIN, Role.SUPERVISOR)


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return which installations this principal may see: its household's, for workers what waits and their own, all for those who send."""
    if principal.has(*WATCHERS):
        return true()
    seen: ColumnElement[bool] = col(Row.household_id) == principal.household_id
    if principal.has(Role.PROPERTY_WORKER):
        seen = or_(seen, col(Row.state) == State.ORDERED, col(Row.worker_account_id) == principal.account_id)
    return seen


def _domain(row: Row) -> Installation:
    return Installation(
        redemption_id=row.redemption_id,
        household_id=row.household_id,
        address=row.address,
        product_name=row.product_name,
        quantity=row.quantity,
        state=State(row.state),
        ordered_at=row.ordered_at,
        expires_at=row.expires_at,
        worker_id=row.worker_id,
        worker_account_id=row.worker_account_id,
        worker_name=row.worker_name,
        scheduled_for=row.scheduled_for,
        installed_at=row.installed_at,
        note=row.note,
        photo_ids=tuple(row.photo_ids),
        ended_at=row.ended_at,
        end_reason=row.end_reason,
        is_conflict=row.is_conflict,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        settlement=row.settlement,
    )


async def add(session: AsyncSession, **facts: Any) -> None:
    """Enter an order; one that is known already is left as it is."""
    await session.execute(insert(Row).values(**facts).on_conflict_do_nothing())


async def get(session: AsyncSession, principal: Principal, redemption_id: UUID) -> Installation:
    """Return an installation this principal may see.

    Errors: InstallationNotFoundError.
    """
    statement = select(Row).where(col(Row.redemption_id) == redemption_id, visible_to(principal))
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise InstallationNotFoundError
    return _domain(row)


async def get_for_update(session: AsyncSession, principal: Principal, redemption_id: UUID) -> Installation:
    """Return an installation this principal may see and lock its row.

    Errors: InstallationNotFoundError.
    """
    statement = select(Row).where(col(Row.redemption_id) == redemption_id, visible_to(principal)).with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise InstallationNotFoundError
    return _domain(row)


async def find_for_update(session: AsyncSession, redemption_id: UUID) -> Installation | None:
    """Return an installation and lock its row, or None when it was never ordered here."""
    statement = select(Row).where(col(Row.redemption_id) == redemption_id).with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    return None if row is None else _domain(row)


async def save(session: AsyncSession, redemption_id: UUID, **facts: Any) -> None:
    """Write what a locked installation became."""
    await session.execute(update(Row).where(col(Row.redemption_id) == redemption_id).values(**facts))


async def list_page(
    session: AsyncSession,
    principal: Principal,
    page: PageRequest,
    *,
    state: State | None,
    is_conflict: bool,
    is_settled: bool,
) -> Slice[Installation]:
    """Return installations this principal may see, newest first; perhaps only those a person must look at, or has looked at."""
    statement = (
        select(Row)
        .where(visible_to(principal))
        .order_by(col(Row.ordered_at).desc(), col(Row.redemption_id).desc())
        .limit(page.limit + 1)
    )
    if state is not None:
        statement = statement.where(col(Row.state) == state)
    if is_conflict:
        statement = statement.where(col(Row.is_conflict))
    if is_settled:
        statement = statement.where(col(Row.settled_at).is_not(None))
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(Row.ordered_at), col(Row.redemption_id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, lambda one: (one.ordered_at, one.redemption_id))
