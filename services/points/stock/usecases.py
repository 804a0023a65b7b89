"""What storekeepers do with the pieces on the shelf."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.funds import usecases as funds
from services.points.funds.domain import FundSource
from services.points.histories.domain import Span
from services.points.redemptions.domain import span_of
from services.points.stock import repository
from services.points.stock.domain import (
    BY_HAND,
    LOSS_NAMES,
    Goods,
    LossKind,
    fill_buckets,
    fit,
    sell_until,
    spread,
    take_from,
)
from services.points.stock.errors import BatchNotFoundError, ShelfLifeOverError, SupplierMissingError
from services.points.stock.models import Batch, StockBucket, StockMove
from services.points.stock.repository import BatchStock
from services.points.store import usecases as store
from services.points.suppliers import usecases as suppliers
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal, Role
from shared.kernel.values import Fen
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

STOCKERS = (Role.STOREKEEPER, Role.COMMUNITY_ADMIN)
WATCHERS = (*STOCKERS, Role.SUPERVISOR)


async def receive_batch(
    *,
    uow: UnitOfWork,
    principal: Principal,
    product_id: UUID,
    quantity: int,
    unit_cost_fen: Fen,
    fund_source: FundSource,
    fund_id: UUID | None,
    supplier_id: UUID | None,
    supplier: str | None,
    keeps_until_on: date | None,
) -> Batch:
    """Enter goods that arrived, split over the product's buckets; a fund that keeps its accounts here pays for them.

    Locks/IO: the product's row, so that its number of buckets does not change meanwhile; then the fund's accounts.
    Errors: ForbiddenError; ProductNotFoundError, SupplierNotFoundError, FundNotFoundError; SupplierMissingError, ShelfLifeOverError,
        FundSourceError; FundExhaustedError.
    """
    principal.require(*STOCKERS)
    product = await store.lock_product(uow=uow, product_id=product_id)
    if (supplier_id is None) == (supplier is None):
        raise SupplierMissingError
    if keeps_until_on is not None and keeps_until_on < local_date(uow.now):
        raise ShelfLifeOverError(keeps_until_on=keeps_until_on.isoformat())
    if supplier_id is not None:
        supplier = (await suppliers.get_supplier(uow=uow, principal=principal, supplier_id=supplier_id)).name
    batch = Batch(
        community_id=uow.community_id,
        id=uow.new_id(),
        product_id=product_id,
        quantity=quantity,
        unit_cost_fen=unit_cost_fen,
        fund_source=fund_source,
        fund_id=fund_id,
        supplier_id=supplier_id,
        supplier=supplier or "",
        keeps_until_on=keeps_until_on,
        received_by=principal.account_id,
        received_at=uow.now,
    )
    buckets = fill_buckets(quantity, product.buckets)
    await repository.add_batch(uow.session, batch, buckets, [uow.new_id() for _ in buckets], sell_until(keeps_until_on))
    await store.forget_low_stock(uow=uow, product_id=product_id)
    if fund_id is not None:
        await funds.spend(
            uow=uow,
            fund_id=fund_id,
            source=fund_source,
            amount_fen=Fen(unit_cost_fen * quantity),
            source_id=batch.id,
            counterparty=batch.supplier,
            summary=f"购入 {product.name} × {quantity}",
            acting_account_id=principal.account_id,
        )
    return batch


async def list_batches(
    *, uow: UnitOfWork, principal: Principal, product_id: UUID, page: PageRequest
) -> Slice[BatchStock]:
    """Return where the pieces of each batch are, newest first.

    Errors: ForbiddenError; ProductNotFoundError.
    """
    principal.require(*WATCHERS)
    await store.get_shelf(uow=uow, principal=principal, product_id=product_id)
    return await repository.list_batch_page(uow.session, product_id, page)


async def list_all_batches(*, uow: UnitOfWork, principal: Principal) -> list[tuple[str, BatchStock]]:
    """Return every batch with its product's name, for the sheet.

    Errors: ForbiddenError.
    """
    principal.require(*WATCHERS)
    stock = await repository.list_all_batches(uow.session)
    names = await store.name_products(uow=uow, product_ids={one.batch.product_id for one in stock})
    return [(names[one.batch.product_id], one) for one in stock]


async def list_expiring(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, within_days: int
) -> Slice[tuple[str, BatchStock]]:
    """Return batches that will soon, or already, be too old to give out, with their product's name.

    Errors: ForbiddenError.
    """
    principal.require(*WATCHERS)
    until = local_date(uow.now) + timedelta(days=within_days)
    rows = await repository.list_expiring(uow.session, page, until=until)
    names = await store.name_products(uow=uow, product_ids={one.batch.product_id for one in rows.rows})
    return rows.map(lambda one: (names[one.batch.product_id], one))


async def list_moves(
    *,
    uow: UnitOfWork,
    principal: Principal,
    page: PageRequest,
    product_id: UUID | None,
    destination: str | None,
    span: Span,
) -> Slice[StockMove]:
    """Return moves of stock, newest first.

    Errors: ForbiddenError.
    """
    principal.require(*WATCHERS)
    return await repository.list_moves(uow.session, page, product_id=product_id, destination=destination, span=span)


async def export_moves(
    *, uow: UnitOfWork, principal: Principal, from_on: date, to_on: date
) -> Sequence[tuple[str, StockMove]]:
    """Return the moves of stock on these days, both included, oldest first, with their product's name.

    Errors: ForbiddenError; ExportSpanError.
    """
    principal.require(*WATCHERS)
    moves = await repository.list_moves_between(uow.session, *span_of(from_on, to_on))
    names = await store.name_products(uow=uow, product_ids={move.product_id for move in moves})
    return [(names[move.product_id], move) for move in moves]


async def write_off(
    *,
    uow: UnitOfWork,
    principal: Principal,
    product_id: UUID,
    batch_id: UUID,
    quantity: int,
    kind: LossKind,
    note: str,
) -> BatchStock:
    """Take pieces off the shelf that cannot be given to anybody, and say why.

    Locks/IO: the batch's buckets in ascending order.
    Errors: ForbiddenError; BatchNotFoundError; StockShortError.
    """
    principal.require(*STOCKERS)
    await adjust(
        uow=uow,
        product_id=product_id,
        batch_id=batch_id,
        difference=-quantity,
        cause_id=uow.new_id(),
        reason=f"{LOSS_NAMES[kind]}：{note}" if note else LOSS_NAMES[kind],
        actor=principal.account_id,
    )
    return await repository.get_stock(uow.session, batch_id)


async def adjust(
    *,
    uow: UnitOfWork,
    product_id: UUID,
    batch_id: UUID,
    difference: int,
    cause_id: UUID,
    reason: str,
    actor: UUID,
) -> None:
    """Post a difference between books and shelf: missing pieces go to the losses, found ones come back from them.

    Locks/IO: the batch's buckets in ascending order.
    Errors: BatchNotFoundError; StockShortError when fewer are free than are missing.
    """
    buckets = await repository.lock_buckets(uow.session, product_id, batch_id)
    if not buckets:
        raise BatchNotFoundError
    taken = (
        take_from({bucket.number: bucket.available for bucket in buckets}, -difference)
        if difference < 0
        else [(buckets[0].number, difference)]
    )
    source, destination = ("shelf", "loss") if difference < 0 else ("loss", "shelf")
    for number, pieces in taken:
        goods = Goods(product_id, batch_id, number, pieces)
        await _move(uow, goods, source, destination, cause_id, actor, reason)


async def count_batch(*, uow: UnitOfWork, batch_id: UUID) -> tuple[UUID, str, int]:
    """Return a batch's product, its name, and how many pieces should lie in the room, those set aside included.

    Locks/IO: the batch's buckets, so that nobody takes a piece while the number is noted.
    Errors: BatchNotFoundError.
    """
    batch = await repository.get_batch(uow.session, batch_id)
    buckets = await repository.lock_buckets(uow.session, batch.product_id, batch_id)
    names = await store.name_products(uow=uow, product_ids={batch.product_id})
    expected = sum(bucket.available + bucket.reserved for bucket in buckets)
    return batch.product_id, names[batch.product_id], expected


async def split_buckets(*, uow: UnitOfWork, principal: Principal, product_id: UUID, count: int) -> list[BatchStock]:
    """Spread a product's free pieces over so many buckets: more before a rush, one again after it. No piece moves between batches.

    Locks/IO: the product's row, then all its buckets in ascending order.
    Errors: ForbiddenError; ProductNotFoundError.
    """
    principal.require(*STOCKERS)
    await store.set_buckets(uow=uow, product_id=product_id, count=count, actor=principal.account_id)
    await _spread(uow, product_id, count)
    return await repository.list_batches(uow.session, product_id)


async def fit_buckets(*, uow: UnitOfWork, product_id: UUID) -> None:
    """Spread a product's free pieces over as many buckets as buyers need, unless a storekeeper said how many within the last day.

    Locks/IO: the product's row, then all its buckets in ascending order.
    Errors: ProductNotFoundError.
    Idempotency: without effect when the number fits.
    """
    product = await store.lock_product(uow=uow, product_id=product_id)
    if product.buckets_set_at is not None and uow.now < product.buckets_set_at + BY_HAND:
        return
    demand = await repository.get_demand(uow.session, product_id, changed_at=product.updated_at, now=uow.now)
    count = fit(product.buckets, demand)
    if count != product.buckets:
        reason = "兑换的人多，系统自动分格" if count > product.buckets else "兑换的人少了，系统自动并格"
        await store.set_buckets(uow=uow, product_id=product_id, count=count, actor=None, reason=reason)
        await _spread(uow, product_id, count)


async def find_unfit(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return products of all communities whose stock lies in too few or too many buckets."""
    return await repository.find_unfit(session, now, limit)


