"""The table of kinds of help."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime
from sqlmodel import Field

from services.points.registry import Table


class HelpKindRow(Table, table=True):
    """One version of a kind of help; never changed, because old help keeps its rate."""

    __tablename__: ClassVar[str] = "help_kind"
    __table_args__ = (
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("rate_percent BETWEEN 50 AND 300", name="rate"),
    )

    community_id: UUID = Field(primary_key=True)
    code: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    name: str
    description: str
    rate_percent: int
    is_active: bool
    decision: str
    entered_by: UUID
    entered_at: datetime = Field(sa_type=DateTime(timezone=True))
