"""China's calendar and clocks that obey."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from shared.kernel.clock import CHINA, FixedClock, local_date


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 5, 10, 15, 59, 59, tzinfo=UTC), date(2026, 5, 10)),
        (datetime(2026, 5, 10, 16, 0, tzinfo=UTC), date(2026, 5, 11)),
        (datetime(2026, 5, 11, 0, 0, tzinfo=CHINA), date(2026, 5, 11)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=timezone(timedelta(hours=-5))), date(2027, 1, 1)),
    ],
)
def test_date_a_resident_would_write(moment: datetime, day: date) -> None:
    assert local_date(moment) == day


def test_fixed_clock_moves_only_when_told() -> None:
    clock = FixedClock(datetime(2026, 5, 11, 9, 0, tzinfo=CHINA))
    assert clock.now() == clock.now() == datetime(2026, 5, 11, 1, 0, tzinfo=UTC)
    assert clock.now().tzinfo is UTC
    clock.advance(timedelta(days=-1))
    assert clock.now() == datetime(2026, 5, 10, 1, 0, tzinfo=UTC)
    clock.set(datetime(2026, 6, 1, 8, 0, tzinfo=CHINA))
    assert clock.now() == datetime(2026, 6, 1, 0, 0, tzinfo=UTC)
