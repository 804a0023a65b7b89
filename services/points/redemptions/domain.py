"""The life of a redemption: reserved, made ready, picked up, perhaps returned; or fitted at home and accepted; or cancelled, or expired."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from services.points.histories.domain import Span
from services.points.redemptions.errors import (
    CancelReasonMissingError,
    CashDueError,
    ExportSpanError,
    OwnCounterError,
    RedemptionExpiredError,
)
from services.points.steps.domain import Step
from services.points.stock.domain import Goods
from shared.kernel.clock import CHINA
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded
from shared.kernel.values import Fen, Points

LONGEST_EXPORT: Final = timedelta(days=366)
BY_PROXY: Final = "由人代取"


class State(Worded):
    RESERVED = "reserved", "已预留"
    READY = "ready", "已备货"
    SCHEDULED = "scheduled", "已约安装"
    PICKED_UP = "picked_up", "已领取"
    INSTALLED = "installed", "已安装"
    ACCEPTED = "accepted", "已验收"
    RETURNED = "returned", "已退回"
    CANCELLED = "cancelled", "已取消"
    EXPIRED = "expired", "已过期"


OPEN = (State.RESERVED, State.READY, State.SCHEDULED)
"""States in which points and stock are held."""

WITH_CODE = (State.RESERVED, State.READY)
"""States in which the pickup code opens; what property has arranged to fit is not handed out at the counter too."""


class Action(Worded):
    PREPARE = "prepare", "备货"
    PICK_UP = "pick_up", "领取"
    SCHEDULE = "schedule", "约上门时间"
    INSTALL = "install", "登记装好"
    ACCEPT = "accept", "验收"
    CANCEL = "cancel", "取消"
    EXPIRE = "expire", "到期作废"
    REFUSE = "refuse", "不予安装"
    RETURN = "return", "退货"
    RENEW_CODE = "renew_code", "换取货码"


class Actor(StrEnum):
    BUYER = "buyer"
    STOREKEEPER = "storekeeper"
    VOLUNTEER = "volunteer"
    PROPERTY = "property"
    CLOCK = "clock"


LIFE = StateMachine[State, Action, Actor](
    transitions={
        (State.RESERVED, Action.PREPARE): State.READY,
        (State.RESERVED, Action.PICK_UP): State.PICKED_UP,
        (State.READY, Action.PICK_UP): State.PICKED_UP,
        (State.RESERVED, Action.CANCEL): State.CANCELLED,
        (State.READY, Action.CANCEL): State.CANCELLED,
        (State.RESERVED, Action.EXPIRE): State.EXPIRED,
        (State.READY, Action.EXPIRE): State.EXPIRED,
        (State.PICKED_UP, Action.RETURN): State.RETURNED,
        (State.RESERVED, Action.SCHEDULE): State.SCHEDULED,
        (State.SCHEDULED, Action.SCHEDULE): State.SCHEDULED,
        (State.SCHEDULED, Action.INSTALL): State.INSTALLED,
        (State.SCHEDULED, Action.CANCEL): State.CANCELLED,
        (State.SCHEDULED, Action.EXPIRE): State.EXPIRED,
        (State.RESERVED, Action.REFUSE): State.CANCELLED,
        (State.READY, Action.REFUSE): State.CANCELLED,
        (State.SCHEDULED, Action.REFUSE): State.CANCELLED,
        (State.INSTALLED, Action.ACCEPT): State.ACCEPTED,
        (State.INSTALLED, Action.RETURN): State.RETURNED,
        (State.ACCEPTED, Action.RETURN): State.RETURNED,
        (State.RESERVED, Action.RENEW_CODE): State.RESERVED,
        (State.READY, Action.RENEW_CODE): State.READY,
    },
    actors={
        Action.PREPARE: frozenset({Actor.STOREKEEPER}),
        Action.PICK_UP: frozenset({Actor.STOREKEEPER, Actor.VOLUNTEER}),
        Action.SCHEDULE: frozenset({Actor.PROPERTY}),
        Action.INSTALL: frozenset({Actor.PROPERTY}),
        Action.ACCEPT: frozenset({Actor.BUYER, Actor.CLOCK}),
        Action.CANCEL: frozenset({Actor.BUYER, Actor.STOREKEEPER}),
        Action.EXPIRE: frozenset({Actor.CLOCK}),
        Action.REFUSE: frozenset({Actor.PROPERTY}),
        Action.RETURN: frozenset({Actor.STOREKEEPER}),
        Action.RENEW_CODE: frozenset({Actor.BUYER, Actor.STOREKEEPER}),
    },
)


@dataclass(frozen=True, slots=True)
class Redemption:
    """A household's claim on goods; points and stock are held for it while it is open."""

    id: UUID
    household_id: UUID
    account_id: UUID
    product_id: UUID
    product_name: str
    quantity: int
    points: Points
    batch_id: UUID
    bucket_number: int
    hold_id: UUID
    state: State
    pickup_code: str
    expires_at: datetime
    created_at: datetime
    ended_at: datetime | None
    proxy_name: str | None
    reason: str
    proxy_for: str | None = None
    handed_over_by: UUID | None = None
    taken_back_by: UUID | None = None
    taken_back_at: datetime | None = None
    cash_fen: Fen = Fen(0)
    cash_received_fen: Fen = Fen(0)

    @property
    def cash_returned_fen(self) -> Fen:
        """What went back with the points: all that was received, once the goods are back."""
        return self.cash_received_fen if self.state is State.RETURNED else Fen(0)

    def seen_at(self, now: datetime) -> "Redemption":
        """Return it as anybody sees it now: past its time it is expired, whether or not the clock has come by."""
        is_over = has_code(self.state) and self.expires_at <= now
        return replace(self, state=State.EXPIRED) if is_over else self

    @property
    def goods(self) -> Goods:
        """The pieces set aside for it, and where they lie."""
        return Goods(self.product_id, self.batch_id, self.bucket_number, self.quantity)

    def told(self) -> dict[str, Any]:
        """Return what others are told of it when it is handed over or comes back."""
        names = ("household_id", "product_name", "quantity", "points")
        return {"redemption_id": self.id, **{name: getattr(self, name) for name in names}}

    def first_step(self) -> Step:
        """Return how it came to be, which its own row says, so that reserving writes no step."""
        return Step(self.id, "reserve", State.RESERVED, self.account_id, "", self.created_at)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which redemptions are asked for: of one state, of one household, made in a time, of one product or one batch of it."""

    state: State | None
    household_id: UUID | None
    span: Span
    product_id: UUID | None = None
    batch_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Pickup:
    """One redemption to hand over, who came for the household when it was not a member, and how it went when not at the counter."""

    redemption: Redemption
    proxy_name: str | None = None
    remark: str = ""

    @property
    def reason(self) -> str:
        """How it was handed over, for the record, which names nobody: the redemption does."""
        return self.remark or (BY_PROXY if self.proxy_name else "")


def acting_as(principal: Principal, redemption: Redemption) -> frozenset[Actor]:
    """Return what the caller is to this redemption."""
    actors = set()
    if principal.household_id == redemption.household_id:
        actors.add(Actor.BUYER)
    if principal.has(Role.STOREKEEPER):
        actors.add(Actor.STOREKEEPER)
    return frozenset(actors)


def check_reason(actors: frozenset[Actor], reason: str) -> None:
    """See that whoever gives up goods of others says why.

    Errors: CancelReasonMissingError.
    """
    if Actor.STOREKEEPER in actors and Actor.BUYER not in actors and not reason.strip():
        raise CancelReasonMissingError


def decide(redemption: Redemption, action: Action, actors: frozenset[Actor], now: datetime) -> State:
    """Return the state the action leads to.

    At the counter nobody serves their own household, and a hold past its time is over even before the sweep has come by.

    Errors: ForbiddenError, WrongStateError, OwnCounterError, RedemptionExpiredError.
    Source: points.md I15 (storekeeper ≠ buyer).
    """
    state = LIFE.perform(redemption.state, action, actors)
    at_the_counter = action in {Action.PREPARE, Action.PICK_UP, Action.RETURN}
    if at_the_counter and Actor.BUYER in actors:
        raise OwnCounterError
    if action in {Action.PREPARE, Action.PICK_UP, Action.RENEW_CODE} and now >= redemption.expires_at:
        raise RedemptionExpiredError
    return state


def check_cash(due: Fen, received: Fen) -> None:
    """Pass when who hands goods over got the cash that is due for them, no less and no more.

    Errors: CashDueError.
    """
    if received != due:
        raise CashDueError(cash_fen=due, cash_yuan=f"{due // 100}.{due % 100:02}")


def span_of(from_on: date, to_on: date) -> tuple[datetime, datetime]:
    """Return the moments at which the first of these days begins and the last one ends in China.

    Errors: ExportSpanError when they are the wrong way round or more than a year apart.
    """
    if not timedelta(0) <= to_on - from_on <= LONGEST_EXPORT:
        raise ExportSpanError(most_days=LONGEST_EXPORT.days)
    return datetime.combine(from_on, time(), CHINA), datetime.combine(to_on + timedelta(days=1), time(), CHINA)


def is_open(state: State) -> bool:
    """Tell whether points and stock are still held."""
    return state in OPEN


def has_code(state: State) -> bool:
    """Tell whether the pickup code still opens."""
    return state in WITH_CODE
