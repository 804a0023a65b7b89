"""Every fact one service tells the others: past tense, frozen, additive within a version.

A reader ignores fields it does not know and a writer never removes or re-types one; what cannot be added gets a new version. One
recorded JSON per type and version lives in `tests/contracts/events/` and must parse for ever.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Protocol, TypeVar
from uuid import UUID


class Event(Protocol):
    """What every event class carries besides its facts."""

    event_type: ClassVar[str]
    event_version: ClassVar[int]


E = TypeVar("E", bound=type[Any])

REGISTRY: dict[tuple[str, int], type[Any]] = {}
"""(type, version) → class, for everyone who reads streams."""


def event(event_type: str, version: int = 1) -> Callable[[E], E]:
    """Name an event class `<service>.<fact>` and enter it into the registry.

    Errors: ValueError when the name is taken.
    """

    def register(cls: E) -> E:
        if (event_type, version) in REGISTRY:
            msg = f"event {event_type} v{version} is defined twice"
            raise ValueError(msg)
        cls.event_type = event_type
        cls.event_version = version
        REGISTRY[event_type, version] = cls
        return cls

    return register


class _Named:
    event_type: ClassVar[str]
    event_version: ClassVar[int]


# --- identity ---------------------------------------------------------------------------------------------------------------


@event("identity.household_registered")
@dataclass(frozen=True, kw_only=True)
class HouseholdRegistered(_Named):
    """A household was entered on the roster. `householder_name` is masked (`王**`)."""

    household_id: UUID
    household_number: str
    grid_id: UUID
    grid_name: str
    building_id: UUID
    building_name: str
    householder_name: str
    area_cm2e2: int
    resident_count: int
    address: str = ""


@event("identity.household_changed")
@dataclass(frozen=True, kw_only=True)
class HouseholdChanged(_Named):
    """A household's place, householder, area or status is not what it was; the fields hold the new values."""

    household_id: UUID
    household_number: str
    grid_id: UUID
    grid_name: str
    building_id: UUID
    building_name: str
    householder_name: str
    area_cm2e2: int
    resident_count: int
    status: str
    address: str = ""


@event("identity.resident_joined")
@dataclass(frozen=True, kw_only=True)
class ResidentJoined(_Named):
    """A person became a member of a household. `name` is masked; birth date is not told, only whether an adult by law."""

    resident_id: UUID
    household_id: UUID
    name: str
    is_householder: bool
    is_adult: bool
    is_party_member: bool = False
    is_representative: bool = False


@event("identity.resident_left")
@dataclass(frozen=True, kw_only=True)
class ResidentLeft(_Named):
    """A person is no longer a member of the household."""

    resident_id: UUID
    household_id: UUID
    reason: str


@event("identity.account_bound")
@dataclass(frozen=True, kw_only=True)
class AccountBound(_Named):
    """An account now belongs to a person on the roster (residents) or to a staff member (`resident_id` may be None).

    `wechat_openid` is set when WeChat messages can reach the account.
    """

    account_id: UUID
    kind: str
    resident_id: UUID | None
    household_id: UUID | None
    name: str
    wechat_openid: str | None = None


@event("identity.account_deleted")
@dataclass(frozen=True, kw_only=True)
class AccountDeleted(_Named):
    """An account was deleted at its owner's wish; ledgers stay, the name goes."""

    account_id: UUID
    resident_id: UUID | None
    household_id: UUID | None


@event("identity.role_granted")
@dataclass(frozen=True, kw_only=True)
class RoleGranted(_Named):
    """An account holds a role over a scope from a day on, until a day or without end."""

    account_id: UUID
    role: str
    scope_kind: str
    scope_id: str
    from_on: date
    until_on: date | None
    name: str = ""


@event("identity.role_revoked")
@dataclass(frozen=True, kw_only=True)
class RoleRevoked(_Named):
    """An account no longer holds a role over a scope."""

    account_id: UUID
    role: str
    scope_kind: str
    scope_id: str


# --- points -----------------------------------------------------------------------------------------------------------------


