"""Rules of the store that need no database."""

from enum import StrEnum

from shared.kernel.values import split_by_weights


class ProductState(StrEnum):
    """Whether residents can redeem it."""

    DRAFT = "draft"
    ON_SALE = "on_sale"
    WITHDRAWN = "withdrawn"


class ProductKind(StrEnum):
    GOODS = "goods"
    INSTALLATION = "installation"
    SERVICE = "service"
    HONOUR = "honour"


class FundSource(StrEnum):
    """Who paid: 财政资金, 社会捐赠, 集体收入."""

    FISCAL = "fiscal"
    DONATION = "donation"
    COLLECTIVE = "collective"


def fill_buckets(quantity: int, buckets: int) -> list[int]:
    """Return how many pieces each bucket of a batch starts with; they add up to the quantity.

    More buckets than pieces would only be empty rows to look through, so there are at most as many as pieces.
    """
    return split_by_weights(quantity, [1] * min(buckets, quantity))
