"""Clocks as a function of the log: pauses, changed priorities, overdue rungs."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.property.sla.business_time import Calendar, Interval
from services.property.sla.clocks import (
    ClockState,
    Mark,
    MarkKind,
    Promise,
    due_rungs,
    next_rung_at,
    read_clock,
    rung_at,
)
from shared.kernel.clock import CHINA

HOUR = 3_600
OFFICE = Calendar(
    week=((Interval(8 * HOUR, 12 * HOUR), Interval(14 * HOUR, 18 * HOUR)),) * 5 + ((), ()),
    makeup_days={date(2026, 9, 20): 0},
)
EIGHT_HOURS = Promise(OFFICE, 8 * HOUR)
NOBODY = frozenset[int]()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA).astimezone(UTC)


def marks(*pairs: tuple[str, MarkKind]) -> list[Mark]:
    return [Mark(at(text), kind) for text, kind in pairs]


FRIDAY_NOON = marks(("2026-11-27 10:00", MarkKind.START))


def test_a_clock_runs_only_in_working_time() -> None:
    reading = read_clock(EIGHT_HOURS, FRIDAY_NOON, at("2026-11-29 12:00"))
    assert (reading.state, reading.elapsed_seconds, reading.left_seconds) == (ClockState.RUNNING, 6 * HOUR, 2 * HOUR)
    assert reading.due_at == at("2026-11-30 10:00")


def test_a_pause_over_a_weekend_is_not_added_twice() -> None:
    """glpi#10594, #9082: the weekend inside the pause was counted once as pause and once as closed."""
    log = [*FRIDAY_NOON, *marks(("2026-11-27 16:00", MarkKind.PAUSE), ("2026-11-30 10:00", MarkKind.RESUME))]
    reading = read_clock(EIGHT_HOURS, log, at("2026-11-30 11:00"))
    assert reading.elapsed_seconds == 5 * HOUR
    assert reading.due_at == at("2026-11-30 16:00")


def test_a_pause_for_parts_leaves_the_due_time_open() -> None:
    log = [*FRIDAY_NOON, *marks(("2026-11-27 11:00", MarkKind.PAUSE))]
    reading = read_clock(EIGHT_HOURS, log, at("2026-12-04 11:00"))
    assert (reading.state, reading.elapsed_seconds, reading.due_at) == (ClockState.PAUSED, HOUR, None)


def test_a_change_of_priority_does_not_forget_the_pause() -> None:
    """glpi#15605, #6902."""
    log = [*FRIDAY_NOON, *marks(("2026-11-27 11:00", MarkKind.PAUSE), ("2026-11-30 08:00", MarkKind.RESUME))]
    sooner = replace(EIGHT_HOURS, target_seconds=2 * HOUR)
    assert read_clock(sooner, log, at("2026-11-30 08:30")).due_at == at("2026-11-30 09:00")


def test_a_hold_counts_when_the_work_ends_during_it() -> None:
    """helpdesk#3776: resolved while on hold, the pause was ignored."""
    log = [*FRIDAY_NOON, *marks(("2026-11-27 11:00", MarkKind.PAUSE), ("2026-12-18 11:00", MarkKind.STOP))]
    reading = read_clock(EIGHT_HOURS, log, at("2026-12-20 11:00"))
    assert (reading.state, reading.elapsed_seconds) == (ClockState.MET, HOUR)


@pytest.mark.parametrize(
    ("stopped", "state"),
    [("2026-11-30 10:00", ClockState.MET), ("2026-11-30 10:01", ClockState.BREACHED)],
)
def test_the_due_second_itself_is_in_time(stopped: str, state: ClockState) -> None:
    log = [*FRIDAY_NOON, *marks((stopped, MarkKind.STOP))]
    assert read_clock(EIGHT_HOURS, log, at("2026-12-01 10:00")).state is state


def test_late_and_still_running_keeps_its_due_time() -> None:
    reading = read_clock(EIGHT_HOURS, FRIDAY_NOON, at("2026-12-01 10:00"))
    assert (reading.state, reading.is_late, reading.due_at) == (ClockState.RUNNING, True, at("2026-11-30 10:00"))


def test_a_corrected_calendar_corrects_the_due_time() -> None:
    monday_off = replace(OFFICE, holidays=frozenset({date(2026, 11, 30)}))
    assert read_clock(Promise(monday_off, 8 * HOUR), FRIDAY_NOON, at("2026-11-27 10:00")).due_at == at(
        "2026-12-01 10:00"
    )


def test_a_make_up_sunday_counts() -> None:
    log = marks(("2026-09-18 17:00", MarkKind.START))
    assert read_clock(EIGHT_HOURS, log, at("2026-09-18 17:00")).due_at == at("2026-09-20 17:00")


