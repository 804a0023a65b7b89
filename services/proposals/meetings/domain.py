"""会议: who is due, who came, how the hands were counted. Presence is its own record and never derived from votes."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.proposals.meetings.errors import HandsExceedPresentError, MeetingAheadError, NobodyDueError
from services.proposals.rounds.quorum import Figures, Measure, Quantity
from shared.kernel.clock import CHINA
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded


class MeetingState(Worded):
    CALLED = "called", "已通知开会"
    CLOSED = "closed", "已散会"


class MeetingAction(Worded):
    CHECK_IN = "check_in", "签到"
    CLOSE = "close", "散会"


class MeetingActor(StrEnum):
    CONVENER = "convener"


CONVENERS = (Role.BRANCH_SECRETARY, Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)

LIFE = StateMachine[MeetingState, MeetingAction, MeetingActor](
    transitions={
        (MeetingState.CALLED, MeetingAction.CHECK_IN): MeetingState.CALLED,
        (MeetingState.CALLED, MeetingAction.CLOSE): MeetingState.CLOSED,
    },
    actors={
        MeetingAction.CHECK_IN: frozenset({MeetingActor.CONVENER}),
        MeetingAction.CLOSE: frozenset({MeetingActor.CONVENER}),
    },
)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting of one step. `due` and `present` are counted from the list of names, never typed in."""

    meeting_id: UUID
    process_id: UUID
    step_code: str
    state: MeetingState
    held_at: datetime
    due: int
    present: int
    yes: int = 0
    no: int = 0
    abstain: int = 0
    minutes: str = ""


def acting_as(principal: Principal) -> frozenset[MeetingActor]:
    """Return what the caller is to a meeting."""
    return frozenset({MeetingActor.CONVENER}) if principal.has(*CONVENERS) else frozenset()


def check_names(names: list[str]) -> list[str]:
    """Return the names due, trimmed.

    Errors: NobodyDueError for an empty list, an empty name or two people who cannot be told apart.
    """
    trimmed = [name.strip() for name in names]
    if not trimmed or not all(trimmed) or len(set(trimmed)) != len(trimmed):
        raise NobodyDueError
    return trimmed


def check_in(meeting: Meeting, principal: Principal, *, now: datetime) -> Meeting:
    """Allow a check-in.

    Errors: ForbiddenError, WrongStateError, MeetingAheadError.
    """
    state = LIFE.perform(meeting.state, MeetingAction.CHECK_IN, acting_as(principal))
    _require_begun(meeting, now)
    return replace(meeting, state=state)


def close(
    meeting: Meeting, principal: Principal, *, yes: int, no: int, abstain: int, minutes: str, now: datetime
) -> Meeting:
    """End a meeting with its count of hands and its minutes.

    Errors: ForbiddenError, WrongStateError, MeetingAheadError, HandsExceedPresentError.
    """
    state = LIFE.perform(meeting.state, MeetingAction.CLOSE, acting_as(principal))
    _require_begun(meeting, now)
    if yes + no + abstain > meeting.present:
        raise HandsExceedPresentError(hands=yes + no + abstain, present=meeting.present)
    return replace(meeting, state=state, yes=yes, no=no, abstain=abstain, minutes=minutes)


def figures_of(meeting: Meeting) -> Figures:
    """Return what the rule engine needs: members due, present, raising a hand, for."""
    hands = meeting.yes + meeting.no + meeting.abstain
    counted = {
        Quantity.ELIGIBLE: meeting.due,
        Quantity.PRESENT: meeting.present,
        Quantity.TAKING_PART: hands,
        Quantity.CAST: hands,
        Quantity.CAST_VALID: hands,
        Quantity.YES: meeting.yes,
    }
    return Figures({(Measure.MEMBERS, quantity): value for quantity, value in counted.items()})


def _require_begun(meeting: Meeting, now: datetime) -> None:
    if now < meeting.held_at:
        raise MeetingAheadError(held_at=meeting.held_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"))
