"""Which lines of a ticket's log start, pause, resume and stop which clock (T3).

A hold names the day it ends. From that moment the clock runs again by itself, even when nobody presses "resume": a forgotten hold
cannot hide a late job.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.property.sla.clocks import ClockKind, Mark, MarkKind
from services.property.tickets.domain import TicketEvent
from services.property.tickets.transitions import CLOCK_STOPPING_REASONS, Action

_STARTS: dict[ClockKind, frozenset[Action]] = {
    ClockKind.RESPOND: frozenset({Action.SUBMIT}),
    ClockKind.RESOLVE: frozenset({Action.SUBMIT, Action.DISPUTE, Action.REOPEN}),
}
_STOPS: dict[ClockKind, frozenset[Action]] = {
    ClockKind.RESPOND: frozenset({Action.ACCEPT, Action.REJECT, Action.WITHDRAW}),
    ClockKind.RESOLVE: frozenset({Action.FINISH, Action.REJECT, Action.WITHDRAW}),
}
_ENDS_HOLD = frozenset({Action.RESUME, Action.RECALL})


def marks_of(events: Iterable[TicketEvent], kind: ClockKind) -> list[list[Mark]]:
    """Return the marks of a clock, one list for each time it was started (attempt 1 first).

    A new attempt starts a new list; the clock of the earlier attempt keeps its stop, late or not.
    """
    attempts: list[list[Mark]] = []
    held_until: datetime | None = None
    for event in events:
        marks = attempts[-1] if attempts else []
        if held_until is not None and held_until <= event.at:
            marks.append(Mark(held_until, MarkKind.RESUME))
            held_until = None
        if event.action in _STARTS[kind]:
            attempts.append([Mark(event.at, MarkKind.START)])
        elif not marks or marks[-1].kind is MarkKind.STOP:
            continue
        elif event.action in _STOPS[kind]:
            marks.append(Mark(event.at, MarkKind.STOP))
        elif event.action is Action.HOLD and event.facts["reason"] in CLOCK_STOPPING_REASONS:
            marks.append(Mark(event.at, MarkKind.PAUSE))
            held_until = datetime.fromisoformat(event.facts["until"])
        elif event.action in _ENDS_HOLD and held_until is not None:
            marks.append(Mark(event.at, MarkKind.RESUME))
            held_until = None
    if held_until is not None and attempts:
        attempts[-1].append(Mark(held_until, MarkKind.RESUME))
    return attempts


def passed(marks: Sequence[Mark], now: datetime) -> list[Mark]:
    """Return the marks that have come to pass; the end of a hold may lie ahead."""
    return [mark for mark in marks if mark.at <= now]


def resumes_at(marks: Sequence[Mark], now: datetime) -> datetime | None:
    """Return when a paused clock will run again by itself; None when it does not wait for that."""
    return next((mark.at for mark in marks if mark.at > now and mark.kind is MarkKind.RESUME), None)
