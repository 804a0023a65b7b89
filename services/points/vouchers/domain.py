"""The life of a shop voucher: issued, used at the shop, or expired, or refunded."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.points.vouchers.errors import OwnShopError, VoucherExpiredError, VoucherSettledError
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded
from shared.kernel.values import Fen, Points


class State(Worded):
    ISSUED = "issued", "未使用"
    USED = "used", "已使用"
    EXPIRED = "expired", "已过期"
    REFUNDED = "refunded", "已退回"


LIVE = (State.ISSUED, State.USED)
"""States that count towards limits."""


class Action(Worded):
    USE = "use", "使用"
    GIVE_UP = "give_up", "退券"
    TAKE_BACK = "take_back", "撤销核销"
    EXPIRE = "expire", "到期作废"


class Actor(StrEnum):
    HOLDER = "holder"
    SHOP = "shop"
    CLOCK = "clock"


LIFE = StateMachine[State, Action, Actor](
    transitions={
        (State.ISSUED, Action.USE): State.USED,
        (State.ISSUED, Action.GIVE_UP): State.REFUNDED,
        (State.ISSUED, Action.EXPIRE): State.EXPIRED,
        (State.USED, Action.TAKE_BACK): State.REFUNDED,
    },
    actors={
        Action.USE: frozenset({Actor.SHOP}),
        Action.GIVE_UP: frozenset({Actor.HOLDER}),
        Action.EXPIRE: frozenset({Actor.CLOCK}),
        Action.TAKE_BACK: frozenset({Actor.SHOP}),
    },
)


@dataclass(frozen=True, slots=True)
class Voucher:
    """A household's right at a shop; its points are held while it is issued."""

    id: UUID
    offer_id: UUID
    merchant_id: UUID
    merchant_name: str
    household_id: UUID
    account_id: UUID
    title: str
    points: Points
    value_fen: Fen
    discount_percent: int | None
    code: str
    state: State
    hold_id: UUID | None
    transfer_id: UUID | None
    expires_at: datetime
    created_at: datetime
    used_at: datetime | None
    used_by: UUID | None
    bill_fen: Fen | None
    ended_at: datetime | None
    settlement_id: UUID | None
    reason: str


def acting_as(principal: Principal, voucher: Voucher, own_shop: UUID | None) -> frozenset[Actor]:
    """Return what the caller is to this voucher; `own_shop` is the shop its account stands for."""
    actors = set()
    if principal.household_id == voucher.household_id:
        actors.add(Actor.HOLDER)
    if own_shop == voucher.merchant_id:
        actors.add(Actor.SHOP)
    return frozenset(actors)


def decide(voucher: Voucher, action: Action, actors: frozenset[Actor], now: datetime) -> State:
    """Return the state the action leads to.

    Errors: ForbiddenError, WrongStateError; OwnShopError at the own counter; VoucherExpiredError past its time even before the sweep;
        VoucherSettledError for one a settlement already counts.
    """
    state = LIFE.perform(voucher.state, action, actors)
    if action in {Action.USE, Action.TAKE_BACK} and Actor.HOLDER in actors:
        raise OwnShopError
    if action is Action.USE and now >= voucher.expires_at:
        raise VoucherExpiredError
    if action is Action.TAKE_BACK and voucher.settlement_id is not None:
        raise VoucherSettledError
    return state


WATCHERS = (Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER, Role.SUPERVISOR)
"""Who runs and watches the alliance, and so sees every voucher."""


def sees_all(principal: Principal) -> bool:
    """Tell whether somebody runs or watches the alliance."""
    return principal.has(*WATCHERS)
