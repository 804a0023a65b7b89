"""Tables of stock: batches, the buckets they lie in, and every move of a piece."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class Batch(Table, table=True):
    """Goods received together: what they cost, who paid, until when they keep."""

    __tablename__: ClassVar[str] = "batch"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_cost_fen >= 0", name="unit_cost_fen"),
        CheckConstraint("fund_source IN ('fiscal', 'donation', 'collective')", name="fund_source"),
        ForeignKeyConstraint(["community_id", "product_id"], ["points.product.community_id", "points.product.id"]),
        Index(None, "community_id", "product_id"),
        Index(
            "ix_batch_keeps_until",
            "community_id",
            "keeps_until_on",
            "id",
            postgresql_where=text("keeps_until_on IS NOT NULL"),
        ),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    product_id: UUID
    quantity: int
    unit_cost_fen: int
    fund_source: str
    fund_id: UUID | None = Field(default=None, description="The fund that paid, when its accounts are kept here.")
    supplier_id: UUID | None = None
    supplier: str
    keeps_until_on: date | None = None
    received_by: UUID
    received_at: datetime = Field(sa_type=MOMENT)


class StockBucket(Table, table=True):
    """A part of a batch's stock. Ordinary goods have one bucket a batch; goods in a rush have several, so that buyers do not queue."""

    __tablename__: ClassVar[str] = "stock_bucket"
    __table_args__ = (
        CheckConstraint("available >= 0", name="available"),
        CheckConstraint("reserved >= 0", name="reserved"),
        ForeignKeyConstraint(["community_id", "batch_id"], ["points.batch.community_id", "points.batch.id"]),
    )

    community_id: UUID = Field(primary_key=True)
    product_id: UUID = Field(primary_key=True)
    batch_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    available: int
    reserved: int = 0
    sell_until: datetime | None = Field(
        default=None, sa_type=MOMENT, description="Copy of the batch's shelf life, where the hot path can see it."
    )


class StockMove(Table, table=True):
    """A positive quantity of a batch from one place to another; stock is the sum of its moves."""

    __tablename__: ClassVar[str] = "stock_move"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("source <> destination", name="two_places"),
        CheckConstraint(
            "source IN ('supplier', 'shelf', 'reserved', 'household', 'loss')"
            " AND destination IN ('supplier', 'shelf', 'reserved', 'household', 'loss')",
            name="places",
        ),
        Index(None, "community_id", "product_id", "created_at", "id"),
        Index(None, "community_id", "cause_id"),
        Index("ix_stock_move_created", "community_id", text("created_at DESC"), text("id DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    product_id: UUID
    batch_id: UUID
    bucket_number: int
    source: str
    destination: str
    quantity: int
    cause_id: UUID
    reason: str = ""
    acting_account_id: UUID | None = None
    created_at: datetime = Field(sa_type=MOMENT)
