"""The life of a delivery: asked for, taken by a volunteer, given out at the store, handed over with the code."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.points.deliveries.errors import OwnDeliveryError
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded
from shared.kernel.values import Points


class State(Worded):
    REQUESTED = "requested", "等人来送"
    TAKEN = "taken", "有人愿意送"
    SENT = "sent", "正在送"
    DELIVERED = "delivered", "已送到"
    CANCELLED = "cancelled", "已取消"


class Action(Worded):
    TAKE = "take", "认下这次送货"
    DROP = "drop", "放弃送货"
    SEND = "send", "发货"
    BRING_BACK = "bring_back", "送回爱心超市"
    HAND_OVER = "hand_over", "交给住户"
    CANCEL = "cancel", "取消送货"


class Actor(StrEnum):
    BUYER = "buyer"
    NEIGHBOUR = "neighbour"
    VOLUNTEER = "volunteer"
    STOREKEEPER = "storekeeper"


LIFE = StateMachine[State, Action, Actor](
    transitions={
        (State.REQUESTED, Action.TAKE): State.TAKEN,
        (State.REQUESTED, Action.CANCEL): State.CANCELLED,
        (State.TAKEN, Action.DROP): State.REQUESTED,
        (State.TAKEN, Action.SEND): State.SENT,
        (State.TAKEN, Action.CANCEL): State.CANCELLED,
        (State.SENT, Action.HAND_OVER): State.DELIVERED,
        (State.SENT, Action.BRING_BACK): State.REQUESTED,
    },
    actors={
        Action.TAKE: frozenset({Actor.NEIGHBOUR}),
        Action.DROP: frozenset({Actor.VOLUNTEER}),
        Action.SEND: frozenset({Actor.STOREKEEPER}),
        Action.BRING_BACK: frozenset({Actor.STOREKEEPER}),
        Action.HAND_OVER: frozenset({Actor.VOLUNTEER}),
        Action.CANCEL: frozenset({Actor.BUYER}),
    },
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One redemption brought home."""

    id: UUID
    redemption_id: UUID
    household_id: UUID
    product_name: str
    quantity: int
    building_name: str
    note: str
    state: State
    reward_points: Points
    volunteer_account_id: UUID | None
    volunteer_household_id: UUID | None
    volunteer_name: str
    sent_by: UUID | None
    requested_at: datetime
    ended_at: datetime | None
    standing_transfer_id: UUID | None = None
    spendable_transfer_id: UUID | None = None
    reward_reversed_at: datetime | None = None


def acting_as(principal: Principal, delivery: Delivery) -> frozenset[Actor]:
    """Return what the caller is to this delivery."""
    actors = set()
    if principal.household_id == delivery.household_id:
        actors.add(Actor.BUYER)
    elif principal.household_id is not None:
        actors.add(Actor.NEIGHBOUR)
    if principal.account_id == delivery.volunteer_account_id:
        actors.add(Actor.VOLUNTEER)
    if principal.has(Role.STOREKEEPER):
        actors.add(Actor.STOREKEEPER)
    return frozenset(actors)


def decide(delivery: Delivery, action: Action, principal: Principal) -> State:
    """Return the state the action leads to.

    Nobody is paid for carrying home what is their own; and who gives the goods out is neither of that household nor the volunteer.

    Errors: ForbiddenError, WrongStateError, OwnDeliveryError.
    Source: points.md I15 (storekeeper ≠ buyer).
    """
    actors = acting_as(principal, delivery)
    if action is Action.TAKE and Actor.BUYER in actors and LIFE.next_state(delivery.state, action):
        raise OwnDeliveryError
    state = LIFE.perform(delivery.state, action, actors)
    if action in {Action.SEND, Action.BRING_BACK} and actors & {Actor.BUYER, Actor.VOLUNTEER}:
        raise OwnDeliveryError
    return state
