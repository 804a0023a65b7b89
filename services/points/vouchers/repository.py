"""Every statement of shop vouchers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, text, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.vouchers.domain import LIVE, State, Voucher, sees_all
from services.points.vouchers.errors import VoucherCodeUnknownError, VoucherNotFoundError
from services.points.vouchers.models import VoucherRow
from shared.kernel.principal import Principal
from shared.kernel.values import Fen, Points
from shared.pagination import PageRequest, Slice, before


@dataclass(frozen=True, slots=True)
class Totals:
    """What a number of vouchers come to."""

    vouchers: int
    points: Points
    value_fen: Fen


def visible_to(principal: Principal, own_shop: UUID | None) -> ColumnElement[bool]:
    """Return which vouchers this principal may see: its household's, its shop's, or all for those who run and watch the alliance."""
    if sees_all(principal):
        return true()
    return or_(col(VoucherRow.household_id) == principal.household_id, col(VoucherRow.merchant_id) == own_shop)


def _domain(row: VoucherRow) -> Voucher:
    return Voucher(
        id=row.id,
        offer_id=row.offer_id,
        merchant_id=row.merchant_id,
        merchant_name=row.merchant_name,
        household_id=row.household_id,
        account_id=row.account_id,
        title=row.title,
        points=Points(row.points),
        value_fen=Fen(row.value_fen),
        discount_percent=row.discount_percent,
        code=row.code,
        state=State(row.state),
        hold_id=row.hold_id,
        transfer_id=row.transfer_id,
        expires_at=row.expires_at,
        created_at=row.created_at,
        used_at=row.used_at,
        used_by=row.used_by,
        bill_fen=None if row.bill_fen is None else Fen(row.bill_fen),
        ended_at=row.ended_at,
        settlement_id=row.settlement_id,
        reason=row.reason,
    )


async def lock_limit(session: AsyncSession, offer_id: UUID, household_id: UUID) -> None:
    """Let one voucher of an offer for a household be counted and issued at a time.

    Locks/IO: that pair, until the transaction ends.
    """
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"voucher:{offer_id}:{household_id}"}
    )


async def count_towards_limit(session: AsyncSession, offer_id: UUID, household_id: UUID) -> int:
    """Return how many vouchers of an offer a household has or has used."""
    statement = select(func.count()).where(
        col(VoucherRow.offer_id) == offer_id,
        col(VoucherRow.household_id) == household_id,
        col(VoucherRow.state).in_(LIVE),
    )
    return int((await session.execute(statement)).scalar_one())


async def add(session: AsyncSession, community_id: UUID, voucher: Voucher) -> bool:
    """Enter a voucher; False when another open voucher of the shop has its code."""
    fields = {name: getattr(voucher, name) for name in Voucher.__slots__}
    done = await session.execute(
        insert(VoucherRow)
        .values(community_id=community_id, **fields)
        .on_conflict_do_nothing(
            index_elements=["community_id", "merchant_id", "code"], index_where=text("state = 'issued'")
        )
        .returning(col(VoucherRow.id))
    )
    return done.first() is not None


async def get(
    session: AsyncSession, principal: Principal, own_shop: UUID | None, voucher_id: UUID, *, for_update: bool = False
) -> Voucher:
    """Return a voucher this principal may see; `for_update` locks its row.

    Errors: VoucherNotFoundError.
    """
    statement = select(VoucherRow).where(col(VoucherRow.id) == voucher_id, visible_to(principal, own_shop))
    if for_update:
        statement = statement.with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise VoucherNotFoundError
    return _domain(row)


async def get_by_code_for_update(session: AsyncSession, merchant_id: UUID, code: str) -> Voucher:
    """Return the open voucher a code stands for at a shop and lock its row.

    Errors: VoucherCodeUnknownError.
    """
    statement = (
        select(VoucherRow)
        .where(
            col(VoucherRow.merchant_id) == merchant_id,
            col(VoucherRow.code) == code,
            col(VoucherRow.state) == State.ISSUED,
        )
        .with_for_update()
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise VoucherCodeUnknownError
    return _domain(row)


async def find_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return issued vouchers past their time in all communities, oldest deadline first."""
    statement = (
        select(col(VoucherRow.community_id), col(VoucherRow.id))
        .where(col(VoucherRow.state) == State.ISSUED, col(VoucherRow.expires_at) <= now)
        .order_by(col(VoucherRow.expires_at))
        .limit(limit)
    )
    return [(community, row_id) for community, row_id in (await session.execute(statement)).all()]


