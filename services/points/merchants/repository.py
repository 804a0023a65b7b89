"""Every statement of allied shops and their offers."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.merchants.domain import Merchant, Offer, OfferKind, OfferState, State
from services.points.merchants.errors import MerchantNotFoundError, OfferNotFoundError
from services.points.merchants.models import MerchantRow, OfferRow, ShopAccountRow
from shared.kernel.principal import Principal, Role
from shared.kernel.values import Fen, Points
from shared.pagination import PageRequest, Slice, before

WATCHERS = (Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER, Role.SUPERVISOR)


def visible_to(principal: Principal, own: UUID | None) -> ColumnElement[bool]:
    """Return which shops this principal may see: open ones, its own, or all for those who run and watch the alliance."""
    if principal.has(*WATCHERS):
        return true()
    return or_(
        col(MerchantRow.state) == State.ACTIVE,
        col(MerchantRow.id) == own,
        col(MerchantRow.account_id) == principal.account_id,
    )


def offers_visible_to(principal: Principal, own: UUID | None) -> ColumnElement[bool]:
    """Return which offers this principal may see: open ones of open shops, its own, or all for those who run the alliance."""
    if principal.has(*WATCHERS):
        return true()
    is_active = exists().where(
        col(MerchantRow.community_id) == col(OfferRow.community_id),
        col(MerchantRow.id) == col(OfferRow.merchant_id),
        col(MerchantRow.state) == State.ACTIVE,
    )
    return or_((col(OfferRow.state) == OfferState.OPEN) & is_active, col(OfferRow.merchant_id) == own)


def _merchant(row: MerchantRow) -> Merchant:
    return Merchant(
        id=row.id,
        name=row.name,
        category=row.category,
        address=row.address,
        note=row.note,
        account_id=row.account_id,
        household_id=row.household_id,
        state=State(row.state),
        reason=row.reason,
        created_at=row.created_at,
    )


def _offer(row: OfferRow) -> Offer:
    return Offer(
        id=row.id,
        merchant_id=row.merchant_id,
        kind=OfferKind(row.kind),
        title=row.title,
        terms=row.terms,
        points=Points(row.points),
        value_fen=Fen(row.value_fen),
        discount_percent=row.discount_percent,
        total_limit=row.total_limit,
        household_limit=row.household_limit,
        is_for_adopters=row.is_for_adopters,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        voucher_days=row.voucher_days,
        issued=row.issued,
        state=OfferState(row.state),
        created_at=row.created_at,
    )


async def add(session: AsyncSession, community_id: UUID, merchant: Merchant) -> None:
    """Enter a shop."""
    session.add(MerchantRow(community_id=community_id, **{n: getattr(merchant, n) for n in Merchant.__slots__}))
    await session.flush()


async def add_account(session: AsyncSession, row: ShopAccountRow) -> None:
    """Let an account stand for a shop.

    Errors: ShopAccountTakenError (pk_shop_account).
    """
    session.add(row)
    await session.flush()


async def remove_account(session: AsyncSession, merchant_id: UUID, account_id: UUID) -> bool:
    """End that an account stands for a shop; tell whether it did."""
    done = await session.execute(
        delete(ShopAccountRow)
        .where(col(ShopAccountRow.merchant_id) == merchant_id, col(ShopAccountRow.account_id) == account_id)
        .returning(col(ShopAccountRow.account_id))
    )
    return done.first() is not None


async def find_own(session: AsyncSession, account_id: UUID) -> UUID | None:
    """Return the shop an account stands for, or None."""
    statement = select(col(ShopAccountRow.merchant_id)).where(col(ShopAccountRow.account_id) == account_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def list_accounts(session: AsyncSession, merchant_id: UUID) -> list[tuple[UUID, UUID | None]]:
    """Return a shop's accounts with the households they belong to."""
    statement = select(col(ShopAccountRow.account_id), col(ShopAccountRow.household_id)).where(
        col(ShopAccountRow.merchant_id) == merchant_id
    )
    return [(account, household) for account, household in (await session.execute(statement)).all()]


async def get(
    session: AsyncSession, principal: Principal, own: UUID | None, merchant_id: UUID, *, for_update: bool = False
) -> Merchant:
    """Return a shop this principal may see; `for_update` locks its row.

    Errors: MerchantNotFoundError.
    """
    statement = select(MerchantRow).where(col(MerchantRow.id) == merchant_id, visible_to(principal, own))
    if for_update:
        statement = statement.with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise MerchantNotFoundError
    return _merchant(row)


