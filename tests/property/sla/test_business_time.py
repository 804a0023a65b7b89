"""Working time: every complaint users of other systems filed about their clocks is a case here."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.property.sla.business_time import (
    ALWAYS,
    Calendar,
    CalendarError,
    Interval,
    add_business,
    between,
    is_open,
    next_open,
    sub_business,
)
from shared.kernel.clock import CHINA

HOUR = 3_600
MORNING = Interval(8 * HOUR + 1_800, 12 * HOUR)
AFTERNOON = Interval(14 * HOUR, 17 * HOUR + 1_800)
WORKDAY = (MORNING, AFTERNOON)
OFFICE = Calendar(
    week=(WORKDAY,) * 5 + ((), ()),
    holidays=frozenset(date(2026, 10, day) for day in range(1, 8)),
    makeup_days={date(2026, 9, 20): 0, date(2026, 10, 10): 4},
    confirmed_years=frozenset({2026}),
)


def at(text: str) -> datetime:
    """Read a moment as the wall clock in China shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        pytest.param("2026-11-23 09:00", "2026-11-23 10:00", HOUR, id="one hour in the morning"),
        pytest.param("2026-11-23 11:00", "2026-11-23 15:00", 2 * HOUR, id="the clock rests at lunch"),
        pytest.param("2026-11-23 12:30", "2026-11-23 13:30", 0, id="lunch alone is nothing"),
        pytest.param("2026-11-23 17:00", "2026-11-24 09:00", HOUR, id="the clock rests at night"),
        pytest.param("2026-11-27 17:00", "2026-11-30 09:00", HOUR, id="the clock rests at the weekend"),
        pytest.param("2026-09-30 17:00", "2026-10-08 09:00", HOUR, id="the clock rests on holidays"),
        pytest.param("2026-09-20 08:30", "2026-09-20 17:30", 7 * HOUR, id="a make-up Sunday is worked"),
        pytest.param("2026-10-10 08:00", "2026-10-11 23:00", 7 * HOUR, id="a make-up Saturday is, its Sunday is not"),
        pytest.param("2026-11-23 10:00", "2026-11-23 09:00", -HOUR, id="backwards is negative"),
        pytest.param("2026-11-23 00:00", "2026-11-30 00:00", 35 * HOUR, id="a week has 35 hours"),
    ],
)
def test_between(start: str, end: str, seconds: int) -> None:
    assert between(OFFICE, at(start), at(end)) == seconds


@pytest.mark.parametrize(
    ("start", "seconds", "due"),
    [
        pytest.param("2026-11-23 09:00", HOUR, "2026-11-23 10:00", id="within the morning"),
        pytest.param("2026-11-23 11:30", HOUR, "2026-11-23 14:30", id="over lunch"),
        pytest.param("2026-11-23 11:00", HOUR, "2026-11-23 12:00", id="due at closing, not at the next opening"),
        pytest.param("2026-11-27 17:00", HOUR, "2026-11-30 09:00", id="over a weekend"),
        pytest.param("2026-09-18 17:00", HOUR, "2026-09-20 09:00", id="into a make-up Sunday"),
        pytest.param("2026-09-30 17:00", 8 * HOUR, "2026-10-09 09:00", id="over the national holiday"),
        pytest.param("2026-11-23 20:00", HOUR, "2026-11-24 09:30", id="reported at night starts in the morning"),
        pytest.param("2026-11-22 10:00", 0, "2026-11-22 10:00", id="nothing is due at once, even on a Sunday"),
    ],
)
def test_add_business(start: str, seconds: int, due: str) -> None:
    assert add_business(OFFICE, at(start), seconds) == at(due)


@pytest.mark.parametrize(
    ("end", "seconds", "start"),
    [
        pytest.param("2026-11-23 10:00", HOUR, "2026-11-23 09:00", id="within the morning"),
        pytest.param("2026-11-24 09:00", HOUR, "2026-11-23 17:00", id="over a night"),
        pytest.param("2026-11-24 09:30", HOUR, "2026-11-24 08:30", id="a reminder rings at opening, never at midnight"),
        pytest.param("2026-11-30 08:30", HOUR, "2026-11-27 16:30", id="over a weekend"),
    ],
)
def test_sub_business(end: str, seconds: int, start: str) -> None:
    assert sub_business(OFFICE, at(end), seconds) == at(start)


