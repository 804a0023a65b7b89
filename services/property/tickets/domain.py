"""The life of a ticket: what each move must say, when it is refused, and what it changes.

Every change is an event, and a ticket is the fold of its events (T1). State says where the work stands, outcome says what came
of it: `closed` never implies `fixed`. The table is in `transitions.py`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.property.tickets.errors import (
    AfterPhotoMissingError,
    CategoryLockedError,
    HoldTooLongError,
    MissingFactError,
    NotYourTicketError,
    ReopenTooLateError,
    TicketStateError,
    WrongOutcomeError,
)
from services.property.tickets.transitions import (
    ACTOR_NAMES,
    AT_WORK,
    DESK_OUTCOMES,
    LIFE,
    WORK_OUTCOMES,
    Action,
    Actor,
    HoldReason,
    Outcome,
    Priority,
    State,
)

_A = Action


FACTS: Mapping[Action, tuple[str, ...]] = {
    _A.SUBMIT: ("household_id", "resident_id", "priority"),
    _A.ACCEPT: ("category", "department", "priority", "needs_after_photo"),
    _A.REJECT: ("outcome", "reason"),
    _A.RECLASSIFY: ("category", "department", "priority", "needs_after_photo", "reason"),
    _A.OFFER: ("worker_id",),
    _A.DECLINE: ("reason",),
    _A.RECALL: ("reason",),
    _A.HOLD: ("reason", "until"),
    _A.FINISH: ("outcome", "summary", "photo_ids"),
    _A.DISPUTE: ("reason",),
    _A.REOPEN: ("reason",),
}
"""What an action has to say. Free text written by residents is not among it: the log can never be erased, a person's words can."""

FACT_NAMES: Mapping[str, str] = {
    "household_id": "住户",
    "resident_id": "居民",
    "category": "类别",
    "department": "承办部门",
    "priority": "轻重缓急",
    "needs_after_photo": "是否要完工照片",
    "worker_id": "师傅",
    "reason": "原因",
    "until": "暂停到什么时候",
    "outcome": "办理结果",
    "summary": "处理说明",
    "photo_ids": "照片",
}


@dataclass(frozen=True, slots=True)
class TicketPolicy:
    """The numbers of one community; defaults of the model community."""

    reopen_days: int = 15
    longest_hold_days: int = 15
    rating_days: int = 7
    offer_minutes: int = 15


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """One line of the log. `facts` holds JSON values only; moments in it are RFC 3339 texts, ids are texts."""

    seq: int
    action: Action
    at: datetime
    actor: Actor
    account_id: UUID | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ticket:
    """Where a ticket stands: the fold of its events, nothing else.

    `version` is the number of events. `first_receiver_id` is who accepted it first and answers for it until it ends (T10).
    `attempt` counts from 1; a dispute or a reopening begins the next one.
    """

    version: int
    state: State
    household_id: UUID
    resident_id: UUID
    reported_by_id: UUID | None
    submitted_at: datetime
    attempt: int = 1
    outcome: Outcome | None = None
    category: str | None = None
    department: str | None = None
    priority: Priority = Priority.NORMAL
    needs_after_photo: bool = False
    first_receiver_id: UUID | None = None
    worker_id: UUID | None = None
    accepted_at: datetime | None = None
    finished_at: datetime | None = None
    confirmed_at: datetime | None = None
    rated_at: datetime | None = None
    closed_at: datetime | None = None
    hold_reason: HoldReason | None = None
    hold_until: datetime | None = None


Effect = Callable[[Ticket, TicketEvent], Mapping[str, Any]]


def _classified(event: TicketEvent) -> dict[str, Any]:
    return {
        "category": event.facts["category"],
        "department": event.facts["department"],
        "priority": Priority(event.facts["priority"]),
        "needs_after_photo": event.facts["needs_after_photo"],
    }


_NOT_WAITING: Mapping[str, Any] = {"hold_reason": None, "hold_until": None}
_NEXT_ATTEMPT: Mapping[str, Any] = {
    "outcome": None,
    "worker_id": None,
    "finished_at": None,
    "confirmed_at": None,
    "rated_at": None,
    "closed_at": None,
}

