"""The life of a request for help: asked for, matched, begun and ended by codes from both sides, confirmed, credited; or settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.points.help_policies.domain import TimePolicy
from services.points.time_bank.errors import HelpTimesInvalidError
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded
from shared.kernel.values import Minutes


class State(Worded):
    REQUESTED = "requested", "等人帮忙"
    MATCHED = "matched", "已约好"
    STARTED = "started", "正在帮忙"
    ENDED = "ended", "已帮完，等确认"
    CREDITED = "credited", "时间已入账"
    CANCELLED = "cancelled", "已取消"
    DISPUTED = "disputed", "有争议"
    SETTLED = "settled", "已裁定"


class Action(Worded):
    APPROVE = "approve", "批准"
    HELP = "help", "报名帮忙"
    ACCOMPANY = "accompany", "陪同"
    LEAVE = "leave", "退出"
    UNMATCH = "unmatch", "取消约定"
    CANCEL = "cancel", "取消"
    ENTER_START = "enter_start", "输入开始码"
    START = "start", "开始"
    ENTER_STOP = "enter_stop", "输入结束码"
    STOP = "stop", "结束"
    CONFIRM = "confirm", "确认时长"
    CREDIT = "credit", "入账"
    DISPUTE = "dispute", "提出争议"
    SETTLE = "settle", "裁定"


class Actor(StrEnum):
    REQUESTER = "requester"
    HELPED = "helped"
    HELPER = "helper"
    NEIGHBOUR = "neighbour"
    OFFICIAL = "official"
    SUPERVISOR = "supervisor"
    CLOCK = "clock"


class Side(StrEnum):
    HELPER = "helper"
    HELPED = "helped"


class Payer(StrEnum):
    """Whose minutes pay: the requester's own, or the community's pool."""

    OWN = "own"
    POOL = "pool"


PRESENT = frozenset({Actor.HELPER, Actor.HELPED})

LIFE = StateMachine[State, Action, Actor](
    transitions={
        (State.REQUESTED, Action.APPROVE): State.REQUESTED,
        (State.REQUESTED, Action.HELP): State.MATCHED,
        (State.REQUESTED, Action.ACCOMPANY): State.REQUESTED,
        (State.REQUESTED, Action.LEAVE): State.REQUESTED,
        (State.REQUESTED, Action.CANCEL): State.CANCELLED,
        (State.MATCHED, Action.HELP): State.MATCHED,
        (State.MATCHED, Action.ACCOMPANY): State.MATCHED,
        (State.MATCHED, Action.LEAVE): State.MATCHED,
        (State.MATCHED, Action.UNMATCH): State.REQUESTED,
        (State.MATCHED, Action.CANCEL): State.CANCELLED,
        (State.MATCHED, Action.ENTER_START): State.MATCHED,
        (State.MATCHED, Action.START): State.STARTED,
        (State.STARTED, Action.ENTER_START): State.STARTED,
        (State.STARTED, Action.ENTER_STOP): State.STARTED,
        (State.STARTED, Action.STOP): State.ENDED,
        (State.ENDED, Action.CONFIRM): State.ENDED,
        (State.ENDED, Action.CREDIT): State.CREDITED,
        (State.ENDED, Action.DISPUTE): State.DISPUTED,
        (State.DISPUTED, Action.SETTLE): State.SETTLED,
    },
    actors={
        Action.APPROVE: frozenset({Actor.OFFICIAL}),
        Action.HELP: frozenset({Actor.NEIGHBOUR}),
        Action.ACCOMPANY: frozenset({Actor.NEIGHBOUR}),
        Action.LEAVE: PRESENT,
        Action.UNMATCH: frozenset({Actor.CLOCK}),
        Action.CANCEL: frozenset({Actor.REQUESTER, Actor.OFFICIAL, Actor.CLOCK}),
        Action.ENTER_START: PRESENT,
        Action.START: frozenset({Actor.CLOCK}),
        Action.ENTER_STOP: PRESENT,
        Action.STOP: frozenset({Actor.CLOCK}),
        Action.CONFIRM: PRESENT,
        Action.CREDIT: frozenset({Actor.CLOCK}),
        Action.DISPUTE: PRESENT | {Actor.REQUESTER, Actor.CLOCK},
        Action.SETTLE: frozenset({Actor.SUPERVISOR}),
    },
)

CLOCK = frozenset({Actor.CLOCK})
OFFICIALS = (Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER)
INNER = frozenset({Action.UNMATCH, Action.START, Action.STOP, Action.CREDIT})
"""What follows of itself and is never asked for."""


@dataclass(frozen=True, slots=True)
class Participant:
    """One person on one side. Codes the other side entered set `started_at` and `ended_at`."""

    id: UUID
    resident_id: UUID
    household_id: UUID
    account_id: UUID
    name: str
    side: Side
    joined_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    served_minutes: Minutes
    credited_minutes: Minutes
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody needs help. `minutes` is what was asked for at most; as much as all wanted helpers could earn lies in escrow."""

    id: UUID
    kind_code: str
    kind_version: int
    kind_name: str
    rate_percent: int
    note: str
    location: str
    payer: Payer
    requester_resident_id: UUID
    requester_household_id: UUID
    requester_account_id: UUID
    helpers_wanted: int
    minutes: Minutes
    wanted_from: datetime
    wanted_until: datetime
    state: State
    approved_by: UUID | None
    escrow_account_id: UUID
    escrow_minutes: Minutes
    started_at: datetime | None
    ended_at: datetime | None
    is_ended_by_clock: bool
    policy: TimePolicy
    due_at: datetime | None
    reason: str
    created_at: datetime
    participants: tuple[Participant, ...]

    @property
    def helpers(self) -> tuple[Participant, ...]:
        """Those who help, in the order they came."""
        return tuple(p for p in self.participants if p.side is Side.HELPER)

    @property
    def helped(self) -> tuple[Participant, ...]:
        """Those who are helped, the requester first."""
        return tuple(p for p in self.participants if p.side is Side.HELPED)

    @property
    def is_approved(self) -> bool:
        """Tell whether its minutes lie in escrow: own ones do from the beginning, the pool's once an official agreed."""
        return self.payer is Payer.OWN or self.approved_by is not None

    def find(self, resident_id: UUID | None) -> Participant | None:
        """Return a person's part in it, or None."""
        return next((p for p in self.participants if p.resident_id == resident_id), None)


