"""Tables of roster imports: the import, its file while it is needed, its report, its progress, and the cards it makes."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlmodel import Field

from services.identity.registry import Base

MOMENT = DateTime(timezone=True)
_IMPORT = ["identity.roster_import.community_id", "identity.roster_import.id"]


class RosterImportRow(Base, table=True):
    """One upload and what became of it."""

    __tablename__: ClassVar[str] = "roster_import"
    __table_args__ = (
        CheckConstraint(
            "state IN ('uploaded', 'checked', 'refused', 'applying', 'applied', 'outdated', 'discarded')", name="state"
        ),
        CheckConstraint("removals IN ('keep', 'apply')", name="removals"),
        Index(
            "ix_roster_import_due", "uploaded_at", postgresql_where=text("state IN ('uploaded', 'applying', 'checked')")
        ),
        Index(None, "community_id", "uploaded_at", "id"),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    state: str
    file_name: str
    file_bytes: int
    file_sha256: bytes = Field(sa_type=LargeBinary)
    uploaded_by: UUID
    uploaded_at: datetime = Field(sa_type=MOMENT)
    checked_at: datetime | None = Field(default=None, sa_type=MOMENT)
    row_counts: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    problem_count: int = 0
    change_counts: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    digest: str | None = None
    removals: str | None = None
    applied_by: UUID | None = None
    finished_at: datetime | None = Field(default=None, sa_type=MOMENT)
    refusal_code: str | None = None
    refusal_detail: str | None = None
    cards_taken_at: datetime | None = Field(default=None, sa_type=MOMENT)


class RosterFileRow(Base, table=True):
    """The uploaded file, encrypted; gone when the import has ended."""

    __tablename__: ClassVar[str] = "roster_file"
    __table_args__ = (ForeignKeyConstraint(["community_id", "import_id"], _IMPORT),)

    community_id: UUID = Field(primary_key=True)
    import_id: UUID = Field(primary_key=True)
    sealed: str = Field(repr=False)


class RosterProblemRow(Base, table=True):
    """A line of the report of what is wrong."""

    __tablename__: ClassVar[str] = "roster_problem"
    __table_args__ = (ForeignKeyConstraint(["community_id", "import_id"], _IMPORT),)

    community_id: UUID = Field(primary_key=True)
    import_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    sheet: str
    row: int | None = None
    column: str | None = None
    value: str
    advice: str
    is_blocking: bool


class RosterChangeRow(Base, table=True):
    """A line of what applying would do."""

    __tablename__: ClassVar[str] = "roster_change"
    __table_args__ = (ForeignKeyConstraint(["community_id", "import_id"], _IMPORT),)

    community_id: UUID = Field(primary_key=True)
    import_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    kind: str
    change: str
    label: str
    fields: list[str] = Field(sa_type=ARRAY(TEXT))


class RosterProgressRow(Base, table=True):
    """How far the work has come; written beside the work's own transaction, so that people see it move."""

    __tablename__: ClassVar[str] = "roster_progress"

    community_id: UUID = Field(primary_key=True)
    import_id: UUID = Field(primary_key=True)
    phase: str
    done: int
    total: int
    attempts: int
    updated_at: datetime = Field(sa_type=MOMENT)


class RosterCardRow(Base, table=True):
    """The code for a new household's card, encrypted until the list is taken, then gone."""

    __tablename__: ClassVar[str] = "roster_card"
    __table_args__ = (ForeignKeyConstraint(["community_id", "import_id"], _IMPORT),)

    community_id: UUID = Field(primary_key=True)
    import_id: UUID = Field(primary_key=True)
    household_id: UUID = Field(primary_key=True)
    household_number: str
    sealed: str = Field(repr=False)
