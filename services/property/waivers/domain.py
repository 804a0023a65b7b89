"""Months without property fee, given for an award: which months, and what became of the request."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class State(StrEnum):
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Waiver:
    """The answer to one award's request; `months` are first days of months."""

    award_id: UUID
    household_id: UUID
    state: State
    months: tuple[date, ...]
    reason: str
    asked_at: datetime
    ended_at: datetime | None


def following(month: date) -> date:
    """Return the first day of the month after the one a day is in."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def free_months(granted_on: date, count: int, taken: Collection[date]) -> tuple[date, ...]:
    """Return the first `count` months after the day of granting that are not without fee already."""
    months: list[date] = []
    month = following(granted_on)
    while len(months) < count:
        if month not in taken:
            months.append(month)
        month = following(month)
    return tuple(months)
