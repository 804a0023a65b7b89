"""What storekeepers say of goods, and what everybody sees on the shelf; the pieces themselves are `stock`'s."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.histories.domain import Span
from services.points.steps import usecases as steps
from services.points.steps.domain import Step
from services.points.store import repository
from services.points.store.domain import (
    LIFE,
    WORDS,
    ProductAction,
    ProductActor,
    ProductFacts,
    ProductState,
    check_cash,
    steps_between,
)
from services.points.store.models import Product, ProductPrice
from services.points.store.repository import Shelf
from shared.contracts.events import StockLow
from shared.etags import require_match
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

STOCKERS = (Role.STOREKEEPER, Role.COMMUNITY_ADMIN)


async def create_product(
    *, uow: UnitOfWork, principal: Principal, code: str, facts: ProductFacts, reason: str = ""
) -> Shelf:
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
        buckets_set_at=uow.now if facts.buckets > 1 else None,
        **asdict(facts),
    )
    await repository.add_product(uow.session, product)
    await _record(uow, product.id, "enter", facts.state, principal.account_id, reason)
    await _note_price(uow, product, principal.account_id)
    return Shelf(product, 0, 0)


async def change_product(
    *, uow: UnitOfWork, principal: Principal, product_id: UUID, facts: ProductFacts, seen: str, reason: str = ""
) -> Shelf:
    """Replace what is said of a product; a redemption already made keeps its price.

    Locks/IO: the product's row.
    Errors: ForbiddenError; CashWithInstallationError; ProductNotFoundError; PreconditionError when it changed since it was read.
    """
    principal.require(*STOCKERS)
    check_cash(facts.kind, facts.cash_fen)
    product = await repository.get_for_update(uow.session, product_id)
    require_match(seen, product.version)
    done = steps_between(_facts(product), facts)
    if product.low_stock_threshold != facts.low_stock_threshold:
        product.low_stock_told_at = None
    if product.buckets != facts.buckets:
        product.buckets_set_at = uow.now
    for name, value in asdict(facts).items():
        setattr(product, name, value)
    product.version += 1
    product.updated_at = uow.now
    for action, became in done:
        await _record(uow, product.id, action, became, principal.account_id, reason)
        if action == "reprice":
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


def _facts(product: Product) -> ProductFacts:
    return ProductFacts(**{name: getattr(product, name) for name in ProductFacts.__slots__})


async def _record(
    uow: UnitOfWork, product_id: UUID, action: str, became: str, actor: UUID | None, reason: str = ""
) -> None:
    await steps.record_step(
        uow=uow, subject_id=product_id, action=action, state=became, account_id=actor, reason=reason
    )


async def list_product_steps(
    *, uow: UnitOfWork, principal: Principal, product_id: UUID, page: PageRequest
) -> Slice[Step]:
    """Return who entered, changed, priced, offered and withdrew a product, oldest first.

    Errors: ForbiddenError; ProductNotFoundError.
    """
    principal.require(*repository.KEEPERS)
    await repository.get_shelf(uow.session, principal, product_id, uow.now)
    return await steps.list_steps(uow=uow, subject_id=product_id, page=page)


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


async def list_actions(
    *, uow: UnitOfWork, principal: Principal, product_id: UUID
) -> tuple[ProductState, list[ProductAction]]:
    """Return a product's state and what the caller could do with it now.

    Errors: ProductNotFoundError, also for one the caller may not see.
    """
    shelf = await repository.get_shelf(uow.session, principal, product_id, uow.now)
    acting_as = frozenset({ProductActor.STOCKER}) if principal.has(*STOCKERS) else frozenset()
    state = ProductState(shelf.product.state)
    return state, LIFE.actions(state, acting_as)


async def list_categories(*, uow: UnitOfWork, principal: Principal) -> list[tuple[str, int]]:
    """Return the groups of goods the caller may see and how many products each has."""
    return await repository.list_categories(uow.session, principal)


async def list_prices(
    *, uow: UnitOfWork, principal: Principal, product_id: UUID, page: PageRequest, span: Span
) -> Slice[ProductPrice]:
    """Return what a product cost, newest first.

    Errors: ProductNotFoundError.
    """
    await repository.get_shelf(uow.session, principal, product_id, uow.now)
    return await repository.list_prices(uow.session, product_id, page, span)


async def name_products(*, uow: UnitOfWork, product_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the names of products."""
    return await repository.name_products(uow.session, product_ids)


async def lock_product(*, uow: UnitOfWork, product_id: UUID) -> Product:
    """Return a product and keep it from changing until the transaction ends.

    Errors: ProductNotFoundError.
    """
    return await repository.get_for_update(uow.session, product_id)


async def set_buckets(*, uow: UnitOfWork, product_id: UUID, count: int, actor: UUID | None, reason: str = "") -> None:
    """Say in how many parts the stock of the next batches is split; None is the clock.

    Locks/IO: the product's row.
    Errors: ProductNotFoundError.
    """
    product = await repository.get_for_update(uow.session, product_id)
    done = steps_between(_facts(product), replace(_facts(product), buckets=count))
    product.buckets = count
    if actor is not None:
        product.buckets_set_at = uow.now
    product.version += 1
    product.updated_at = uow.now
    for action, became in done:
        await _record(uow, product_id, action, became, actor, reason)
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
    for product_id in await repository.drop_picture(uow.session, asset_id):
        await _record(
            uow, product_id, "drop_picture", WORDS["picture_asset_id"], None, "图片没有通过审核，或者已被删除"
        )


async def find_low_stock(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return products in all communities that run low and have not been told of."""
    return await repository.find_low_stock(session, now, limit)