def test_the_wall_clock_is_the_calendars_not_the_servers() -> None:
    """The same moment written in another time zone gives the same due time."""
    in_china = datetime(2026, 11, 23, 9, 0, tzinfo=CHINA)
    assert add_business(OFFICE, in_china.astimezone(UTC), HOUR) == add_business(OFFICE, in_china, HOUR)
    assert add_business(OFFICE, in_china, HOUR).tzinfo is UTC


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        between(OFFICE, datetime(2026, 11, 23, 9), at("2026-11-23 10:00"))  # noqa: DTZ001


def test_a_started_second_has_not_passed_yet() -> None:
    start = at("2026-11-23 09:00") + timedelta(microseconds=999_999)
    assert between(OFFICE, start, start + timedelta(microseconds=1)) == 1
    assert add_business(OFFICE, start, 1) == at("2026-11-23 09:00") + timedelta(seconds=1)


def test_a_year_without_a_notice_is_provisional_and_never_fails() -> None:
    assert OFFICE.is_provisional(date(2027, 2, 6))
    assert not OFFICE.is_provisional(date(2026, 2, 6))
    assert add_business(OFFICE, at("2027-02-05 17:00"), HOUR) == at("2027-02-08 09:00")


def test_day_and_night_runs_through_everything() -> None:
    assert between(ALWAYS, at("2026-09-30 17:00"), at("2026-10-08 17:00")) == 8 * 86_400


def test_opening_hours() -> None:
    assert is_open(OFFICE, at("2026-11-23 08:30"))
    assert not is_open(OFFICE, at("2026-11-23 12:00"))
    assert is_open(OFFICE, at("2026-09-20 09:00"))
    assert next_open(OFFICE, at("2026-11-27 18:00")) == at("2026-11-30 08:30")
    assert next_open(OFFICE, at("2026-11-30 09:15")) == at("2026-11-30 09:15")


@pytest.mark.parametrize(
    "broken",
    [
        lambda: Interval(5, 5),
        lambda: Interval(-1, 5),
        lambda: Interval(0, 86_401),
        lambda: Calendar(week=(WORKDAY,) * 6),
        lambda: Calendar(week=((),) * 7),
        lambda: Calendar(week=((Interval(0, 10), Interval(5, 20)),) * 7),
        lambda: Calendar(week=(WORKDAY,) * 7, makeup_days={date(2026, 1, 1): 7}),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(broken) -> None:
    with pytest.raises(CalendarError):
        broken()


def test_a_calendar_closed_for_ever_is_refused_not_searched_for_ever() -> None:
    day = date(2026, 1, 1)
    closed = Calendar(week=(WORKDAY,) * 7, holidays=frozenset(day + timedelta(days=n) for n in range(-600, 1_200)))
    with pytest.raises(CalendarError, match="closed"):
        add_business(closed, at("2026-01-02 09:00"), 1)
    with pytest.raises(CalendarError, match="closed"):
        sub_business(closed, at("2026-01-02 09:00"), 1)


moments = st.integers(min_value=0, max_value=400 * 86_400).map(lambda s: at("2026-01-01 00:00") + timedelta(seconds=s))
targets = st.integers(min_value=1, max_value=40 * 7 * HOUR)


@given(start=moments, seconds=targets)
def test_what_was_added_lies_between(start: datetime, seconds: int) -> None:
    due = add_business(OFFICE, start, seconds)
    assert between(OFFICE, start, due) == seconds
    assert between(OFFICE, start, due - timedelta(seconds=1)) == seconds - 1


@given(end=moments, seconds=targets)
def test_what_was_taken_away_lies_between(end: datetime, seconds: int) -> None:
    start = sub_business(OFFICE, end, seconds)
    assert between(OFFICE, start, end) == seconds
    assert is_open(OFFICE, start)


@given(a=moments, b=moments, c=moments)
def test_time_adds_up_over_any_middle(a: datetime, b: datetime, c: datetime) -> None:
    assert between(OFFICE, a, b) + between(OFFICE, b, c) == between(OFFICE, a, c)


@given(start=moments, first=targets, second=targets)
def test_adding_twice_is_adding_once(start: datetime, first: int, second: int) -> None:
    assert add_business(OFFICE, add_business(OFFICE, start, first), second) == add_business(
        OFFICE, start, first + second
    )
