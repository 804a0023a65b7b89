"""Goods that the property company fits: what points waits for, and until when the household may say that it is not content."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.points.installations.errors import NoInstallationConflictError
from services.points.redemptions.domain import State
from shared.kernel.errors import ForbiddenError

ARRANGEABLE = frozenset({State.RESERVED, State.SCHEDULED})
"""States of a redemption in which property may still arrange something."""


class Stage(StrEnum):
    """Where an installation stands; the redemption's own state says the same while it is open."""

    ORDERED = "ordered"
    SCHEDULED = "scheduled"
    INSTALLED = "installed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class AcceptancePolicy:
    """How long the household has to look at the work; silence then counts as content. Source: property closes silent tickets after 7 days."""

    silent_after_days: int = 7

    def accept_by(self, installed_at: datetime) -> datetime:
        """Return the moment from which silence counts."""
        return installed_at + timedelta(days=self.silent_after_days)


def stage_of(*, scheduled_for: datetime | None, installed_at: datetime | None, ended_at: datetime | None) -> Stage:
    """Return where an installation stands."""
    if ended_at is not None:
        return Stage.ENDED
    if installed_at is not None:
        return Stage.INSTALLED
    return Stage.ORDERED if scheduled_for is None else Stage.SCHEDULED


def check_settling(*, conflict: str, is_own: bool) -> None:
    """Pass when a conflict waits for somebody, and somebody of another household comes.

    Errors: ForbiddenError, NoInstallationConflictError.
    """
    if is_own:
        raise ForbiddenError(action="settle_conflict")
    if not conflict:
        raise NoInstallationConflictError
