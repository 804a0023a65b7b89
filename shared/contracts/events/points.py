"""Facts told by points of claims, rules, rounds and the books."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.contracts.events.registry import Named, event


@event("points.claim_submitted")
@dataclass(frozen=True, kw_only=True)
class ClaimSubmitted(Named):
    """A claim, or a deduction when `group` is minus, waits for who looks whether it happened.

    `verifier` is the role that does: grid_worker, building_head or assessor. What an official entered for a household (`is_on_behalf`) is
    looked at by somebody else, who may then be an assessor.
    """

    claim_id: UUID
    household_id: UUID
    grid_id: UUID
    building_id: UUID
    item_name: str
    group: str
    points: int
    verifier: str
    is_on_behalf: bool
    submitted_at: datetime


@event("points.claim_posted")
@dataclass(frozen=True, kw_only=True)
class ClaimPosted(Named):
    """A claim passed review and publication; its points are in the household's account, or out of it when `group` is minus.

    Until `appeal_until` the household, or a neighbour, may appeal.
    """

    claim_id: UUID
    household_id: UUID
    item_code: str
    item_name: str
    points: int
    posted_at: datetime
    group: str = "plus"
    appeal_until: datetime | None = None


@event("points.claim_decided")
@dataclass(frozen=True, kw_only=True)
class ClaimDecided(Named):
    """A claim moved on before posting: `state` is verified, voted, publicised, rejected or withdrawn.

    `group` is plus, minus or panel, and empty where it was not told; a publicised one may be objected to until `notice_ends_at`.
    """

    claim_id: UUID
    household_id: UUID
    item_name: str
    state: str
    reason: str
    group: str = ""
    points: int = 0
    notice_ends_at: datetime | None = None
    moved_at: datetime | None = None


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
    moved_at: datetime | None = None


@event("points.rulebook_adopted")
@dataclass(frozen=True, kw_only=True)
class RulebookAdopted(Named):
    """A new list of what earns and costs points is in force from `effective_on`; `decision_id` is the proposal that decided it."""

    version: int
    decision: str
    decision_id: UUID | None
    effective_on: date


@event("points.period_objection_moved")
@dataclass(frozen=True, kw_only=True)
class PeriodObjectionMoved(Named):
    """A household's objection to a published round is now raised, upheld (the round goes back) or dismissed, with the answer."""

    objection_id: UUID
    period_id: UUID
    name: str
    household_id: UUID
    state: str
    reason: str
    answer: str


@event("points.appeal_made")
@dataclass(frozen=True, kw_only=True)
class AppealMade(Named):
    """A household appeals against a posted claim: its own deduction, or what a neighbour was given."""

    appeal_id: UUID
    claim_id: UUID
    household_id: UUID
    appellant_household_id: UUID
    item_name: str
    reason: str


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


@event("points.breaches_found")
@dataclass(frozen=True, kw_only=True)
class BreachesFound(Named):
    """The nightly audit found the books wrong in so many places; `invariants` are the numbers of the rules that do not hold (I1, I2, …)."""

    community_id: UUID
    audited_at: datetime
    breaches: int
    invariants: tuple[str, ...]


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
    """A household's points went to another one, which goes on for both; `is_late` when they came, or were taken, after the merger.

    Late, it is told of every move. What is below zero was taken, and `arrears` are points still owed.
    """

    household_id: UUID
    into_household_id: UUID
    standing: int
    spendable: int
    arrears: int = 0
    is_late: bool = False
    moved_at: datetime | None = None


@event("points.household_split")
@dataclass(frozen=True, kw_only=True)
class HouseholdSplit(Named):
    """A household gave points to another one that was formed out of it."""

    household_id: UUID
    new_household_id: UUID
    standing: int
    spendable: int
