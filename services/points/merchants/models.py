"""Tables of allied shops."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class MerchantRow(Table, table=True):
    """A shop of the alliance."""

    __tablename__: ClassVar[str] = "merchant"
    __table_args__ = (
        CheckConstraint("state IN ('applied', 'active', 'suspended', 'refused', 'closed')", name="state"),
        Index("ix_merchant_created", "community_id", text("created_at DESC"), text("id DESC")),
        Index("ix_merchant_state", "community_id", "state", text("created_at DESC"), text("id DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    name: str
    category: str
    address: str
    note: str = ""
    account_id: UUID = Field(description="Who applied.")
    household_id: UUID | None = None
    state: str
    reason: str = ""
    created_at: datetime = Field(sa_type=MOMENT)


class ShopAccountRow(Table, table=True):
    """An account that stands for a shop at the counter; the primary key lets it stand for one."""

    __tablename__: ClassVar[str] = "shop_account"
    __table_args__ = (
        ForeignKeyConstraint(["community_id", "merchant_id"], ["points.merchant.community_id", "points.merchant.id"]),
        Index(None, "community_id", "merchant_id"),
    )

    community_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    merchant_id: UUID
    household_id: UUID | None = None
    bound_by: UUID
    bound_at: datetime = Field(sa_type=MOMENT)


class OfferRow(Table, table=True):
    """What a shop offers, and how many vouchers are out."""

    __tablename__: ClassVar[str] = "offer"
    __table_args__ = (
        CheckConstraint("kind IN ('points', 'discount')", name="kind"),
        CheckConstraint("state IN ('proposed', 'open', 'refused', 'closed')", name="state"),
        CheckConstraint(
            "(kind = 'points') = (points > 0 AND value_fen > 0 AND discount_percent IS NULL)"
            " AND (kind = 'discount') = (points = 0 AND value_fen = 0 AND discount_percent BETWEEN 1 AND 99)",
            name="terms",
        ),
        CheckConstraint("valid_from < valid_until", name="period"),
        CheckConstraint("issued >= 0 AND (total_limit IS NULL OR issued <= total_limit)", name="issued"),
        CheckConstraint("household_limit > 0 AND voucher_days > 0", name="limits"),
        ForeignKeyConstraint(["community_id", "merchant_id"], ["points.merchant.community_id", "points.merchant.id"]),
        Index("ix_offer_created", "community_id", text("created_at DESC"), text("id DESC")),
        Index("ix_offer_merchant", "community_id", "merchant_id", text("created_at DESC"), text("id DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    merchant_id: UUID
    kind: str
    title: str
    terms: str = ""
    points: int
    value_fen: int
    discount_percent: int | None = None
    total_limit: int | None = None
    household_limit: int
    is_for_adopters: bool = False
    valid_from: datetime = Field(sa_type=MOMENT)
    valid_until: datetime = Field(sa_type=MOMENT)
    voucher_days: int
    issued: int = 0
    state: str
    created_at: datetime = Field(sa_type=MOMENT)
