"""An appeal against a posted claim: open until a supervisor upholds or dismisses it, or who made it takes it back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.points.appeals.errors import AppealTooLateError
from services.points.claims.domain import Claim, appeal_ends_at
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded


class State(Worded):
    OPEN = "open", "等待答复"
    UPHELD = "upheld", "申诉成立"
    DISMISSED = "dismissed", "申诉不成立"
    WITHDRAWN = "withdrawn", "已撤回"


class Action(Worded):
    UPHOLD = "uphold", "支持申诉"
    DISMISS = "dismiss", "驳回申诉"
    WITHDRAW = "withdraw", "撤回申诉"


class Actor(StrEnum):
    APPELLANT = "appellant"
    SUPERVISOR = "supervisor"


LIFE = StateMachine[State, Action, Actor](
    transitions={
        (State.OPEN, Action.UPHOLD): State.UPHELD,
        (State.OPEN, Action.DISMISS): State.DISMISSED,
        (State.OPEN, Action.WITHDRAW): State.WITHDRAWN,
    },
    actors={
        Action.UPHOLD: frozenset({Actor.SUPERVISOR}),
        Action.DISMISS: frozenset({Actor.SUPERVISOR}),
        Action.WITHDRAW: frozenset({Actor.APPELLANT}),
    },
)


@dataclass(frozen=True, slots=True)
class Appeal:
    """That a household holds a posted claim for wrong, and what was found."""

    id: UUID
    claim_id: UUID
    account_id: UUID
    household_id: UUID
    reason: str
    state: State
    made_at: datetime
    answer: str
    answered_by: UUID | None
    ended_at: datetime | None


def acting_as(principal: Principal, appeal: Appeal) -> frozenset[Actor]:
    """Return what the caller is to an appeal."""
    actors = set()
    if principal.household_id == appeal.household_id:
        actors.add(Actor.APPELLANT)
    if principal.has(Role.SUPERVISOR):
        actors.add(Actor.SUPERVISOR)
    return frozenset(actors)


def check_in_time(claim: Claim, now: datetime) -> None:
    """Pass while a posted claim may be appealed against.

    Errors: AppealTooLateError.
    """
    ends_at = appeal_ends_at(claim)
    if ends_at is not None and now >= ends_at:
        raise AppealTooLateError(days=claim.appeal_days)
