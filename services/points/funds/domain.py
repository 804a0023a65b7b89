"""What a points fund is: money from one source that pays for goods, every fen of it public."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.points.funds.errors import FundDateError, FundSourceError
from shared.kernel.values import Fen


class FundSource(StrEnum):
    """Who paid: 财政资金, 社会捐赠, 集体收入."""

    FISCAL = "fiscal"
    DONATION = "donation"
    COLLECTIVE = "collective"


SOURCE_NAMES: Final[Mapping[FundSource, str]] = {
    FundSource.FISCAL: "财政资金",
    FundSource.DONATION: "社会捐赠",
    FundSource.COLLECTIVE: "集体收入",
}


class AccountKind(StrEnum):
    """The fund itself, where its money comes from, and where it goes to."""

    FUND = "fund"
    INCOME = "income"
    SPENDING = "spending"


class FundTransferKind(StrEnum):
    INCOME = "income"
    SPENDING = "spending"
    REVERSAL = "reversal"


@dataclass(frozen=True, slots=True)
class PublicFund:
    """A fund as everybody may see it; income − spending = balance."""

    id: UUID
    name: str
    source: FundSource
    income_fen: Fen
    spending_fen: Fen
    balance_fen: Fen


def require_same_source(fund: FundSource, batch: FundSource) -> None:
    """Pass when the goods are booked as paid from the kind of money the fund holds.

    Errors: FundSourceError.
    """
    if fund != batch:
        raise FundSourceError(fund_source=fund.value, batch_source=batch.value)


def require_past(happened_on: date, today: date) -> None:
    """Pass when the money has come already.

    Errors: FundDateError.
    """
    if happened_on > today:
        raise FundDateError