EFFECTS: Mapping[Action, Effect] = {
    _A.ACCEPT: lambda ticket, event: {
        **_classified(event),
        "accepted_at": event.at,
        "first_receiver_id": ticket.first_receiver_id or event.account_id,
    },
    _A.REJECT: lambda _, event: {"outcome": Outcome(event.facts["outcome"]), "closed_at": event.at},
    _A.WITHDRAW: lambda _, event: {"outcome": Outcome.WITHDRAWN, "closed_at": event.at, "worker_id": None},
    _A.RECLASSIFY: lambda _, event: _classified(event),
    _A.OFFER: lambda _, event: {"worker_id": UUID(event.facts["worker_id"])},
    _A.LAPSE: lambda *_: {"worker_id": None},
    _A.DECLINE: lambda *_: {"worker_id": None},
    _A.RECALL: lambda *_: {"worker_id": None, **_NOT_WAITING},
    _A.HOLD: lambda _, event: {
        "hold_reason": HoldReason(event.facts["reason"]),
        "hold_until": datetime.fromisoformat(event.facts["until"]),
    },
    _A.RESUME: lambda *_: _NOT_WAITING,
    _A.FINISH: lambda _, event: {"outcome": Outcome(event.facts["outcome"]), "finished_at": event.at},
    _A.CONFIRM: lambda _, event: {"confirmed_at": event.at},
    _A.RATE: lambda _, event: {"rated_at": event.at, "closed_at": event.at},
    _A.CLOSE_SILENTLY: lambda _, event: {"closed_at": event.at},
    _A.DISPUTE: lambda ticket, _: {"attempt": ticket.attempt + 1, **_NEXT_ATTEMPT},
    _A.REOPEN: lambda ticket, _: {"attempt": ticket.attempt + 1, **_NEXT_ATTEMPT},
}


def submit(
    *,
    household_id: UUID,
    resident_id: UUID,
    account_id: UUID | None,
    now: datetime,
    priority: Priority = Priority.NORMAL,
) -> TicketEvent:
    """Return the first event of a ticket; customer service may submit for a named resident, who still confirms and rates."""
    facts = {"household_id": str(household_id), "resident_id": str(resident_id), "priority": priority.value}
    return TicketEvent(seq=1, action=Action.SUBMIT, at=now, actor=Actor.REPORTER, account_id=account_id, facts=facts)


def decide(
    ticket: Ticket,
    action: Action,
    *,
    acting_as: frozenset[Actor],
    account_id: UUID | None,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
    policy: TicketPolicy | None = None,
) -> TicketEvent:
    """Return the event that this action writes.

    Errors: NotYourTicketError before TicketStateError, so that an outsider learns nothing about the state; MissingFactError,
    AfterPhotoMissingError, WrongOutcomeError, HoldTooLongError, CategoryLockedError, ReopenTooLateError.
    """
    able = LIFE.actors[action] & acting_as
    if not able:
        who = "或".join(ACTOR_NAMES[actor] for actor in sorted(LIFE.actors[action]))
        raise NotYourTicketError(who=who, action=action.value)
    if (ticket.state, action) not in LIFE.transitions:
        raise TicketStateError(
            state=ticket.state.value,
            state_name=ticket.state.word,
            action=action.value,
            action_name=action.word,
            allowed=[possible.value for possible in LIFE.actions(ticket.state, acting_as)],
        )
    said = dict(facts or {})
    for field in FACTS.get(action, ()):
        if said.get(field) in (None, ""):
            raise MissingFactError(
                field=field, field_name=FACT_NAMES[field], action=action.value, action_name=action.word
            )
    guard = GUARDS.get(action)
    if guard is not None:
        guard(ticket, said, now, policy or TicketPolicy())
    return TicketEvent(
        seq=ticket.version + 1, action=action, at=now, actor=min(able), account_id=account_id, facts=said
    )


def apply(ticket: Ticket, event: TicketEvent) -> Ticket:
    """Return the ticket after an event of its log.

    Errors: ValueError for an event out of order; KeyError for one the table does not know.
    """
    if event.seq != ticket.version + 1:
        msg = f"event {event.seq} cannot follow version {ticket.version}"
        raise ValueError(msg)
    state = LIFE.transitions[ticket.state, event.action]
    effect = EFFECTS.get(event.action)
    changes = dict(effect(ticket, event)) if effect is not None else {}
    return replace(ticket, version=event.seq, state=state, **changes)


