"""Tables of fee waivers."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Date, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.property.registry import Base, moment


class WaiverRow(Base, table=True):
    """The answer to one award's request; the award is the key, so it is answered once."""

    __tablename__ = "waiver"
    __table_args__ = (
        CheckConstraint("state IN ('granted', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'withdrawn') = (ended_at IS NOT NULL)", name="ended"),
        Index("ix_waiver_asked", "community_id", text("asked_at DESC"), text("award_id DESC")),
        Index("ix_waiver_household", "community_id", "household_id", text("asked_at DESC"), text("award_id DESC")),
    )

    award_id: UUID = Field(primary_key=True)
    household_id: UUID
    state: str
    months: list[date] = Field(default_factory=list, sa_type=ARRAY(Date))
    reason: str = ""
    asked_at: datetime = moment()
    ended_at: datetime | None = moment(nullable=True)


class WaiverMonthRow(Base, table=True):
    """A month a household pays no fee for; two awards never give the same one."""

    __tablename__ = "waiver_month"
    __table_args__ = (
        CheckConstraint("extract(day FROM month) = 1", name="first_day"),
        ForeignKeyConstraint(
            ["community_id", "award_id"], ["property.waiver.community_id", "property.waiver.award_id"]
        ),
        Index(None, "community_id", "award_id"),
    )

    household_id: UUID = Field(primary_key=True)
    month: date = Field(primary_key=True)
    award_id: UUID