async def find(
    session: AsyncSession, merchant_id: UUID, *, for_share: bool = False, for_update: bool = False
) -> Merchant | None:
    """Return a shop for the system itself; `for_share` keeps its state as it is, `for_update` also lets nobody else in."""
    statement = select(MerchantRow).where(col(MerchantRow.id) == merchant_id)
    if for_share or for_update:
        statement = statement.with_for_update(read=for_share)
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    return None if row is None else _merchant(row)


async def save(session: AsyncSession, merchant_id: UUID, **changed: Any) -> None:
    """Write what a locked shop became."""
    await session.execute(
        update(MerchantRow)
        .where(col(MerchantRow.id) == merchant_id)
        .values(**changed)
        .execution_options(synchronize_session=False)
    )


async def list_page(
    session: AsyncSession, principal: Principal, own: UUID | None, page: PageRequest, *, state: State | None
) -> Slice[Merchant]:
    """Return shops this principal may see, newest first."""
    statement = (
        select(MerchantRow)
        .where(visible_to(principal, own))
        .order_by(col(MerchantRow.created_at).desc(), col(MerchantRow.id).desc())
        .limit(page.limit + 1)
    )
    if state is not None:
        statement = statement.where(col(MerchantRow.state) == state)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(MerchantRow.created_at), col(MerchantRow.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_merchant(row) for row in rows], page.limit, lambda r: (r.created_at, r.id))


async def add_offer(session: AsyncSession, community_id: UUID, offer: Offer) -> None:
    """Enter an offer."""
    session.add(OfferRow(community_id=community_id, **{n: getattr(offer, n) for n in Offer.__slots__}))
    await session.flush()


async def get_offer(
    session: AsyncSession, principal: Principal, own: UUID | None, offer_id: UUID, *, for_update: bool = False
) -> Offer:
    """Return an offer this principal may see; `for_update` locks its row.

    Errors: OfferNotFoundError.
    """
    statement = select(OfferRow).where(col(OfferRow.id) == offer_id, offers_visible_to(principal, own))
    if for_update:
        statement = statement.with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise OfferNotFoundError
    return _offer(row)


async def save_offer(session: AsyncSession, offer_id: UUID, **changed: Any) -> None:
    """Write what a locked offer became."""
    await session.execute(
        update(OfferRow)
        .where(col(OfferRow.id) == offer_id)
        .values(**changed)
        .execution_options(synchronize_session=False)
    )


async def take_one(session: AsyncSession, offer_id: UUID) -> bool:
    """Count one more voucher of an open offer; False when it has no more.

    Locks/IO: the offer's row, last of all: everybody who takes a voucher of it waits there.
    """
    is_left = col(OfferRow.total_limit).is_(None) | (col(OfferRow.issued) < col(OfferRow.total_limit))
    done = await session.execute(
        update(OfferRow)
        .where(col(OfferRow.id) == offer_id, col(OfferRow.state) == OfferState.OPEN, is_left)
        .values(issued=col(OfferRow.issued) + 1)
        .returning(col(OfferRow.id))
        .execution_options(synchronize_session=False)
    )
    return done.first() is not None


async def give_one_back(session: AsyncSession, offer_id: UUID) -> None:
    """Count one voucher less: it expired or was refunded.

    Locks/IO: the offer's row.
    """
    await session.execute(
        update(OfferRow)
        .where(col(OfferRow.id) == offer_id)
        .values(issued=col(OfferRow.issued) - 1)
        .execution_options(synchronize_session=False)
    )


async def list_offers(
    session: AsyncSession,
    principal: Principal,
    own: UUID | None,
    page: PageRequest,
    *,
    merchant_id: UUID | None,
    state: OfferState | None,
) -> Slice[Offer]:
    """Return offers this principal may see, newest first."""
    statement = (
        select(OfferRow)
        .where(offers_visible_to(principal, own))
        .order_by(col(OfferRow.created_at).desc(), col(OfferRow.id).desc())
        .limit(page.limit + 1)
    )
    if merchant_id is not None:
        statement = statement.where(col(OfferRow.merchant_id) == merchant_id)
    if state is not None:
        statement = statement.where(col(OfferRow.state) == state)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(OfferRow.created_at), col(OfferRow.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_offer(row) for row in rows], page.limit, lambda r: (r.created_at, r.id))
