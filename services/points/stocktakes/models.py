"""Tables of stock-takes: who counted, what was found, who approved."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class Stocktake(Table, table=True):
    """One count of the shelves."""

    __tablename__: ClassVar[str] = "stocktake"
    __table_args__ = (
        CheckConstraint("state IN ('counting', 'submitted', 'approved', 'cancelled')", name="state"),
        CheckConstraint(
            "decided_by IS NULL OR state <> 'approved' OR decided_by <> clerk_account_id", name="two_people"
        ),
        Index("ix_stocktake_state", "community_id", "state", text("started_at DESC"), text("id DESC")),
        Index("ix_stocktake_started", "community_id", text("started_at DESC"), text("id DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    title: str
    state: str = "counting"
    clerk_account_id: UUID
    clerk_name: str
    started_at: datetime = Field(sa_type=MOMENT)
    submitted_at: datetime | None = Field(default=None, sa_type=MOMENT)
    decided_by: UUID | None = None
    decided_at: datetime | None = Field(default=None, sa_type=MOMENT)
    remark: str = ""


class StocktakeLine(Table, table=True):
    """What was counted of one batch, and what the books said at that moment."""

    __tablename__: ClassVar[str] = "stocktake_line"
    __table_args__ = (
        CheckConstraint("counted >= 0", name="counted"),
        ForeignKeyConstraint(
            ["community_id", "stocktake_id"], ["points.stocktake.community_id", "points.stocktake.id"]
        ),
        ForeignKeyConstraint(["community_id", "batch_id"], ["points.batch.community_id", "points.batch.id"]),
        Index("ix_stocktake_line_product", "community_id", "product_id"),
    )

    community_id: UUID = Field(primary_key=True)
    stocktake_id: UUID = Field(primary_key=True)
    batch_id: UUID = Field(primary_key=True)
    product_id: UUID
    product_name: str
    expected: int
    counted: int
    explanation: str = ""
    counted_at: datetime = Field(sa_type=MOMENT)
