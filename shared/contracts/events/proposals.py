"""Facts told by proposals."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.events.registry import Named, event


@event("proposals.concern_answered")
@dataclass(frozen=True, kw_only=True)
class ConcernAnswered(Named):
    """A concern has an answer its author should see; both ids are None when nobody was named as its author."""

    concern_id: UUID
    account_id: UUID | None
    household_id: UUID | None
    title: str
    answer: str


@event("proposals.proposal_opened")
@dataclass(frozen=True, kw_only=True)
class ProposalOpened(Named):
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
class RoundOpened(Named):
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
class RoundClosed(Named):
    """No more ballots are taken; so many of the units on the roll voted."""

    round_id: UUID
    proposal_id: UUID
    question: str
    ballots: int
    units: int


@event("proposals.round_tallied")
@dataclass(frozen=True, kw_only=True)
class RoundTallied(Named):
    """A preliminary result with its derivation in Chinese; it becomes final when its notice is complete.

    `needs_runoff`: options are level, nothing is decided, and they are put to a vote again.
    """

    round_id: UUID
    proposal_id: UUID
    question: str
    is_held: bool
    is_passed: bool
    derivation: str
    result_hash: str
    needs_runoff: bool = False


@event("proposals.notice_started")
@dataclass(frozen=True, kw_only=True)
class NoticeStarted(Named):
    """Something is publicly shown until `due_at`; objections go to `contact`. Told again when a change restarts it."""

    notice_id: UUID
    process_id: UUID
    title: str
    content_hash: str
    contact: str
    due_at: datetime


@event("proposals.notice_completed")
@dataclass(frozen=True, kw_only=True)
class NoticeCompleted(Named):
    """The time ran out and every objection is answered."""

    notice_id: UUID
    process_id: UUID
    title: str


@event("proposals.objection_answered")
@dataclass(frozen=True, kw_only=True)
class ObjectionAnswered(Named):
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
class DecisionPublished(Named):
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
class ResultPublished(Named):
    """What came of a decision was shown to everybody for its time; the process is complete."""

    proposal_id: UUID
    process_id: UUID
    title: str
