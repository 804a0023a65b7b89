"""The first filling of the calendar table: what two public libraries know about China's holidays and make-up workdays.

The libraries are a start, not the truth: the truth is the State Council's yearly notice, entered by an administrator. A year they
do not know is returned as provisional (plain weeks, fixed holidays only where known) and never raises: for 2027 one library
refuses and the other has no make-up days.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar


@dataclass(frozen=True, slots=True)
class SeedDay:
    """A day that differs from the plain week; `is_workday` marks a make-up workday, otherwise it is a day off."""

    on_date: date
    is_workday: bool
    name: str


@dataclass(frozen=True, slots=True)
class SeedYear:
    """One year of special days; provisional while no official notice is behind it."""

    year: int
    is_provisional: bool
    days: tuple[SeedDay, ...]


def seed_year(year: int) -> SeedYear:
    """Return the special days of a year, the official ones where the library has them."""
    try:
        official = _official_days(year)
    except NotImplementedError:
        return SeedYear(year, is_provisional=True, days=_expected_days(year))
    return SeedYear(year, is_provisional=False, days=official)


def _official_days(year: int) -> tuple[SeedDay, ...]:
    """Read chinese_calendar, which raises NotImplementedError for a year without a notice."""
    found = []
    day = date(year, 1, 1)
    while day.year == year:
        is_weekend = day.weekday() >= 5
        is_holiday, name = chinese_calendar.get_holiday_detail(day)
        if is_weekend and not is_holiday:
            found.append(SeedDay(day, is_workday=True, name=f"{_chinese_name(name)}调休上班"))
        elif is_holiday and name is not None:
            found.append(SeedDay(day, is_workday=False, name=_chinese_name(name)))
        day += timedelta(days=1)
    return tuple(found)


def _expected_days(year: int) -> tuple[SeedDay, ...]:
    """Read the statutory days from `holidays`; make-up days cannot be known before the notice."""
    import holidays  # It builds the calendars of every faith when imported, which costs half a second; most processes never ask.

    known = holidays.country_holidays("CN", years=year, language="zh_CN")
    return tuple(SeedDay(day, is_workday=False, name=name) for day, name in sorted(known.items()))


def _chinese_name(name: str | None) -> str:
    return next((one.chinese for one in chinese_calendar.Holiday if one.value == name), name or "")
