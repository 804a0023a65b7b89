"""Tables of claim sheets."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, LargeBinary, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)
_SHEET = ["points.claim_sheet.community_id", "points.claim_sheet.id"]


class ClaimSheetRow(Table, table=True):
    """One sheet of results of an assessment, and how far it has come."""

    __tablename__: ClassVar[str] = "claim_sheet"
    __table_args__ = (
        CheckConstraint(
            "state IN ('uploaded', 'checked', 'refused', 'applying', 'applied', 'discarded')", name="state"
        ),
        CheckConstraint("attempts >= 0 AND done >= 0 AND total >= done", name="progress"),
        Index("ix_claim_sheet_due", "uploaded_at", postgresql_where=text("state IN ('uploaded', 'applying')")),
        Index("ix_claim_sheet_state", "community_id", "state", text("uploaded_at DESC"), text("id DESC")),
        Index("ix_claim_sheet_day", "community_id", "assessed_on"),
        Index("ix_claim_sheet_uploaded", "community_id", text("uploaded_at DESC"), text("id DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    name: str
    assessed_on: date
    rulebook_version: int | None = Field(default=None, description="Version it was checked under and is applied under.")
    state: str
    file_name: str
    file_bytes: int
    file_sha256: bytes = Field(sa_type=LargeBinary)
    uploaded_by: UUID
    uploaded_at: datetime = Field(sa_type=MOMENT)
    checked_at: datetime | None = Field(default=None, sa_type=MOMENT)
    finished_at: datetime | None = Field(default=None, sa_type=MOMENT)
    row_count: int = 0
    problem_count: int = 0
    plus_points: int = 0
    minus_points: int = 0
    refusal_code: str | None = None
    refusal_detail: str | None = None
    attempts: int = 0
    phase: str = ""
    done: int = 0
    total: int = 0


class ClaimSheetFile(Table, table=True):
    """The uploaded file; gone when the sheet has ended."""

    __tablename__: ClassVar[str] = "claim_sheet_file"
    __table_args__ = (ForeignKeyConstraint(["community_id", "sheet_id"], _SHEET),)

    community_id: UUID = Field(primary_key=True)
    sheet_id: UUID = Field(primary_key=True)
    content: bytes = Field(sa_type=LargeBinary, repr=False)


class ClaimSheetProblem(Table, table=True):
    """One thing that is wrong with a sheet."""

    __tablename__: ClassVar[str] = "claim_sheet_problem"
    __table_args__ = (ForeignKeyConstraint(["community_id", "sheet_id"], _SHEET),)

    community_id: UUID = Field(primary_key=True)
    sheet_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    row: int | None = None
    column: str | None = None
    value: str
    advice: str
