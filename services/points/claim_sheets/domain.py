"""The life of a sheet of assessment results: uploaded, checked, applied whole or not at all, voted on by the panel."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.points.claim_sheets.errors import AssessedOnInvalidError
from services.points.claims.domain import OLDEST_DAYS
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded


class State(Worded):
    UPLOADED = "uploaded", "已上传，等待检查"
    CHECKED = "checked", "检查无误"
    REFUSED = "refused", "有错，已退回"
    APPLYING = "applying", "正在录入"
    APPLIED = "applied", "已录入"
    DISCARDED = "discarded", "已作废"


class Action(Worded):
    ACCEPT = "accept", "检查通过"
    REFUSE = "refuse", "退回"
    APPLY = "apply", "录入"
    FINISH = "finish", "录完"
    DISCARD = "discard", "作废"
    VOTE = "vote", "评议"


class Actor(StrEnum):
    ASSESSOR = "assessor"
    CLOCK = "clock"


LIFE = StateMachine[State, Action, Actor](
    transitions={
        (State.UPLOADED, Action.ACCEPT): State.CHECKED,
        (State.UPLOADED, Action.REFUSE): State.REFUSED,
        (State.UPLOADED, Action.DISCARD): State.DISCARDED,
        (State.CHECKED, Action.APPLY): State.APPLYING,
        (State.CHECKED, Action.DISCARD): State.DISCARDED,
        (State.APPLYING, Action.FINISH): State.APPLIED,
        (State.APPLYING, Action.REFUSE): State.REFUSED,
        (State.APPLIED, Action.VOTE): State.APPLIED,
    },
    actors={
        Action.ACCEPT: frozenset({Actor.CLOCK}),
        Action.REFUSE: frozenset({Actor.CLOCK}),
        Action.APPLY: frozenset({Actor.ASSESSOR}),
        Action.FINISH: frozenset({Actor.CLOCK}),
        Action.DISCARD: frozenset({Actor.ASSESSOR}),
        Action.VOTE: frozenset({Actor.ASSESSOR}),
    },
)


@dataclass(frozen=True, slots=True)
class ClaimSheet:
    """One sheet and how far it has come; `done` of `total` steps of its `phase` are behind the worker."""

    id: UUID
    name: str
    assessed_on: date
    rulebook_version: int | None
    state: State
    file_name: str
    file_bytes: int
    uploaded_by: UUID
    uploaded_at: datetime
    checked_at: datetime | None
    finished_at: datetime | None
    row_count: int
    problem_count: int
    plus_points: int
    minus_points: int
    refusal_code: str | None
    refusal_detail: str | None
    attempts: int
    phase: str
    done: int
    total: int


def acting_as(principal: Principal) -> frozenset[Actor]:
    """Return what the caller is to a sheet."""
    return frozenset({Actor.ASSESSOR}) if principal.has(Role.ASSESSOR) else frozenset()


def allowed_actions(sheet: ClaimSheet, principal: Principal) -> list[Action]:
    """Return what the caller could do with a sheet now; who uploaded it does not judge it."""
    is_clerk = sheet.uploaded_by == principal.account_id
    return [a for a in LIFE.actions(sheet.state, acting_as(principal)) if not (is_clerk and a is Action.VOTE)]


def check_assessed_on(assessed_on: date, today: date) -> None:
    """Pass when results of this day may still be entered.

    Errors: AssessedOnInvalidError.
    """
    if not today - timedelta(days=OLDEST_DAYS) <= assessed_on <= today:
        raise AssessedOnInvalidError(days=OLDEST_DAYS)
