"""Facts told by points."""

from dataclasses import dataclass
from datetime import date, datetime
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


@event("points.adoption_moved")
@dataclass(frozen=True, kw_only=True)
class AdoptionMoved(Named):
    """An adoption of a tree, bench, stairwell or plot took a step: `action` led to `state`. A firm has no household."""

    adoption_id: UUID
    asset_id: UUID
    asset_name: str
    account_id: UUID
    household_id: UUID | None
    action: str
    state: str
    reason: str


@event("points.adoption_duty_overdue")
@dataclass(frozen=True, kw_only=True)
class AdoptionDutyOverdue(Named):
    """An adopter has not looked after the thing since `due_on`; told once per interval."""

    adoption_id: UUID
    asset_name: str
    account_id: UUID
    household_id: UUID | None
    due_on: date


@event("points.adoption_duty_judged")
@dataclass(frozen=True, kw_only=True)
class AdoptionDutyJudged(Named):
    """A grid worker looked at what an adopter did; `points` were credited, `reason` says why fewer or none."""

    adoption_id: UUID
    duty_id: UUID
    account_id: UUID
    household_id: UUID | None
    is_passed: bool
    points: int
    reason: str


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


@event("points.award_moved")
@dataclass(frozen=True, kw_only=True)
class AwardMoved(Named):
    """A nomination took a step: decided, published, objected, granted, refused, withdrawn or revoked."""

    award_id: UUID
    household_id: UUID
    resident_id: UUID | None
    category: str
    state: str
    reason: str


@event("points.award_granted")
@dataclass(frozen=True, kw_only=True)
class AwardGranted(Named):
    """A role-model award took effect: points are posted, and property is asked to waive `fee_months` months of fee, once per award."""

    award_id: UUID
    household_id: UUID
    resident_id: UUID | None
    category: str
    standing: int
    spendable: int
    fee_months: int
    granted_at: datetime


@event("points.award_revoked")
@dataclass(frozen=True, kw_only=True)
class AwardRevoked(Named):
    """A granted award was taken back: points are reversed, and property is asked to withdraw the waiver."""

    award_id: UUID
    household_id: UUID
    reason: str
    revoked_at: datetime
