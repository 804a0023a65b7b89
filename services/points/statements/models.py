"""Tables of statements: what every household, building, grid and the community had, earned and spent in a period."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)
BY_LABEL = text("points.reading_order(label::text)")


class StatementEdition(Table, table=True):
    """The totals of a period were drawn up: when, over which days, and the hash over all of them."""

    __tablename__: ClassVar[str] = "statement_edition"
    __table_args__ = (CheckConstraint("begins_at < ends_at", name="days"),)

    community_id: UUID = Field(primary_key=True)
    period_id: UUID = Field(primary_key=True)
    edition: int = Field(primary_key=True)
    name: str
    begins_on: date
    ends_on: date
    begins_at: datetime = Field(sa_type=MOMENT)
    ends_at: datetime = Field(sa_type=MOMENT)
    previous_period_id: UUID | None = None
    previous_edition: int | None = None
    households: int
    root: str
    made_at: datetime = Field(sa_type=MOMENT)


class StatementTotal(Table, table=True):
    """The totals of one household, building, grid or the community in one edition.

    `closing = opening + added - taken + corrected` in each asset; `corrected` undoes what happened in an earlier period. `score_e2` is
    the period's change in standing for each household of the subject, in hundredths of a point; `rank` orders it within its level.
    """

    __tablename__: ClassVar[str] = "statement_total"
    __table_args__ = (
        CheckConstraint("level IN ('household', 'building', 'grid', 'community')", name="level"),
        CheckConstraint(
            "standing_closing = standing_opening + standing_added - standing_taken + standing_corrected",
            name="standing",
        ),
        CheckConstraint(
            "spendable_closing = spendable_opening + spendable_added - spendable_taken + spendable_corrected",
            name="spendable",
        ),
        ForeignKeyConstraint(
            ["community_id", "period_id", "edition"],
            [
                "points.statement_edition.community_id",
                "points.statement_edition.period_id",
                "points.statement_edition.edition",
            ],
            # The lines come first and the edition, with the hash over them, last.
            deferrable=True,
            initially="DEFERRED",
        ),
        Index("ix_statement_total_rank", "community_id", "period_id", "edition", "level", "rank", "subject_id"),
        Index("ix_statement_total_label", "community_id", "period_id", "edition", "level", BY_LABEL, "subject_id"),
        Index(
            "ix_statement_total_grid",
            "community_id",
            "period_id",
            "edition",
            "grid_id",
            "level",
            BY_LABEL,
            "subject_id",
        ),
        Index(
            "ix_statement_total_building",
            "community_id",
            "period_id",
            "edition",
            "building_id",
            "level",
            BY_LABEL,
            "subject_id",
        ),
    )

    community_id: UUID = Field(primary_key=True)
    period_id: UUID = Field(primary_key=True)
    edition: int = Field(primary_key=True)
    level: str = Field(primary_key=True)
    subject_id: UUID = Field(primary_key=True)
    label: str
    householder_name: str
    grid_id: UUID | None = None
    grid_name: str
    building_id: UUID | None = None
    building_name: str
    households: int
    standing_opening: int = Field(sa_type=BigInteger)
    standing_added: int = Field(sa_type=BigInteger)
    standing_taken: int = Field(sa_type=BigInteger)
    standing_corrected: int = Field(sa_type=BigInteger)
    standing_closing: int = Field(sa_type=BigInteger)
    spendable_opening: int = Field(sa_type=BigInteger)
    spendable_added: int = Field(sa_type=BigInteger)
    spendable_taken: int = Field(sa_type=BigInteger)
    spendable_corrected: int = Field(sa_type=BigInteger)
    spendable_closing: int = Field(sa_type=BigInteger)
    claims: int
    deductions: int
    score_e2: int = Field(sa_type=BigInteger)
    rank: int


class StatementCorrection(Table, table=True):
    """A transfer of the period that undoes one of an earlier period, as it stands on the statement."""

    __tablename__: ClassVar[str] = "statement_correction"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_id", "period_id", "edition"],
            [
                "points.statement_edition.community_id",
                "points.statement_edition.period_id",
                "points.statement_edition.edition",
            ],
            deferrable=True,
            initially="DEFERRED",
        ),
        Index(
            "ix_statement_correction_household", "community_id", "period_id", "edition", "household_id", "transfer_id"
        ),
    )

    community_id: UUID = Field(primary_key=True)
    period_id: UUID = Field(primary_key=True)
    edition: int = Field(primary_key=True)
    transfer_id: UUID = Field(primary_key=True)
    household_id: UUID
    label: str
    asset: str
    amount: int = Field(sa_type=BigInteger)
    summary: str
    corrected_at: datetime = Field(sa_type=MOMENT)
    original_at: datetime = Field(sa_type=MOMENT)
    original_summary: str
