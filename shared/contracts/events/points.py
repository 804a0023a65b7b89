"""Facts told by points."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.events.registry import Named, event


@event("points.claim_posted")
@dataclass(frozen=True, kw_only=True)
class ClaimPosted(Named):
    """A claim passed review and publication; its points are in the household's account."""

    claim_id: UUID
    household_id: UUID
    item_code: str
    item_name: str
    points: int
    posted_at: datetime


@event("points.claim_decided")
@dataclass(frozen=True, kw_only=True)
class ClaimDecided(Named):
    """A claim moved on before posting: `state` is verified, voted, publicised, rejected or withdrawn."""

    claim_id: UUID
    household_id: UUID
    item_name: str
    state: str
    reason: str


@event("points.redemption_reserved")
@dataclass(frozen=True, kw_only=True)
class RedemptionReserved(Named):
    """Points and stock are held for a household until `expires_at`. `needs_installation` asks property to install it free."""

    redemption_id: UUID
    household_id: UUID
    account_id: UUID
    product_id: UUID
    product_name: str
    quantity: int
    points: int
    needs_installation: bool
    expires_at: datetime


@event("points.redemption_picked_up")
@dataclass(frozen=True, kw_only=True)
class RedemptionPickedUp(Named):
    """The goods were handed over; the hold became spending."""

    redemption_id: UUID
    household_id: UUID
    product_name: str
    quantity: int
    points: int


@event("points.redemption_released")
@dataclass(frozen=True, kw_only=True)
class RedemptionReleased(Named):
    """The hold ended without a hand-over: `reason` is cancelled or expired. Points and stock are back."""

    redemption_id: UUID
    household_id: UUID
    product_name: str
    quantity: int
    points: int
    reason: str


@event("points.redemption_returned")
@dataclass(frozen=True, kw_only=True)
class RedemptionReturned(Named):
    """Picked-up goods came back; the points went back to the lots they came from."""

    redemption_id: UUID
    household_id: UUID
    product_name: str
    quantity: int
    points: int
