"""Tables of the duty log."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, DateTime, ForeignKeyConstraint, Index, UniqueConstraint, Uuid, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class DutyRow(Table, table=True):
    """A day of care; one per adoption and day."""

    __tablename__: ClassVar[str] = "adoption_duty"
    __table_args__ = (
        CheckConstraint("result IN ('logged', 'passed', 'failed')", name="result"),
        CheckConstraint("points >= 0 AND (points = 0 OR result = 'passed')", name="points"),
        CheckConstraint(
            "(result = 'logged') = (inspected_at IS NULL) AND (inspected_at IS NULL) = (inspected_by IS NULL)",
            name="inspected",
        ),
        UniqueConstraint("community_id", "adoption_id", "done_on"),
        ForeignKeyConstraint(["community_id", "adoption_id"], ["points.adoption.community_id", "points.adoption.id"]),
        Index("ix_adoption_duty_adoption", "community_id", "adoption_id", text("created_at DESC"), text("id DESC")),
        Index("ix_adoption_duty_created", "community_id", text("created_at DESC"), text("id DESC")),
        Index(
            "ix_adoption_duty_cap",
            "community_id",
            "item_code",
            "done_on",
            "household_id",
            postgresql_where=text("points > 0"),
        ),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    adoption_id: UUID
    asset_id: UUID
    household_id: UUID | None = None
    account_id: UUID
    done_on: date
    note: str = ""
    photo_ids: list[UUID] = Field(sa_type=ARRAY(Uuid()))
    result: str
    item_code: str = ""
    points: int = 0
    rulebook_version: int | None = None
    finding: str = ""
    inspected_by: UUID | None = None
    inspected_at: datetime | None = Field(default=None, sa_type=MOMENT)
    created_at: datetime = Field(sa_type=MOMENT)
