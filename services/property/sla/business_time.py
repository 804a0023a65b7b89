"""Working time: how much of it lies between two moments, and when so much of it will have passed.

A calendar is data: several working intervals a day for each weekday, the public holidays on which nobody works, and the
make-up workdays (调休) on which a weekend is worked like a named weekday. Moments go in and come out in UTC; the calendar's
own offset says what the wall clock shows. Everything is counted in whole seconds, a started second counts as not yet passed,
and no float is used, so that the same log gives the same due time on every machine.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

DAY_SECONDS = 86_400
CHINA_OFFSET_SECONDS = 8 * 3_600

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_ONE_SECOND = timedelta(seconds=1)
_LONGEST_CLOSURE_DAYS = 400
"""A calendar that stays closed longer than this is a mistake in the data and is refused instead of searched for ever."""


class CalendarError(ValueError):
    """Says that the data of a calendar cannot be a working calendar."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Working time of one day, in seconds since local midnight; the end is not part of it.

    Errors: CalendarError unless 0 <= start < end <= 86,400.
    """

    start_second: int
    end_second: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_second < self.end_second <= DAY_SECONDS:
            msg = f"an interval needs 0 <= start < end <= {DAY_SECONDS}, got {self.start_second}..{self.end_second}"
            raise CalendarError(msg)


DayPlan = tuple[Interval, ...]
"""The working intervals of one day, in order and apart from each other; empty on a day off."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """A working calendar.

    `week` holds the plan of Monday to Sunday. `holidays` are days off whatever the weekday. `makeup_days` maps a date to the
    weekday (0 = Monday) whose plan is worked on it; it wins over `holidays`. `confirmed_years` are the years whose official
    notice has been entered: every other year is reckoned from the plain week and whatever days are known, and is provisional.

    Errors: CalendarError when the week has not seven plans, a plan's intervals overlap, or nothing is ever worked.
    """

    week: tuple[DayPlan, ...]
    holidays: frozenset[date] = frozenset()
    makeup_days: Mapping[date, int] = field(default_factory=dict)
    confirmed_years: frozenset[int] = frozenset()
    utc_offset_seconds: int = CHINA_OFFSET_SECONDS

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            msg = f"a week has seven days, got {len(self.week)}"
            raise CalendarError(msg)
        for plan in self.week:
            if any(later.start_second < earlier.end_second for earlier, later in pairwise(plan)):
                msg = "the intervals of a day must be in order and must not overlap"
                raise CalendarError(msg)
        if not any(self.week):
            msg = "a calendar needs at least one working interval in its week"
            raise CalendarError(msg)
        if any(not 0 <= weekday <= 6 for weekday in self.makeup_days.values()):
            msg = "a make-up day names a weekday from 0 (Monday) to 6 (Sunday)"
            raise CalendarError(msg)

    def plan_of(self, day: date) -> DayPlan:
        """Return what is worked on a local date."""
        if day in self.makeup_days:
            return self.week[self.makeup_days[day]]
        if day in self.holidays:
            return ()
        return self.week[day.weekday()]

    def is_provisional(self, day: date) -> bool:
        """Tell whether the official notice of the day's year is still missing, so that due times may still move."""
        return day.year not in self.confirmed_years

    def local_date(self, moment: datetime) -> date:
        """Return the date the wall clock of this calendar shows."""
        return date.fromordinal((_seconds(moment) + self.utc_offset_seconds) // DAY_SECONDS + _EPOCH_ORDINAL)


ALWAYS = Calendar(week=((Interval(0, DAY_SECONDS),),) * 7, confirmed_years=frozenset(range(1970, 2200)))
"""Day and night, holidays too: the calendar of the guards and of anything that endangers people."""


def is_open(calendar: Calendar, moment: datetime) -> bool:
    """Tell whether work is done at this moment."""
    at = _seconds(moment)
    return any(start <= at < end for start, end in _spans_from(calendar, at, within_days=1))


def between(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Return the working seconds from `start` to `end`; negative when `end` comes first."""
    low, high = _seconds(start), _seconds(end)
    if high < low:
        return -_count(calendar, high, low)
    return _count(calendar, low, high)


def add_business(calendar: Calendar, start: datetime, seconds: int) -> datetime:
    """Return the earliest moment by which `seconds` of work have passed since `start`.

    A target used up exactly at closing time is due at closing time, not at the next opening. Zero returns `start`.

    Errors: ValueError for a negative target; CalendarError when the calendar stays closed for more than 400 days.
    """
    if seconds < 0:
        msg = "use sub_business to go back"
        raise ValueError(msg)
    at = _seconds(start)
    left = seconds
    if left == 0:
        return _moment(at)
    for opens, closes in _spans_from(calendar, at):
        here = max(opens, at)
        if closes - here >= left:
            return _moment(here + left)
        left -= closes - here
    raise AssertionError  # pragma: no cover - the spans never run out, they raise CalendarError


def sub_business(calendar: Calendar, end: datetime, seconds: int) -> datetime:
    """Return the latest moment from which `seconds` of work remain until `end`.

    It lies inside working time whenever `seconds` is positive, so that a reminder "two hours before due" never rings at night.

    Errors: ValueError for a negative target; CalendarError when the calendar stays closed for more than 400 days.
    """
    if seconds < 0:
        msg = "use add_business to go forward"
        raise ValueError(msg)
    at = _seconds(end)
    left = seconds
    if left == 0:
        return _moment(at)
    for opens, closes in _spans_back(calendar, at):
        here = min(closes, at)
        if here - opens >= left:
            return _moment(here - left)
        left -= here - opens
    raise AssertionError  # pragma: no cover - the spans never run out, they raise CalendarError


def next_open(calendar: Calendar, moment: datetime) -> datetime:
    """Return `moment` itself when work is going on, else the next opening."""
    at = _seconds(moment)
    opens, _ = next(_spans_from(calendar, at))
    return _moment(max(opens, at))


def _seconds(moment: datetime) -> int:
    """Return whole seconds since 1970 in UTC, rounded down.

    Errors: ValueError for a moment without a time zone: guessing one is how clocks end up eight hours wrong.
    """
    if moment.tzinfo is None:
        msg = "a moment needs a time zone"
        raise ValueError(msg)
    return (moment - _EPOCH) // _ONE_SECOND


def _moment(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


def _count(calendar: Calendar, low: int, high: int) -> int:
    total = 0
    for day in range(_day_of(calendar, low), _day_of(calendar, high) + 1):
        for opens, closes in _spans_of_day(calendar, day):
            total += max(0, min(closes, high) - max(opens, low))
    return total


def _day_of(calendar: Calendar, at: int) -> int:
    """Return the number of the local day, counted from 1970-01-01."""
    return (at + calendar.utc_offset_seconds) // DAY_SECONDS


def _spans_of_day(calendar: Calendar, day: int) -> list[tuple[int, int]]:
    """Return the working intervals of a local day as absolute seconds, in order."""
    midnight = day * DAY_SECONDS - calendar.utc_offset_seconds
    plan = calendar.plan_of(date.fromordinal(day + _EPOCH_ORDINAL))
    return [(midnight + interval.start_second, midnight + interval.end_second) for interval in plan]


def _spans_from(calendar: Calendar, at: int, within_days: int | None = None) -> Iterator[tuple[int, int]]:
    """Yield working spans that end after `at`, in order; `within_days` bounds the search, else a long closure raises."""
    first = day = _day_of(calendar, at)
    closed_since = day
    while within_days is None or day < first + within_days:
        for opens, closes in _spans_of_day(calendar, day):
            if closes > at:
                closed_since = day
                yield opens, closes
        if day - closed_since > _LONGEST_CLOSURE_DAYS:
            raise CalendarError(f"the calendar stays closed for more than {_LONGEST_CLOSURE_DAYS} days")
        day += 1


def _spans_back(calendar: Calendar, at: int) -> Iterator[tuple[int, int]]:
    """Yield working spans that start before `at`, latest first."""
    day = closed_until = _day_of(calendar, at)
    while True:
        for opens, closes in reversed(_spans_of_day(calendar, day)):
            if opens < at:
                closed_until = day
                yield opens, closes
        if closed_until - day > _LONGEST_CLOSURE_DAYS:
            raise CalendarError(f"the calendar stays closed for more than {_LONGEST_CLOSURE_DAYS} days")
        day -= 1
