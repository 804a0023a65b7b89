"""How long somebody helped and what that is worth: always rounded down, never longer than asked for."""

from datetime import datetime

from services.points.help_policies.domain import TimePolicy
from shared.kernel.values import Minutes


def served(began_at: datetime, ended_at: datetime, most: int) -> Minutes:
    """Return whole minutes between two moments, at most `most`; none when the end is not after the beginning."""
    seconds = (ended_at - began_at).total_seconds()
    return Minutes(max(0, min(int(seconds // 60), most)))


def credit(minutes: int, rate_percent: int, policy: TimePolicy) -> Minutes:
    """Return the minutes credited for minutes served under a rate, rounded down to the policy's step."""
    worth = minutes * rate_percent // 100
    return Minutes(worth - worth % policy.round_to_minutes)


def escrow_needed(helpers_wanted: int, minutes: int, rate_percent: int, policy: TimePolicy) -> Minutes:
    """Return the minutes to set aside: what all wanted helpers could earn."""
    return Minutes(helpers_wanted * credit(minutes, rate_percent, policy))
