"""Rules of stock that need no database: how pieces are spread over buckets, until when they may be given out, where they are taken from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.points.stock.errors import StockShortError
from shared.kernel.clock import CHINA
from shared.kernel.values import split_by_weights

MOST_BUCKETS: Final = 32
"""More sell no faster. Source: points.md §4, measured."""
RUSH: Final = 300
"""Redemptions of a bucket within `RUSH_WINDOW` from which on buyers are taken for queueing."""
RUSH_WINDOW: Final = timedelta(minutes=1)
QUIET: Final = timedelta(minutes=10)
"""After so long without a redemption a rush is over."""
PIECES_A_BUCKET: Final = 100
"""With fewer in each, stock is too low to be split: who waits for a bucket while it is split must still find a piece in it."""
BY_HAND: Final = timedelta(days=1)
"""For so long the number a storekeeper said stays."""


class LossKind(StrEnum):
    """Why pieces left the shelf without a household: 破损, 过期, 短少, 其他."""

    DAMAGED = "damaged"
    EXPIRED = "expired"
    MISSING = "missing"
    OTHER = "other"


LOSS_NAMES: Final[Mapping[LossKind, str]] = {
    LossKind.DAMAGED: "破损",
    LossKind.EXPIRED: "过期",
    LossKind.MISSING: "短少",
    LossKind.OTHER: "其他",
}
PLACE_NAMES: Final[Mapping[str, str]] = {
    "supplier": "供货方",
    "shelf": "货架",
    "reserved": "预留",
    "household": "住户",
    "loss": "损耗",
}


@dataclass(frozen=True, slots=True, order=True)
class Goods:
    """So many pieces of a batch in one bucket; they sort as buckets are locked."""

    product_id: UUID
    batch_id: UUID
    bucket_number: int
    quantity: int


def fill_buckets(quantity: int, buckets: int) -> list[int]:
    """Return how many pieces each bucket of a batch starts with; they add up to the quantity.

    More buckets than pieces would only be empty rows to look through, so there are at most as many as pieces.
    """
    return split_by_weights(quantity, [1] * min(buckets, quantity))


def sell_until(keeps_until_on: date | None) -> datetime | None:
    """Return the moment after which a batch is not given out any more: the end of its last day in China."""
    if keeps_until_on is None:
        return None
    return datetime.combine(keeps_until_on + timedelta(days=1), time(), CHINA)


def take_from(available: Mapping[int, int], quantity: int) -> list[tuple[int, int]]:
    """Return how many pieces to take from which bucket, lowest number first, until there are enough.

    Errors: StockShortError when all buckets together have fewer; pieces set aside for households are not touched.
    """
    free = sum(available.values())
    if free < quantity:
        raise StockShortError(needed=quantity, available=free)
    taken = []
    for number in sorted(available):
        pieces = min(available[number], quantity)
        if pieces:
            taken.append((number, pieces))
            quantity -= pieces
    return taken


@dataclass(frozen=True, slots=True)
class Demand:
    """How a product goes: redemptions within `RUSH_WINDOW`, pieces still free, time since somebody redeemed or changed it."""

    redeemed: int
    free: int
    idle: timedelta


def fit(buckets: int, demand: Demand) -> int:
    """Return in how many buckets stock should lie that lies in so many now.

    Twice as many while buyers queue and every bucket still has enough; one again when the rush is over, or when nobody redeems any more and
    stock is low.

    Source: points.md §4.
    """
    is_low = demand.free < PIECES_A_BUCKET * buckets
    if demand.idle >= QUIET or (demand.idle >= RUSH_WINDOW and is_low):
        return 1
    more = min(2 * buckets, MOST_BUCKETS)
    is_rush = demand.redeemed > RUSH * buckets and demand.free >= PIECES_A_BUCKET * more
    return max(buckets, more) if is_rush else buckets


def spread(available: Sequence[int], buckets: int) -> list[int]:
    """Return how the free pieces of a batch lie after it was split into, or merged to, so many buckets.

    The result is as long as the longer of both; buckets that are no longer wanted are empty and stay, because what was redeemed from them may
    come back to them.
    """
    total = sum(available)
    parts = split_by_weights(total, [1] * buckets)
    return parts + [0] * (len(available) - buckets)
