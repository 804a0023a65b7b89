"""Quiet hours by the clock on the wall in China."""

from datetime import UTC, datetime, time

import pytest

from services.notifications.messages.quiet_hours import QuietHours
from shared.kernel.clock import CHINA


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, second, tzinfo=CHINA).astimezone(UTC)


NIGHT = QuietHours()
NOON = QuietHours(time(12, 0), time(14, 30))
NEVER = QuietHours(time(8, 0), time(8, 0))


@pytest.mark.parametrize(
    ("quiet", "moment", "send"),
    [
        (NIGHT, at(2, 20, 59, 59), at(2, 20, 59, 59)),
        (NIGHT, at(2, 21), at(3, 8)),
        (NIGHT, at(2, 23, 59, 59), at(3, 8)),
        (NIGHT, at(3, 0), at(3, 8)),
        (NIGHT, at(3, 7, 59, 59), at(3, 8)),
        (NIGHT, at(3, 8), at(3, 8)),
        (NIGHT, at(31, 22), datetime(2026, 4, 1, 8, tzinfo=CHINA)),
        (NOON, at(2, 11, 59), at(2, 11, 59)),
        (NOON, at(2, 12), at(2, 14, 30)),
        (NOON, at(2, 14, 30), at(2, 14, 30)),
        (NOON, at(2, 23), at(2, 23)),
        (NEVER, at(2, 8), at(2, 8)),
        (NEVER, at(2, 3), at(2, 3)),
    ],
)
def test_what_is_quiet_waits_for_the_end(quiet, moment, send):
    earliest = quiet.earliest_send(moment)
    assert earliest == send
    assert earliest.tzinfo is UTC
    assert quiet.contains(moment) is (send != moment)
    assert not quiet.contains(earliest)
