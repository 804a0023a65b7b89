"""Facts told by property."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.contracts.events.registry import Named, event


@event("property.ticket_submitted")
@dataclass(frozen=True, kw_only=True)
class TicketSubmitted(Named):
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
class TicketMoved(Named):
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
class TicketClosed(Named):
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
class TicketRated(Named):
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
class TicketEscalated(Named):
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


@event("property.fee_waiver_granted")
@dataclass(frozen=True, kw_only=True)
class FeeWaiverGranted(Named):
    """The months of an award are without property fee for its household; `months` are their first days."""

    award_id: UUID
    household_id: UUID
    months: tuple[date, ...]


@event("property.fee_waiver_refused")
@dataclass(frozen=True, kw_only=True)
class FeeWaiverRefused(Named):
    """An award's months without fee could not be given; `reason` says why."""

    award_id: UUID
    household_id: UUID
    reason: str


@event("property.fee_waiver_withdrawn")
@dataclass(frozen=True, kw_only=True)
class FeeWaiverWithdrawn(Named):
    """The waiver of a revoked award is taken back, or will not be given any more."""

    award_id: UUID
    household_id: UUID


@event("property.installation_scheduled")
@dataclass(frozen=True, kw_only=True)
class InstallationScheduled(Named):
    """Somebody will fit redeemed goods at `scheduled_for`; the name is masked."""

    redemption_id: UUID
    household_id: UUID
    worker_name: str
    scheduled_for: datetime


@event("property.installation_refused")
@dataclass(frozen=True, kw_only=True)
class InstallationRefused(Named):
    """Property cannot fit redeemed goods and says why; points lets the goods go and gives the points back."""

    redemption_id: UUID
    household_id: UUID
    product_name: str
    reason: str
    refused_at: datetime


@event("property.installation_completed")
@dataclass(frozen=True, kw_only=True)
class InstallationCompleted(Named):
    """Redeemed goods were fitted at `installed_at`."""

    redemption_id: UUID
    household_id: UUID
    worker_name: str
    installed_at: datetime
