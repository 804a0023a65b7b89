"""Table of deliveries: a volunteer brings goods home and earns points."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class Delivery(Table, table=True):
    """One redemption brought home; ended by `release.sql` when the redemption ends otherwise."""

    __tablename__: ClassVar[str] = "delivery"
    __table_args__ = (
        CheckConstraint("state IN ('requested', 'taken', 'sent', 'delivered', 'cancelled')", name="state"),
        CheckConstraint("reward_points >= 0", name="reward_points"),
        CheckConstraint("volunteer_household_id <> household_id", name="volunteer"),
        ForeignKeyConstraint(
            ["community_id", "redemption_id"], ["points.redemption.community_id", "points.redemption.id"]
        ),
        Index(
            "uq_delivery_open",
            "community_id",
            "redemption_id",
            unique=True,
            postgresql_where=text("state IN ('requested', 'taken', 'sent')"),
        ),
        Index("ix_delivery_state", "community_id", "state", text("requested_at DESC"), text("id DESC")),
        Index(
            "ix_delivery_unused_charge",
            "id",
            postgresql_where=text("is_charged AND state = 'cancelled'"),
        ),
        Index("ix_delivery_requested", "community_id", text("requested_at DESC"), text("id DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    redemption_id: UUID
    household_id: UUID
    product_name: str
    quantity: int
    building_name: str
    note: str = ""
    state: str = "requested"
    reward_points: int
    is_charged: bool = Field(default=False, description="Whether the reward stands in the budget.")
    volunteer_account_id: UUID | None = None
    volunteer_household_id: UUID | None = None
    volunteer_name: str = ""
    sent_by: UUID | None = Field(default=None, description="The storekeeper who gave the goods to the volunteer.")
    standing_transfer_id: UUID | None = Field(default=None, description="With which the reward came.")
    spendable_transfer_id: UUID | None = None
    reward_reversed_at: datetime | None = Field(
        default=None,
        sa_type=MOMENT,
        description="When the reward was taken back, because the goods lie on the shelf again.",
    )
    requested_at: datetime = Field(sa_type=MOMENT)
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)
