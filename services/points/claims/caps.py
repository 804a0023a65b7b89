"""How much of an item, and of all items together, still fits into any window of days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Dated:
    """So much on a day: units of an item, or points."""

    on: date
    amount: int


def most_in_window(taken: Sequence[Dated], on: date, days: int) -> int:
    """Return the most that any window of `days` days with `on` in it holds already."""
    starts = [on - timedelta(days=back) for back in range(days)]
    return max(sum(t.amount for t in taken if start <= t.on < start + timedelta(days=days)) for start in starts)


def fits(taken: Sequence[Dated], on: date, amount: int, *, cap: int, days: int) -> bool:
    """Tell whether `amount` more on a day leaves every window of `days` days within the cap."""
    return most_in_window(taken, on, days) + amount <= cap
