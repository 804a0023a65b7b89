"""Table of installations: goods that the property company fits free of charge."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class Installation(Table, table=True):
    """What points knows of an installation; the row is made by `redeem.sql` and ended by `release.sql`."""

    __tablename__: ClassVar[str] = "installation"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('', 'accepted', 'cancelled', 'expired', 'picked_up', 'refused', 'returned')", name="outcome"
        ),
        CheckConstraint("(outcome = '') = (ended_at IS NULL)", name="ended"),
        ForeignKeyConstraint(
            ["community_id", "redemption_id"], ["points.redemption.community_id", "points.redemption.id"]
        ),
        Index(
            "ix_installation_household",
            "community_id",
            "household_id",
            text("ordered_at DESC"),
            text("redemption_id DESC"),
        ),
        Index("ix_installation_ordered", "community_id", text("ordered_at DESC"), text("redemption_id DESC")),
        Index(
            "ix_installation_silent",
            "accept_by",
            postgresql_where=text("installed_at IS NOT NULL AND ended_at IS NULL"),
        ),
    )

    community_id: UUID = Field(primary_key=True)
    redemption_id: UUID = Field(primary_key=True)
    household_id: UUID
    product_name: str
    quantity: int
    ordered_at: datetime = Field(sa_type=MOMENT)
    scheduled_for: datetime | None = Field(default=None, sa_type=MOMENT)
    worker_name: str = ""
    installed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    accept_by: datetime | None = Field(default=None, sa_type=MOMENT)
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)
    outcome: str = ""
    is_accepted_silently: bool = False
    conflict: str = Field(default="", description="What property told that no longer fitted; a person must look.")
