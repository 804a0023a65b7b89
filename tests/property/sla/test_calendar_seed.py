"""The first filling of the calendar; 2027 has no official notice and must not break anything."""

from datetime import date

from services.property.calendar_seed import seed_year


def test_2026_has_its_make_up_workdays() -> None:
    seeded = seed_year(2026)
    assert not seeded.is_provisional
    workdays = [day.on_date for day in seeded.days if day.is_workday]
    assert date(2026, 9, 20) in workdays
    assert date(2026, 10, 10) in workdays
    assert all(day.weekday() >= 5 for day in workdays)
    off = {day.on_date: day.name for day in seeded.days if not day.is_workday}
    assert off[date(2026, 10, 1)] == "国庆节"
    assert not set(off) & set(workdays)


def test_2027_is_provisional_and_never_crashes() -> None:
    seeded = seed_year(2027)
    assert seeded.is_provisional
    assert not any(day.is_workday for day in seeded.days)
    assert date(2027, 10, 1) in {day.on_date for day in seeded.days}


def test_a_far_year_is_provisional_too() -> None:
    assert seed_year(2090).is_provisional
