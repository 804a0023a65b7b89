"""Tables of the store: products, what they cost over time, and who took how many."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)
ZERO = {"server_default": "0"}


class Product(Table, table=True):
    """Something the store gives for points."""

    __tablename__: ClassVar[str] = "product"
    __table_args__ = (
        CheckConstraint("price_points > 0", name="price_points"),
        CheckConstraint("cash_fen >= 0 AND (cash_fen = 0 OR kind <> 'installation')", name="cash_fen"),
        CheckConstraint("household_limit > 0", name="household_limit"),
        CheckConstraint("state IN ('draft', 'on_sale', 'withdrawn')", name="state"),
        CheckConstraint("kind IN ('goods', 'installation', 'service', 'honour')", name="kind"),
        UniqueConstraint("community_id", "code"),
        CheckConstraint("low_stock_threshold >= 0", name="low_stock_threshold"),
        Index(None, "community_id", "state", "id"),
        Index("ix_product_split", "community_id", "id", postgresql_where=text("buckets > 1")),
        Index(
            "ix_product_watched",
            "community_id",
            "id",
            postgresql_where=text(
                "low_stock_threshold IS NOT NULL AND low_stock_told_at IS NULL AND state = 'on_sale'"
            ),
        ),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    code: str
    name: str
    description: str = ""
    category: str
    kind: str = "goods"
    price_points: int
    cash_fen: int = Field(default=0, sa_column_kwargs=ZERO, description="What is paid at the counter besides points.")
    state: str = "draft"
    household_limit: int
    limit_window_days: int = 60
    hold_hours: int = 72
    buckets: int = 1
    buckets_set_at: datetime | None = Field(
        default=None, sa_type=MOMENT, description="When a storekeeper last said how many; None where nobody did."
    )
    picture_asset_id: UUID | None = None
    low_stock_threshold: int | None = Field(default=None, description="Told once when no more than this many are free.")
    low_stock_told_at: datetime | None = Field(default=None, sa_type=MOMENT)
    version: int = 1
    created_at: datetime = Field(sa_type=MOMENT)
    updated_at: datetime = Field(sa_type=MOMENT)


class ProductPrice(Table, table=True):
    """What a product cost from a moment on; the newest line is the price of today."""

    __tablename__: ClassVar[str] = "product_price"
    __table_args__ = (
        CheckConstraint("price_points > 0", name="price_points"),
        CheckConstraint("cash_fen >= 0", name="cash_fen"),
        ForeignKeyConstraint(["community_id", "product_id"], ["points.product.community_id", "points.product.id"]),
        Index("ix_product_price_product", "community_id", "product_id", text("effective_at DESC"), text("id DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    product_id: UUID
    price_points: int
    cash_fen: int = Field(default=0, sa_column_kwargs=ZERO)
    effective_at: datetime = Field(sa_type=MOMENT)
    set_by: UUID


class Quota(Table, table=True):
    """How many of a product a household took in one window; a cancelled or expired redemption gives its share back."""

    __tablename__: ClassVar[str] = "quota"
    __table_args__ = (CheckConstraint("used >= 0", name="used"),)

    community_id: UUID = Field(primary_key=True)
    household_id: UUID = Field(primary_key=True)
    product_id: UUID = Field(primary_key=True)
    window_number: int = Field(
        primary_key=True, description="The window's first day in China, counted from 1970-01-01."
    )
    used: int
