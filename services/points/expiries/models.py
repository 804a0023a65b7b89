"""Table of the community's decisions about points."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class PointsPolicyRow(Table, table=True):
    """One version of the terms; never changed. The highest version is in force; lots keep the expiry they came with."""

    __tablename__: ClassVar[str] = "points_policy"
    __table_args__ = (
        CheckConstraint("opening_standing >= 0", name="opening_standing"),
        CheckConstraint(
            "expiry_mode IN ('none', 'months', 'yearly') AND expiry_months BETWEEN 0 AND 120"
            " AND (expiry_mode <> 'months' OR expiry_months > 0)",
            name="expiry",
        ),
        CheckConstraint("make_date(2001, expiry_month, expiry_day) IS NOT NULL", name="day"),
    )

    community_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    opening_standing: int
    is_base_spendable: bool
    expiry_mode: str
    expiry_months: int
    expiry_month: int
    expiry_day: int
    decision: str
    adopted_by: UUID
    adopted_at: datetime = Field(sa_type=MOMENT)
