"""What people read in the books: balances, statements, who earned what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from services.points.histories.errors import DaysReversedError
from services.points.ledger.domain import Asset, TransferKind
from shared.kernel.clock import CHINA

KIND_NAMES: Final[Mapping[str, str]] = {
    TransferKind.OPENING: "建档",
    TransferKind.CLAIM: "申报入账",
    TransferKind.DEDUCTION: "扣分",
    TransferKind.REDEMPTION: "兑换",
    TransferKind.RETURN: "退货",
    TransferKind.REVERSAL: "更正",
    TransferKind.EXPIRY: "到期",
    TransferKind.ARREARS: "暂记欠分",
    TransferKind.REPAYMENT: "归还欠分",
    TransferKind.GIG_ESCROW: "零工预付",
    TransferKind.GIG_PAY: "零工报酬",
    TransferKind.GIG_REFUND: "零工退回",
    TransferKind.TIME_CREDIT: "时间存入",
    TransferKind.TIME_GIFT: "时间赠与",
    TransferKind.TIME_DONATION: "时间捐赠",
    TransferKind.TIME_EXCHANGE: "时间兑换",
    TransferKind.TIME_ISSUE: "时间发放",
    TransferKind.TIME_GRANT: "时间补助",
    TransferKind.TIME_ESCROW: "时间预付",
    TransferKind.TIME_REFUND: "时间退回",
    TransferKind.ADOPTION: "认领管护",
    TransferKind.VOUCHER: "商家代金券",
    TransferKind.SETTLEMENT: "商家结算",
    TransferKind.AWARD: "评优奖励",
    TransferKind.DELIVERY: "送货上门",
    TransferKind.MERGE: "并户",
    TransferKind.SPLIT: "分户",
    TransferKind.PERIOD: "考评",
    TransferKind.BUDGET: "预算",
    "hold": "预留或放回",
}


EVERYBODY: Final = "全家"
"""Who stands for what nobody in particular did."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What a household has in one asset; `available` already counts holds that are past their time as released."""

    asset: Asset
    available: int
    held: int


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One line of a statement with the balance after it."""

    id: UUID
    created_at: datetime
    event_at: datetime
    kind: str
    summary: str
    amount: int
    available_after: int
    held_after: int
    version: int
    acting_account_id: UUID | None
    source_id: UUID | None
    reverses_id: UUID | None
    rule_version: int | None
    resident_ids: tuple[UUID, ...] = ()
    """Who of the household earned or spent it; nobody in particular when empty."""
    names: tuple[str, ...] = ()

    @property
    def people(self) -> str:
        """The names of who earned or spent it, or the whole household."""
        return "、".join(self.names) or EVERYBODY


@dataclass(frozen=True, slots=True)
class Earner:
    """What one person brought to the household's account, and what was spent through them; `resident_id` None is nobody in particular.

    What several did together counts for each in equal parts; the odd points go to those named first.
    """

    resident_id: UUID | None
    name: str
    received: int
    spent: int
    lines: int


@dataclass(frozen=True, slots=True)
class Span:
    """The time between two moments, from the first one on and before the second; None is without end."""

    begins_at: datetime | None = None
    ends_at: datetime | None = None


def check_days(from_on: date | None, to_on: date | None) -> None:
    """Pass when the first day does not come after the last one.

    Errors: DaysReversedError.
    """
    if from_on is not None and to_on is not None and from_on > to_on:
        raise DaysReversedError


def span_of(from_on: date | None, to_on: date | None) -> Span:
    """Return the time of whole days as China counts them, both included.

    Errors: DaysReversedError.
    """
    check_days(from_on, to_on)
    return Span(
        None if from_on is None else datetime.combine(from_on, time(), CHINA),
        None if to_on is None or to_on == date.max else datetime.combine(to_on + timedelta(days=1), time(), CHINA),
    )
