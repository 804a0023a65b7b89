"""Every statement of deliveries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.deliveries.domain import Delivery, State
from services.points.deliveries.errors import DeliveryNotFoundError
from services.points.deliveries.models import Delivery as Row
from shared.kernel.principal import Principal, Role
from shared.kernel.values import Points
from shared.pagination import PageRequest, Slice, before


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return which deliveries this principal may see: its household's, those it carries, those nobody has taken; storekeepers all."""
    if principal.has(Role.STOREKEEPER, Role.SUPERVISOR, Role.COMMUNITY_ADMIN):
        return true()
    return or_(
        col(Row.household_id) == principal.household_id,
        col(Row.volunteer_account_id) == principal.account_id,
        col(Row.state) == State.REQUESTED,
    )


def _domain(row: Row) -> Delivery:
    return Delivery(
        id=row.id,
        redemption_id=row.redemption_id,
        household_id=row.household_id,
        product_name=row.product_name,
        quantity=row.quantity,
        building_name=row.building_name,
        note=row.note,
        state=State(row.state),
        reward_points=Points(row.reward_points),
        volunteer_account_id=row.volunteer_account_id,
        volunteer_household_id=row.volunteer_household_id,
        volunteer_name=row.volunteer_name,
        sent_by=row.sent_by,
        requested_at=row.requested_at,
        ended_at=row.ended_at,
        standing_transfer_id=row.standing_transfer_id,
        spendable_transfer_id=row.spendable_transfer_id,
        reward_reversed_at=row.reward_reversed_at,
    )


async def add(session: AsyncSession, row: Row) -> Delivery:
    """Enter a delivery.

    Errors: AlreadyOnItsWayError (uq_delivery_open).
    """
    session.add(row)
    await session.flush()
    return _domain(row)


async def get(session: AsyncSession, principal: Principal, delivery_id: UUID) -> Delivery:
    """Return a delivery this principal may see.

    Errors: DeliveryNotFoundError.
    """
    statement = select(Row).where(col(Row.id) == delivery_id, visible_to(principal))
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise DeliveryNotFoundError
    return _domain(row)


async def get_for_update(session: AsyncSession, principal: Principal, delivery_id: UUID) -> Delivery:
    """Return a delivery this principal may see and lock its row.

    Errors: DeliveryNotFoundError.
    """
    statement = select(Row).where(col(Row.id) == delivery_id, visible_to(principal)).with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise DeliveryNotFoundError
    return _domain(row)


async def find_rewarded(session: AsyncSession, redemption_id: UUID) -> Delivery | None:
    """Return the delivery that brought a redemption home and whose reward stands; whoever holds the redemption's row is alone with it."""
    statement = select(Row).where(
        col(Row.redemption_id) == redemption_id,
        col(Row.state) == State.DELIVERED,
        col(Row.spendable_transfer_id).is_not(None),
        col(Row.reward_reversed_at).is_(None),
    )
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    return None if row is None else _domain(row)


async def save(session: AsyncSession, delivery_id: UUID, state: State, **facts: Any) -> None:
    """Write what a locked delivery became."""
    await session.execute(update(Row).where(col(Row.id) == delivery_id).values(state=state, **facts))


async def take_unused_charge(session: AsyncSession, delivery_id: UUID) -> bool:
    """Unmark a cancelled delivery whose reward stands in the budget; False when it was done meanwhile or somebody is at it.

    Locks/IO: the delivery's row. It saves the second worker the work; the budget gives back once whoever asks.
    """
    statement = (
        select(Row)
        .where(col(Row.id) == delivery_id, col(Row.is_charged), col(Row.state) == State.CANCELLED)
        .with_for_update(skip_locked=True)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        return False
    row.is_charged = False
    await session.flush()
    return True


async def find_unused_charges(session: AsyncSession, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return deliveries in all communities that were cancelled while their reward stood in the budget."""
    statement = (
        select(col(Row.community_id), col(Row.id))
        .where(col(Row.is_charged), col(Row.state) == State.CANCELLED)
        .order_by(col(Row.id))
        .limit(limit)
    )
    return [(community, row_id) for community, row_id in (await session.execute(statement)).all()]


async def list_page(
    session: AsyncSession, principal: Principal, page: PageRequest, *, state: State | None
) -> Slice[Delivery]:
    """Return deliveries this principal may see, newest first."""
    statement = (
        select(Row)
        .where(visible_to(principal))
        .order_by(col(Row.requested_at).desc(), col(Row.id).desc())
        .limit(page.limit + 1)
    )
    if state is not None:
        statement = statement.where(col(Row.state) == state)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(Row.requested_at), col(Row.id)], after))
    rows: Sequence[Row] = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, _key)


async def list_between(session: AsyncSession, since: datetime, until: datetime) -> Sequence[Delivery]:
    """Return deliveries asked for from `since` to before `until`, oldest first, for the sheet."""
    statement = (
        select(Row)
        .where(col(Row.requested_at) >= since, col(Row.requested_at) < until)
        .order_by(col(Row.requested_at), col(Row.id))
    )
    return [_domain(row) for row in (await session.execute(statement)).scalars().all()]


def _key(delivery: Delivery) -> tuple[datetime, UUID]:
    return delivery.requested_at, delivery.id
