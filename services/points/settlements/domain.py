"""The life of a shop's monthly settlement: drafted, confirmed by the shop, confirmed by the community, paid."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.points.settlements.errors import MonthInvalidError, SettlementMismatchError, SettlementRecusedError
from shared.kernel.clock import CHINA
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded
from shared.kernel.values import Fen, Points


class State(Worded):
    DRAFTED = "drafted", "等商家核对"
    DISPUTED = "disputed", "有异议"
    MERCHANT_CONFIRMED = "merchant_confirmed", "商家已确认"
    COMMUNITY_CONFIRMED = "community_confirmed", "社区已确认"
    PAID = "paid", "已付款"


class Action(Worded):
    CONFIRM = "confirm", "商家确认"
    DISPUTE = "dispute", "提出异议"
    ANSWER = "answer", "答复异议"
    COUNTERSIGN = "countersign", "社区确认"
    PAY = "pay", "付款"


class Actor(StrEnum):
    SHOP = "shop"
    COMMITTEE = "committee"
    TREASURER = "treasurer"


LIFE = StateMachine[State, Action, Actor](
    transitions={
        (State.DRAFTED, Action.CONFIRM): State.MERCHANT_CONFIRMED,
        (State.DRAFTED, Action.DISPUTE): State.DISPUTED,
        (State.DISPUTED, Action.ANSWER): State.DRAFTED,
        (State.MERCHANT_CONFIRMED, Action.DISPUTE): State.DISPUTED,
        (State.MERCHANT_CONFIRMED, Action.COUNTERSIGN): State.COMMUNITY_CONFIRMED,
        (State.COMMUNITY_CONFIRMED, Action.PAY): State.PAID,
    },
    actors={
        Action.CONFIRM: frozenset({Actor.SHOP}),
        Action.DISPUTE: frozenset({Actor.SHOP, Actor.COMMITTEE}),
        Action.ANSWER: frozenset({Actor.COMMITTEE}),
        Action.COUNTERSIGN: frozenset({Actor.COMMITTEE}),
        Action.PAY: frozenset({Actor.TREASURER}),
    },
)


FOR_COMMUNITY = frozenset({Action.ANSWER, Action.COUNTERSIGN, Action.PAY})
"""Acts that no shop does for the community."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a shop is owed for a month; `month` is its first day."""

    id: UUID
    merchant_id: UUID
    merchant_name: str
    month: date
    vouchers: int
    points: Points
    value_fen: Fen
    state: State
    drafted_by: UUID | None
    confirmed_by: UUID | None
    countersigned_by: UUID | None
    paid_by: UUID | None
    payment_reference: str
    transfer_id: UUID | None
    reason: str
    created_at: datetime
    paid_at: datetime | None


def acting_as(principal: Principal, settlement: Settlement, own_shop: UUID | None) -> frozenset[Actor]:
    """Return what the caller is to this settlement; `own_shop` is the shop its account stands for."""
    actors = set()
    if own_shop == settlement.merchant_id:
        actors.add(Actor.SHOP)
    if principal.has(Role.COMMITTEE_MEMBER, Role.SUPERVISOR):
        actors.add(Actor.COMMITTEE)
    if principal.has(Role.COMMUNITY_ADMIN):
        actors.add(Actor.TREASURER)
    return frozenset(actors)


def decide(settlement: Settlement, action: Action, principal: Principal, own_shop: UUID | None) -> State:
    """Return the state the action leads to.

    Errors: ForbiddenError, WrongStateError; SettlementRecusedError for a shop that acts for the community, and for one person who
        would both countersign and pay.
    Source: points.md I15 (clerk ≠ approver).
    """
    state = LIFE.perform(settlement.state, action, acting_as(principal, settlement, own_shop))
    if _is_recused(settlement, action, principal, own_shop):
        raise SettlementRecusedError
    return state


def _is_recused(settlement: Settlement, action: Action, principal: Principal, own_shop: UUID | None) -> bool:
    is_shop = own_shop == settlement.merchant_id or principal.account_id == settlement.confirmed_by
    pays_own_signature = action is Action.PAY and principal.account_id == settlement.countersigned_by
    return action in FOR_COMMUNITY and (is_shop or pays_own_signature)


def allowed_actions(settlement: Settlement, principal: Principal, own_shop: UUID | None) -> list[Action]:
    """Return what the caller could do with a settlement now."""
    actions = LIFE.actions(settlement.state, acting_as(principal, settlement, own_shop))
    return [action for action in actions if not _is_recused(settlement, action, principal, own_shop)]


def next_month(month: date) -> date:
    """Return the first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def previous_month(day: date) -> date:
    """Return the first day of the month before the one a day is in."""
    return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)


def ends_at(month: date) -> datetime:
    """Return the moment a month is over in China."""
    following = next_month(month)
    return datetime(following.year, following.month, 1, tzinfo=CHINA)


def check_month(month: date, today: date) -> None:
    """Pass when a month may be settled: named by its first day, and over.

    Errors: MonthInvalidError.
    """
    if month.day != 1 or month.year > today.year or next_month(month) > today:
        raise MonthInvalidError


def check_books(unpaid: Points, balance: int) -> None:
    """Pass when the vouchers not paid yet come to exactly what the shop's account holds.

    Errors: SettlementMismatchError.
    """
    if unpaid != balance:
        raise SettlementMismatchError(vouchers=unpaid, ledger=balance)
