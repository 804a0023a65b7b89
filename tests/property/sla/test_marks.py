"""What the log of a ticket means for its clocks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.property.sla.clocks import ClockKind, MarkKind
from services.property.sla.marks import marks_of, passed, resumes_at
from services.property.tickets.domain import TicketEvent
from services.property.tickets.transitions import Action, Actor

START = datetime(2026, 11, 23, 1, tzinfo=UTC)
A = Action


def log(*lines: tuple[int, Action] | tuple[int, Action, dict[str, Any]]) -> list[TicketEvent]:
    events = []
    for seq, line in enumerate(lines, start=1):
        hours, action, *facts = line
        at = START + timedelta(hours=hours)
        events.append(TicketEvent(seq, action, at, Actor.AGENT, None, facts[0] if facts else {}))
    return events


def hold(reason: str, until_hours: int) -> dict[str, Any]:
    return {"reason": reason, "until": (START + timedelta(hours=until_hours)).isoformat()}


def shape(attempt) -> list[tuple[int, MarkKind]]:
    return [((mark.at - START) // timedelta(hours=1), mark.kind) for mark in attempt]


def test_the_first_answer_stops_only_the_response_clock() -> None:
    """zammad#5177: one clock must not overwrite another."""
    events = log((0, A.SUBMIT), (1, A.ACCEPT), (2, A.OFFER))
    assert [shape(one) for one in marks_of(events, ClockKind.RESPOND)] == [[(0, MarkKind.START), (1, MarkKind.STOP)]]
    assert [shape(one) for one in marks_of(events, ClockKind.RESOLVE)] == [[(0, MarkKind.START)]]


@pytest.mark.parametrize(
    ("reason", "pauses"),
    [("waiting_parts", True), ("waiting_resident", True), ("weather", True), ("other_job", False)],
)
def test_only_what_the_company_cannot_help_stops_the_clock(reason: str, pauses: bool) -> None:
    events = log((0, A.SUBMIT), (2, A.HOLD, hold(reason, 48)), (5, A.RESUME))
    kinds = [mark.kind for mark in marks_of(events, ClockKind.RESOLVE)[0]]
    assert kinds == ([MarkKind.START, MarkKind.PAUSE, MarkKind.RESUME] if pauses else [MarkKind.START])


def test_a_forgotten_hold_ends_on_its_day() -> None:
    events = log((0, A.SUBMIT), (2, A.HOLD, hold("waiting_parts", 24)))
    (marks,) = marks_of(events, ClockKind.RESOLVE)
    assert shape(marks) == [(0, MarkKind.START), (2, MarkKind.PAUSE), (24, MarkKind.RESUME)]
    assert len(passed(marks, START + timedelta(hours=23))) == 2
    assert resumes_at(marks, START + timedelta(hours=23)) == START + timedelta(hours=24)
    assert resumes_at(marks, START + timedelta(hours=25)) is None


def test_a_hold_that_outlasted_its_day_is_cut_there() -> None:
    events = log((0, A.SUBMIT), (2, A.HOLD, hold("waiting_parts", 24)), (30, A.RESUME), (31, A.FINISH))
    (marks,) = marks_of(events, ClockKind.RESOLVE)
    assert shape(marks) == [(0, MarkKind.START), (2, MarkKind.PAUSE), (24, MarkKind.RESUME), (31, MarkKind.STOP)]


def test_rework_starts_a_new_clock_and_keeps_the_old_one() -> None:
    events = log((0, A.SUBMIT), (4, A.FINISH), (6, A.DISPUTE), (9, A.FINISH))
    assert [shape(one) for one in marks_of(events, ClockKind.RESOLVE)] == [
        [(0, MarkKind.START), (4, MarkKind.STOP)],
        [(6, MarkKind.START), (9, MarkKind.STOP)],
    ]


@pytest.mark.parametrize("end", [A.REJECT, A.WITHDRAW])
def test_a_ticket_that_ends_at_the_desk_stops_both(end: Action) -> None:
    events = log((0, A.SUBMIT), (3, end))
    for kind in ClockKind:
        assert shape(marks_of(events, kind)[0])[-1] == (3, MarkKind.STOP)


def test_recalling_a_held_job_lets_the_clock_run() -> None:
    events = log((0, A.SUBMIT), (2, A.HOLD, hold("weather", 72)), (5, A.RECALL))
    assert shape(marks_of(events, ClockKind.RESOLVE)[0])[-1] == (5, MarkKind.RESUME)
