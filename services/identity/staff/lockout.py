"""How long a sign-in stays closed after wrong passwords.

Guessing must become hopeless without shutting a forgetful colleague out for the day: the first few mistakes cost nothing, then
each one doubles the wait.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class LockoutPolicy:
    """How many mistakes are free, how long the first wait is, and where the doubling ends."""

    free_failures: int = 4
    first_wait: timedelta = timedelta(minutes=1)
    longest_wait: timedelta = timedelta(hours=24)
    forgets_after: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Attempts:
    """The wrong attempts of one account since the last right one."""

    failures: int = 0
    failed_at: datetime | None = None
    locked_until: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        """Tell whether the account refuses even the right password at this moment."""
        return self.locked_until is not None and now < self.locked_until

    def wait_seconds(self, now: datetime) -> int:
        """Return how many seconds are left, rounded up; 0 when open."""
        if self.locked_until is None or now >= self.locked_until:
            return 0
        return -((now - self.locked_until) // timedelta(seconds=1))


def wait_after(failures: int, policy: LockoutPolicy) -> timedelta:
    """Return how long the account stays closed after so many mistakes in a row."""
    beyond = failures - policy.free_failures
    if beyond <= 0:
        return timedelta()
    # The exponent is bounded before the power, so that a million attempts stay cheap.
    return min(policy.first_wait * (1 << min(beyond - 1, 32)), policy.longest_wait)


def after_failure(attempts: Attempts, *, now: datetime, policy: LockoutPolicy) -> Attempts:
    """Return the attempts with one more mistake; mistakes of long ago are forgotten first."""
    is_old = attempts.failed_at is not None and now - attempts.failed_at >= policy.forgets_after
    failures = 1 if is_old else attempts.failures + 1
    wait = wait_after(failures, policy)
    return Attempts(failures=failures, failed_at=now, locked_until=now + wait if wait else None)
