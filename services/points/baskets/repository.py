"""Every statement of baskets; the one that counts is `basket.sql`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.baskets.domain import Line
from services.points.baskets.errors import BasketNotFoundError
from services.points.baskets.models import Basket, BasketLine
from shared.db import Database

REDEEM_BASKET: Final = "SELECT points.redeem_basket($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9, $10)"


async def redeem_basket(
    database: Database,
    *,
    community_id: UUID,
    household_id: UUID,
    account_id: UUID,
    basket_id: UUID,
    lines: Sequence[tuple[Line, UUID]],
    codes: Sequence[str],
    key: str | None,
    request_hash: bytes,
    now: datetime,
    trace: str | None,
) -> dict[str, Any]:
    """Redeem all lines in one round trip and return the outcome as `basket.sql` describes it.

    Locks/IO: a transaction of its own; lock order in `redeem.sql`, product by product.
    Idempotency: by `key`, refusals included.
    """
    written = [
        {
            "product_id": str(line.product_id),
            "quantity": line.quantity,
            "price_points": line.expected_price,
            "cash_fen": line.expected_cash,
            "redemption_id": str(redemption_id),
        }
        for line, redemption_id in lines
    ]
    outcome: dict[str, Any] = await database.call(
        REDEEM_BASKET,
        community_id,
        household_id,
        account_id,
        basket_id,
        written,
        codes,
        key,
        request_hash,
        now,
        trace,
    )
    return outcome


async def get(session: AsyncSession, basket_id: UUID) -> Basket:
    """Return a basket.

    Errors: BasketNotFoundError.
    """
    basket = (await session.execute(select(Basket).where(col(Basket.id) == basket_id))).scalar_one_or_none()
    if basket is None:
        raise BasketNotFoundError
    return basket


async def find_basket_of(session: AsyncSession, redemption_id: UUID) -> UUID | None:
    """Return the basket a redemption came in, or None for one that stands alone."""
    statement = select(col(BasketLine.basket_id)).where(col(BasketLine.redemption_id) == redemption_id)
    basket_id: UUID | None = (await session.execute(statement)).scalar_one_or_none()
    return basket_id


async def list_redemption_ids(session: AsyncSession, basket_id: UUID) -> Sequence[UUID]:
    """Return the redemptions of a basket, lowest id first."""
    statement = (
        select(col(BasketLine.redemption_id))
        .where(col(BasketLine.basket_id) == basket_id)
        .order_by(col(BasketLine.redemption_id))
    )
    return (await session.execute(statement)).scalars().all()
