"""Tables of the audit: when a community's next nightly one is due, and what each of them found."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class AuditSchedule(Table, table=True):
    """When a community's next nightly audit is due; its row is also what the audit locks."""

    __tablename__: ClassVar[str] = "audit_schedule"
    __table_args__ = (Index("ix_audit_schedule_due", "due_at"),)

    community_id: UUID = Field(primary_key=True)
    due_at: datetime = Field(sa_type=MOMENT)


class NightlyAuditRow(Table, table=True):
    """What one night's audit found; never changed."""

    __tablename__: ClassVar[str] = "nightly_audit"

    community_id: UUID = Field(primary_key=True)
    audited_at: datetime = Field(primary_key=True, sa_type=MOMENT)
    breaches: list[dict[str, Any]] = Field(
        sa_type=JSONB, description="Number of the invariant, subject and what was found; empty when all was well."
    )
