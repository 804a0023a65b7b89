"""Rules of the ledger that need no database: what a household starts with, and how a line is hashed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from services.points.ledger.errors import AmountInvalidError
from shared.kernel.values import Points


class Asset(StrEnum):
    """What an account counts: 评议分, 兑换分, or minutes of volunteer time."""

    STANDING = "standing"
    SPENDABLE = "spendable"
    TIME = "time"


class AccountKind(StrEnum):
    """Whose account it is. All but system accounts carry a live balance."""

    HOUSEHOLD = "household"
    RESIDENT = "resident"
    ESCROW = "escrow"
    MERCHANT = "merchant"
    POOL = "pool"
    ARREARS = "arrears"
    """What a household owes: never above zero."""
    SYSTEM = "system"


class TransferKind(StrEnum):
    OPENING = "opening"
    CLAIM = "claim"
    DEDUCTION = "deduction"
    REDEMPTION = "redemption"
    RETURN = "return"
    REVERSAL = "reversal"
    EXPIRY = "expiry"
    ARREARS = "arrears"
    REPAYMENT = "repayment"
    GIG_ESCROW = "gig_escrow"
    GIG_PAY = "gig_pay"
    GIG_REFUND = "gig_refund"
    TIME_CREDIT = "time_credit"
    TIME_GIFT = "time_gift"
    TIME_DONATION = "time_donation"
    TIME_EXCHANGE = "time_exchange"
    TIME_ISSUE = "time_issue"
    TIME_GRANT = "time_grant"
    TIME_ESCROW = "time_escrow"
    TIME_REFUND = "time_refund"
    ADOPTION = "adoption"
    VOUCHER = "voucher"
    SETTLEMENT = "settlement"
    AWARD = "award"
    DELIVERY = "delivery"
    MERGE = "merge"
    SPLIT = "split"
    PERIOD = "period"
    BUDGET = "budget"


class SystemAccount(StrEnum):
    """The community's own accounts: sums of their lines, so that no row of theirs is ever hot."""

    ISSUANCE = "issuance"
    STORE = "store"
    EXPIRED = "expired"
    EXCHANGE = "exchange"
    """Where volunteer time goes that was exchanged for goods."""
    SETTLED = "settled"
    """Where merchants' points go that were paid out in money."""


class HoldOutcome(StrEnum):
    CAPTURED = "captured"
    RELEASED = "released"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Deduction:
    """What a deduction took. Standing in full; spendable points as far as there were any, the rest owed (`arrears`)."""

    standing_taken: Points
    spendable_taken: Points
    arrears: Points
    standing_transfer_id: UUID
    spendable_transfer_id: UUID


@dataclass(frozen=True, slots=True)
class Posting:
    """What a transfer says of itself, besides the two accounts."""

    transfer_id: UUID
    asset: Asset
    amount: Points
    kind: TransferKind
    source_id: UUID
    summary: str
    rule_version: int | None
    acting_account_id: UUID | None
    event_at: datetime
    created_at: datetime

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise AmountInvalidError


@dataclass(frozen=True, slots=True)
class OpeningPolicy:
    """What a household is given when its file is opened. Source: domain.md, 青龙泉: 100 points a household, also to spend."""

    standing: Points = Points(100)
    base_spendable: Points = Points(100)

    def spendable_of(self, *, is_formed: bool) -> Points:
        """Return what a household can spend from the first day; one formed out of another has its share of what that one has."""
        return Points(0) if is_formed else self.base_spendable


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a live account as it is hashed; `digest` stands for all its transfer says, None for a hold."""

    account_id: UUID
    version: int
    digest: str | None
    hold_id: UUID | None
    amount: int
    available_after: int
    held_after: int
    created_at: datetime
    previous_hash: bytes
    hash: bytes


def micros(moment: datetime) -> int:
    """Return microseconds since 1970, which are free of time zones."""
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def digest_of(posting: Posting, *, from_account_id: UUID, to_account_id: UUID, reverses_id: UUID | None) -> str:
    """Return the hash over everything a transfer says; the same text is built by `transfer_digest` in ledger.sql."""
    fields = (
        posting.transfer_id,
        posting.asset,
        posting.kind,
        posting.amount,
        from_account_id,
        to_account_id,
        posting.source_id,
        "-" if posting.rule_version is None else posting.rule_version,
        posting.acting_account_id or "-",
        reverses_id or "-",
        micros(posting.event_at),
        micros(posting.created_at),
        posting.summary,
    )
    return hashlib.sha256("|".join(str(field) for field in fields).encode()).hexdigest()


def genesis(account_id: UUID) -> bytes:
    """Return the hash before an account's first line; it binds the chain to its account."""
    return hashlib.sha256(b"diyuan.points.account\0" + account_id.bytes).digest()


def hash_of(line: Line) -> bytes:
    """Return the hash a line must have: SHA-256 of the line before it and of its own fields.

    The same text is built by `line_text` in ledger.sql.
    """
    fields = (
        line.account_id,
        line.version,
        line.digest or "-",
        line.hold_id or "-",
        line.amount,
        line.available_after,
        line.held_after,
        micros(line.created_at),
    )
    return hashlib.sha256(line.previous_hash + "|".join(str(field) for field in fields).encode()).digest()


def find_break(account_id: UUID, lines: Sequence[Line]) -> int | None:
    """Return the version of the first line that does not follow from the one before it, or None for a sound chain.

    `lines` are all lines of the account, oldest first.
    """
    if lines and (lines[0].version != 1 or lines[0].previous_hash != genesis(account_id)):
        return lines[0].version
    for line in lines:
        if line.hash != hash_of(line):
            return line.version
    for earlier, later in pairwise(lines):
        if later.previous_hash != earlier.hash or later.version != earlier.version + 1:
            return later.version
        if later.available_after + later.held_after != earlier.available_after + earlier.held_after + later.amount:
            return later.version
    return None
