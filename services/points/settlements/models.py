"""Tables of monthly settlements."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class SettlementRow(Table, table=True):
    """What a shop is owed for a month; one per shop and month."""

    __tablename__: ClassVar[str] = "settlement"
    __table_args__ = (
        CheckConstraint(
            "state IN ('drafted', 'disputed', 'merchant_confirmed', 'community_confirmed', 'paid')", name="state"
        ),
        CheckConstraint("extract(day FROM month) = 1", name="month"),
        CheckConstraint("vouchers >= 0 AND points >= 0 AND value_fen >= 0", name="totals"),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid"),
        CheckConstraint("paid_by IS NULL OR paid_by <> countersigned_by", name="two_people"),
        UniqueConstraint("community_id", "merchant_id", "month"),
        ForeignKeyConstraint(["community_id", "merchant_id"], ["points.merchant.community_id", "points.merchant.id"]),
        Index("ix_settlement_created", "community_id", text("created_at DESC"), text("id DESC")),
        Index("ix_settlement_merchant", "community_id", "merchant_id", text("created_at DESC"), text("id DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    merchant_id: UUID
    merchant_name: str
    month: date
    vouchers: int
    points: int = Field(sa_type=BigInteger)
    value_fen: int = Field(sa_type=BigInteger)
    state: str
    drafted_by: UUID | None = Field(default=None, description="Empty for the clock.")
    confirmed_by: UUID | None = Field(default=None, description="For the shop.")
    countersigned_by: UUID | None = Field(default=None, description="For the community.")
    paid_by: UUID | None = None
    payment_reference: str = ""
    transfer_id: UUID | None = None
    reason: str = ""
    created_at: datetime = Field(sa_type=MOMENT)
    paid_at: datetime | None = Field(default=None, sa_type=MOMENT)