@event("points.claim_posted")
@dataclass(frozen=True, kw_only=True)
class ClaimPosted(_Named):
    """A claim passed review and publication; its points are in the household's account."""

    claim_id: UUID
    household_id: UUID
    item_code: str
    item_name: str
    points: int
    posted_at: datetime


@event("points.claim_decided")
@dataclass(frozen=True, kw_only=True)
class ClaimDecided(_Named):
    """A claim moved on before posting: `state` is verified, voted, publicised, rejected or withdrawn."""

    claim_id: UUID
    household_id: UUID
    item_name: str
    state: str
    reason: str


@event("points.redemption_reserved")
@dataclass(frozen=True, kw_only=True)
class RedemptionReserved(_Named):
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
class RedemptionPickedUp(_Named):
    """The goods were handed over; the hold became spending."""

    redemption_id: UUID
    household_id: UUID
    product_name: str
    quantity: int
    points: int


@event("points.redemption_released")
@dataclass(frozen=True, kw_only=True)
class RedemptionReleased(_Named):
    """The hold ended without a hand-over: `reason` is cancelled or expired. Points and stock are back."""

    redemption_id: UUID
    household_id: UUID
    product_name: str
    quantity: int
    points: int
    reason: str


@event("points.redemption_returned")
@dataclass(frozen=True, kw_only=True)
class RedemptionReturned(_Named):
    """Picked-up goods came back; the points went back to the lots they came from."""

    redemption_id: UUID
    household_id: UUID
    product_name: str
    quantity: int
    points: int


# --- proposals --------------------------------------------------------------------------------------------------------------


@event("proposals.concern_answered")
@dataclass(frozen=True, kw_only=True)
class ConcernAnswered(_Named):
    """A concern has an answer its author should see; both ids are None when nobody was named as its author."""

    concern_id: UUID
    account_id: UUID | None
    household_id: UUID | None
    title: str
    answer: str


@event("proposals.proposal_opened")
@dataclass(frozen=True, kw_only=True)
class ProposalOpened(_Named):
    """A proposal gathers endorsements among the households of a scope (community, grid or building)."""

    proposal_id: UUID
    concern_id: UUID | None
    title: str
    text_hash: str
    scope_kind: str
    scope_id: UUID | None
    scope_name: str
    endorsements_needed: int


@event("proposals.round_opened")
@dataclass(frozen=True, kw_only=True)
class RoundOpened(_Named):
    """Ballots can be cast until `closes_at` by the households of a scope."""

    round_id: UUID
    proposal_id: UUID
    question: str
    scope_kind: str
    scope_id: UUID | None
    scope_name: str
    closes_at: datetime


@event("proposals.round_closed")
@dataclass(frozen=True, kw_only=True)
class RoundClosed(_Named):
    """No more ballots are taken; so many of the units on the roll voted."""

    round_id: UUID
    proposal_id: UUID
    question: str
    ballots: int
    units: int


@event("proposals.round_tallied")
@dataclass(frozen=True, kw_only=True)
class RoundTallied(_Named):
    """A preliminary result with its derivation in Chinese; it becomes final when its notice is complete."""

    round_id: UUID
    proposal_id: UUID
    question: str
    is_held: bool
    is_passed: bool
    derivation: str
    result_hash: str


@event("proposals.notice_started")
@dataclass(frozen=True, kw_only=True)
class NoticeStarted(_Named):
    """Something is publicly shown until `due_at`; objections go to `contact`. Told again when a change restarts it."""

    notice_id: UUID
    process_id: UUID
    title: str
    content_hash: str
    contact: str
    due_at: datetime


@event("proposals.notice_completed")
@dataclass(frozen=True, kw_only=True)
class NoticeCompleted(_Named):
    """The time ran out and every objection is answered."""

    notice_id: UUID
    process_id: UUID
    title: str


@event("proposals.objection_answered")
@dataclass(frozen=True, kw_only=True)
class ObjectionAnswered(_Named):
    """An objection has a named answer; an upheld one stopped the notice."""

    objection_id: UUID
    notice_id: UUID
    account_id: UUID
    household_id: UUID
    title: str
    answer: str
    answered_by: str
    is_upheld: bool


