"""Every statement of the store; pieces on the shelf are counted in SQL, because the hot path keeps them where it can lock them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.histories.domain import Span
from services.points.store.domain import ProductState
from services.points.store.errors import ProductNotFoundError
from services.points.store.models import Product, ProductPrice
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice, before, beyond, within

KEEPERS = (Role.STOREKEEPER, Role.COMMUNITY_ADMIN, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A product and how many of it are free and set aside."""

    product: Product
    available: int
    reserved: int


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
    """Return a product and lock its row, but not its key: redemptions that point to it go on meanwhile.

    Errors: ProductNotFoundError.
    """
    statement = select(Product).where(col(Product.id) == product_id).with_for_update(key_share=True)
    product = (await session.execute(statement)).scalar_one_or_none()
    if product is None:
        raise ProductNotFoundError
    return product


async def _stock(session: AsyncSession, product_ids: Sequence[UUID], now: datetime) -> dict[UUID, tuple[int, int]]:
    """Return the free and the reserved pieces of products; what has kept too long is not free."""
    statement = text(
        "SELECT product_id, coalesce(sum(available) FILTER (WHERE sell_until IS NULL OR sell_until > :now), 0) AS available,"
        " sum(reserved) AS reserved FROM points.stock_bucket"
        " WHERE community_id = NULLIF(current_setting('app.community_id', true), '')::uuid AND product_id = ANY(:ids)"
        " GROUP BY product_id"
    )
    rows = (await session.execute(statement, {"ids": list(product_ids), "now": now})).all()
    return {row.product_id: (int(row.available), int(row.reserved)) for row in rows}


async def count_free(session: AsyncSession, product_id: UUID, now: datetime) -> int:
    """Return how many pieces of a product are free to redeem."""
    available, _ = (await _stock(session, [product_id], now)).get(product_id, (0, 0))
    return available


async def list_shelves(
    session: AsyncSession,
    principal: Principal,
    page: PageRequest,
    *,
    category: str | None,
    state: ProductState | None,
    now: datetime,
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
    stock = await _stock(session, [product.id for product in products.rows], now)
    return products.map(lambda product: Shelf(product, *stock.get(product.id, (0, 0))))


async def get_shelf(session: AsyncSession, principal: Principal, product_id: UUID, now: datetime) -> Shelf:
    """Return a product with its stock.

    Errors: ProductNotFoundError, also for one this principal may not see.
    """
    statement = visible_to(principal).where(col(Product.id) == product_id)
    product = (await session.execute(statement)).scalar_one_or_none()
    if product is None:
        raise ProductNotFoundError
    stock = await _stock(session, [product_id], now)
    return Shelf(product, *stock.get(product_id, (0, 0)))


async def list_categories(session: AsyncSession, principal: Principal) -> list[tuple[str, int]]:
    """Return the groups of goods this principal may see and how many products each has, by name."""
    visible = visible_to(principal).subquery()
    statement: Select[*tuple[Any, ...]] = (
        select(visible.c.category, func.count()).group_by(visible.c.category).order_by(visible.c.category)
    )
    return [(name, int(count)) for name, count in (await session.execute(statement)).all()]


async def name_products(session: AsyncSession, product_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the names of products."""
    statement: Select[*tuple[Any, ...]] = select(col(Product.id), col(Product.name)).where(
        col(Product.id).in_(product_ids)
    )
    return {row[0]: row[1] for row in (await session.execute(statement)).all()}


async def add_price(session: AsyncSession, price: ProductPrice) -> None:
    """Write down what a product costs from now on."""
    session.add(price)
    await session.flush()


async def list_prices(session: AsyncSession, product_id: UUID, page: PageRequest, span: Span) -> Slice[ProductPrice]:
    """Return the prices a product got in a time, newest first."""
    statement = (
        select(ProductPrice)
        .where(
            col(ProductPrice.product_id) == product_id,
            within(col(ProductPrice.effective_at), span.begins_at, span.ends_at),
        )
        .order_by(col(ProductPrice.effective_at).desc(), col(ProductPrice.id).desc())
        .limit(page.limit + 1)
    )
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(ProductPrice.effective_at), col(ProductPrice.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut(rows, page.limit, lambda price: (price.effective_at, price.id))


async def find_low_stock(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return products on sale in all communities that have no more than their threshold left and have not been told of."""
    statement = text(
        "SELECT p.community_id, p.id FROM points.product p"
        " WHERE p.low_stock_threshold IS NOT NULL AND p.low_stock_told_at IS NULL AND p.state = 'on_sale'"
        " AND EXISTS (SELECT 1 FROM points.batch b WHERE b.community_id = p.community_id AND b.product_id = p.id)"
        " AND (SELECT coalesce(sum(s.available), 0) FROM points.stock_bucket s WHERE s.community_id = p.community_id"
        "      AND s.product_id = p.id AND (s.sell_until IS NULL OR s.sell_until > :now)) <= p.low_stock_threshold"
        " ORDER BY p.community_id, p.id LIMIT :limit"
    )
    rows = (await session.execute(statement, {"now": now, "limit": limit})).all()
    return [(row.community_id, row.id) for row in rows]


async def drop_picture(session: AsyncSession, asset_id: UUID) -> Sequence[UUID]:
    """Take a picture off every product that shows it, and return them."""
    statement = (
        update(Product)
        .where(col(Product.picture_asset_id) == asset_id)
        .values(picture_asset_id=None, version=col(Product.version) + 1)
        .returning(col(Product.id))
    )
    return (await session.execute(statement)).scalars().all()
