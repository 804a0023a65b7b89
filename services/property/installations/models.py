"""Table of installations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.property.registry import Base, ids, moment


class InstallationRow(Base, table=True):
    """Goods redeemed for points that are fitted at home; the redemption is the key, so an order told twice is one order."""

    __tablename__ = "installation"
    __table_args__ = (
        CheckConstraint("state IN ('ordered', 'scheduled', 'installed', 'cancelled')", name="state"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("state <> 'installed' OR installed_at IS NOT NULL", name="installed"),
        CheckConstraint(
            "(settled_at IS NULL) = (settled_by IS NULL) AND (settled_at IS NULL) = (settlement = '')"
            " AND NOT (is_conflict AND settled_at IS NOT NULL)",
            name="settled",
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
            "ix_installation_conflict",
            "community_id",
            text("ordered_at DESC"),
            text("redemption_id DESC"),
            postgresql_where=text("is_conflict"),
        ),
        Index("ix_installation_state", "community_id", "state", text("ordered_at DESC"), text("redemption_id DESC")),
    )

    redemption_id: UUID = Field(primary_key=True)
    household_id: UUID
    address: str = ""
    product_name: str
    quantity: int
    state: str = "ordered"
    ordered_at: datetime = moment()
    expires_at: datetime = moment()
    worker_id: UUID | None = None
    worker_account_id: UUID | None = None
    worker_name: str = ""
    scheduled_for: datetime | None = moment(nullable=True)
    installed_at: datetime | None = moment(nullable=True)
    note: str = ""
    photo_ids: list[UUID] = ids()
    ended_at: datetime | None = moment(nullable=True)
    end_reason: str = ""
    is_conflict: bool = Field(default=False, description="Cancelled by points after it was fitted; a person must look.")
    settled_at: datetime | None = moment(nullable=True)
    settled_by: UUID | None = None
    settlement: str = Field(default="", sa_column_kwargs={"server_default": ""})