@pytest.mark.parametrize(
    ("now", "percents"),
    [
        ("2026-11-27 15:59", []),
        ("2026-11-27 16:00", [50]),
        ("2026-11-30 08:24", [50, 80]),
        ("2026-11-30 10:00", [50, 80, 100]),
        ("2026-12-20 10:00", [50, 80, 100, 150]),
    ],
)
def test_a_sweep_that_overslept_tells_every_rung_not_only_the_first(now: str, percents: list[int]) -> None:
    """zammad#4432, glpi#1996: level 1 only, or the same level again and again."""
    assert [rung.percent for rung in due_rungs(EIGHT_HOURS, FRIDAY_NOON, at(now), NOBODY)] == percents


def test_a_rung_is_told_once() -> None:
    late = at("2026-12-20 10:00")
    assert [rung.percent for rung in due_rungs(EIGHT_HOURS, FRIDAY_NOON, late, frozenset({50, 80, 100}))] == [150]
    assert due_rungs(EIGHT_HOURS, FRIDAY_NOON, late, frozenset({50, 80, 100, 150})) == []


def test_nobody_is_told_at_night() -> None:
    """glpi#5319: a clock that runs day and night still lets people sleep."""
    always = Calendar(week=((Interval(0, 86_400),),) * 7)
    quiet = Calendar(week=((Interval(8 * HOUR, 21 * HOUR),),) * 7)
    promise = Promise(always, 4 * HOUR, quiet=quiet)
    log = marks(("2026-11-27 20:00", MarkKind.START))
    assert rung_at(promise, log, promise.ladder[0], at("2026-11-27 20:00")) == at("2026-11-28 08:00")
    assert due_rungs(promise, log, at("2026-11-28 03:00"), NOBODY) == []


def test_a_stopped_clock_tells_nobody_any_more() -> None:
    log = [*FRIDAY_NOON, *marks(("2026-11-30 17:00", MarkKind.STOP))]
    assert due_rungs(EIGHT_HOURS, log, at("2026-12-01 10:00"), NOBODY) == []
    assert next_rung_at(EIGHT_HOURS, log, at("2026-12-01 10:00"), NOBODY) is None


def test_a_paused_clock_still_tells_what_was_reached_before() -> None:
    log = [*FRIDAY_NOON, *marks(("2026-11-27 16:30", MarkKind.PAUSE))]
    assert [rung.percent for rung in due_rungs(EIGHT_HOURS, log, at("2026-12-01 10:00"), NOBODY)] == [50]
    assert next_rung_at(EIGHT_HOURS, log, at("2026-12-01 10:00"), NOBODY) is None


def test_the_sweep_is_told_when_to_look_again() -> None:
    now = at("2026-11-27 10:00")
    assert next_rung_at(EIGHT_HOURS, FRIDAY_NOON, now, NOBODY) == at("2026-11-27 16:00")
    assert next_rung_at(EIGHT_HOURS, FRIDAY_NOON, now, frozenset({50})) == at("2026-11-30 08:24")


def test_a_log_must_begin_with_a_start_and_be_in_order() -> None:
    with pytest.raises(ValueError, match="start"):
        read_clock(EIGHT_HOURS, marks(("2026-11-27 10:00", MarkKind.STOP)), at("2026-11-27 10:00"))
    with pytest.raises(ValueError, match="order"):
        read_clock(EIGHT_HOURS, [*FRIDAY_NOON, *marks(("2026-11-26 10:00", MarkKind.STOP))], at("2026-11-27 10:00"))


@given(gaps=st.lists(st.integers(min_value=0, max_value=5 * 86_400), min_size=1, max_size=8))
def test_pausing_never_makes_a_clock_faster(gaps: list[int]) -> None:
    """Whatever the pauses, what has run never exceeds what an unpaused clock shows, and running on reaches the due time."""
    moment = at("2026-11-23 09:00")
    log = [Mark(moment, MarkKind.START)]
    for position, gap in enumerate(gaps):
        moment += timedelta(seconds=gap)
        log.append(Mark(moment, MarkKind.RESUME if position % 2 else MarkKind.PAUSE))
    now = moment + timedelta(days=1)
    with_pauses = read_clock(EIGHT_HOURS, log, now)
    without = read_clock(EIGHT_HOURS, log[:1], now)
    assert with_pauses.elapsed_seconds <= without.elapsed_seconds
    if with_pauses.state is ClockState.RUNNING and with_pauses.due_at is not None:
        assert read_clock(EIGHT_HOURS, log, max(now, with_pauses.due_at)).elapsed_seconds >= EIGHT_HOURS.target_seconds
