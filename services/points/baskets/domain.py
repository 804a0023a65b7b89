"""What a basket may hold, and in which order its lines are redeemed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.points.baskets.errors import BasketRepeatsProductError, BasketTooLargeError

MOST_LINES: Final = 50


@dataclass(frozen=True, slots=True)
class Line:
    """So many pieces of a product, at the price of one that the buyer has seen, in points and in cash."""

    product_id: UUID
    quantity: int
    expected_price: int | None
    expected_cash: int | None = None


def arrange(lines: Sequence[Line]) -> list[Line]:
    """Return the lines in the order in which everybody takes stock: by product.

    Errors: BasketTooLargeError; BasketRepeatsProductError.
    """
    if len(lines) > MOST_LINES:
        raise BasketTooLargeError(lines=len(lines), most=MOST_LINES)
    if len({line.product_id for line in lines}) < len(lines):
        raise BasketRepeatsProductError
    return sorted(lines, key=lambda line: line.product_id)
