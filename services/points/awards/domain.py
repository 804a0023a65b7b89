"""The life of an award: nominated, decided by the panel, published, granted, perhaps revoked; and what it brings."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.points.awards.errors import AwardPolicyInvalidError, AwardRecusedError, VotesInvalidError
from services.points.kinships.domain import steps_aside
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded
from shared.kernel.values import Points


class State(Worded):
    NOMINATED = "nominated", "已提名"
    DECIDED = "decided", "已评定"
    PUBLISHED = "published", "公示中"
    OBJECTED = "objected", "有异议"
    GRANTED = "granted", "已授予"
    REFUSED = "refused", "未通过"
    WITHDRAWN = "withdrawn", "已撤回"
    REVOKED = "revoked", "已撤销"


PUBLIC = (State.PUBLISHED, State.OBJECTED, State.GRANTED)
"""States in which the whole community sees an award."""


class Action(Worded):
    DECIDE = "decide", "评定通过"
    REFUSE = "refuse", "评定不通过"
    WITHDRAW = "withdraw", "撤回提名"
    PUBLISH = "publish", "公示"
    OBJECT = "object", "提出异议"
    DISMISS = "dismiss", "驳回异议"
    UPHOLD = "uphold", "支持异议"
    GRANT = "grant", "授予"
    REVOKE = "revoke", "撤销"


class Actor(StrEnum):
    NOMINATOR = "nominator"
    PANEL = "panel"
    COMMITTEE = "committee"
    NEIGHBOUR = "neighbour"
    SUPERVISOR = "supervisor"
    CLOCK = "clock"


LIFE = StateMachine[State, Action, Actor](
    transitions={
        (State.NOMINATED, Action.DECIDE): State.DECIDED,
        (State.NOMINATED, Action.REFUSE): State.REFUSED,
        (State.NOMINATED, Action.WITHDRAW): State.WITHDRAWN,
        (State.DECIDED, Action.PUBLISH): State.PUBLISHED,
        (State.PUBLISHED, Action.OBJECT): State.OBJECTED,
        (State.OBJECTED, Action.DISMISS): State.PUBLISHED,
        (State.OBJECTED, Action.UPHOLD): State.REFUSED,
        (State.PUBLISHED, Action.GRANT): State.GRANTED,
        (State.GRANTED, Action.REVOKE): State.REVOKED,
    },
    actors={
        Action.DECIDE: frozenset({Actor.PANEL}),
        Action.REFUSE: frozenset({Actor.PANEL}),
        Action.WITHDRAW: frozenset({Actor.NOMINATOR}),
        Action.PUBLISH: frozenset({Actor.COMMITTEE}),
        Action.OBJECT: frozenset({Actor.NEIGHBOUR}),
        Action.DISMISS: frozenset({Actor.SUPERVISOR}),
        Action.UPHOLD: frozenset({Actor.SUPERVISOR}),
        Action.GRANT: frozenset({Actor.CLOCK}),
        Action.REVOKE: frozenset({Actor.COMMITTEE}),
    },
)

JUDGING = frozenset({Action.DECIDE, Action.REFUSE, Action.PUBLISH, Action.DISMISS, Action.UPHOLD, Action.REVOKE})
"""Actions from which those concerned step aside."""


class WaiverState(StrEnum):
    """What property has answered about the month without property fee."""

    NONE = "none"
    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class AwardPolicy:
    """What an award brings and how it is decided; version 0 is the default of the model community.

    Source: domain.md, 青龙泉: role models elected by neighbours get 10 points, one month without property fee, a place in the talent pool.
    """

    version: int = 0
    standing: Points = Points(10)
    spendable: Points = Points(10)
    fee_months: int = 1
    notice_days: int = 5
    panel_quorum: int = 3


@dataclass(frozen=True, slots=True)
class Award:
    """A nomination and all that came of it; it keeps the policy it was nominated under."""

    id: UUID
    household_id: UUID
    resident_id: UUID | None
    person_name: str
    category: str
    deed: str
    talent: str
    nominator_account_id: UUID
    nominator_household_id: UUID | None
    policy_version: int
    standing: Points
    spendable: Points
    fee_months: int
    notice_days: int
    panel_quorum: int
    state: State
    decision: str
    votes_for: int
    votes_against: int
    notice_ends_at: datetime | None
    granted_at: datetime | None
    standing_transfer_id: UUID | None
    spendable_transfer_id: UUID | None
    waiver_state: WaiverState
    waiver_months: tuple[date, ...]
    waiver_reason: str
    reason: str
    created_at: datetime


def acting_as(principal: Principal, award: Award) -> frozenset[Actor]:
    """Return what the caller is to this award."""
    actors = set()
    if principal.account_id == award.nominator_account_id:
        actors.add(Actor.NOMINATOR)
    if principal.has(Role.ASSESSOR, Role.COMMITTEE_MEMBER):
        actors.add(Actor.PANEL)
    if principal.has(Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN):
        actors.add(Actor.COMMITTEE)
    if principal.has(Role.SUPERVISOR):
        actors.add(Actor.SUPERVISOR)
    if principal.household_id not in {None, award.household_id}:
        actors.add(Actor.NEIGHBOUR)
    return frozenset(actors)


def is_concerned(principal: Principal, award: Award, kin: frozenset[UUID]) -> bool:
    """Tell whether the caller nominated, or steps aside for the household or for the nominator's."""
    is_nominator = principal.account_id == award.nominator_account_id
    return is_nominator or steps_aside(principal, kin, award.household_id, award.nominator_household_id)


def allowed_actions(award: Award, principal: Principal, kin: frozenset[UUID]) -> list[Action]:
    """Return what the caller could do with an award now."""
    is_aside = is_concerned(principal, award, kin)
    actions = LIFE.actions(award.state, acting_as(principal, award))
    return [action for action in actions if not (is_aside and action in JUDGING)]


def decide(award: Award, action: Action, principal: Principal, kin: frozenset[UUID]) -> State:
    """Return the state the action leads to; `kin` are the households in which declared kin of the caller live.

    Errors: ForbiddenError, WrongStateError; AwardRecusedError for those concerned.
    Source: points.md I15 (approver ≠ applicant's household).
    """
    state = LIFE.perform(award.state, action, acting_as(principal, award))
    if action in JUDGING and is_concerned(principal, award, kin):
        raise AwardRecusedError
    return state


def check_votes(award: Award, *, is_approved: bool, votes_for: int, votes_against: int) -> None:
    """Pass when the panel's count carries its decision.

    Errors: VotesInvalidError below the quorum, or when the count says the opposite; a tie approves nothing.
    """
    if votes_for + votes_against < award.panel_quorum or is_approved != (votes_for > votes_against):
        raise VotesInvalidError(quorum=award.panel_quorum)


def check_policy(effective_on: date, today: date) -> None:
    """Pass when a policy may take effect that day.

    Errors: AwardPolicyInvalidError for a day that is over: no award is given under a rule made afterwards.
    """
    if effective_on < today:
        raise AwardPolicyInvalidError


def notice_ends_at(now: datetime, days: int) -> datetime:
    """Return when a publication of so many days ends."""
    return now + timedelta(days=days)


def hear_waiver(known: WaiverState, heard: WaiverState) -> WaiverState:
    """Return what is known after an answer of property; answers may come twice and in any order, and withdrawn is the last word.

    Of what was never asked nothing is known, whatever is heard.
    """
    if known is WaiverState.NONE:
        return WaiverState.NONE
    if known is WaiverState.WITHDRAWN or heard is WaiverState.WITHDRAWN:
        return WaiverState.WITHDRAWN
    return heard if known is WaiverState.PENDING else known
