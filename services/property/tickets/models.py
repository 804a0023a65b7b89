"""The tables of tickets and of their log."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from services.property.registry import Base, Moment, document, ids, moment

_STATES = (
    "'submitted', 'accepted', 'offered', 'taken', 'on_site', 'working', 'on_hold', 'done_pending_check', 'awaiting_rating',"
    " 'closed'"
)
_OUTCOMES = "'fixed', 'mitigated', 'explained_not_fixable', 'duplicate', 'out_of_scope', 'withdrawn', 'invalid'"


class TicketRow(Base, table=True):
    """Where a ticket stands: the fold of its log, kept beside it for lists. What residents wrote lives here and not in the log."""

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("community_id", "number"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint(f"outcome IN ({_OUTCOMES})", name="outcome"),
        CheckConstraint("state <> 'closed' OR (outcome IS NOT NULL AND closed_at IS NOT NULL)", name="closed_outcome"),
        CheckConstraint("priority IN ('urgent', 'high', 'normal', 'low')", name="priority"),
        CheckConstraint("char_length(description) <= 2000", name="description"),
        CheckConstraint("cardinality(photo_ids) <= 9 AND cardinality(after_photo_ids) <= 9", name="photos"),
        Index("ix_ticket_household", "community_id", "household_id", text("submitted_at DESC"), text("id DESC")),
        Index("ix_ticket_state", "community_id", "state", text("submitted_at DESC"), text("id DESC")),
        Index(
            "ix_ticket_worker",
            "community_id",
            "worker_id",
            text("submitted_at DESC"),
            postgresql_where=text("worker_id IS NOT NULL"),
        ),
        Index("ix_ticket_closed", "community_id", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
        Index("ix_ticket_submitted", "community_id", text("submitted_at DESC"), text("id DESC")),
        Index("ix_ticket_silent_close", "silent_close_at", postgresql_where=text("silent_close_at IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    number: str
    channel: str
    is_anonymous: bool
    household_id: UUID
    resident_id: UUID
    reported_by_id: UUID | None = None
    grid_id: UUID | None = None
    building_id: UUID | None = None
    place: str
    description: str
    photo_ids: list[UUID] = ids()
    wished_category: str | None = None
    version: int
    state: str
    outcome: str | None = None
    attempt: int
    category: str | None = None
    department: str | None = None
    priority: str
    needs_after_photo: bool
    first_receiver_id: UUID | None = None
    worker_id: UUID | None = None
    summary: str | None = None
    after_photo_ids: list[UUID] = ids()
    hold_reason: str | None = None
    hold_until: Moment | None = moment(nullable=True)
    submitted_at: Moment = moment()
    accepted_at: Moment | None = moment(nullable=True)
    finished_at: Moment | None = moment(nullable=True)
    confirmed_at: Moment | None = moment(nullable=True)
    rated_at: Moment | None = moment(nullable=True)
    closed_at: Moment | None = moment(nullable=True)
    silent_close_at: Moment | None = moment(nullable=True)
    last_seal: bytes = Field(sa_type=LargeBinary)


class TicketEventRow(Base, table=True):
    """One line of a ticket's log; only ever written, and sealed to the line before."""

    __tablename__ = "ticket_event"
    __table_args__ = (
        ForeignKeyConstraint(["community_id", "ticket_id"], ["property.ticket.community_id", "property.ticket.id"]),
        CheckConstraint("octet_length(seal) = 32 AND octet_length(previous) = 32", name="seal"),
        CheckConstraint("seq > 0", name="seq"),
    )

    ticket_id: UUID = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    action: str
    at: Moment = moment()
    actor: str
    account_id: UUID | None = None
    facts: dict[str, Any] = document()
    previous: bytes = Field(sa_type=LargeBinary)
    seal: bytes = Field(sa_type=LargeBinary)


class TicketNoteRow(Base, table=True):
    """What a person wrote about a step of the log; apart from it, because a person's words can be erased and the log cannot."""

    __tablename__ = "ticket_note"
    __table_args__ = (
        ForeignKeyConstraint(["community_id", "ticket_id"], ["property.ticket.community_id", "property.ticket.id"]),
        CheckConstraint("char_length(text) BETWEEN 1 AND 2000", name="text"),
    )

    ticket_id: UUID = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    account_id: UUID
    text: str
