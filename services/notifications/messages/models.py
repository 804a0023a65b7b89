"""Tables of messages."""

from datetime import datetime, time
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.notifications.registry import Table

MOMENT = DateTime(timezone=True)


class WalletRow(Table, table=True):
    """How many messages of one template one account may still be sent."""

    __tablename__: ClassVar[str] = "grant_wallet"
    __table_args__ = (CheckConstraint("grants >= 0", name="grants"),)

    community_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    template: str = Field(primary_key=True)
    grants: int


class MessageRow(Table, table=True):
    """One message about one fact to one account."""

    __tablename__: ClassVar[str] = "message"
    __table_args__ = (
        UniqueConstraint("community_id", "account_id", "template", "fact_key"),
        CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'spent', 'failed', 'unknown', 'expired')", name="state"
        ),
        CheckConstraint("(state = 'sending') = (begun_at IS NOT NULL)", name="begun"),
        CheckConstraint("(state IN ('queued', 'sending')) = (finished_at IS NULL)", name="finished"),
        Index("ix_message_due", "send_after", postgresql_where=text("state = 'queued'")),
        Index("ix_message_stuck", "begun_at", postgresql_where=text("state = 'sending'")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    account_id: UUID
    template: str
    fact_key: str
    page: str
    fields: dict[str, Any] = Field(sa_type=JSONB)
    state: str
    send_after: datetime = Field(sa_type=MOMENT)
    expires_at: datetime = Field(sa_type=MOMENT)
    attempts: int = 0
    outcome: str | None = None
    begun_at: datetime | None = Field(default=None, sa_type=MOMENT)
    finished_at: datetime | None = Field(default=None, sa_type=MOMENT)


class QuietHoursRow(Table, table=True):
    """When telephones stay silent in this community, from a moment on, and the decision that says so."""

    __tablename__: ClassVar[str] = "quiet_hours"

    community_id: UUID = Field(primary_key=True)
    effective_at: datetime = Field(sa_type=MOMENT, primary_key=True)
    starts: time
    ends: time
    decision: str
    decided_by: UUID
