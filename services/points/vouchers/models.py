"""Tables of shop vouchers."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class VoucherRow(Table, table=True):
    """A household's right at a shop."""

    __tablename__: ClassVar[str] = "voucher"
    __table_args__ = (
        CheckConstraint("state IN ('issued', 'used', 'expired', 'refunded')", name="state"),
        CheckConstraint("points >= 0 AND value_fen >= 0", name="amounts"),
        CheckConstraint("(points > 0) = (hold_id IS NOT NULL)", name="hold"),
        CheckConstraint("(state = 'used') <= (used_at IS NOT NULL AND used_by IS NOT NULL)", name="used"),
        CheckConstraint("settlement_id IS NULL OR state = 'used'", name="settled"),
        CheckConstraint("paid_at IS NULL OR settlement_id IS NOT NULL", name="paid"),
        ForeignKeyConstraint(["community_id", "offer_id"], ["points.offer.community_id", "points.offer.id"]),
        ForeignKeyConstraint(["community_id", "hold_id"], ["points.hold.community_id", "points.hold.id"]),
        # A code opens one voucher of a shop at a time; once that is finished its digits may be given again.
        Index(
            "uq_voucher_open_code",
            "community_id",
            "merchant_id",
            "code",
            unique=True,
            postgresql_where=text("state = 'issued'"),
        ),
        Index("ix_voucher_created", "community_id", text("created_at DESC"), text("id DESC")),
        Index("ix_voucher_household", "community_id", "household_id", text("created_at DESC"), text("id DESC")),
        Index("ix_voucher_merchant", "community_id", "merchant_id", text("created_at DESC"), text("id DESC")),
        Index("ix_voucher_limit", "community_id", "offer_id", "household_id"),
        Index("ix_voucher_due", "expires_at", postgresql_where=text("state = 'issued'")),
        Index("ix_voucher_settlement", "community_id", "settlement_id", "used_at", "id"),
        Index(
            "ix_voucher_unsettled",
            "community_id",
            "merchant_id",
            "used_at",
            postgresql_where=text("state = 'used' AND settlement_id IS NULL"),
        ),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    offer_id: UUID
    merchant_id: UUID
    merchant_name: str
    household_id: UUID
    account_id: UUID
    title: str
    points: int
    value_fen: int
    discount_percent: int | None = None
    code: str
    state: str
    hold_id: UUID | None = None
    transfer_id: UUID | None = None
    expires_at: datetime = Field(sa_type=MOMENT)
    created_at: datetime = Field(sa_type=MOMENT)
    used_at: datetime | None = Field(default=None, sa_type=MOMENT)
    used_by: UUID | None = None
    bill_fen: int | None = Field(default=None, description="What the bill came to, as the shop says.")
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)
    settlement_id: UUID | None = None
    paid_at: datetime | None = Field(default=None, sa_type=MOMENT)
    reason: str = ""
