"""Tables of the store: products, batches and stock."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class Product(Table, table=True):
    """Something the store gives for points."""

    __tablename__: ClassVar[str] = "product"
    __table_args__ = (
        CheckConstraint("price_points > 0", name="price_points"),
        CheckConstraint("household_limit > 0", name="household_limit"),
        CheckConstraint("state IN ('draft', 'on_sale', 'withdrawn')", name="state"),
        CheckConstraint("kind IN ('goods', 'installation', 'service', 'honour')", name="kind"),
        UniqueConstraint("community_id", "code"),
        Index(None, "community_id", "state", "id"),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    code: str
    name: str
    description: str = ""
    category: str
    kind: str = "goods"
    price_points: int
    state: str = "draft"
    household_limit: int
    limit_window_days: int = 60
    hold_hours: int = 72
    buckets: int = 1
    picture_asset_id: UUID | None = None
    version: int = 1
    created_at: datetime = Field(sa_type=MOMENT)
    updated_at: datetime = Field(sa_type=MOMENT)


class Batch(Table, table=True):
    """Goods received together: what they cost, who paid, until when they keep."""

    __tablename__: ClassVar[str] = "batch"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_cost_fen >= 0", name="unit_cost_fen"),
        CheckConstraint("fund_source IN ('fiscal', 'donation', 'collective')", name="fund_source"),
        ForeignKeyConstraint(["community_id", "product_id"], ["points.product.community_id", "points.product.id"]),
        Index(None, "community_id", "product_id"),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    product_id: UUID
    quantity: int
    unit_cost_fen: int
    fund_source: str
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


class Quota(Table, table=True):
    """How many of a product a household took in one window; a cancelled or expired redemption gives its share back."""

    __tablename__: ClassVar[str] = "quota"
    __table_args__ = (CheckConstraint("used >= 0", name="used"),)

    community_id: UUID = Field(primary_key=True)
    household_id: UUID = Field(primary_key=True)
    product_id: UUID = Field(primary_key=True)
    window_number: int = Field(primary_key=True, description="Whole windows of the product's length since 1970-01-01.")
    used: int
