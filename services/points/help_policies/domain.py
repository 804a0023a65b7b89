"""The numbers gigs, the time bank and deliveries go by: defaults, bounds, and versions that a decision adopted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.points.help_policies.errors import PolicyInvalidError


class Area(StrEnum):
    """零工超市, 时间银行, 送货上门."""

    GIGS = "gigs"
    TIME_BANK = "time_bank"
    DELIVERIES = "deliveries"


@dataclass(frozen=True, slots=True)
class GigPolicy:
    """How odd jobs are run."""

    most_points: int = 1000
    """Points one gig may cost in all."""
    most_taken: int = 3
    """Jobs a household may have in hand at once."""
    early_minutes: int = 30
    """How long before the work begins a worker may check in."""
    no_show_minutes: int = 60
    """How long after its beginning the place of somebody who did not come is given free."""
    finish_hours: int = 24
    """How long after the end of the work the worker may still report it done."""
    verify_hours: int = 72
    """How long the poster may take to look at the work."""
    objection_hours: int = 24
    """How long the poster may object when somebody else confirmed the work."""

    @property
    def early(self) -> timedelta:
        """How long before the work begins a worker may check in."""
        return timedelta(minutes=self.early_minutes)

    @property
    def no_show(self) -> timedelta:
        """Grace before a worker who did not come loses the place."""
        return timedelta(minutes=self.no_show_minutes)

    @property
    def finish(self) -> timedelta:
        """Time after the work to report it."""
        return timedelta(hours=self.finish_hours)

    @property
    def verify(self) -> timedelta:
        """Time to look at the work."""
        return timedelta(hours=self.verify_hours)

    @property
    def objection(self) -> timedelta:
        """Time to object to a confirmation."""
        return timedelta(hours=self.objection_hours)


@dataclass(frozen=True, slots=True)
class TimePolicy:
    """How volunteer time is counted. `minutes_per_point` is None where minutes cannot be exchanged: the default."""

    longest_minutes: int = 240
    """The longest help that counts at one time."""
    round_to_minutes: int = 5
    """Credits are rounded down to a multiple of this."""
    confirm_hours: int = 72
    """How long both sides may take to confirm the minutes."""
    minutes_per_point: int | None = None
    """Minutes that buy one spendable point."""
    most_exchanged_minutes: int = 600
    """Minutes a person may exchange in one quarter."""

    @property
    def confirm(self) -> timedelta:
        """Time to confirm the minutes."""
        return timedelta(hours=self.confirm_hours)


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """What neighbours earn who bring goods home."""

    reward_points: int = 2
    """Points of both kinds for one delivery; 0 where it is done for nothing."""


Numbers = GigPolicy | TimePolicy | DeliveryPolicy


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """Numbers as adopted, with the decision; version 0 is the default that nobody had to adopt."""

    area: Area
    version: int
    numbers: Numbers
    decision: str
    adopted_at: datetime | None


DEFAULTS: dict[Area, Numbers] = {
    Area.GIGS: GigPolicy(),
    Area.TIME_BANK: TimePolicy(),
    Area.DELIVERIES: DeliveryPolicy(),
}


def check(numbers: Numbers) -> None:
    """Pass when the numbers do not contradict each other.

    Errors: PolicyInvalidError.
    """
    if isinstance(numbers, TimePolicy) and numbers.round_to_minutes > numbers.longest_minutes:
        raise PolicyInvalidError
