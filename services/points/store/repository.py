"""Every statement of the store."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.store.domain import ProductState
from services.points.store.errors import ProductNotFoundError
from services.points.store.models import Batch, Product, StockBucket, StockMove
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice, beyond

KEEPERS = (Role.STOREKEEPER, Role.COMMUNITY_ADMIN, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A product and how many of it are free and set aside."""

    product: Product
    available: int
    reserved: int


@dataclass(frozen=True, slots=True)
class BatchStock:
    """Where the pieces of a batch are; received = available + reserved + sold + lost, returns counted back in."""

    batch: Batch
    available: int
    reserved: int
    sold: int


def visible_to(principal: Principal) -> Select[Product]:
    """Return the products this principal may see: keepers all, everybody else what is on sale."""
    statement = select(Product)
    if not principal.has(*KEEPERS):
        statement = statement.where(col(Product.state) == ProductState.ON_SALE)
    return statement


async def add_product(session: AsyncSession, product: Product) -> None:
    """Enter a product.

    Errors: ProductCodeTakenError (uq_product_community_id_code).
    """
    session.add(product)
    await session.flush()


async def get_for_update(session: AsyncSession, product_id: UUID) -> Product:
    """Return a product and lock its row.

    Errors: ProductNotFoundError.
    """
    statement = select(Product).where(col(Product.id) == product_id).with_for_update()
    product = (await session.execute(statement)).scalar_one_or_none()
    if product is None:
        raise ProductNotFoundError
    return product


async def _stock(session: AsyncSession, product_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    statement: Select[*tuple[Any, ...]] = (
        select(col(StockBucket.product_id), func.sum(StockBucket.available), func.sum(StockBucket.reserved))
        .where(col(StockBucket.product_id).in_(product_ids))
        .group_by(col(StockBucket.product_id))
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in (await session.execute(statement)).all()}


async def list_shelves(
    session: AsyncSession, principal: Principal, page: PageRequest, *, category: str | None, state: ProductState | None
) -> Slice[Shelf]:
    """Return products with their stock, oldest first."""
    statement = visible_to(principal).order_by(col(Product.id)).limit(page.limit + 1)
    if category is not None:
        statement = statement.where(col(Product.category) == category)
    if state is not None:
        statement = statement.where(col(Product.state) == state)
    if (after := page.after_id()) is not None:
        statement = statement.where(beyond([col(Product.id)], [after]))
    products = Slice.cut((await session.execute(statement)).scalars().all(), page.limit, lambda p: (p.id,))
    stock = await _stock(session, [product.id for product in products.rows])
    return products.map(lambda product: Shelf(product, *stock.get(product.id, (0, 0))))


async def get_shelf(session: AsyncSession, principal: Principal, product_id: UUID) -> Shelf:
    """Return a product with its stock.

    Errors: ProductNotFoundError, also for one this principal may not see.
    """
    statement = visible_to(principal).where(col(Product.id) == product_id)
    product = (await session.execute(statement)).scalar_one_or_none()
    if product is None:
        raise ProductNotFoundError
    stock = await _stock(session, [product_id])
    return Shelf(product, *stock.get(product_id, (0, 0)))


async def add_batch(session: AsyncSession, batch: Batch, buckets: Sequence[int], move_ids: Sequence[UUID]) -> None:
    """Enter a batch, put its pieces into buckets and write the moves from the supplier to the shelf."""
    session.add(batch)
    await session.flush()
    for number, (quantity, move_id) in enumerate(zip(buckets, move_ids, strict=True)):
        session.add(
            StockBucket(
                community_id=batch.community_id,
                product_id=batch.product_id,
                batch_id=batch.id,
                number=number,
                available=quantity,
            )
        )
        session.add(
            StockMove(
                community_id=batch.community_id,
                id=move_id,
                product_id=batch.product_id,
                batch_id=batch.id,
                bucket_number=number,
                source="supplier",
                destination="shelf",
                quantity=quantity,
                cause_id=batch.id,
                acting_account_id=batch.received_by,
                created_at=batch.received_at,
            )
        )
    await session.flush()


async def move_stock(session: AsyncSession, move: StockMove) -> None:
    """Move reserved pieces to a household, or returned pieces from it to the shelf.

    Locks/IO: the bucket's row, last of all.
    """
    bucket = (
        await session.execute(
            select(StockBucket)
            .where(
                col(StockBucket.product_id) == move.product_id,
                col(StockBucket.batch_id) == move.batch_id,
                col(StockBucket.number) == move.bucket_number,
            )
            .with_for_update()
        )
    ).scalar_one()
    if move.source == "reserved":
        bucket.reserved -= move.quantity
    if move.destination == "shelf":
        bucket.available += move.quantity
    session.add(move)
    await session.flush()


async def list_batches(session: AsyncSession, product_id: UUID) -> list[BatchStock]:
    """Return a product's batches and where their pieces are, oldest first."""
    batches = (
        (await session.execute(select(Batch).where(col(Batch.product_id) == product_id).order_by(col(Batch.id))))
        .scalars()
        .all()
    )
    free: Select[*tuple[Any, ...]] = (
        select(col(StockBucket.batch_id), func.sum(StockBucket.available), func.sum(StockBucket.reserved))
        .where(col(StockBucket.product_id) == product_id)
        .group_by(col(StockBucket.batch_id))
    )
    stock = {row[0]: (int(row[1]), int(row[2])) for row in (await session.execute(free)).all()}
    sold: Select[*tuple[Any, ...]] = (
        select(
            col(StockMove.batch_id),
            func.sum(StockMove.quantity).filter(col(StockMove.destination) == "household"),
            func.sum(StockMove.quantity).filter(col(StockMove.source) == "household"),
        )
        .where(col(StockMove.product_id) == product_id)
        .group_by(col(StockMove.batch_id))
    )
    out = {row[0]: int(row[1] or 0) - int(row[2] or 0) for row in (await session.execute(sold)).all()}
    return [BatchStock(batch, *stock[batch.id], out.get(batch.id, 0)) for batch in batches]
