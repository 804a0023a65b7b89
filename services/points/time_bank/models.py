"""Tables of the time bank."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)
NEWEST = (text("created_at DESC"), text("id DESC"))


class HelpRequestRow(Table, table=True):
    """Somebody needs help; it keeps the rate and the numbers it was asked under."""

    __tablename__: ClassVar[str] = "help_request"
    __table_args__ = (
        CheckConstraint("minutes > 0 AND helpers_wanted > 0 AND escrow_minutes >= 0", name="amounts"),
        CheckConstraint("wanted_from < wanted_until", name="times"),
        CheckConstraint("payer IN ('own', 'pool')", name="payer"),
        CheckConstraint(
            "state IN ('requested', 'matched', 'started', 'ended', 'credited', 'cancelled', 'disputed', 'settled')",
            name="state",
        ),
        ForeignKeyConstraint(
            ["community_id", "kind_code", "kind_version"],
            ["points.help_kind.community_id", "points.help_kind.code", "points.help_kind.version"],
        ),
        ForeignKeyConstraint(
            ["community_id", "escrow_account_id"], ["points.account.community_id", "points.account.id"]
        ),
        Index("ix_help_request_created", "community_id", *NEWEST),
        Index("ix_help_request_state", "community_id", "state", *NEWEST),
        Index("ix_help_request_kind", "community_id", "kind_code", *NEWEST),
        Index("ix_help_request_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    kind_code: str
    kind_version: int
    kind_name: str
    rate_percent: int
    note: str
    location: str
    payer: str
    requester_resident_id: UUID
    requester_household_id: UUID
    requester_account_id: UUID
    helpers_wanted: int
    minutes: int
    wanted_from: datetime = Field(sa_type=MOMENT)
    wanted_until: datetime = Field(sa_type=MOMENT)
    state: str
    approved_by: UUID | None = None
    escrow_account_id: UUID
    escrow_minutes: int
    started_at: datetime | None = Field(default=None, sa_type=MOMENT)
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)
    is_ended_by_clock: bool = False
    policy: dict[str, Any] = Field(sa_type=JSONB)
    due_at: datetime | None = Field(default=None, sa_type=MOMENT, description="When the clock moves it.")
    reason: str = ""
    created_at: datetime = Field(sa_type=MOMENT)


class HelpParticipantRow(Table, table=True):
    """One person on one side of a request."""

    __tablename__: ClassVar[str] = "help_participant"
    __table_args__ = (
        CheckConstraint("side IN ('helper', 'helped')", name="side"),
        CheckConstraint("served_minutes >= 0 AND credited_minutes >= 0", name="minutes"),
        CheckConstraint("ended_at IS NULL OR started_at IS NOT NULL", name="ended"),
        UniqueConstraint("community_id", "request_id", "resident_id"),
        ForeignKeyConstraint(
            ["community_id", "request_id"], ["points.help_request.community_id", "points.help_request.id"]
        ),
        # Nobody helps in two places at once.
        Index(
            "uq_help_participant_present",
            "community_id",
            "resident_id",
            unique=True,
            postgresql_where=text("side = 'helper' AND started_at IS NOT NULL AND ended_at IS NULL"),
        ),
        Index("ix_help_participant_resident", "community_id", "resident_id", text("request_id DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    request_id: UUID
    resident_id: UUID
    household_id: UUID
    account_id: UUID
    name: str
    side: str
    joined_at: datetime = Field(sa_type=MOMENT)
    started_at: datetime | None = Field(default=None, sa_type=MOMENT)
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)
    served_minutes: int = 0
    credited_minutes: int = 0
    confirmed_at: datetime | None = Field(default=None, sa_type=MOMENT)


class HelpEvent(Table, table=True):
    """What happened to a request, who did it and why; never changed."""

    __tablename__: ClassVar[str] = "help_event"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_id", "request_id"], ["points.help_request.community_id", "points.help_request.id"]
        ),
        Index(None, "community_id", "request_id", "happened_at", "id"),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    request_id: UUID
    action: str
    account_id: UUID | None = Field(default=None, description="None for the clock.")
    note: str = ""
    happened_at: datetime = Field(sa_type=MOMENT)
