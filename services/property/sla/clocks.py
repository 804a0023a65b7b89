"""Clocks: what a ticket's log and a working calendar say about the time that was promised.

Nothing is counted up and stored. A clock is recomputed from its marks (started, paused, resumed, stopped) whenever the log, the
priority or the calendar changes; what is stored is only a copy for the sweep. So a change of priority cannot forget a pause,
a pause over a weekend costs nothing twice, and a corrected calendar corrects every due time that has not yet passed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from services.property.sla.business_time import Calendar, add_business, between, next_open


class ClockKind(StrEnum):
    """The promises made to the resident; each runs by itself, so that one never overwrites another."""

    RESPOND = "respond"
    RESOLVE = "resolve"


class MarkKind(StrEnum):
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    """Stopped, but later than promised. A clock that is late and still running stays `running` with `is_late`."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something in the log that a clock cares about."""

    at: datetime
    kind: MarkKind


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock shows.

    `due_at` is None while the clock is paused with time left: nobody can know it before work goes on; a stopped clock keeps the
    one it would have had. Seconds are working seconds. `stopped_at` is the moment the promise was kept or the work ended late.
    """

    state: ClockState
    target_seconds: int
    elapsed_seconds: int
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    is_late: bool

    @property
    def left_seconds(self) -> int:
        """Working seconds left; negative when late."""
        return self.target_seconds - self.elapsed_seconds


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: at so many percent of the promised time, this person is told."""

    percent: int
    tells: str


AT_RISK_PERCENT = 80
"""So much of the promised time used up is told to the head of the department, and counted for those who run the system."""
LADDER: tuple[Rung, ...] = (
    Rung(50, "worker"),
    Rung(AT_RISK_PERCENT, "department_head"),
    Rung(100, "property_manager"),
    Rung(150, "community"),
)
"""Worker → department → manager of the company → community, each once. Default of the model community (`property.md` §1)."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised: so many working seconds on this calendar, and who hears of it when they run out.

    `quiet` is a calendar of the hours in which people may be disturbed; None disturbs them at any hour.
    """

    calendar: Calendar
    target_seconds: int
    quiet: Calendar | None = None
    ladder: tuple[Rung, ...] = LADDER


def read_clock(promise: Promise, marks: Sequence[Mark], now: datetime) -> Reading:
    """Compute a clock from its marks.

    Marks come in the order of the log; a pause while paused and a resume while running change nothing.

    Errors: ValueError when the marks do not begin with a start.
    """
    spans, state, stopped_at = _running_spans(marks, now)
    elapsed = sum(between(promise.calendar, start, end) for start, end in spans)
    is_paused = state is ClockState.PAUSED
    due_at = _reached_at(promise.calendar, spans, promise.target_seconds, is_running=not is_paused)
    if state is ClockState.MET and elapsed > promise.target_seconds:
        state = ClockState.BREACHED
    return Reading(
        state=state,
        target_seconds=promise.target_seconds,
        elapsed_seconds=elapsed,
        started_at=marks[0].at,
        due_at=due_at,
        stopped_at=stopped_at,
        is_late=elapsed > promise.target_seconds,
    )


def rung_at(promise: Promise, marks: Sequence[Mark], rung: Rung, now: datetime) -> datetime | None:
    """Return when a rung of the ladder is reached; None while that cannot be known (paused) or will not happen (stopped).

    A rung reached in quiet hours waits for the next opening.
    """
    spans, state, _ = _running_spans(marks, now)
    seconds = -(-promise.target_seconds * rung.percent // 100)
    reached = _reached_at(promise.calendar, spans, seconds, is_running=state is ClockState.RUNNING)
    if reached is None or promise.quiet is None:
        return reached
    return next_open(promise.quiet, reached)


def due_rungs(promise: Promise, marks: Sequence[Mark], now: datetime, told: frozenset[int]) -> list[Rung]:
    """Return the rungs reached by now and not told yet, lowest first.

    A sweep that slept through several gets them all, each person is told once; a stopped clock tells nobody any more.
    """
    _, state, _ = _running_spans(marks, now)
    if state not in {ClockState.RUNNING, ClockState.PAUSED}:
        return []
    untold = [rung for rung in promise.ladder if rung.percent not in told]
    reached = [(rung, rung_at(promise, marks, rung, now)) for rung in untold]
    return [rung for rung, at in reached if at is not None and at <= now]


def next_rung_at(promise: Promise, marks: Sequence[Mark], now: datetime, told: frozenset[int]) -> datetime | None:
    """Return when the sweep must look again; None when no rung can come before the log changes."""
    _, state, _ = _running_spans(marks, now)
    if state is not ClockState.RUNNING:
        return None
    untold = [rung for rung in promise.ladder if rung.percent not in told]
    moments = [rung_at(promise, marks, rung, now) for rung in untold]
    return min((moment for moment in moments if moment is not None), default=None)


def _running_spans(
    marks: Sequence[Mark], now: datetime
) -> tuple[list[tuple[datetime, datetime]], ClockState, datetime | None]:
    """Return the spans in which the clock ran, whether it still runs, and when it stopped.

    The last span of a running clock ends now.
    """
    if not marks or marks[0].kind is not MarkKind.START:
        msg = "a clock begins with a start"
        raise ValueError(msg)
    if any(later.at < earlier.at for earlier, later in pairwise(marks)):
        msg = "marks come in the order of the log"
        raise ValueError(msg)
    spans: list[tuple[datetime, datetime]] = []
    running_since: datetime | None = marks[0].at
    for mark in marks[1:]:
        if mark.kind is MarkKind.RESUME:
            running_since = running_since or mark.at
            continue
        if running_since is not None:
            spans.append((running_since, mark.at))
            running_since = None
        if mark.kind is MarkKind.STOP:
            return spans, ClockState.MET, mark.at
    if running_since is None:
        return spans, ClockState.PAUSED, None
    spans.append((running_since, max(now, running_since)))
    return spans, ClockState.RUNNING, None


def _reached_at(
    calendar: Calendar, spans: Sequence[tuple[datetime, datetime]], seconds: int, *, is_running: bool
) -> datetime | None:
    """Return the moment at which so many working seconds have run, looking past the last span when the clock still runs."""
    left = seconds
    for position, (start, end) in enumerate(spans):
        ran = between(calendar, start, end)
        is_open_ended = is_running and position == len(spans) - 1
        if ran >= left or is_open_ended:
            return add_business(calendar, start, left)
        left -= ran
    return None
