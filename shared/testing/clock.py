"""A clock that moves when a test says so, and stands at a Monday morning in China otherwise."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from shared.kernel.clock import FixedClock

MONDAY_MORNING = datetime(2026, 5, 11, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def clock() -> FixedClock:
    return FixedClock(MONDAY_MORNING)


@pytest.fixture(autouse=True)
def _clock_stands(clock: FixedClock) -> Iterator[None]:
    """Put the clock back before every test."""
    clock.set(MONDAY_MORNING)
    yield
    clock.set(MONDAY_MORNING)
