"""Tables of pickups without network: lists given out, and what devices say they handed over."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class OfflineList(Table, table=True):
    """A signed list of open codes that a storekeeper took to a device."""

    __tablename__: ClassVar[str] = "offline_list"

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    device: str
    account_id: UUID
    salt: bytes = Field(sa_type=LargeBinary)
    item_count: int
    issued_at: datetime = Field(sa_type=MOMENT)
    valid_until: datetime = Field(sa_type=MOMENT)


class OfflinePickup(Table, table=True):
    """One hand-over as a device told it, and what came of it; never changed."""

    __tablename__: ClassVar[str] = "offline_pickup"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('applied', 'used_twice', 'code_wrong', 'already_ended', 'own_counter', 'outside_list')",
            name="outcome",
        ),
        UniqueConstraint("community_id", "list_id", "redemption_id", "handed_over_at"),
        ForeignKeyConstraint(
            ["community_id", "list_id"], ["points.offline_list.community_id", "points.offline_list.id"]
        ),
        Index(
            "uq_offline_pickup_applied",
            "community_id",
            "redemption_id",
            unique=True,
            postgresql_where=text("outcome = 'applied'"),
        ),
        Index(
            "ix_offline_pickup_conflict",
            "community_id",
            text("uploaded_at DESC"),
            text("id DESC"),
            postgresql_where=text("outcome <> 'applied'"),
        ),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    list_id: UUID
    device: str
    redemption_id: UUID
    handed_over_at: datetime = Field(sa_type=MOMENT)
    proxy_name: str | None = None
    outcome: str
    explanation: str = ""
    other_device: str | None = Field(default=None, description="Where the code had been used before.")
    other_handed_over_at: datetime | None = Field(default=None, sa_type=MOMENT)
    account_id: UUID
    uploaded_at: datetime = Field(sa_type=MOMENT)