def begin(event: TicketEvent) -> Ticket:
    """Return the ticket that its first event makes.

    Errors: ValueError when it is not a submission.
    """
    if event.action is not Action.SUBMIT or event.seq != 1:
        msg = "the log of a ticket begins with its submission"
        raise ValueError(msg)
    return Ticket(
        version=1,
        state=State.SUBMITTED,
        household_id=UUID(event.facts["household_id"]),
        resident_id=UUID(event.facts["resident_id"]),
        reported_by_id=event.account_id,
        submitted_at=event.at,
        priority=Priority(event.facts["priority"]),
    )


def fold(events: Iterable[TicketEvent]) -> Ticket:
    """Return where the log leaves the ticket (T1).

    Errors: ValueError for an empty log or one out of order.
    """
    log = iter(events)
    first = next(log, None)
    if first is None:
        msg = "a ticket has at least its submission"
        raise ValueError(msg)
    ticket = begin(first)
    for event in log:
        ticket = apply(ticket, event)
    return ticket


def actions_for(ticket: Ticket, acting_as: frozenset[Actor], now: datetime, policy: TicketPolicy) -> list[Action]:
    """Return what these actors can do now; a reopening past its days is not offered."""
    return [
        action
        for action in LIFE.actions(ticket.state, acting_as)
        if action is not Action.REOPEN or _can_reopen(ticket, now, policy)
    ]


def _can_reopen(ticket: Ticket, now: datetime, policy: TicketPolicy) -> bool:
    was_worked_on = ticket.outcome in WORK_OUTCOMES
    return (
        was_worked_on and ticket.closed_at is not None and now <= ticket.closed_at + timedelta(days=policy.reopen_days)
    )


def _guard_outcome(allowed: frozenset[Outcome], said: Mapping[str, Any]) -> None:
    if said["outcome"] not in allowed:
        raise WrongOutcomeError(outcome=str(said["outcome"]), allowed=sorted(outcome.value for outcome in allowed))


def _guard_reject(_ticket: Ticket, said: Mapping[str, Any], _now: datetime, _policy: TicketPolicy) -> None:
    _guard_outcome(DESK_OUTCOMES, said)


def _guard_finish(ticket: Ticket, said: Mapping[str, Any], _now: datetime, _policy: TicketPolicy) -> None:
    _guard_outcome(WORK_OUTCOMES, said)
    if ticket.needs_after_photo and not said["photo_ids"]:
        raise AfterPhotoMissingError


def _guard_reclassify(ticket: Ticket, said: Mapping[str, Any], _now: datetime, _policy: TicketPolicy) -> None:
    if ticket.state in AT_WORK and said["category"] != ticket.category:
        raise CategoryLockedError


def _guard_hold(_ticket: Ticket, said: Mapping[str, Any], now: datetime, policy: TicketPolicy) -> None:
    until = datetime.fromisoformat(said["until"])
    if not now < until <= now + timedelta(days=policy.longest_hold_days):
        raise HoldTooLongError(days=policy.longest_hold_days)


def _guard_reopen(ticket: Ticket, _said: Mapping[str, Any], now: datetime, policy: TicketPolicy) -> None:
    if ticket.outcome not in WORK_OUTCOMES:
        raise WrongOutcomeError(outcome=str(ticket.outcome), allowed=sorted(outcome.value for outcome in WORK_OUTCOMES))
    if not _can_reopen(ticket, now, policy):
        raise ReopenTooLateError(days=policy.reopen_days)


Guard = Callable[[Ticket, Mapping[str, Any], datetime, TicketPolicy], None]

GUARDS: Mapping[Action, Guard] = {
    _A.REJECT: _guard_reject,
    _A.FINISH: _guard_finish,
    _A.RECLASSIFY: _guard_reclassify,
    _A.HOLD: _guard_hold,
    _A.REOPEN: _guard_reopen,
}


def offer_lapses_at(offered_at: datetime, policy: TicketPolicy) -> datetime:
    """Return when an offer that nobody answered comes back."""
    return offered_at + timedelta(minutes=policy.offer_minutes)


def silent_close_at(ticket: Ticket, policy: TicketPolicy) -> datetime | None:
    """Return when a ticket whose resident says nothing is closed without a rating; None when it does not wait for one."""
    since: Sequence[datetime | None] = {
        State.DONE_PENDING_CHECK: (ticket.finished_at,),
        State.AWAITING_RATING: (ticket.confirmed_at,),
    }.get(ticket.state, ())
    return next((moment + timedelta(days=policy.rating_days) for moment in since if moment is not None), None)
