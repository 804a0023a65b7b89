"""The book of steps: who did what to something officials answer for, when and why."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index
from sqlmodel import Field

from services.points.registry import Table


class StepRow(Table, table=True):
    """One step; written once and never changed."""

    __tablename__: ClassVar[str] = "step"
    __table_args__ = (Index(None, "community_id", "subject_id", "id"),)

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    subject_id: UUID = Field(
        description="The claim, redemption, product, adoption, shop or whatever else it happened to."
    )
    action: str
    state: str = Field(description="What it became.")
    account_id: UUID | None = Field(
        default=None, description="Who did it; empty for the clock and for another service."
    )
    reason: str = ""
    at: datetime = Field(sa_type=DateTime(timezone=True))
