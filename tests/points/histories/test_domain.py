"""Whole days in China's time, and a name for every kind of line."""

from datetime import UTC, date, datetime

import pytest

from services.points.histories.domain import KIND_NAMES, Span, span_of
from services.points.histories.errors import DaysReversedError
from services.points.ledger.domain import TransferKind

MAY_1 = datetime(2026, 4, 30, 16, tzinfo=UTC)
MAY_2 = datetime(2026, 5, 1, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("from_on", "to_on", "span"),
    [
        (None, None, Span(None, None)),
        (date(2026, 5, 1), date(2026, 5, 1), Span(MAY_1, MAY_2)),
        (date(2026, 5, 1), None, Span(MAY_1, None)),
        (None, date(2026, 5, 1), Span(None, MAY_2)),
        (None, date.max, Span(None, None)),
    ],
)
def test_days_are_whole(from_on: date | None, to_on: date | None, span: Span) -> None:
    assert span_of(from_on, to_on) == span


def test_days_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(DaysReversedError):
        span_of(date(2026, 5, 2), date(2026, 5, 1))


def test_every_kind_has_a_name() -> None:
    assert set(KIND_NAMES) == {*TransferKind, "hold"}