def new_participant(
    participant_id: UUID, principal: Principal, household_id: UUID, side: Side, now: datetime
) -> Participant:
    """Return the caller as a participant who has not begun."""
    assert principal.resident_id is not None
    return Participant(
        id=participant_id,
        resident_id=principal.resident_id,
        household_id=household_id,
        account_id=principal.account_id,
        name=principal.name,
        side=side,
        joined_at=now,
        started_at=None,
        ended_at=None,
        served_minutes=Minutes(0),
        credited_minutes=Minutes(0),
        confirmed_at=None,
    )


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One line of a request's record: who did what and why; without an account it was the clock."""

    id: UUID
    action: str
    account_id: UUID | None
    note: str
    happened_at: datetime


def check_new(
    *, minutes: int, wanted_from: datetime, wanted_until: datetime, policy: TimePolicy, now: datetime
) -> None:
    """Pass when such help may be asked for.

    Errors: HelpTimesInvalidError.
    """
    if not wanted_from < wanted_until or wanted_until <= now or minutes > policy.longest_minutes:
        raise HelpTimesInvalidError(longest=policy.longest_minutes)


def acting_as(principal: Principal, request: Request) -> frozenset[Actor]:
    """Return what the caller is to this request."""
    actors = set()
    if principal.resident_id is not None:
        part = request.find(principal.resident_id)
        actors.add(Actor.NEIGHBOUR if part is None else Actor(part.side.value))
        if principal.resident_id == request.requester_resident_id:
            actors.add(Actor.REQUESTER)
    if principal.has(*OFFICIALS):
        actors.add(Actor.OFFICIAL)
    if principal.has(Role.SUPERVISOR):
        actors.add(Actor.SUPERVISOR)
    return frozenset(actors)


def present(participants: Sequence[Participant]) -> tuple[Participant, ...]:
    """Return those whose start code the other side entered."""
    return tuple(p for p in participants if p.started_at is not None)
