"""Tables of rulebooks."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index
from sqlmodel import Field

from services.points.registry import Table


class Rulebook(Table, table=True):
    """One version of the list, with the decision that adopted it."""

    __tablename__: ClassVar[str] = "rulebook"
    __table_args__ = (
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("panel_quorum >= 3", name="panel_quorum"),
        CheckConstraint("notice_days > 0", name="notice_days"),
        Index(None, "community_id", "effective_on", "version"),
    )

    community_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    decision: str = Field(description="The meeting or vote that adopted it.")
    effective_on: date
    panel_quorum: int
    notice_days: int
    adopted_by: UUID
    adopted_at: datetime = Field(sa_type=DateTime(timezone=True))


class RuleItemRow(Table, table=True):
    """One line of a version."""

    __tablename__: ClassVar[str] = "rule_item"
    __table_args__ = (
        CheckConstraint("\"group\" IN ('plus', 'minus')", name="group"),
        CheckConstraint("points > 0", name="points"),
        CheckConstraint("cap_count > 0 AND cap_days > 0", name="cap"),
        ForeignKeyConstraint(["community_id", "version"], ["points.rulebook.community_id", "points.rulebook.version"]),
    )

    community_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    code: str = Field(primary_key=True)
    position: int
    name: str
    group: str
    points: int
    unit: str
    cap_count: int
    cap_days: int
    photos_required: int
