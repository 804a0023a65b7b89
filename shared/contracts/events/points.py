"""Facts told by points."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.contracts.events.registry import Named, event


@event("points.claim_posted")
@dataclass(frozen=True, kw_only=True)
class ClaimPosted(Named):
    """A claim passed review and publication; its points are in the household's account, or out of it when `group` is minus."""

    claim_id: UUID
    household_id: UUID
    item_code: str
    item_name: str
    points: int
    posted_at: datetime
    group: str = "plus"


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


@event("points.period_moved")
@dataclass(frozen=True, kw_only=True)
class PeriodMoved(Named):
    """A round of assessment moved on: `state` is open, collecting, reviewed, publicised (objections until then) or sealed (with its root)."""

    period_id: UUID
    name: str
    begins_on: date
    ends_on: date
    state: str
    objections_until: datetime | None
    root: str | None
    reason: str


@event("points.board_entry_moved")
@dataclass(frozen=True, kw_only=True)
class BoardEntryMoved(Named):
    """A household's entry on a board moved on: `board` is honour or warning; `until` is the day the present state ends, if it does."""

    entry_id: UUID
    household_id: UUID
    board: str
    tone: str
    state: str
    reason: str
    until: date | None


@event("points.gig_moved")
@dataclass(frozen=True, kw_only=True)
class GigMoved(Named):
    """A gig is now budgeted, open, working, finished, cancelled or expired. `points` are for each of its `places`."""

    gig_id: UUID
    title: str
    state: str
    points: int
    places: int
    poster_household_id: UUID | None
    apply_until: datetime
    reason: str


@event("points.gig_place_moved")
@dataclass(frozen=True, kw_only=True)
class GigPlaceMoved(Named):
    """One share of a gig is now open, claimed, done, verified, paid, disputed, settled, cancelled or expired."""

    gig_id: UUID
    place_id: UUID
    title: str
    state: str
    points: int
    poster_household_id: UUID | None
    worker_household_id: UUID | None
    paid_points: int
    reason: str


@event("points.help_moved")
@dataclass(frozen=True, kw_only=True)
class HelpMoved(Named):
    """A request for help in the time bank is now requested, matched, started, ended, credited, cancelled, disputed or settled."""

    request_id: UUID
    kind_name: str
    state: str
    requester_resident_id: UUID
    helper_resident_ids: tuple[UUID, ...]
    starts_at: datetime
    reason: str


@event("points.time_credited")
@dataclass(frozen=True, kw_only=True)
class TimeCredited(Named):
    """A helper's minutes stand in the time passbook."""

    request_id: UUID
    resident_id: UUID
    household_id: UUID
    kind_name: str
    minutes_served: int
    minutes_credited: int


@event("points.stock_low")
@dataclass(frozen=True, kw_only=True)
class StockLow(Named):
    """No more than `threshold` pieces of a product are free; told once until goods come in."""

    product_id: UUID
    product_name: str
    available: int
    threshold: int


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


@event("points.rulebook_adopted")
@dataclass(frozen=True, kw_only=True)
class RulebookAdopted(Named):
    """A new list of what earns and costs points is in force from `effective_on`; `decision_id` is the proposal that decided it."""

    version: int
    decision: str
    decision_id: UUID | None
    effective_on: date


@event("points.appeal_answered")
@dataclass(frozen=True, kw_only=True)
class AppealAnswered(Named):
    """An appeal against a posted claim has an answer; upheld, the points were reversed. `appellant_household_id` made it."""

    appeal_id: UUID
    claim_id: UUID
    household_id: UUID
    appellant_household_id: UUID
    item_name: str
    is_upheld: bool
    answer: str


@event("points.claim_reversed")
@dataclass(frozen=True, kw_only=True)
class ClaimReversed(Named):
    """A posted claim was undone: what it gave was taken back, what it took was given back. `group` is plus, minus or panel."""

    claim_id: UUID
    household_id: UUID
    item_code: str
    item_name: str
    group: str
    points: int
    reason: str
    reversed_at: datetime


@event("points.books_sealed")
@dataclass(frozen=True, kw_only=True)
class BooksSealed(Named):
    """All books of the community were sealed; `hash` stands for every line until then."""

    number: int
    hash: str
    root: str
    made_at: datetime


@event("points.points_expiring")
@dataclass(frozen=True, kw_only=True)
class PointsExpiring(Named):
    """Points of a household will expire in `days_left` days unless they are used."""

    household_id: UUID
    points: int
    days_left: int
    expires_at: datetime


@event("points.points_expired")
@dataclass(frozen=True, kw_only=True)
class PointsExpired(Named):
    """Points of a household were past their time and are gone."""

    household_id: UUID
    points: int
    expired_at: datetime


@event("points.households_merged")
@dataclass(frozen=True, kw_only=True)
class HouseholdsMerged(Named):
    """A household's points went to another one, which goes on for both."""

    household_id: UUID
    into_household_id: UUID
    standing: int
    spendable: int


@event("points.household_split")
@dataclass(frozen=True, kw_only=True)
class HouseholdSplit(Named):
    """A household gave points to another one that was formed out of it."""

    household_id: UUID
    new_household_id: UUID
    standing: int
    spendable: int