async def _spread(uow: UnitOfWork, product_id: UUID, count: int) -> None:
    by_batch: dict[UUID, list[StockBucket]] = {}
    for bucket in await repository.lock_buckets(uow.session, product_id):
        by_batch.setdefault(bucket.batch_id, []).append(bucket)
    for batch_id, buckets in by_batch.items():
        parts = spread([bucket.available for bucket in buckets], count)
        for bucket, pieces in zip(buckets, parts, strict=False):
            bucket.available = pieces
        buckets += [
            StockBucket(
                community_id=uow.community_id,
                product_id=product_id,
                batch_id=batch_id,
                number=number,
                available=parts[number],
                sell_until=buckets[0].sell_until,
            )
            for number in range(len(buckets), len(parts))
        ]
        await repository.add_buckets(uow.session, buckets)


async def hand_over(*, uow: UnitOfWork, goods: Goods, cause_id: UUID, actor: UUID) -> None:
    """Move reserved pieces to the household that picks them up.

    Locks/IO: the bucket's row; call it last.
    """
    await _move(uow, goods, "reserved", "household", cause_id, actor)


async def take_back(
    *, uow: UnitOfWork, goods: Goods, cause_id: UUID, actor: UUID, is_resellable: bool, reason: str
) -> None:
    """Move returned pieces back to the shelf, or to the losses when they cannot be given to anybody else.

    Locks/IO: the bucket's row; call it last.
    """
    await _move(uow, goods, "household", "shelf" if is_resellable else "loss", cause_id, actor, reason)


async def _move(
    uow: UnitOfWork, goods: Goods, source: str, destination: str, cause_id: UUID, actor: UUID, reason: str = ""
) -> None:
    await repository.move_stock(
        uow.session,
        StockMove(
            community_id=uow.community_id,
            id=uow.new_id(),
            product_id=goods.product_id,
            batch_id=goods.batch_id,
            bucket_number=goods.bucket_number,
            source=source,
            destination=destination,
            quantity=goods.quantity,
            cause_id=cause_id,
            reason=reason,
            acting_account_id=actor,
            created_at=uow.now,
        ),
    )
