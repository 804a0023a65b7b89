"""What the community decided about opening points and how long earned points last."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.points.expiries.errors import DecisionMissingError, ExpiryRuleInvalidError
from services.points.ledger.domain import OpeningPolicy
from shared.kernel.values import Points

DAY: Final = timedelta(days=1)
LONGEST_MONTHS: Final = 120


class ExpiryMode(StrEnum):
    """How long earned points last."""

    NONE = "none"
    MONTHS = "months"
    """So many months after they came in."""
    YEARLY = "yearly"
    """Until a day of the year, the first one that is at least `expiry_months` away."""


@dataclass(frozen=True, slots=True)
class PolicyTerms:
    """What a decision sets."""

    opening_standing: Points = Points(100)
    is_base_spendable: bool = True
    expiry_mode: ExpiryMode = ExpiryMode.NONE
    expiry_months: int = 0
    expiry_month: int = 12
    expiry_day: int = 31


@dataclass(frozen=True, slots=True)
class PointsPolicy:
    """The terms in force, who entered them and on which decision; version 0 is what holds before any decision."""

    version: int
    terms: PolicyTerms
    decision: str
    adopted_by: UUID | None
    adopted_at: datetime | None


BEFORE_ANY_DECISION: Final = PointsPolicy(0, PolicyTerms(), "", None, None)
"""100 points a household, also to spend; nothing expires. Source: domain.md, 青龙泉."""


def check_terms(terms: PolicyTerms, decision: str) -> None:
    """Refuse terms that contradict themselves and a change that nobody decided.

    Errors: ExpiryRuleInvalidError, DecisionMissingError.
    """
    if not decision.strip():
        raise DecisionMissingError
    is_long_enough = 0 <= terms.expiry_months <= LONGEST_MONTHS and (
        terms.expiry_mode is not ExpiryMode.MONTHS or terms.expiry_months > 0
    )
    if not is_long_enough or not _is_day(terms.expiry_month, terms.expiry_day):
        raise ExpiryRuleInvalidError


def _is_day(month: int, day: int) -> bool:
    """Tell whether every year has this day; 29 February is not one."""
    try:
        date(2001, month, day)
    except ValueError:
        return False
    return True


def opening(terms: PolicyTerms) -> OpeningPolicy:
    """Return what a new household is given."""
    return OpeningPolicy(
        standing=terms.opening_standing,
        base_spendable=terms.opening_standing if terms.is_base_spendable else Points(0),
    )


def days_left(expires_at: datetime, now: datetime) -> int:
    """Return in how many days points expire, as people count: a day that has begun counts."""
    return -((now - expires_at) // DAY)
