"""When a sign-in closes and for how long."""

from datetime import UTC, datetime, timedelta

import pytest

from services.identity.staff.lockout import Attempts, LockoutPolicy, after_failure, wait_after

POLICY = LockoutPolicy()
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [(0, 0), (1, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (14, 512), (15, 1024), (16, 1440), (10_000_000, 1440)],
)
def test_the_wait_doubles_from_the_fifth_mistake_to_a_day(failures: int, minutes: int) -> None:
    assert wait_after(failures, POLICY) == timedelta(minutes=minutes)


def test_four_mistakes_leave_the_door_open_and_the_fifth_closes_it() -> None:
    attempts = Attempts()
    for _ in range(4):
        attempts = after_failure(attempts, now=NOW, policy=POLICY)
        assert not attempts.is_locked(NOW)
    attempts = after_failure(attempts, now=NOW, policy=POLICY)
    assert attempts.is_locked(NOW)
    assert attempts.is_locked(NOW + timedelta(seconds=59))
    assert not attempts.is_locked(NOW + timedelta(seconds=60))


@pytest.mark.parametrize(("after", "left"), [(0, 60), (0.4, 60), (1, 59), (59.5, 1), (60, 0), (100, 0)])
def test_the_seconds_left_are_rounded_up(after: float, left: int) -> None:
    attempts = Attempts(failures=5, failed_at=NOW, locked_until=NOW + timedelta(minutes=1))
    assert attempts.wait_seconds(NOW + timedelta(seconds=after)) == left


def test_an_open_account_has_nothing_to_wait_for() -> None:
    assert Attempts().wait_seconds(NOW) == 0


@pytest.mark.parametrize(("later", "failures"), [(timedelta(hours=24), 1), (timedelta(hours=24, seconds=-1), 5)])
def test_mistakes_are_forgotten_after_a_day(later: timedelta, failures: int) -> None:
    attempts = Attempts(failures=4, failed_at=NOW)
    assert after_failure(attempts, now=NOW + later, policy=POLICY).failures == failures
