"""What storekeepers do with goods, and residents with the shelf."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.points.store import repository
from services.points.store.domain import FundSource, ProductKind, ProductState, fill_buckets
from services.points.store.models import Batch, Product, StockMove
from services.points.store.repository import BatchStock, Shelf
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
    state: ProductState
    household_limit: int
    limit_window_days: int
    hold_hours: int
    buckets: int
    picture_asset_id: UUID | None


async def create_product(*, uow: UnitOfWork, principal: Principal, code: str, facts: ProductFacts) -> Shelf:
    """Enter a product.

    Errors: ForbiddenError; ProductCodeTakenError.
    """
    principal.require(*STOCKERS)
    product = Product(
        community_id=uow.community_id,
        id=uow.new_id(),
        code=code,
        created_at=uow.now,
        updated_at=uow.now,
        **_columns(facts),
    )
    await repository.add_product(uow.session, product)
    return Shelf(product, 0, 0)


async def change_product(
    *, uow: UnitOfWork, principal: Principal, product_id: UUID, facts: ProductFacts, seen: str
) -> Shelf:
    """Replace what is said of a product; a redemption already made keeps its price.

    Locks/IO: the product's row.
    Errors: ForbiddenError; ProductNotFoundError; PreconditionError when it changed since it was read.
    """
    principal.require(*STOCKERS)
    product = await repository.get_for_update(uow.session, product_id)
    require_match(seen, product.version)
    for name, value in _columns(facts).items():
        setattr(product, name, value)
    product.version += 1
    product.updated_at = uow.now
    await uow.flush()
    return await repository.get_shelf(uow.session, principal, product_id)


def _columns(facts: ProductFacts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in ProductFacts.__slots__}


async def receive_batch(
    *,
    uow: UnitOfWork,
    principal: Principal,
    product_id: UUID,
    quantity: int,
    unit_cost_fen: Fen,
    fund_source: FundSource,
    supplier: str,
    keeps_until_on: date | None,
) -> Batch:
    """Enter goods that arrived, split over the product's buckets.

    Locks/IO: the product's row, so that its number of buckets does not change meanwhile.
    Errors: ForbiddenError; ProductNotFoundError.
    """
    principal.require(*STOCKERS)
    product = await repository.get_for_update(uow.session, product_id)
    batch = Batch(
        community_id=uow.community_id,
        id=uow.new_id(),
        product_id=product_id,
        quantity=quantity,
        unit_cost_fen=unit_cost_fen,
        fund_source=fund_source,
        supplier=supplier,
        keeps_until_on=keeps_until_on,
        received_by=principal.account_id,
        received_at=uow.now,
    )
    buckets = fill_buckets(quantity, product.buckets)
    await repository.add_batch(uow.session, batch, buckets, [uow.new_id() for _ in buckets])
    return batch


async def list_shelves(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, category: str | None, state: ProductState | None
) -> Slice[Shelf]:
    """Return products the caller may see, with their stock."""
    return await repository.list_shelves(uow.session, principal, page, category=category, state=state)


async def get_shelf(*, uow: UnitOfWork, principal: Principal, product_id: UUID) -> Shelf:
    """Return a product with its stock.

    Errors: ProductNotFoundError.
    """
    return await repository.get_shelf(uow.session, principal, product_id)


async def list_batches(*, uow: UnitOfWork, principal: Principal, product_id: UUID) -> list[BatchStock]:
    """Return where the pieces of each batch are.

    Errors: ForbiddenError; ProductNotFoundError.
    """
    principal.require(*STOCKERS, Role.SUPERVISOR)
    await repository.get_shelf(uow.session, principal, product_id)
    return await repository.list_batches(uow.session, product_id)


async def hand_over(
    *, uow: UnitOfWork, product_id: UUID, batch_id: UUID, bucket_number: int, quantity: int, cause_id: UUID, actor: UUID
) -> None:
    """Move reserved pieces to the household that picks them up.

    Locks/IO: the bucket's row; call it last.
    """
    await repository.move_stock(
        uow.session,
        StockMove(
            community_id=uow.community_id,
            id=uow.new_id(),
            product_id=product_id,
            batch_id=batch_id,
            bucket_number=bucket_number,
            source="reserved",
            destination="household",
            quantity=quantity,
            cause_id=cause_id,
            acting_account_id=actor,
            created_at=uow.now,
        ),
    )


async def take_back(
    *,
    uow: UnitOfWork,
    product_id: UUID,
    batch_id: UUID,
    bucket_number: int,
    quantity: int,
    cause_id: UUID,
    actor: UUID,
    is_resellable: bool,
    reason: str,
) -> None:
    """Move returned pieces back to the shelf, or to the losses when they cannot be given to anybody else.

    Locks/IO: the bucket's row; call it last.
    """
    await repository.move_stock(
        uow.session,
        StockMove(
            community_id=uow.community_id,
            id=uow.new_id(),
            product_id=product_id,
            batch_id=batch_id,
            bucket_number=bucket_number,
            source="household",
            destination="shelf" if is_resellable else "loss",
            quantity=quantity,
            cause_id=cause_id,
            reason=reason,
            acting_account_id=actor,
            created_at=uow.now,
        ),
    )
