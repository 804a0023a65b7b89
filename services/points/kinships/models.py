"""Tables of kinships."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class KinshipRow(Table, table=True):
    """That a person who judges has kin in a household; ended, it stays on record."""

    __tablename__: ClassVar[str] = "kinship"
    __table_args__ = (
        Index(
            "uq_kinship_standing",
            "community_id",
            "account_id",
            "household_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_kinship_account", "community_id", "account_id", text("declared_at DESC"), text("id DESC")),
        Index("ix_kinship_household", "community_id", "household_id", text("declared_at DESC"), text("id DESC")),
        Index("ix_kinship_declared", "community_id", text("declared_at DESC"), text("id DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(description="Who judges and steps aside.")
    household_id: UUID
    relation: str
    declared_by: UUID
    declared_at: datetime = Field(sa_type=MOMENT)
    ended_by: UUID | None = None
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)