@event("proposals.decision_published")
@dataclass(frozen=True, kw_only=True)
class DecisionPublished(_Named):
    """A decision is final: `round_id` and `result_hash` are None when it was taken by show of hands."""

    proposal_id: UUID
    process_id: UUID
    round_id: UUID | None
    title: str
    text_hash: str
    result_hash: str | None
    scope_kind: str
    scope_id: UUID | None
    scope_name: str


@event("proposals.result_published")
@dataclass(frozen=True, kw_only=True)
class ResultPublished(_Named):
    """What came of a decision was shown to everybody for its time; the process is complete."""

    proposal_id: UUID
    process_id: UUID
    title: str


# --- media ------------------------------------------------------------------------------------------------------------------


@event("media.asset_passed")
@dataclass(frozen=True, kw_only=True)
class AssetPassed(_Named):
    """A file passed its check, or a person let it through: everybody in the community may see it now."""

    asset_id: UUID
    owner_account_id: UUID
    media_type: str


@event("media.asset_rejected")
@dataclass(frozen=True, kw_only=True)
class AssetRejected(_Named):
    """A file may not be shown, or no longer; `reason` is told to its owner."""

    asset_id: UUID
    owner_account_id: UUID
    reason: str


@event("media.asset_deleted")
@dataclass(frozen=True, kw_only=True)
class AssetDeleted(_Named):
    """A file was taken back by its owner."""

    asset_id: UUID
    owner_account_id: UUID


# --- property ---------------------------------------------------------------------------------------------------------------


@event("property.ticket_submitted")
@dataclass(frozen=True, kw_only=True)
class TicketSubmitted(_Named):
    """A resident said that something is broken. `account_id` is who reported, `by_desk` tells that staff did it for them."""

    ticket_id: UUID
    number: str
    household_id: UUID
    resident_id: UUID
    account_id: UUID | None
    channel: str
    by_desk: bool
    priority: str
    respond_due_at: datetime | None


@event("property.ticket_moved")
@dataclass(frozen=True, kw_only=True)
class TicketMoved(_Named):
    """A ticket took a step: `action` led to `state`. Accounts are those who may want to know; `worker_name` is masked.

    `version` counts the ticket's steps, so each step has a number of its own; `accept_by` is set for an offer.
    """

    ticket_id: UUID
    number: str
    action: str
    state: str
    attempt: int
    household_id: UUID
    resident_id: UUID
    reporter_account_id: UUID | None
    worker_id: UUID | None
    worker_account_id: UUID | None
    worker_name: str
    department: str | None
    priority: str
    accept_by: datetime | None = None
    version: int = 0


@event("property.ticket_closed")
@dataclass(frozen=True, kw_only=True)
class TicketClosed(_Named):
    """A ticket ended with an outcome; closed never implies fixed, and `is_rated` false is never satisfied."""

    ticket_id: UUID
    number: str
    outcome: str
    attempt: int
    household_id: UUID
    resident_id: UUID
    reporter_account_id: UUID | None
    worker_id: UUID | None
    department: str | None
    is_rated: bool


@event("property.ticket_rated")
@dataclass(frozen=True, kw_only=True)
class TicketRated(_Named):
    """The served household judged the work, 1 to 5 on each of the five axes."""

    ticket_id: UUID
    number: str
    attempt: int
    household_id: UUID
    worker_id: UUID | None
    worker_account_id: UUID | None
    department: str | None
    quality: int
    attitude: int
    charges: int
    security: int
    hygiene: int
    is_satisfied: bool


@event("property.ticket_escalated")
@dataclass(frozen=True, kw_only=True)
class TicketEscalated(_Named):
    """A promised time reached `percent`, and whoever `tells` names is to know; told once.

    `tells` is worker (desk while nobody was sent), department_head, property_manager or community. `clock` is respond (until the desk
    answers) or resolve (until it is done).
    """

    ticket_id: UUID
    number: str
    clock: str
    attempt: int
    percent: int
    tells: str
    department: str | None
    worker_account_id: UUID | None
    priority: str
    due_at: datetime | None
