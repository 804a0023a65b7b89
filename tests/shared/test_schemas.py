"""What every form takes: dates of our time, moments that say their time zone."""

from datetime import UTC, date, datetime
from typing import Any

import pydantic
import pytest
from pydantic import TypeAdapter

from shared.problems import explain
from shared.schemas import Day, Input, Instant, Moment

YEARS = "应在 1900 年到 2199 年之间。"
ZONE = "日期时间要写明时区，应像 2026-05-01T08:00:00Z 这样写。"


class Plan(Input):
    on: date | None = None
    at: Moment | None = None
    parts: tuple["Plan", ...] = ()


@pytest.mark.parametrize(
    ("form", "pointer", "words"),
    [
        ({"on": "1899-12-31"}, "/on", YEARS),
        ({"on": "2200-01-01"}, "/on", YEARS),
        ({"on": "0001-01-01"}, "/on", YEARS),
        ({"at": "9999-12-31T23:59:59-14:00"}, "/at", YEARS),
        ({"at": "0001-01-01T00:00:00+14:00"}, "/at", YEARS),
        ({"at": "2026-05-01T08:00:00"}, "/at", ZONE),
        ({"parts": [{}, {"on": "9999-12-31"}]}, "/parts/1/on", YEARS),
    ],
)
def test_a_form_refuses_times_nobody_lives_in(form: dict[str, Any], pointer: str, words: str) -> None:
    with pytest.raises(pydantic.ValidationError) as refusal:
        Plan.model_validate(form)
    told = [explain(error) for error in refusal.value.errors()]
    assert [(one["pointer"], one["detail"]) for one in told] == [(pointer, words)]


def test_a_form_takes_the_first_and_the_last_year() -> None:
    plan = Plan.model_validate({"on": "1900-01-01", "at": "2199-12-31T23:59:59-12:00"})
    assert (plan.on, plan.at and plan.at.year) == (date(1900, 1, 1), 2199)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_in_an_address_is_of_our_time(day: str) -> None:
    assert TypeAdapter(Day).validate_python("2026-05-01") == date(2026, 5, 1)
    with pytest.raises(pydantic.ValidationError):
        TypeAdapter(Day).validate_python(day)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-05-01T08:00:00"])
def test_a_moment_in_an_address_becomes_utc(moment: str) -> None:
    assert TypeAdapter(Instant).validate_python("2026-05-01T08:00:00+08:00") == datetime(2026, 5, 1, tzinfo=UTC)
    with pytest.raises(pydantic.ValidationError):
        TypeAdapter(Instant).validate_python(moment)
