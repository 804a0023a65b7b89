"""Rules of the store that need no database."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from services.points.store.errors import CashWithInstallationError
from shared.kernel.values import Fen

FIRST_DAY: Final = date(1970, 1, 1)
"""With this day the first window of every length begins."""


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


def check_cash(kind: ProductKind, cash: Fen) -> None:
    """Pass when somebody will be there to take the cash part: at the counter, not at home where property fits the goods.

    Errors: CashWithInstallationError.
    """
    if cash and kind is ProductKind.INSTALLATION:
        raise CashWithInstallationError


@dataclass(frozen=True, slots=True)
class LimitWindow:
    """The days within which a household's limit is counted, both included."""

    begins_on: date
    ends_on: date

    @property
    def number(self) -> int:
        """By which `redeem.sql` keeps it: its first day, counted from 1970-01-01, so that windows of another length are others."""
        return (self.begins_on - FIRST_DAY).days


def limit_window(on: date, days: int) -> LimitWindow:
    """Return the window of so many days that a day of China's calendar lies in; one follows the other without gap or overlap.

    `points.limit_window` says the same in the database.
    """
    begins_on = on - timedelta(days=(on - FIRST_DAY).days % days)
    return LimitWindow(begins_on, begins_on + timedelta(days=days - 1))
