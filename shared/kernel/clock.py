"""The time, as an argument. The clock that reads the machine lives in `shared.clock`."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one time without daylight saving since 1992, so a fixed offset is exact for every date the system meets."""


class Clock(Protocol):
    """Tells the present moment in UTC."""

    def now(self) -> datetime: ...


class FixedClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment it was last set to."""
        return self._at

    def advance(self, by: timedelta) -> None:
        """Move forward, or back when `by` is negative."""
        self._at += by

    def set(self, at: datetime) -> None:
        """Jump to a moment."""
        self._at = at.astimezone(UTC)


def local_date(moment: datetime) -> date:
    """Return the calendar date a resident would write for this moment."""
    return moment.astimezone(CHINA).date()
