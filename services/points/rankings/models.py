"""Tables of rankings: the last orders by standing, and who wants to stay unnamed in them."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class RankingPreference(Table, table=True):
    """Whether a household wants to stay unnamed wherever neighbours read."""

    __tablename__: ClassVar[str] = "ranking_preference"

    community_id: UUID = Field(primary_key=True)
    household_id: UUID = Field(primary_key=True)
    is_anonymous: bool
    set_by: UUID
    set_at: datetime = Field(sa_type=MOMENT)


class Ranking(Table, table=True):
    """When the order by standing was drawn up last."""

    __tablename__: ClassVar[str] = "ranking"
    __table_args__ = (Index("ix_ranking_due", "made_at"),)

    community_id: UUID = Field(primary_key=True)
    edition: int
    made_at: datetime = Field(sa_type=MOMENT)


class RankingRow(Table, table=True):
    """The place of one household, building or grid. The edition before stays for readers who are still turning its pages."""

    __tablename__: ClassVar[str] = "ranking_row"
    __table_args__ = (
        CheckConstraint("level IN ('household', 'building', 'grid')", name="level"),
        Index("ix_ranking_row_rank", "community_id", "edition", "level", "rank", "subject_id"),
    )

    community_id: UUID = Field(primary_key=True)
    edition: int = Field(primary_key=True)
    level: str = Field(primary_key=True)
    subject_id: UUID = Field(primary_key=True)
    label: str
    householder_name: str
    grid_name: str
    building_name: str
    households: int
    standing: int = Field(sa_type=BigInteger)
    score_e2: int = Field(sa_type=BigInteger)
    rank: int