async def find_due_for_update(session: AsyncSession, voucher_id: UUID, now: datetime) -> Voucher | None:
    """Return an issued voucher past its time and lock it; None when it ended meanwhile or somebody is at it."""
    statement = (
        select(VoucherRow)
        .where(
            col(VoucherRow.id) == voucher_id, col(VoucherRow.state) == State.ISSUED, col(VoucherRow.expires_at) <= now
        )
        .with_for_update(skip_locked=True)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _domain(row)


async def save(session: AsyncSession, voucher_id: UUID, **changed: Any) -> None:
    """Write what a locked voucher became."""
    await session.execute(
        update(VoucherRow)
        .where(col(VoucherRow.id) == voucher_id)
        .values(**changed)
        .execution_options(synchronize_session=False)
    )


async def list_page(
    session: AsyncSession,
    principal: Principal,
    own_shop: UUID | None,
    page: PageRequest,
    *,
    state: State | None,
    merchant_id: UUID | None,
) -> Slice[Voucher]:
    """Return vouchers this principal may see, newest first."""
    statement = (
        select(VoucherRow)
        .where(visible_to(principal, own_shop))
        .order_by(col(VoucherRow.created_at).desc(), col(VoucherRow.id).desc())
        .limit(page.limit + 1)
    )
    if state is not None:
        statement = statement.where(col(VoucherRow.state) == state)
    if merchant_id is not None:
        statement = statement.where(col(VoucherRow.merchant_id) == merchant_id)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(VoucherRow.created_at), col(VoucherRow.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, lambda r: (r.created_at, r.id))


async def put_into_settlement(
    session: AsyncSession, merchant_id: UUID, before_moment: datetime, settlement_id: UUID
) -> None:
    """Count a shop's vouchers used before a moment, and in no settlement yet, in this one.

    Locks/IO: those vouchers.
    """
    await session.execute(
        update(VoucherRow)
        .where(
            col(VoucherRow.merchant_id) == merchant_id,
            col(VoucherRow.state) == State.USED,
            col(VoucherRow.settlement_id).is_(None),
            col(VoucherRow.used_at) < before_moment,
        )
        .values(settlement_id=settlement_id)
        .execution_options(synchronize_session=False)
    )


async def take_out_of_settlement(session: AsyncSession, settlement_id: UUID, voucher_ids: Collection[UUID]) -> int:
    """Leave vouchers out of a settlement again and return how many it held.

    Locks/IO: those vouchers.
    """
    done = await session.execute(
        update(VoucherRow)
        .where(col(VoucherRow.settlement_id) == settlement_id, col(VoucherRow.id).in_(voucher_ids))
        .values(settlement_id=None)
        .returning(col(VoucherRow.id))
        .execution_options(synchronize_session=False)
    )
    return len(done.all())


async def mark_paid(session: AsyncSession, settlement_id: UUID, now: datetime) -> None:
    """Write that a settlement's vouchers are paid."""
    await session.execute(
        update(VoucherRow)
        .where(col(VoucherRow.settlement_id) == settlement_id)
        .values(paid_at=now)
        .execution_options(synchronize_session=False)
    )


async def total_of_settlement(session: AsyncSession, settlement_id: UUID) -> Totals:
    """Return what a settlement's vouchers come to."""
    return await _total(session, col(VoucherRow.settlement_id) == settlement_id)


async def total_unpaid(session: AsyncSession, merchant_id: UUID) -> Totals:
    """Return what a shop's used and unpaid vouchers come to."""
    return await _total(
        session,
        col(VoucherRow.merchant_id) == merchant_id,
        col(VoucherRow.state) == State.USED,
        col(VoucherRow.paid_at).is_(None),
    )


async def _total(session: AsyncSession, *conditions: ColumnElement[bool]) -> Totals:
    statement = select(
        func.count(), func.coalesce(func.sum(VoucherRow.points), 0), func.coalesce(func.sum(VoucherRow.value_fen), 0)
    ).where(*conditions)
    count, points, value = (await session.execute(statement)).one()
    return Totals(int(count), Points(int(points)), Fen(int(value)))


async def list_of_settlement(session: AsyncSession, settlement_id: UUID) -> list[Voucher]:
    """Return a settlement's vouchers in the order they were used."""
    statement = (
        select(VoucherRow)
        .where(col(VoucherRow.settlement_id) == settlement_id)
        .order_by(col(VoucherRow.used_at), col(VoucherRow.id))
    )
    return [_domain(row) for row in (await session.execute(statement)).scalars()]
