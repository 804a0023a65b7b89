"""Facts told by points of goods, their way to the household, and allied shops."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.contracts.events.registry import Named, event


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


@event("points.merchant_moved")
@dataclass(frozen=True, kw_only=True)
class MerchantMoved(Named):
    """An allied shop took a step: applied, was approved, refused, suspended, resumed or closed."""

    merchant_id: UUID
    name: str
    account_id: UUID
    action: str
    state: str
    reason: str
    moved_at: datetime | None = None


@event("points.voucher_moved")
@dataclass(frozen=True, kw_only=True)
class VoucherMoved(Named):
    """A shop voucher is now issued, used, expired or refunded; held points went with it."""

    voucher_id: UUID
    merchant_id: UUID
    merchant_name: str
    household_id: UUID
    account_id: UUID
    title: str
    points: int
    state: str
    expires_at: datetime | None = None


@event("points.settlement_moved")
@dataclass(frozen=True, kw_only=True)
class SettlementMoved(Named):
    """A shop's monthly settlement is now drafted, disputed, merchant_confirmed, community_confirmed or paid."""

    settlement_id: UUID
    merchant_id: UUID
    account_id: UUID
    month: date
    vouchers: int
    points: int
    value_fen: int
    state: str
    reason: str
    moved_at: datetime | None = None


@event("points.stock_low")
@dataclass(frozen=True, kw_only=True)
class StockLow(Named):
    """No more than `threshold` pieces of a product are free; told once until goods come in."""

    product_id: UUID
    product_name: str
    available: int
    threshold: int
    told_at: datetime | None = None


@event("points.stocktake_moved")
@dataclass(frozen=True, kw_only=True)
class StocktakeMoved(Named):
    """A count of the shelves is now counting (again), submitted, approved or cancelled; `account_id` is who counts.

    `differences` batches did not agree with the books: `missing` and `extra` pieces.
    """

    stocktake_id: UUID
    title: str
    account_id: UUID
    state: str
    differences: int
    missing: int
    extra: int
    reason: str
    moved_at: datetime


@event("points.installation_ordered")
@dataclass(frozen=True, kw_only=True)
class InstallationOrdered(Named):
    """A household redeemed goods that property fits free of charge; points and stock are held until `expires_at`."""

    redemption_id: UUID
    household_id: UUID
    account_id: UUID
    product_id: UUID
    product_name: str
    quantity: int
    expires_at: datetime


@event("points.installation_cancelled")
@dataclass(frozen=True, kw_only=True)
class InstallationCancelled(Named):
    """Nothing is to be fitted any more: `reason` is cancelled, expired, picked_up (taken home without fitting) or returned."""

    redemption_id: UUID
    household_id: UUID
    reason: str


@event("points.installation_accepted")
@dataclass(frozen=True, kw_only=True)
class InstallationAccepted(Named):
    """The household is content with what was fitted, or has not said otherwise in time (`is_silent`)."""

    redemption_id: UUID
    household_id: UUID
    is_silent: bool


@event("points.delivery_moved")
@dataclass(frozen=True, kw_only=True)
class DeliveryMoved(Named):
    """Goods are on their way home: `state` is requested, taken, sent, delivered or cancelled."""

    delivery_id: UUID
    redemption_id: UUID
    household_id: UUID
    product_name: str
    volunteer_account_id: UUID | None
    state: str
    moved_at: datetime | None = None
