"""Tables of periods."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class PeriodRow(Table, table=True):
    """A round of assessment.

    Periods form a chain without gap or overlap: each names the last day of the one before it, which only one can follow.
    """

    __tablename__: ClassVar[str] = "period"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'collecting', 'reviewed', 'publicised', 'sealed')", name="state"),
        CheckConstraint("begins_on < ends_on", name="days"),
        CheckConstraint("previous_ends_on IS NULL OR begins_on = previous_ends_on + 1", name="follows"),
        CheckConstraint("(previous_ends_on IS NULL) = (number = 1)", name="first"),
        CheckConstraint(
            "(state IN ('publicised', 'sealed')) <= (objections_until IS NOT NULL AND edition > 0)", name="hung"
        ),
        CheckConstraint("(state = 'sealed') = (sealed_at IS NOT NULL AND root IS NOT NULL)", name="sealed"),
        CheckConstraint("publicised_by IS NULL OR publicised_by IS DISTINCT FROM reviewed_by", name="two_people"),
        UniqueConstraint("community_id", "number"),
        UniqueConstraint("community_id", "ends_on"),
        UniqueConstraint("community_id", "previous_ends_on", postgresql_nulls_not_distinct=True),
        ForeignKeyConstraint(
            ["community_id", "previous_ends_on"], ["points.period.community_id", "points.period.ends_on"]
        ),
        Index("ix_period_state", "community_id", "state", text("number DESC")),
        Index("ix_period_collect_due", "ends_on", postgresql_where=text("state = 'open'")),
        Index("ix_period_seal_due", "objections_until", postgresql_where=text("state = 'publicised'")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    number: int
    name: str
    begins_on: date
    ends_on: date
    previous_ends_on: date | None = None
    notice_days: int
    state: str
    edition: int = 0
    opened_by: UUID
    opened_at: datetime = Field(sa_type=MOMENT)
    reviewed_by: UUID | None = None
    reviewed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    publicised_by: UUID | None = None
    publicised_at: datetime | None = Field(default=None, sa_type=MOMENT)
    objections_until: datetime | None = Field(default=None, sa_type=MOMENT)
    sealed_by: UUID | None = Field(default=None, description="A supervisor's account; the clock has none.")
    sealed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    root: str | None = None
    ledger_seal_number: int | None = None
    ledger_seal_root: str | None = None
    reason: str = Field(default="", description="Why it was sent back last.")


class PeriodObjectionRow(Table, table=True):
    """A household's objection to a published period and the answer it got; one may be open at a time."""

    __tablename__: ClassVar[str] = "period_objection"
    __table_args__ = (
        ForeignKeyConstraint(["community_id", "period_id"], ["points.period.community_id", "points.period.id"]),
        CheckConstraint(
            "(answered_at IS NULL) = (is_upheld IS NULL) AND (answered_at IS NULL) = (answered_by IS NULL)",
            name="answered",
        ),
        Index("ix_period_objection_period", "community_id", "period_id", text("made_at DESC"), text("id DESC")),
        Index(
            "uq_period_objection_open",
            "community_id",
            "period_id",
            "household_id",
            unique=True,
            postgresql_where=text("answered_at IS NULL"),
        ),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    period_id: UUID
    household_id: UUID
    account_id: UUID
    reason: str
    made_at: datetime = Field(sa_type=MOMENT)
    is_upheld: bool | None = None
    answer: str = ""
    answered_by: UUID | None = None
    answered_at: datetime | None = Field(default=None, sa_type=MOMENT)
