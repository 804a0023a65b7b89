"""What storekeepers say of goods, and what everybody sees on the shelf; the pieces themselves are `stock`'s."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.store import repository
from services.points.store.domain import ProductKind, ProductState, check_cash
from services.points.store.models import Product, ProductPrice
from services.points.store.repository import Shelf
from shared.contracts.events import StockLow
from shared.etags import require_match
from shared.kernel.principal import Principal, Role
from shared.kernel.values import Fen, Points
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

STOCKERS = (Role.STOREKEEPER, Role.COMMUNITY_ADMIN)


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What a storekeeper says of a product."""

    name: str
    description: str
    category: str
    kind: ProductKind
    price_points: Points
    cash_fen: Fen
    state: ProductState
    household_limit: int
    limit_window_days: int
    hold_hours: int
    buckets: int
    picture_asset_id: UUID | None
    low_stock_threshold: int | None


async def create_product(*, uow: UnitOfWork, principal: Principal, code: str, facts: ProductFacts) -> Shelf:
    """Enter a product.

    Errors: ForbiddenError; CashWithInstallationError; ProductCodeTakenError.
    """
    principal.require(*STOCKERS)
    check_cash(facts.kind, facts.cash_fen)
    product = Product(
        community_id=uow.community_id,
        id=uow.new_id(),
        code=code,
        created_at=uow.now,
        updated_at=uow.now,
        **_columns(facts),
    )
    await repository.add_product(uow.session, product)
    await _note_price(uow, product, principal.account_id)
    return Shelf(product, 0, 0)


async def change_product(
    *, uow: UnitOfWork, principal: Principal, product_id: UUID, facts: ProductFacts, seen: str
) -> Shelf:
    """Replace what is said of a product; a redemption already made keeps its price.

    Locks/IO: the product's row.
    Errors: ForbiddenError; CashWithInstallationError; ProductNotFoundError; PreconditionError when it changed since it was read.
    """
    principal.require(*STOCKERS)
    check_cash(facts.kind, facts.cash_fen)
    product = await repository.get_for_update(uow.session, product_id)
    require_match(seen, product.version)
    is_repriced = (product.price_points, product.cash_fen) != (facts.price_points, facts.cash_fen)
    if product.low_stock_threshold != facts.low_stock_threshold:
        product.low_stock_told_at = None
    for name, value in _columns(facts).items():
        setattr(product, name, value)
    product.version += 1
    product.updated_at = uow.now
    if is_repriced:
        await _note_price(uow, product, principal.account_id)
    await uow.flush()
    return await repository.get_shelf(uow.session, principal, product_id, uow.now)


async def _note_price(uow: UnitOfWork, product: Product, set_by: UUID) -> None:
    await repository.add_price(
        uow.session,
        ProductPrice(
            community_id=uow.community_id,
            id=uow.new_id(),
            product_id=product.id,
            price_points=product.price_points,
            cash_fen=product.cash_fen,
            effective_at=uow.now,
            set_by=set_by,
        ),
    )


def _columns(facts: ProductFacts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in ProductFacts.__slots__}


async def list_shelves(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, category: str | None, state: ProductState | None
) -> Slice[Shelf]:
    """Return products the caller may see, with their stock."""
    return await repository.list_shelves(uow.session, principal, page, category=category, state=state, now=uow.now)


async def get_shelf(*, uow: UnitOfWork, principal: Principal, product_id: UUID) -> Shelf:
    """Return a product with its stock.

    Errors: ProductNotFoundError.
    """
    return await repository.get_shelf(uow.session, principal, product_id, uow.now)


async def list_categories(*, uow: UnitOfWork, principal: Principal) -> list[tuple[str, int]]:
    """Return the groups of goods the caller may see and how many products each has."""
    return await repository.list_categories(uow.session, principal)


async def list_prices(
    *, uow: UnitOfWork, principal: Principal, product_id: UUID, page: PageRequest
) -> Slice[ProductPrice]:
    """Return what a product cost, newest first.

    Errors: ProductNotFoundError.
    """
    await repository.get_shelf(uow.session, principal, product_id, uow.now)
    return await repository.list_prices(uow.session, product_id, page)


async def name_products(*, uow: UnitOfWork, product_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the names of products."""
    return await repository.name_products(uow.session, product_ids)


async def lock_product(*, uow: UnitOfWork, product_id: UUID) -> Product:
    """Return a product and keep it from changing until the transaction ends.

    Errors: ProductNotFoundError.
    """
    return await repository.get_for_update(uow.session, product_id)


async def set_buckets(*, uow: UnitOfWork, product_id: UUID, count: int) -> None:
    """Say in how many parts the stock of the next batches is split.

    Locks/IO: the product's row.
    Errors: ProductNotFoundError.
    """
    product = await repository.get_for_update(uow.session, product_id)
    product.buckets = count
    product.version += 1
    product.updated_at = uow.now
    await uow.flush()


async def forget_low_stock(*, uow: UnitOfWork, product_id: UUID) -> None:
    """Be ready to tell again that a product runs low: goods have come in.

    Locks/IO: the product's row.
    """
    product = await repository.get_for_update(uow.session, product_id)
    product.low_stock_told_at = None
    await uow.flush()


async def tell_low_stock(*, uow: UnitOfWork, product_id: UUID) -> None:
    """Tell that no more pieces are free than the product's threshold; once until goods come in.

    Locks/IO: the product's row.
    Idempotency: without effect when it was told or is no longer so.
    """
    product = await repository.get_for_update(uow.session, product_id)
    available = await repository.count_free(uow.session, product_id, uow.now)
    threshold = product.low_stock_threshold
    if threshold is None or product.low_stock_told_at is not None or available > threshold:
        return
    product.low_stock_told_at = uow.now
    uow.announce(
        product.id,
        StockLow(
            product_id=product.id,
            product_name=product.name,
            available=available,
            threshold=threshold,
            told_at=uow.now,
        ),
    )


async def drop_picture(*, uow: UnitOfWork, asset_id: UUID) -> None:
    """Show no picture any more that media refused or its owner took back."""
    await repository.drop_picture(uow.session, asset_id)


async def find_low_stock(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return products in all communities that run low and have not been told of."""
    return await repository.find_low_stock(session, now, limit)
