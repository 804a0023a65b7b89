"""Taking charge of a tree, a bench, a stairwell or a plot: offered, applied for, agreed, active, perhaps renewed, released."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.points.adoptions.errors import (
    AdopterInvalidError,
    AdoptionRecusedError,
    PlaceInvalidError,
    TermInvalidError,
)
from shared.kernel.clock import CHINA
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.kernel.state_machine import StateMachine, Worded

LONGEST_TERM = timedelta(days=3 * 366)
DAYS_TO_SIGN = 14
"""How long an agreement waits for the adopter's signature before the thing is open to others again."""


class AssetKind(StrEnum):
    TREE = "tree"
    BENCH = "bench"
    STAIRWELL = "stairwell"
    PLOT = "plot"
    EQUIPMENT = "equipment"


class AssetState(StrEnum):
    OFFERED = "offered"
    RETIRED = "retired"


class AdopterKind(StrEnum):
    RESIDENT = "resident"
    HOUSEHOLD = "household"
    FIRM = "firm"
    ASSOCIATION = "association"


NAMED = frozenset({AdopterKind.FIRM, AdopterKind.ASSOCIATION})
"""Adopters that give their own name; they earn the plaque and no points."""


class State(Worded):
    """Where an adoption stands; offered is a thing that nobody has adopted, and has no adoption yet."""

    OFFERED = "offered", "等人认领"
    APPLIED = "applied", "等待审核"
    AGREED = "agreed", "等待签约"
    ACTIVE = "active", "认领中"
    RENEWING = "renewing", "申请续期"
    REFUSED = "refused", "未通过"
    WITHDRAWN = "withdrawn", "已撤回"
    RELEASED = "released", "已交还"


LIVE = (State.APPLIED, State.AGREED, State.ACTIVE, State.RENEWING)
"""States in which nobody else can have the thing."""
CARING = (State.ACTIVE, State.RENEWING)
"""States in which the adopter looks after the thing."""


class Action(Worded):
    APPLY = "apply", "申请认领"
    AGREE = "agree", "同意认领"
    REFUSE = "refuse", "不同意认领"
    SIGN = "sign", "签约"
    WITHDRAW = "withdraw", "撤回申请"
    ASK_RENEWAL = "ask_renewal", "申请续期"
    RENEW = "renew", "同意续期"
    DECLINE_RENEWAL = "decline_renewal", "不同意续期"
    RELEASE = "release", "交还"
    LAPSE = "lapse", "逾期作废"
    END = "end", "到期结束"


class Actor(StrEnum):
    ANYBODY = "anybody"
    ADOPTER = "adopter"
    COMMITTEE = "committee"
    CLOCK = "clock"


LIFE = StateMachine[State, Action, Actor](
    transitions={
        (State.OFFERED, Action.APPLY): State.APPLIED,
        (State.APPLIED, Action.AGREE): State.AGREED,
        (State.APPLIED, Action.REFUSE): State.REFUSED,
        (State.APPLIED, Action.WITHDRAW): State.WITHDRAWN,
        (State.AGREED, Action.SIGN): State.ACTIVE,
        (State.AGREED, Action.WITHDRAW): State.WITHDRAWN,
        (State.AGREED, Action.LAPSE): State.WITHDRAWN,
        (State.ACTIVE, Action.ASK_RENEWAL): State.RENEWING,
        (State.ACTIVE, Action.RELEASE): State.RELEASED,
        (State.ACTIVE, Action.END): State.RELEASED,
        (State.RENEWING, Action.RENEW): State.ACTIVE,
        (State.RENEWING, Action.DECLINE_RENEWAL): State.ACTIVE,
        (State.RENEWING, Action.RELEASE): State.RELEASED,
        (State.RENEWING, Action.END): State.RELEASED,
    },
    actors={
        Action.APPLY: frozenset({Actor.ANYBODY}),
        Action.AGREE: frozenset({Actor.COMMITTEE}),
        Action.REFUSE: frozenset({Actor.COMMITTEE}),
        Action.SIGN: frozenset({Actor.ADOPTER}),
        Action.WITHDRAW: frozenset({Actor.ADOPTER}),
        Action.ASK_RENEWAL: frozenset({Actor.ADOPTER}),
        Action.RENEW: frozenset({Actor.COMMITTEE}),
        Action.DECLINE_RENEWAL: frozenset({Actor.COMMITTEE}),
        Action.RELEASE: frozenset({Actor.ADOPTER, Actor.COMMITTEE}),
        Action.LAPSE: frozenset({Actor.CLOCK}),
        Action.END: frozenset({Actor.CLOCK}),
    },
)

