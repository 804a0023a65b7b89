"""Facts told by points of what neighbours do for each other and are honoured for."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.contracts.events.registry import Named, event


@event("points.adoption_moved")
@dataclass(frozen=True, kw_only=True)
class AdoptionMoved(Named):
    """An adoption of a tree, bench, stairwell or plot took a step: `action` led to `state`. A firm has no household.

    `due_at` is until when an agreed one is to be signed.
    """

    adoption_id: UUID
    asset_id: UUID
    asset_name: str
    account_id: UUID
    household_id: UUID | None
    action: str
    state: str
    reason: str
    due_at: datetime | None = None
    moved_at: datetime | None = None


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


@event("points.award_moved")
@dataclass(frozen=True, kw_only=True)
class AwardMoved(Named):
    """A nomination took a step: decided, published, objected, granted, refused, withdrawn or revoked. `before` is the state it left."""

    award_id: UUID
    household_id: UUID
    resident_id: UUID | None
    category: str
    state: str
    reason: str
    before: str = ""
    moved_at: datetime | None = None


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


@event("points.board_entry_moved")
@dataclass(frozen=True, kw_only=True)
class BoardEntryMoved(Named):
    """A household's entry on a board moved on: `board` is honour or warning; `until` is the day the present state ends, if it does.

    `before` is the state it left: of a proposal that is dismissed the household has never heard.
    """

    entry_id: UUID
    household_id: UUID
    board: str
    tone: str
    state: str
    reason: str
    until: date | None
    before: str = ""
    moved_at: datetime | None = None


@event("points.gig_moved")
@dataclass(frozen=True, kw_only=True)
class GigMoved(Named):
    """A gig is now budgeted, open, working, finished, cancelled or expired. `points` are for each of its `places`.

    Without a poster's household the community pays, and the grid worker of `grid_id` looks after it.
    """

    gig_id: UUID
    title: str
    state: str
    points: int
    places: int
    poster_household_id: UUID | None
    apply_until: datetime
    reason: str
    grid_id: UUID | None = None


@event("points.gig_place_moved")
@dataclass(frozen=True, kw_only=True)
class GigPlaceMoved(Named):
    """One share of a gig is now open, claimed, done, verified, paid, disputed, settled, cancelled or expired.

    `before` is the state it left, `acting_household_id` whose hand it was, if anybody's who lives here. `due_at` is when the clock
    goes on by itself (taken: who has not come; done: who has not looked; verified: who has not objected).
    """

    gig_id: UUID
    place_id: UUID
    title: str
    state: str
    points: int
    poster_household_id: UUID | None
    worker_household_id: UUID | None
    paid_points: int
    reason: str
    grid_id: UUID | None = None
    acting_household_id: UUID | None = None
    before: str = ""
    due_at: datetime | None = None
    moved_at: datetime | None = None


@event("points.help_moved")
@dataclass(frozen=True, kw_only=True)
class HelpMoved(Named):
    """A request for help in the time bank is now requested, matched, started, ended, credited, cancelled, disputed or settled.

    `action` is the step that was taken, also one that left the state as it was; `due_at` is when the clock goes on by itself. One that
    `waits_for_pool` begins when an official has agreed that the community's pool pays.
    """

    request_id: UUID
    kind_name: str
    state: str
    requester_resident_id: UUID
    helper_resident_ids: tuple[UUID, ...]
    starts_at: datetime
    reason: str
    action: str = ""
    due_at: datetime | None = None
    moved_at: datetime | None = None
    waits_for_pool: bool = False


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


@event("points.minutes_given")
@dataclass(frozen=True, kw_only=True)
class MinutesGiven(Named):
    """Minutes of help went into a person's passbook without help: from a member of the family, or out of the pool without a giver."""

    move_id: UUID
    giver_resident_id: UUID | None
    resident_id: UUID
    minutes: int
    reason: str
