"""Rules of the store that need no database."""

from enum import StrEnum


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
