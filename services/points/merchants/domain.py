"""Allied shops and what they offer: who may join, and when an offer can be taken."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.points.kinships.domain import steps_aside
from services.points.merchants.errors import (
    MerchantRecusedError,
    OfferNotOpenError,
    OfferPeriodError,
    OfferTermsError,
)
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded
from shared.kernel.values import Fen, Points


class State(Worded):
    APPLIED = "applied", "等待审核"
    ACTIVE = "active", "正常营业"
    SUSPENDED = "suspended", "已暂停"
    REFUSED = "refused", "未通过"
    CLOSED = "closed", "已退出"


class Action(Worded):
    APPROVE = "approve", "审核通过"
    REFUSE = "refuse", "审核不通过"
    SUSPEND = "suspend", "暂停"
    RESUME = "resume", "恢复"
    CLOSE = "close", "退出"


class Actor(StrEnum):
    ADMIN = "admin"
    SHOP = "shop"


LIFE = StateMachine[State, Action, Actor](
    transitions={
        (State.APPLIED, Action.APPROVE): State.ACTIVE,
        (State.APPLIED, Action.REFUSE): State.REFUSED,
        (State.ACTIVE, Action.SUSPEND): State.SUSPENDED,
        (State.SUSPENDED, Action.RESUME): State.ACTIVE,
        (State.APPLIED, Action.CLOSE): State.CLOSED,
        (State.ACTIVE, Action.CLOSE): State.CLOSED,
        (State.SUSPENDED, Action.CLOSE): State.CLOSED,
    },
    actors={
        Action.APPROVE: frozenset({Actor.ADMIN}),
        Action.REFUSE: frozenset({Actor.ADMIN}),
        Action.SUSPEND: frozenset({Actor.ADMIN}),
        Action.RESUME: frozenset({Actor.ADMIN}),
        Action.CLOSE: frozenset({Actor.ADMIN, Actor.SHOP}),
    },
)


class OfferState(Worded):
    PROPOSED = "proposed", "等待审核"
    OPEN = "open", "发放中"
    REFUSED = "refused", "未通过"
    CLOSED = "closed", "已停发"


class OfferAction(Worded):
    OPEN = "open", "开始发放"
    REFUSE = "refuse", "审核不通过"
    CLOSE = "close", "停发"


OFFER_LIFE = StateMachine[OfferState, OfferAction, Actor](
    transitions={
        (OfferState.PROPOSED, OfferAction.OPEN): OfferState.OPEN,
        (OfferState.PROPOSED, OfferAction.REFUSE): OfferState.REFUSED,
        (OfferState.PROPOSED, OfferAction.CLOSE): OfferState.CLOSED,
        (OfferState.OPEN, OfferAction.CLOSE): OfferState.CLOSED,
    },
    actors={
        OfferAction.OPEN: frozenset({Actor.ADMIN}),
        OfferAction.REFUSE: frozenset({Actor.ADMIN}),
        OfferAction.CLOSE: frozenset({Actor.ADMIN, Actor.SHOP}),
    },
)


class OfferKind(StrEnum):
    """积分券: points pay for it and the community pays the shop. 折扣券: the shop gives it away."""

    POINTS = "points"
    DISCOUNT = "discount"


@dataclass(frozen=True, slots=True)
class Merchant:
    """An allied shop; `account_id` is who applied for it."""

    id: UUID
    name: str
    category: str
    address: str
    note: str
    account_id: UUID
    household_id: UUID | None
    state: State
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """What a shop offers; `discount_percent` is the part of the price still to be paid (90 is 九折)."""

    id: UUID
    merchant_id: UUID
    kind: OfferKind
    title: str
    terms: str
    points: Points
    value_fen: Fen
    discount_percent: int | None
    total_limit: int | None
    household_limit: int
    is_for_adopters: bool
    valid_from: datetime
    valid_until: datetime
    voucher_days: int
    issued: int
    state: OfferState
    created_at: datetime


def acting_as(principal: Principal, merchant_id: UUID, own: UUID | None) -> frozenset[Actor]:
    """Return what the caller is to a shop; `own` is the shop its account stands for."""
    actors = set()
    if principal.has(Role.COMMUNITY_ADMIN):
        actors.add(Actor.ADMIN)
    if own == merchant_id:
        actors.add(Actor.SHOP)
    return frozenset(actors)


def decide(merchant: Merchant, action: Action, principal: Principal, own: UUID | None) -> State:
    """Return the state the action leads to.

    Errors: ForbiddenError, WrongStateError; MerchantRecusedError for an administrator's own shop, or one of the household.
    """
    state = LIFE.perform(merchant.state, action, acting_as(principal, merchant.id, own))
    if action is not Action.CLOSE:
        check_not_own(merchant, principal, own)
    return state


def check_not_own(merchant: Merchant, principal: Principal, own: UUID | None) -> None:
    """Pass for anybody who has no part in the shop.

    Errors: MerchantRecusedError.
    """
    if _has_part(merchant, principal, own):
        raise MerchantRecusedError


def _has_part(merchant: Merchant, principal: Principal, own: UUID | None) -> bool:
    is_shop = principal.account_id == merchant.account_id or own == merchant.id
    return is_shop or steps_aside(principal, frozenset(), merchant.household_id)


def allowed_actions(merchant: Merchant, principal: Principal, own: UUID | None) -> list[Action]:
    """Return what the caller could do with a shop now; who has a part in it may only close it."""
    actions = LIFE.actions(merchant.state, acting_as(principal, merchant.id, own))
    return [action for action in actions if action is Action.CLOSE or not _has_part(merchant, principal, own)]


def allowed_offer_actions(
    offer: Offer, merchant: Merchant, principal: Principal, own: UUID | None
) -> list[OfferAction]:
    """Return what the caller could do with an offer of a shop now; who has a part in the shop may only close it."""
    actions = OFFER_LIFE.actions(offer.state, acting_as(principal, merchant.id, own))
    return [action for action in actions if action is OfferAction.CLOSE or not _has_part(merchant, principal, own)]


def check_offer(offer: Offer, now: datetime) -> None:
    """Pass when an offer makes sense.

    Errors: OfferTermsError, OfferPeriodError.
    """
    is_points = offer.kind is OfferKind.POINTS
    if (offer.points > 0, offer.value_fen > 0, offer.discount_percent is None) != (is_points, is_points, is_points):
        raise OfferTermsError
    if offer.valid_until <= offer.valid_from or offer.valid_until <= now:
        raise OfferPeriodError


def check_open(offer: Offer, merchant: Merchant, now: datetime) -> None:
    """Pass when an offer can be taken now.

    Errors: OfferNotOpenError.
    """
    is_time = offer.valid_from <= now < offer.valid_until
    if offer.state is not OfferState.OPEN or merchant.state is not State.ACTIVE or not is_time:
        raise OfferNotOpenError


def voucher_expires_at(offer: Offer, now: datetime) -> datetime:
    """Return until when a voucher taken now is good: its days, but not beyond the offer."""
    return min(now + timedelta(days=offer.voucher_days), offer.valid_until)


def is_own_shop(account_id: UUID, household_id: UUID, accounts: Collection[tuple[UUID, UUID | None]]) -> bool:
    """Tell whether a household has a hand in a shop, given the shop's accounts with their households."""
    return any(account == account_id or household == household_id for account, household in accounts)
