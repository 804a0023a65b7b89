"""Tables of budgets."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class BudgetRow(Table, table=True):
    """How many points may be issued from one day to another, and the fund of the store that stands behind them."""

    __tablename__: ClassVar[str] = "budget"
    __table_args__ = (
        CheckConstraint("charged BETWEEN 0 AND amount", name="charged"),
        CheckConstraint("starts_on <= ends_on", name="days"),
        CheckConstraint("point_value_fen > 0", name="point_value_fen"),
        Index("ix_budget_days", "community_id", "ends_on", "starts_on"),
        Index("ix_budget_fund", "community_id", "fund_id", text("created_at DESC"), text("id DESC")),
        Index("ix_budget_created", "community_id", text("created_at DESC"), text("id DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    name: str
    fund_id: UUID = Field(description="The fund behind it.")
    point_value_fen: int | None = Field(
        default=None, description="What a point is worth in goods; unknown for old ones."
    )
    amount: int = Field(sa_type=BigInteger)
    charged: int = Field(sa_type=BigInteger)
    starts_on: date
    ends_on: date
    decision: str
    revision: int
    created_by: UUID
    created_at: datetime = Field(sa_type=MOMENT)
    changed_by: UUID
    changed_at: datetime = Field(sa_type=MOMENT)


class BudgetCharge(Table, table=True):
    """Points issued under a budget for one cause, less what was given back; the primary key charges a cause once."""

    __tablename__: ClassVar[str] = "budget_charge"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("refunded BETWEEN 0 AND amount", name="refunded"),
        ForeignKeyConstraint(["community_id", "budget_id"], ["points.budget.community_id", "points.budget.id"]),
        Index(None, "community_id", "budget_id"),
    )

    community_id: UUID = Field(primary_key=True)
    source_id: UUID = Field(primary_key=True)
    budget_id: UUID
    amount: int = Field(sa_type=BigInteger)
    charged_at: datetime = Field(sa_type=MOMENT)
    refunded: int = Field(default=0, sa_type=BigInteger)
    refunded_at: datetime | None = Field(
        default=None, sa_type=MOMENT, description="When something was last given back."
    )
