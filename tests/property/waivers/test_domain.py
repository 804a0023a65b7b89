"""Which months an award waives."""

from datetime import date

import pytest

from services.property.waivers.domain import following, free_months


@pytest.mark.parametrize(
    ("day", "month"),
    [
        (date(2026, 5, 11), date(2026, 6, 1)),
        (date(2026, 5, 1), date(2026, 6, 1)),
        (date(2026, 1, 31), date(2026, 2, 1)),
        (date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_following_month(day: date, month: date) -> None:
    assert following(day) == month


@pytest.mark.parametrize(
    ("count", "taken", "months"),
    [
        (1, [], [date(2026, 12, 1)]),
        (2, [], [date(2026, 12, 1), date(2027, 1, 1)]),
        (1, [date(2026, 12, 1)], [date(2027, 1, 1)]),
        (2, [date(2027, 1, 1)], [date(2026, 12, 1), date(2027, 2, 1)]),
        (0, [], []),
    ],
)
def test_months_already_free_are_not_given_again(count: int, taken: list[date], months: list[date]) -> None:
    assert free_months(date(2026, 11, 30), count, taken) == tuple(months)
