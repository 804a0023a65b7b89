"""The table of adopted numbers."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.points.registry import Table


class HelpPolicy(Table, table=True):
    """One adopted version of the numbers of an area; never changed."""

    __tablename__: ClassVar[str] = "help_policy"
    __table_args__ = (
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("area IN ('gigs', 'time_bank', 'deliveries')", name="area"),
    )

    community_id: UUID = Field(primary_key=True)
    area: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    numbers: dict[str, Any] = Field(sa_type=JSONB)
    decision: str
    adopted_by: UUID
    adopted_at: datetime = Field(sa_type=DateTime(timezone=True))
