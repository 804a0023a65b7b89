"""The life of a two-month round: open, collecting, reviewed, publicised, sealed.

A period covers whole days in China. Once its totals hang out in public nothing can be entered for its days any more; a mistake found
then sends it back to collecting, a mistake found after the seal is corrected in a later period.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from services.points.kinships.domain import steps_aside
from services.points.periods.errors import (
    PeriodAnsweredError,
    PeriodClaimsPendingError,
    PeriodDatesInvalidError,
    PeriodEarlierOpenError,
    PeriodNoticeRunsError,
    PeriodNotOverError,
    PeriodObjectionLateError,
    PeriodObjectionsOpenError,
    PeriodOnePersonError,
    PeriodReasonMissingError,
    PeriodRecusedError,
)
from shared.kernel.clock import CHINA, local_date
from shared.kernel.errors import DomainError
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded

SHORTEST_DAYS = 7
LONGEST_DAYS = 186
"""A round is two months by default (双月考评, domain.md); a week to half a year is what a community may choose."""


class State(Worded):
    OPEN = "open", "进行中"
    COLLECTING = "collecting", "正在汇总"
    REVIEWED = "reviewed", "已复核"
    PUBLICISED = "publicised", "公示中"
    SEALED = "sealed", "已封存"


CLOSED = frozenset({State.PUBLICISED, State.SEALED})
"""States in which nothing is entered for the period's days any more."""
CLOSED_TO_ENTRY = CLOSED | {State.REVIEWED}
"""States in which nothing new comes in; what is already on its way may still be posted while it is only reviewed."""


class Action(Worded):
    COLLECT = "collect", "汇总"
    REVIEW = "review", "复核"
    PUBLICISE = "publicise", "公示"
    OBJECT = "object", "提出异议"
    SEND_BACK = "send_back", "退回重核"
    SEAL = "seal", "封存"


class Actor(StrEnum):
    ORGANISER = "organiser"
    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"
    HOUSEHOLD = "household"
    CLOCK = "clock"


LIFE = StateMachine[State, Action, Actor](
    transitions={
        (State.OPEN, Action.COLLECT): State.COLLECTING,
        (State.COLLECTING, Action.REVIEW): State.REVIEWED,
        (State.REVIEWED, Action.PUBLICISE): State.PUBLICISED,
        (State.REVIEWED, Action.SEND_BACK): State.COLLECTING,
        (State.PUBLICISED, Action.OBJECT): State.PUBLICISED,
        (State.PUBLICISED, Action.SEND_BACK): State.COLLECTING,
        (State.PUBLICISED, Action.SEAL): State.SEALED,
    },
    actors={
        Action.COLLECT: frozenset({Actor.CLOCK, Actor.ORGANISER}),
        Action.REVIEW: frozenset({Actor.REVIEWER}),
        Action.PUBLICISE: frozenset({Actor.ORGANISER}),
        Action.OBJECT: frozenset({Actor.HOUSEHOLD}),
        Action.SEND_BACK: frozenset({Actor.SUPERVISOR, Actor.CLOCK}),
        Action.SEAL: frozenset({Actor.CLOCK, Actor.SUPERVISOR}),
    },
)

