"""The life of an installation: ordered by points, an appointment made, fitted; or cancelled, or refused, before."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.property.installations.errors import (
    AppointmentInvalidError,
    InstallationOverdueError,
    NoInstallationConflictError,
    OwnHomeError,
)
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded


class State(Worded):
    ORDERED = "ordered", "等待约时间"
    SCHEDULED = "scheduled", "已约好上门"
    INSTALLED = "installed", "已装好"
    CANCELLED = "cancelled", "已取消"


class Action(Worded):
    SCHEDULE = "schedule", "约上门时间"
    COMPLETE = "complete", "登记装好"
    CANCEL = "cancel", "取消"
    REFUSE = "refuse", "不予安装"


class Actor(StrEnum):
    WORKER = "worker"
    DISPATCHER = "dispatcher"
    ASSIGNED = "assigned"
    POINTS = "points"


LIFE = StateMachine[State, Action, Actor](
    transitions={
        (State.ORDERED, Action.SCHEDULE): State.SCHEDULED,
        (State.SCHEDULED, Action.SCHEDULE): State.SCHEDULED,
        (State.SCHEDULED, Action.COMPLETE): State.INSTALLED,
        (State.ORDERED, Action.CANCEL): State.CANCELLED,
        (State.SCHEDULED, Action.CANCEL): State.CANCELLED,
        (State.ORDERED, Action.REFUSE): State.CANCELLED,
        (State.SCHEDULED, Action.REFUSE): State.CANCELLED,
    },
    actors={
        Action.SCHEDULE: frozenset({Actor.WORKER, Actor.DISPATCHER}),
        Action.COMPLETE: frozenset({Actor.ASSIGNED}),
        Action.CANCEL: frozenset({Actor.POINTS}),
        Action.REFUSE: frozenset({Actor.DISPATCHER, Actor.ASSIGNED}),
    },
)

REFUSED = "refused"
"""Why an installation ended that property cannot do; points' own reasons stand in the same place."""
SETTLERS = (Role.DEPARTMENT_HEAD, Role.PROPERTY_MANAGER)
"""Who answers for work that was done and not paid for with points."""
DISPATCHERS = (Role.PROPERTY_AGENT, Role.DEPARTMENT_HEAD, Role.PROPERTY_MANAGER)


@dataclass(frozen=True, slots=True)
class Installation:
    """One redemption whose goods are fitted at home; the redemption is its name on both sides."""

    redemption_id: UUID
    household_id: UUID
    address: str
    product_name: str
    quantity: int
    state: State
    ordered_at: datetime
    expires_at: datetime
    worker_id: UUID | None
    worker_account_id: UUID | None
    worker_name: str
    scheduled_for: datetime | None
    installed_at: datetime | None
    note: str
    photo_ids: tuple[UUID, ...]
    ended_at: datetime | None
    end_reason: str
    is_conflict: bool
    settled_at: datetime | None = None
    settled_by: UUID | None = None
    settlement: str = ""


def acting_as(principal: Principal, installation: Installation) -> frozenset[Actor]:
    """Return what the caller is to this installation."""
    actors = set()
    if principal.has(Role.PROPERTY_WORKER):
        actors.add(Actor.WORKER)
    if principal.has(*DISPATCHERS):
        actors.add(Actor.DISPATCHER)
    if principal.account_id == installation.worker_account_id:
        actors.add(Actor.ASSIGNED)
    return frozenset(actors)


def schedule(
    installation: Installation,
    actors: frozenset[Actor],
    *,
    at: datetime,
    worker_household_id: UUID | None,
    now: datetime,
) -> State:
    """Return the state after an appointment; it lies ahead, and before points lets the goods go.

    Errors: ForbiddenError, WrongStateError; AppointmentInvalidError; OwnHomeError.
    """
    state = LIFE.perform(installation.state, Action.SCHEDULE, actors)
    if worker_household_id == installation.household_id:
        raise OwnHomeError
    if not now <= at < installation.expires_at:
        raise AppointmentInvalidError(until=installation.expires_at.isoformat(timespec="minutes"))
    return state


def complete(installation: Installation, actors: frozenset[Actor], now: datetime) -> State:
    """Return the state after the work; once points has let the goods go, nothing may be fitted.

    Errors: ForbiddenError, WrongStateError; InstallationOverdueError.
    """
    state = LIFE.perform(installation.state, Action.COMPLETE, actors)
    if now >= installation.expires_at:
        raise InstallationOverdueError
    return state


def check_settling(installation: Installation, principal: Principal) -> None:
    """Pass when goods that were fitted and not paid for wait for somebody, and one who may decide comes, but not for the own home or work.

    Errors: ForbiddenError, NoInstallationConflictError.
    """
    principal.require(*SETTLERS)
    if principal.household_id == installation.household_id or principal.account_id == installation.worker_account_id:
        raise ForbiddenError(action="settle_conflict")
    if not installation.is_conflict:
        raise NoInstallationConflictError
