"""Tables of baskets: several redemptions asked for in one command."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class Basket(Table, table=True):
    """One command of a household; written by `basket.sql` alone."""

    __tablename__: ClassVar[str] = "basket"
    __table_args__ = (Index(None, "community_id", "household_id", "id"),)

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    household_id: UUID
    account_id: UUID
    created_at: datetime = Field(sa_type=MOMENT)


class BasketLine(Table, table=True):
    """One redemption of a basket."""

    __tablename__: ClassVar[str] = "basket_line"
    __table_args__ = (
        Index(None, "community_id", "basket_id"),
        ForeignKeyConstraint(["community_id", "basket_id"], ["points.basket.community_id", "points.basket.id"]),
        ForeignKeyConstraint(
            ["community_id", "redemption_id"], ["points.redemption.community_id", "points.redemption.id"]
        ),
    )

    community_id: UUID = Field(primary_key=True)
    redemption_id: UUID = Field(primary_key=True)
    basket_id: UUID
