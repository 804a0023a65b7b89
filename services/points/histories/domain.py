"""What people read in the books: balances, statements, who earned what."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.points.histories.errors import DaysReversedError
from services.points.ledger.domain import Asset, TransferKind
from shared.kernel.clock import CHINA

HOLD: Final = "hold"
"""The kind of a line that only sets points aside, or frees them."""

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
    HOLD: "预留或放回",
}


class Origin(StrEnum):
    """What tells whose doing a line is."""

    CLAIM = "claim"
    """Who took part in it."""
    REDEMPTION = "redemption"
    """Who asked for the goods."""
    VOUCHER = "voucher"
    GIG_PLACE = "gig_place"
    """Who did the work; so of the two below."""
    ADOPTION_DUTY = "adoption_duty"
    DELIVERY = "delivery"
    AWARD = "award"
    """Who is honoured; nobody in particular when the whole household is."""
    ACCOUNT = "account"
    """Nothing but the account that entered it; nobody when the clock did."""


ORIGINS: Final[Mapping[str, Origin]] = {
    TransferKind.OPENING: Origin.ACCOUNT,
    TransferKind.CLAIM: Origin.CLAIM,
    TransferKind.DEDUCTION: Origin.CLAIM,
    TransferKind.REDEMPTION: Origin.REDEMPTION,
    TransferKind.RETURN: Origin.REDEMPTION,
    TransferKind.REVERSAL: Origin.ACCOUNT,
    TransferKind.EXPIRY: Origin.ACCOUNT,
    TransferKind.ARREARS: Origin.ACCOUNT,
    TransferKind.REPAYMENT: Origin.ACCOUNT,
    TransferKind.GIG_ESCROW: Origin.ACCOUNT,
    TransferKind.GIG_PAY: Origin.GIG_PLACE,
    TransferKind.GIG_REFUND: Origin.ACCOUNT,
    TransferKind.TIME_CREDIT: Origin.ACCOUNT,
    TransferKind.TIME_GIFT: Origin.ACCOUNT,
    TransferKind.TIME_DONATION: Origin.ACCOUNT,
    TransferKind.TIME_EXCHANGE: Origin.ACCOUNT,
    TransferKind.TIME_ISSUE: Origin.ACCOUNT,
    TransferKind.TIME_GRANT: Origin.ACCOUNT,
    TransferKind.TIME_ESCROW: Origin.ACCOUNT,
    TransferKind.TIME_REFUND: Origin.ACCOUNT,
    TransferKind.ADOPTION: Origin.ADOPTION_DUTY,
    TransferKind.VOUCHER: Origin.VOUCHER,
    TransferKind.SETTLEMENT: Origin.ACCOUNT,
    TransferKind.AWARD: Origin.AWARD,
    TransferKind.DELIVERY: Origin.DELIVERY,
    TransferKind.MERGE: Origin.ACCOUNT,
    TransferKind.SPLIT: Origin.ACCOUNT,
    TransferKind.PERIOD: Origin.ACCOUNT,
    TransferKind.BUDGET: Origin.ACCOUNT,
    HOLD: Origin.ACCOUNT,
}
"""What tells whose doing a line of each kind is; of a line that undoes another, the kind of that one counts."""

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
    doing_kind: str
    """Kind, source and account of the transfer that says whose doing it is: the line's own, or the one it undoes."""
    doing_source_id: UUID | None
    doing_account_id: UUID | None
    doers: tuple[tuple[UUID, str], ...] = ()
    """The residents who earned or spent it, with their names; nobody in particular when empty."""

    @property
    def origin(self) -> tuple[Origin, UUID | None]:
        """What tells whose doing it is, and the id of that."""
        origin = ORIGINS[self.doing_kind]
        return origin, self.doing_account_id if origin is Origin.ACCOUNT else self.doing_source_id

    @property
    def resident_ids(self) -> list[UUID]:
        """Who earned or spent it."""
        return [resident_id for resident_id, _ in self.doers]

    @property
    def people(self) -> str:
        """The names of who earned or spent it, or the whole household."""
        return "、".join(name for _, name in self.doers) or EVERYBODY


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


def earners_of(rows: Iterable[StatementRow]) -> list[Earner]:
    """Return what each person brought to an account and spent from it by its lines, who brought most first; holds are not counted."""
    shares: defaultdict[tuple[UUID | None, str], list[int]] = defaultdict(list)
    for row in rows:
        if row.kind == HOLD:
            continue
        doers = row.doers or [(None, EVERYBODY)]
        each, odd = divmod(abs(row.amount), len(doers))
        for place, doer in enumerate(doers):
            share = each + (place < odd)
            shares[doer].append(share if row.amount > 0 else -share)
    earners = [
        Earner(
            resident_id=resident_id,
            name=name,
            received=sum(share for share in parts if share > 0),
            spent=-sum(share for share in parts if share < 0),
            lines=len(parts),
        )
        for (resident_id, name), parts in shares.items()
    ]
    return sorted(earners, key=lambda one: (-one.received, one.resident_id is None, str(one.resident_id)))


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