JUDGING = frozenset({Action.AGREE, Action.REFUSE, Action.RENEW, Action.DECLINE_RENEWAL})


@dataclass(frozen=True, slots=True)
class Asset:
    """A thing that can be adopted. `latitude_e6` and `longitude_e6` are millionths of a degree; `duty_days` is how often it needs care."""

    id: UUID
    kind: AssetKind
    name: str
    place: str
    grid_id: UUID | None
    latitude_e6: int | None
    longitude_e6: int | None
    picture_id: UUID | None
    duty: str
    duty_days: int
    item_code: str
    state: AssetState
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Adoption:
    """Who has charge of a thing, or asks for it. `deadline_at` is when the clock acts: signature overdue, or term over."""

    id: UUID
    asset_id: UUID
    asset_name: str
    adopter_kind: AdopterKind
    adopter_name: str
    account_id: UUID
    household_id: UUID | None
    resident_id: UUID | None
    motive: str
    agreement: str
    plaque: str
    starts_on: date | None
    ends_on: date | None
    term: int
    duty_days: int
    state: State
    deadline_at: datetime | None
    duty_due_on: date | None
    remind_at: datetime | None
    reason: str
    created_at: datetime
    ended_at: datetime | None


def acting_as(principal: Principal, adoption: Adoption) -> frozenset[Actor]:
    """Return what the caller is to this adoption."""
    actors = {Actor.ANYBODY}
    is_of_household = adoption.household_id is not None and principal.household_id == adoption.household_id
    if principal.account_id == adoption.account_id or is_of_household:
        actors.add(Actor.ADOPTER)
    if principal.has(Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN):
        actors.add(Actor.COMMITTEE)
    return frozenset(actors)


def allowed_actions(adoption: Adoption, principal: Principal) -> list[Action]:
    """Return what the caller could do with an adoption now; nobody judges the own household's."""
    actors = acting_as(principal, adoption)
    actions = LIFE.actions(adoption.state, actors)
    return [action for action in actions if not (action in JUDGING and Actor.ADOPTER in actors)]


def decide(adoption: Adoption, action: Action, principal: Principal) -> State:
    """Return the state the action leads to.

    Errors: ForbiddenError, WrongStateError; AdoptionRecusedError for a committee member's own adoption.
    Source: points.md I15 (approver ≠ applicant's household).
    """
    actors = acting_as(principal, adoption)
    state = LIFE.perform(adoption.state, action, actors)
    if action in JUDGING and Actor.ADOPTER in actors:
        raise AdoptionRecusedError
    return state


def check_offer(principal: Principal, grid_id: UUID | None) -> None:
    """Pass when the caller may offer a thing of this grid; what belongs to no grid is offered for the whole community.

    Errors: ForbiddenError.
    """
    is_own_grid = grid_id is not None and principal.has_over([Role.GRID_WORKER], ScopeKind.GRID, str(grid_id))
    if not (is_own_grid or principal.has(Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)):
        raise ForbiddenError(required_roles=sorted((Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN, Role.GRID_WORKER)))


def check_place(latitude_e6: int | None, longitude_e6: int | None) -> None:
    """Pass when a place on the map is whole or left out.

    Errors: PlaceInvalidError.
    """
    if (latitude_e6 is None) != (longitude_e6 is None):
        raise PlaceInvalidError


def check_adopter(kind: AdopterKind, name: str, household_id: UUID | None) -> None:
    """Pass when the adopter is named as its kind asks.

    Errors: AdopterInvalidError.
    """
    is_named = kind in NAMED
    if bool(name) != is_named or (not is_named and household_id is None):
        raise AdopterInvalidError


def check_term(starts_on: date, ends_on: date, today: date, *, after: date | None = None) -> None:
    """Pass when a term may be agreed; a renewal must go beyond `after`, the end it renews.

    Errors: TermInvalidError.
    """
    earliest = max(day for day in (starts_on, today, after) if day is not None)
    if ends_on <= earliest or ends_on - starts_on > LONGEST_TERM:
        raise TermInvalidError


def end_of(day: date) -> datetime:
    """Return the moment a day is over in China."""
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=CHINA)


def next_duty(done_on: date, duty_days: int) -> tuple[date, datetime]:
    """Return until which day care is due again, and when a reminder is."""
    due_on = done_on + timedelta(days=duty_days)
    return due_on, end_of(due_on)
