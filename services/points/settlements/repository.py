"""Every statement of monthly settlements."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.settlements.domain import Settlement, State, ends_at, previous_month
from services.points.settlements.errors import SettlementNotFoundError
from services.points.settlements.models import SettlementRow
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal, Role
from shared.kernel.values import Fen, Points
from shared.pagination import PageRequest, Slice, before

WATCHERS = (Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER, Role.SUPERVISOR)


def visible_to(principal: Principal, own_shop: UUID | None) -> ColumnElement[bool]:
    """Return which settlements this principal may see: its shop's, or all for those who confirm, pay and watch."""
    if principal.has(*WATCHERS):
        return true()
    return col(SettlementRow.merchant_id) == own_shop


def _domain(row: SettlementRow) -> Settlement:
    return Settlement(
        id=row.id,
        merchant_id=row.merchant_id,
        merchant_name=row.merchant_name,
        month=row.month,
        vouchers=row.vouchers,
        points=Points(row.points),
        value_fen=Fen(row.value_fen),
        state=State(row.state),
        drafted_by=row.drafted_by,
        confirmed_by=row.confirmed_by,
        countersigned_by=row.countersigned_by,
        paid_by=row.paid_by,
        payment_reference=row.payment_reference,
        transfer_id=row.transfer_id,
        reason=row.reason,
        created_at=row.created_at,
        paid_at=row.paid_at,
    )


async def add(session: AsyncSession, community_id: UUID, settlement: Settlement) -> None:
    """Enter a settlement.

    Errors: SettlementExistsError (uq_settlement_community_id_merchant_id_month).
    """
    fields = {name: getattr(settlement, name) for name in Settlement.__slots__}
    session.add(SettlementRow(community_id=community_id, **fields))
    await session.flush()


async def get(
    session: AsyncSession, principal: Principal, own_shop: UUID | None, settlement_id: UUID, *, for_update: bool = False
) -> Settlement:
    """Return a settlement this principal may see; `for_update` locks its row.

    Errors: SettlementNotFoundError.
    """
    statement = select(SettlementRow).where(col(SettlementRow.id) == settlement_id, visible_to(principal, own_shop))
    if for_update:
        statement = statement.with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise SettlementNotFoundError
    return _domain(row)


async def save(session: AsyncSession, settlement_id: UUID, **changed: Any) -> None:
    """Write what a locked settlement became."""
    await session.execute(
        update(SettlementRow)
        .where(col(SettlementRow.id) == settlement_id)
        .values(**changed)
        .execution_options(synchronize_session=False)
    )


async def exists_for(session: AsyncSession, merchant_id: UUID, month: date) -> bool:
    """Tell whether a shop's month is settled already."""
    statement = select(col(SettlementRow.id)).where(
        col(SettlementRow.merchant_id) == merchant_id, col(SettlementRow.month) == month
    )
    return (await session.execute(statement)).first() is not None


async def find_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return shops of all communities that have vouchers of months that are over, and no settlement of the last month yet."""
    month = previous_month(local_date(now))
    rows = await session.execute(
        text(
            "SELECT v.community_id, v.merchant_id FROM points.voucher v"
            " WHERE v.state = 'used' AND v.settlement_id IS NULL AND v.used_at < :ends_at AND NOT EXISTS ("
            "  SELECT 1 FROM points.settlement s"
            "  WHERE s.community_id = v.community_id AND s.merchant_id = v.merchant_id AND s.month = :month)"
            " GROUP BY v.community_id, v.merchant_id ORDER BY min(v.used_at) LIMIT :limit"
        ),
        {"ends_at": ends_at(month), "month": month, "limit": limit},
    )
    return [(community, merchant) for community, merchant in rows.all()]


async def list_page(
    session: AsyncSession,
    principal: Principal,
    own_shop: UUID | None,
    page: PageRequest,
    *,
    merchant_id: UUID | None,
    state: State | None,
) -> Slice[Settlement]:
    """Return settlements this principal may see, newest first."""
    statement = (
        select(SettlementRow)
        .where(visible_to(principal, own_shop))
        .order_by(col(SettlementRow.created_at).desc(), col(SettlementRow.id).desc())
        .limit(page.limit + 1)
    )
    if merchant_id is not None:
        statement = statement.where(col(SettlementRow.merchant_id) == merchant_id)
    if state is not None:
        statement = statement.where(col(SettlementRow.state) == state)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(SettlementRow.created_at), col(SettlementRow.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, lambda r: (r.created_at, r.id))
