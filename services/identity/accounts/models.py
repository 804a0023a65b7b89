"""Table of accounts."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, text
from sqlmodel import Field

from services.identity.registry import Base

MOMENT = DateTime(timezone=True)


class AccountRow(Base, table=True):
    """Somebody who can sign in: a resident bound to the roster, or a member of staff (who may also live here)."""

    __tablename__: ClassVar[str] = "account"
    __table_args__ = (
        CheckConstraint("kind IN ('resident', 'staff')", name="kind"),
        CheckConstraint("status IN ('active', 'suspended', 'deleted')", name="status"),
        CheckConstraint("(status = 'deleted') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("kind = 'staff' OR status = 'deleted' OR resident_id IS NOT NULL", name="bound"),
        # One person, one account of each kind, as long as it lives.
        Index(
            "uq_account_resident",
            "community_id",
            "resident_id",
            "kind",
            unique=True,
            postgresql_where=text("status <> 'deleted' AND resident_id IS NOT NULL"),
        ),
        Index("ix_account_kind", "community_id", "kind", "id"),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    kind: str
    name: str = Field(description="Staff: the name on the door. Residents: masked.")
    status: str
    resident_id: UUID | None = None
    household_id: UUID | None = None
    created_at: datetime = Field(sa_type=MOMENT)
    signed_in_at: datetime | None = Field(default=None, sa_type=MOMENT)
    closed_at: datetime | None = Field(default=None, sa_type=MOMENT)