ORGANISERS = (Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER, Role.BRANCH_SECRETARY)
REVIEWERS = (Role.ASSESSOR, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Period:
    """One round of assessment.

    Units/shapes: `begins_on` and `ends_on` are its first and last day in China; `edition` counts how often its totals were drawn up
    (0: never); `root` is the hash over the totals that were sealed, in hex.
    """

    id: UUID
    number: int
    name: str
    begins_on: date
    ends_on: date
    notice_days: int
    state: State
    edition: int
    opened_at: datetime
    reviewed_by: UUID | None
    reviewed_at: datetime | None
    publicised_at: datetime | None
    objections_until: datetime | None
    sealed_at: datetime | None
    root: str | None
    ledger_seal_number: int | None
    ledger_seal_root: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class PeriodObjection:
    """What a household holds against a published period, and the answer."""

    id: UUID
    period_id: UUID
    household_id: UUID
    reason: str
    made_at: datetime
    is_upheld: bool | None
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Hindrances:
    """What may stand in the way of a period's next step.

    `earlier` is the name of the period before while that one is not sealed; `has_objected`: the caller's household waits for an answer.
    """

    pending_claims: int = 0
    open_objections: int = 0
    earlier: str | None = None
    has_objected: bool = False


def acting_as(principal: Principal) -> frozenset[Actor]:
    """Return what the caller is to any period of its community."""
    actors = set()
    if principal.household_id is not None:
        actors.add(Actor.HOUSEHOLD)
    if principal.has(*ORGANISERS):
        actors.add(Actor.ORGANISER)
    if principal.has(*REVIEWERS):
        actors.add(Actor.REVIEWER)
    if principal.has(Role.SUPERVISOR):
        actors.add(Actor.SUPERVISOR)
    return frozenset(actors)


def check_dates(begins_on: date, ends_on: date, follows: date | None) -> None:
    """Pass when a new period has a sensible length and begins the day after the one before it, `follows` being that one's last day.

    Errors: PeriodDatesInvalidError.
    """
    expected = begins_on if follows is None else follows + timedelta(days=1)
    if begins_on != expected or not SHORTEST_DAYS <= (ends_on - begins_on).days + 1 <= LONGEST_DAYS:
        raise PeriodDatesInvalidError(shortest=SHORTEST_DAYS, longest=LONGEST_DAYS, expected=expected.isoformat())


def first_day(follows: date | None, today: date) -> date:
    """Return the day a new period begins: after the one before it, or the first of this month."""
    return today.replace(day=1) if follows is None else follows + timedelta(days=1)


def last_day(begins_on: date, months: int = 2) -> date:
    """Return the last day of so many calendar months that begin with the month of `begins_on`."""
    month = begins_on.month - 1 + months
    return date(begins_on.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def moments(period: Period) -> tuple[datetime, datetime]:
    """Return the first moment of a period and the first moment after it, UTC."""
    return _midnight(period.begins_on), _midnight(period.ends_on + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA).astimezone(UTC)


def collect(period: Period, actors: frozenset[Actor], today: date) -> State:
    """Return the state once its days are over.

    Errors: ForbiddenError, WrongStateError, PeriodNotOverError.
    """
    state = LIFE.perform(period.state, Action.COLLECT, actors)
    if today <= period.ends_on:
        raise PeriodNotOverError(ends_on=period.ends_on.isoformat())
    return state


def publicise(period: Period, actors: frozenset[Actor], account_id: UUID) -> State:
    """Return the state with its totals hung out; whoever reviewed it does not also publish it.

    Errors: ForbiddenError, WrongStateError, PeriodOnePersonError.
    Source: points.md I15 (clerk ≠ approver).
    """
    state = LIFE.perform(period.state, Action.PUBLICISE, actors)
    if period.reviewed_by == account_id:
        raise PeriodOnePersonError
    return state


def check_decided(pending_claims: int) -> None:
    """Pass when every claim for the period's days is decided.

    Errors: PeriodClaimsPendingError.
    """
    if pending_claims:
        raise PeriodClaimsPendingError(count=pending_claims)


def check_turn(earlier: str | None) -> None:
    """Pass when the period before is sealed; `earlier` is its name while it is not.

    Errors: PeriodEarlierOpenError.
    """
    if earlier is not None:
        raise PeriodEarlierOpenError(name=earlier)


def notice_ends_at(begins_at: datetime, days: int) -> datetime:
    """Return when a notice has hung out for whole days: the end of the last of them in China."""
    return _midnight(local_date(begins_at) + timedelta(days=days + 1))


def check_objection(period: Period, actors: frozenset[Actor], now: datetime) -> None:
    """Pass while a household may object.

    Errors: ForbiddenError, WrongStateError, PeriodObjectionLateError.
    """
    LIFE.perform(period.state, Action.OBJECT, actors)
    if period.objections_until is not None and now >= period.objections_until:
        raise PeriodObjectionLateError(until=_written(period.objections_until))


def check_answer(
    period: Period, objection: PeriodObjection, principal: Principal, kin: frozenset[UUID], answer: str
) -> None:
    """Pass when the caller may answer an objection now: not the own household's, nor that of one in which `kin` live.

    Errors: ForbiddenError, WrongStateError, PeriodRecusedError, PeriodAnsweredError, PeriodReasonMissingError.
    Source: points.md I15.
    """
    LIFE.perform(period.state, Action.SEND_BACK, acting_as(principal))
    if steps_aside(principal, kin, objection.household_id):
        raise PeriodRecusedError
    if objection.answered_at is not None:
        raise PeriodAnsweredError
    if not answer.strip():
        raise PeriodReasonMissingError


def send_back(period: Period, actors: frozenset[Actor], reason: str) -> State:
    """Return the state of a period that must be drawn up again.

    Errors: ForbiddenError, WrongStateError, PeriodReasonMissingError.
    """
    state = LIFE.perform(period.state, Action.SEND_BACK, actors)
    if not reason.strip():
        raise PeriodReasonMissingError
    return state


def seal(period: Period, actors: frozenset[Actor], open_objections: int, now: datetime) -> State:
    """Return the last state, once the notice has hung out long enough and every objection is answered.

    Errors: ForbiddenError, WrongStateError, PeriodNoticeRunsError, PeriodObjectionsOpenError.
    """
    state = LIFE.perform(period.state, Action.SEAL, actors)
    if period.objections_until is None or now < period.objections_until:
        raise PeriodNoticeRunsError(until=_written(period.objections_until or now))
    if open_objections:
        raise PeriodObjectionsOpenError(count=open_objections)
    return state


def actions_now(
    period: Period, actors: frozenset[Actor], account_id: UUID, hindrances: Hindrances, now: datetime
) -> list[Action]:
    """Return what somebody could do now without being refused; only whether the totals still agree with the ledger is left to the seal."""
    return [
        action
        for action in LIFE.actions(period.state, actors)
        if _is_free(action, period, actors, account_id, hindrances, now)
    ]


def _is_free(
    action: Action,
    period: Period,
    actors: frozenset[Actor],
    account_id: UUID,
    hindrances: Hindrances,
    now: datetime,
) -> bool:
    try:
        match action:
            case Action.COLLECT:
                collect(period, actors, local_date(now))
            case Action.REVIEW:
                check_decided(hindrances.pending_claims)
            case Action.PUBLICISE:
                publicise(period, actors, account_id)
                check_turn(hindrances.earlier)
                check_decided(hindrances.pending_claims)
            case Action.OBJECT:
                check_objection(period, actors, now)
                return not hindrances.has_objected
            case Action.SEAL:
                seal(period, actors, hindrances.open_objections, now)
            case Action.SEND_BACK:
                pass
    except DomainError:
        return False
    return True


def _written(moment: datetime) -> str:
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
