"""The life of a claim: submitted, verified, judged by neighbours, published, posted; or refused, or withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.points.claims.errors import (
    HappenedOnInvalidError,
    ItemNotClaimableError,
    PhotosMissingError,
    ReasonMissingError,
    RecusedError,
)
from services.points.rulebooks.domain import ItemGroup, RuleItem
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.kernel.state_machine import StateMachine
from shared.kernel.values import Points

OLDEST_DAYS = 60
"""How long after the deed a claim may still come: one two-month period. Source: domain.md, 双月考评."""


class State(StrEnum):
    SUBMITTED = "submitted"
    VERIFIED = "verified"
    VOTED = "voted"
    PUBLICISED = "publicised"
    POSTED = "posted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    VERIFY = "verify"
    REFUSE = "refuse"
    APPROVE = "approve"
    REJECT = "reject"
    PUBLICISE = "publicise"
    OBJECT = "object"
    UPHOLD = "uphold"
    POST = "post"
    WITHDRAW = "withdraw"


class Actor(StrEnum):
    APPLICANT = "applicant"
    GRID_WORKER = "grid_worker"
    PANEL = "panel"
    NEIGHBOUR = "neighbour"
    SUPERVISOR = "supervisor"
    CLOCK = "clock"


LIFE = StateMachine[State, Action, Actor](
    transitions={
        (State.SUBMITTED, Action.VERIFY): State.VERIFIED,
        (State.SUBMITTED, Action.REFUSE): State.REJECTED,
        (State.SUBMITTED, Action.WITHDRAW): State.WITHDRAWN,
        (State.VERIFIED, Action.APPROVE): State.VOTED,
        (State.VERIFIED, Action.REJECT): State.REJECTED,
        (State.VERIFIED, Action.WITHDRAW): State.WITHDRAWN,
        (State.VOTED, Action.PUBLICISE): State.PUBLICISED,
        (State.VOTED, Action.UPHOLD): State.REJECTED,
        (State.PUBLICISED, Action.OBJECT): State.VOTED,
        (State.PUBLICISED, Action.POST): State.POSTED,
    },
    actors={
        Action.VERIFY: frozenset({Actor.GRID_WORKER}),
        Action.REFUSE: frozenset({Actor.GRID_WORKER}),
        Action.WITHDRAW: frozenset({Actor.APPLICANT}),
        Action.APPROVE: frozenset({Actor.PANEL}),
        Action.REJECT: frozenset({Actor.PANEL}),
        Action.PUBLICISE: frozenset({Actor.CLOCK, Actor.SUPERVISOR}),
        Action.UPHOLD: frozenset({Actor.SUPERVISOR}),
        Action.OBJECT: frozenset({Actor.NEIGHBOUR}),
        Action.POST: frozenset({Actor.CLOCK}),
    },
)

JUDGING = frozenset({Action.VERIFY, Action.REFUSE, Action.APPROVE, Action.REJECT, Action.PUBLICISE, Action.UPHOLD})
"""Acts nobody may do for their own household."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a household says it did, and how far the neighbours have judged it."""

    id: UUID
    household_id: UUID
    grid_id: UUID
    account_id: UUID
    rulebook_version: int
    item_code: str
    item_name: str
    points: Points
    happened_on: date
    place: str
    note: str
    photo_ids: tuple[UUID, ...]
    state: State
    panel_quorum: int
    notice_days: int
    notice_ends_at: datetime | None
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PanelVote:
    """What one assessor thinks."""

    account_id: UUID
    is_approved: bool


def check_new(item: RuleItem, happened_on: date, photos: int, today: date) -> None:
    """Pass when a resident may claim this item for this day with this many photos.

    Errors: ItemNotClaimableError, HappenedOnInvalidError, PhotosMissingError.
    """
    if item.group is not ItemGroup.PLUS:
        raise ItemNotClaimableError
    if not today - timedelta(days=OLDEST_DAYS) <= happened_on <= today:
        raise HappenedOnInvalidError(days=OLDEST_DAYS)
    if photos < item.photos_required:
        raise PhotosMissingError(required=item.photos_required)


def acting_as(principal: Principal, claim: Claim) -> frozenset[Actor]:
    """Return what the caller is to this claim; a grid worker only in the grids in charge."""
    actors = set()
    if principal.household_id is not None:
        actors.add(Actor.APPLICANT if principal.household_id == claim.household_id else Actor.NEIGHBOUR)
    if principal.has_over([Role.GRID_WORKER], ScopeKind.GRID, str(claim.grid_id)):
        actors.add(Actor.GRID_WORKER)
    if principal.has(Role.ASSESSOR):
        actors.add(Actor.PANEL)
    if principal.has(Role.SUPERVISOR):
        actors.add(Actor.SUPERVISOR)
    return frozenset(actors)


def decide(claim: Claim, action: Action, principal: Principal, reason: str) -> State:
    """Return the state the action leads to.

    Errors: ForbiddenError, WrongStateError, RecusedError, ReasonMissingError.
    Source: points.md I15 (approver ≠ applicant's household).
    """
    actors = acting_as(principal, claim)
    state = LIFE.perform(claim.state, action, actors)
    if action in JUDGING and Actor.APPLICANT in actors:
        raise RecusedError
    if action in {Action.REFUSE, Action.REJECT, Action.OBJECT, Action.UPHOLD} and not reason.strip():
        raise ReasonMissingError
    return state


def count_panel(votes: Sequence[PanelVote], quorum: int) -> Action | None:
    """Return what the panel decided, or None while votes are missing: more than half of those who voted approve it."""
    if len(votes) < quorum:
        return None
    approvals = sum(vote.is_approved for vote in votes)
    return Action.APPROVE if 2 * approvals > len(votes) else Action.REJECT


def notice_ends_at(begins_at: datetime, days: int) -> datetime:
    """Return when the notice of a passed claim has hung out long enough."""
    return begins_at + timedelta(days=days)
