"""The life of a stock-take: counted, submitted, approved by somebody else; and what must be explained."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.points.stocktakes.errors import (
    DifferenceUnexplainedError,
    NothingCountedError,
    OwnCountError,
)
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded


class State(Worded):
    COUNTING = "counting", "正在清点"
    SUBMITTED = "submitted", "等待复核"
    APPROVED = "approved", "已核准"
    CANCELLED = "cancelled", "已取消"


class Action(Worded):
    COUNT = "count", "填写清点数"
    SUBMIT = "submit", "提交复核"
    APPROVE = "approve", "核准"
    SEND_BACK = "send_back", "退回重点"
    CANCEL = "cancel", "取消盘点"


class Actor(StrEnum):
    CLERK = "clerk"
    APPROVER = "approver"


LIFE = StateMachine[State, Action, Actor](
    transitions={
        (State.COUNTING, Action.COUNT): State.COUNTING,
        (State.COUNTING, Action.SUBMIT): State.SUBMITTED,
        (State.COUNTING, Action.CANCEL): State.CANCELLED,
        (State.SUBMITTED, Action.APPROVE): State.APPROVED,
        (State.SUBMITTED, Action.SEND_BACK): State.COUNTING,
        (State.SUBMITTED, Action.CANCEL): State.CANCELLED,
    },
    actors={
        Action.COUNT: frozenset({Actor.CLERK}),
        Action.SUBMIT: frozenset({Actor.CLERK}),
        Action.APPROVE: frozenset({Actor.APPROVER}),
        Action.SEND_BACK: frozenset({Actor.APPROVER}),
        Action.CANCEL: frozenset({Actor.CLERK, Actor.APPROVER}),
    },
)

COUNTERS = (Role.STOREKEEPER, Role.COMMUNITY_ADMIN)
APPROVERS = (Role.SUPERVISOR, Role.COMMUNITY_ADMIN)


@dataclass(frozen=True, slots=True)
class Line:
    """What was counted of a batch, and what the books said when it was: pieces on the shelf and set aside, all in the room."""

    batch_id: UUID
    product_id: UUID
    product_name: str
    expected: int
    counted: int
    explanation: str
    counted_at: datetime

    @property
    def difference(self) -> int:
        """Found more (positive) or fewer (negative) than the books say."""
        return self.counted - self.expected


@dataclass(frozen=True, slots=True)
class Stocktake:
    """One count of the shelves."""

    id: UUID
    title: str
    state: State
    clerk_account_id: UUID
    clerk_name: str
    started_at: datetime
    submitted_at: datetime | None
    decided_by: UUID | None
    decided_at: datetime | None
    remark: str


def acting_as(principal: Principal, stocktake: Stocktake) -> frozenset[Actor]:
    """Return what the caller is to this count; its clerk may not approve it, whatever else they are."""
    actors = set()
    if principal.account_id == stocktake.clerk_account_id:
        actors.add(Actor.CLERK)
    if principal.has(*APPROVERS):
        actors.add(Actor.APPROVER)
    return frozenset(actors)


def decide(stocktake: Stocktake, action: Action, principal: Principal) -> State:
    """Return the state the action leads to.

    Errors: ForbiddenError, WrongStateError, OwnCountError.
    Source: points.md I15 (clerk ≠ approver).
    """
    state = LIFE.perform(stocktake.state, action, acting_as(principal, stocktake))
    if action in {Action.APPROVE, Action.SEND_BACK} and principal.account_id == stocktake.clerk_account_id:
        raise OwnCountError
    return state


def require_explained(lines: Iterable[Line]) -> None:
    """Pass when something was counted and every difference has its explanation.

    Errors: NothingCountedError; DifferenceUnexplainedError naming the goods.
    """
    lines = list(lines)
    if not lines:
        raise NothingCountedError
    unexplained = [line.product_name for line in lines if line.difference and not line.explanation]
    if unexplained:
        raise DifferenceUnexplainedError(products=sorted(set(unexplained)), names="、".join(sorted(set(unexplained))))
