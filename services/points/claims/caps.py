"""How much of an item, and of all items together, still fits into any window of days."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from services.points.claims.domain import Claim
from services.points.claims.errors import CapReachedError, CommunityCapReachedError, HouseholdCapReachedError
from services.points.rulebooks.domain import ItemGroup, Policy, RuleItem

PerDay = Mapping[date, int]
"""So much on each day: units of an item, or points."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What counts already around a day: units of the item by the household and by everybody, and points the household claimed."""

    by_household: PerDay = field(default_factory=dict)
    by_everybody: PerDay = field(default_factory=dict)
    earned: PerDay = field(default_factory=dict)


def most_in_window(taken: PerDay, on: date, days: int) -> int:
    """Return the most that any window of `days` days with `on` in it holds already."""
    near = {day: amount for day, amount in taken.items() if abs((day - on).days) < days}
    # A window loses nothing by moving on until it begins with a day on which something counts, or with the day in question.
    starts = [day for day in near if day < on] + [on]
    return max(sum(amount for day, amount in near.items() if 0 <= (day - start).days < days) for start in starts)


def fits(taken: PerDay, on: date, amount: int, *, cap: int, days: int) -> bool:
    """Tell whether `amount` more on a day leaves every window of `days` days within the cap."""
    return sum(taken.values()) + amount <= cap or most_in_window(taken, on, days) + amount <= cap


def check_caps(claim: Claim, item: RuleItem, policy: Policy, taken: Taken) -> None:
    """Pass when a claim fits under the cap of its item for the household, for everybody, and of the household over all items.

    Errors: CapReachedError, CommunityCapReachedError, HouseholdCapReachedError.
    """
    on, days = claim.happened_on, item.cap_days
    if not fits(taken.by_household, on, claim.quantity, cap=item.cap_count, days=days):
        most = most_in_window(taken.by_household, on, days)
        raise CapReachedError(item=item.name, days=days, count=item.cap_count, taken=most, unit=item.unit)
    cap = item.community_cap_count
    if cap is not None and not fits(taken.by_everybody, on, claim.quantity, cap=cap, days=days):
        most = most_in_window(taken.by_everybody, on, days)
        raise CommunityCapReachedError(item=item.name, days=days, count=cap, taken=most, unit=item.unit)
    cap, days = policy.household_cap_points, policy.household_cap_days
    if cap is None or claim.group is ItemGroup.MINUS:
        return
    if not fits(taken.earned, on, claim.points, cap=cap, days=days):
        most = most_in_window(taken.earned, on, days)
        raise HouseholdCapReachedError(days=days, cap=cap, taken=most, points=claim.points)
