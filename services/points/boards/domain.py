"""The honour board and the board of those who need help (红黑榜).

An honour hangs as soon as the panel grants it. A warning is heard by the household alone at first: it has days to put things right or
to object, and only then hangs, for a time that is known beforehand. Children and the seriously ill are never named on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.points.boards.errors import (
    BoardExemptError,
    BoardHouseholdGoneError,
    BoardReasonMissingError,
    BoardRecusedError,
)
from services.points.kinships.domain import steps_aside
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.kernel.state_machine import StateMachine, Worded


class Board(StrEnum):
    """光荣榜, 提醒榜."""

    HONOUR = "honour"
    WARNING = "warning"


class Tone(StrEnum):
    """How a warning speaks: 需要帮助 by default, 提醒 where the panel says so."""

    NEEDS_HELP = "needs_help"
    WARNING = "warning"


TONE_WORDS = {Tone.NEEDS_HELP: "需要帮助", Tone.WARNING: "提醒"}


class Concerns(StrEnum):
    """Whose conduct it is about; only an adult's in good health can be held against a household."""

    ADULT = "adult"
    MINOR = "minor"
    ILL = "ill"


CONCERN_WORDS = {Concerns.ADULT: "成年人", Concerns.MINOR: "未成年人", Concerns.ILL: "重病"}


class State(Worded):
    PROPOSED = "proposed", "等待评议"
    NOTIFIED = "notified", "已通知住户"
    DISPUTED = "disputed", "有异议"
    CURED = "cured", "已改正"
    LISTED = "listed", "已上榜"
    REMOVED = "removed", "已下榜"
    DISMISSED = "dismissed", "不上榜"


OPEN = frozenset({State.PROPOSED, State.NOTIFIED, State.DISPUTED, State.LISTED})


class Action(Worded):
    APPROVE = "approve", "评议通过"
    REJECT = "reject", "评议不通过"
    OBJECT = "object", "提出异议"
    UPHOLD = "uphold", "支持异议"
    OVERRULE = "overrule", "驳回异议"
    CURE = "cure", "登记已改正"
    LIST = "list", "上榜"
    REMOVE = "remove", "下榜"
    EXEMPT = "exempt", "免予上榜"


class Actor(StrEnum):
    PANEL = "panel"
    CONCERNED = "concerned"
    PROPOSER = "proposer"
    GRID_WORKER = "grid_worker"
    HOUSEHOLD = "household"
    SUPERVISOR = "supervisor"
    CLOCK = "clock"


ACTORS = {
    Action.APPROVE: frozenset({Actor.PANEL}),
    Action.REJECT: frozenset({Actor.PANEL}),
    Action.OBJECT: frozenset({Actor.HOUSEHOLD}),
    Action.UPHOLD: frozenset({Actor.SUPERVISOR}),
    Action.OVERRULE: frozenset({Actor.SUPERVISOR}),
    Action.CURE: frozenset({Actor.GRID_WORKER, Actor.PANEL, Actor.SUPERVISOR}),
    Action.LIST: frozenset({Actor.CLOCK}),
    Action.REMOVE: frozenset({Actor.CLOCK, Actor.SUPERVISOR}),
    Action.EXEMPT: frozenset({Actor.GRID_WORKER, Actor.SUPERVISOR}),
}

HONOUR_LIFE = StateMachine[State, Action, Actor](
    transitions={
        (State.PROPOSED, Action.APPROVE): State.LISTED,
        (State.PROPOSED, Action.REJECT): State.DISMISSED,
        (State.LISTED, Action.REMOVE): State.REMOVED,
    },
    actors=ACTORS,
)
WARNING_LIFE = StateMachine[State, Action, Actor](
    transitions={
        (State.PROPOSED, Action.APPROVE): State.NOTIFIED,
        (State.PROPOSED, Action.REJECT): State.DISMISSED,
        (State.PROPOSED, Action.EXEMPT): State.DISMISSED,
        (State.NOTIFIED, Action.OBJECT): State.DISPUTED,
        (State.NOTIFIED, Action.CURE): State.CURED,
        (State.NOTIFIED, Action.LIST): State.LISTED,
        (State.NOTIFIED, Action.EXEMPT): State.DISMISSED,
        (State.DISPUTED, Action.UPHOLD): State.DISMISSED,
        (State.DISPUTED, Action.OVERRULE): State.NOTIFIED,
        (State.DISPUTED, Action.EXEMPT): State.DISMISSED,
        (State.LISTED, Action.REMOVE): State.REMOVED,
        (State.LISTED, Action.CURE): State.CURED,
        (State.LISTED, Action.EXEMPT): State.REMOVED,
    },
    actors=ACTORS,
)
LIVES = {Board.HONOUR: HONOUR_LIFE, Board.WARNING: WARNING_LIFE}

JUDGING = frozenset({Action.APPROVE, Action.REJECT, Action.UPHOLD, Action.OVERRULE, Action.CURE, Action.REMOVE})
"""Acts nobody may do for their own household, or one in which declared kin live."""
DECIDING = frozenset({Action.APPROVE, Action.REJECT, Action.UPHOLD, Action.OVERRULE})
"""Acts nobody may do about what they proposed; that it was put right, who proposed it may well say."""
NEEDS_REASON = frozenset({Action.REJECT, Action.OBJECT, Action.UPHOLD, Action.OVERRULE, Action.REMOVE})

PROPOSERS = (Role.ASSESSOR, Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)
"""Who proposes any household; a grid worker proposes those of the own grid."""
WATCHERS = (*PROPOSERS, Role.SUPERVISOR, Role.BRANCH_SECRETARY)
"""Who sees every entry; a grid worker sees those of the own grid."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How the boards are run; a community adopts its own.

    Units/shapes: days are calendar days in China.
    """

    version: int = 0
    decision: str = "系统默认"
    effective_on: date | None = None
    panel_quorum: int = 3
    cure_days: int = 14
    listing_days: int = 60
    is_warning_public: bool = False
    is_ranking_public: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """A household on its way onto a board, on it, or off it again."""

    id: UUID
    board: Board
    household_id: UUID
    tone: Tone
    title: str
    reason: str
    state: State
    panel_quorum: int
    cure_days: int
    listing_days: int
    proposed_by: UUID
    proposed_at: datetime
    cure_until: date | None
    listed_on: date | None
    removal_on: date | None
    ended_at: datetime | None
    answer: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a decision makes of an entry."""

    state: State
    cure_until: date | None
    listed_on: date | None
    removal_on: date | None


@dataclass(frozen=True, slots=True)
class Vote:
    """What one assessor thinks."""

    account_id: UUID
    is_approved: bool
    reason: str
    cast_at: datetime


def require_reach(principal: Principal, grid_id: UUID, *roles: Role) -> None:
    """Pass for any of the roles, and for a grid worker of this grid.

    Errors: ForbiddenError.
    """
    if not (principal.has(*roles) or _is_grid_worker(principal, grid_id)):
        raise ForbiddenError(required_roles=sorted((*roles, Role.GRID_WORKER)))


def _is_grid_worker(principal: Principal, grid_id: UUID) -> bool:
    return principal.has_over([Role.GRID_WORKER], ScopeKind.GRID, str(grid_id))


def acting_as(principal: Principal, entry: Entry, grid_id: UUID, kin: frozenset[UUID]) -> frozenset[Actor]:
    """Return what the caller, whose kin live in those households, is to an entry whose household belongs to this grid."""
    actors = set()
    if principal.household_id == entry.household_id:
        actors.add(Actor.HOUSEHOLD)
    if steps_aside(principal, kin, entry.household_id):
        actors.add(Actor.CONCERNED)
    if principal.account_id == entry.proposed_by:
        actors.add(Actor.PROPOSER)
    if _is_grid_worker(principal, grid_id):
        actors.add(Actor.GRID_WORKER)
    if principal.has(Role.ASSESSOR):
        actors.add(Actor.PANEL)
    if principal.has(Role.SUPERVISOR):
        actors.add(Actor.SUPERVISOR)
    return frozenset(actors)


def check_new(board: Board, concerns: Concerns, *, is_exempt: bool, is_here: bool = True) -> None:
    """Pass when a household may be proposed for a board.

    Errors: BoardHouseholdGoneError, BoardExemptError.
    """
    if not is_here:
        raise BoardHouseholdGoneError
    if board is Board.WARNING and (is_exempt or concerns is not Concerns.ADULT):
        raise BoardExemptError


def allowed_actions(entry: Entry, actors: frozenset[Actor]) -> list[Action]:
    """Return what these actors could do now."""
    return [action for action in LIVES[entry.board].actions(entry.state, actors) if not is_recused(action, actors)]


def is_recused(action: Action, actors: frozenset[Actor]) -> bool:
    """Tell whether these actors must leave it to others: it is their household's, their kin's, or what they proposed.

    Source: points.md I15 (approver ≠ the household concerned, clerk ≠ approver).
    """
    return (action in JUDGING and Actor.CONCERNED in actors) or (action in DECIDING and Actor.PROPOSER in actors)


def check_exempting(principal: Principal, household_id: UUID, kin: frozenset[UUID]) -> None:
    """Pass when the caller may say that a household is not warned: not the own one, nor one in which declared kin live.

    Errors: BoardRecusedError.
    """
    if steps_aside(principal, kin, household_id):
        raise BoardRecusedError


def check_may(entry: Entry, action: Action, actors: frozenset[Actor], reason: str) -> None:
    """Pass when these actors may do it now.

    Errors: ForbiddenError, WrongStateError, BoardRecusedError, BoardReasonMissingError.
    """
    LIVES[entry.board].perform(entry.state, action, actors)
    if is_recused(action, actors):
        raise BoardRecusedError
    if action in NEEDS_REASON and Actor.CLOCK not in actors and not reason.strip():
        raise BoardReasonMissingError


def decide(entry: Entry, action: Action, actors: frozenset[Actor], reason: str, today: date) -> Change:
    """Return what the action makes of the entry: a warning starts its days to put things right, a listing its days to hang.

    Errors: ForbiddenError, WrongStateError, BoardRecusedError, BoardReasonMissingError.
    """
    check_may(entry, action, actors, reason)
    state = LIVES[entry.board].next_state(entry.state, action)
    if state is State.NOTIFIED:
        return Change(state, today + timedelta(days=entry.cure_days), None, None)
    if state is State.LISTED:
        return Change(state, entry.cure_until, today, today + timedelta(days=entry.listing_days))
    return Change(state, entry.cure_until, entry.listed_on, entry.removal_on)


def count_panel(votes: Sequence[Vote], quorum: int) -> Action | None:
    """Return what the panel decided, or None while votes are missing: more than half of those who voted approve it."""
    if len(votes) < quorum:
        return None
    return Action.APPROVE if 2 * sum(vote.is_approved for vote in votes) > len(votes) else Action.REJECT


def readable_votes(entry: Entry, principal: Principal, votes: Sequence[Vote]) -> list[Vote]:
    """Return the votes this principal may read: who may still vote reads the own one only, so that nobody votes after others.

    Supervisors and administrators watch the whole way. Source: domain.md, 监督小组 sees registration and review end to end.
    """
    is_open = entry.state is State.PROPOSED and not principal.has(Role.SUPERVISOR, Role.COMMUNITY_ADMIN)
    return [vote for vote in votes if not is_open or vote.account_id == principal.account_id]
