"""Tables of concerns."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.proposals.registry import MOMENT, Table


class Concern(Table, table=True):
    """What a neighbour asks for, how it was sorted and what was answered."""

    __tablename__: ClassVar[str] = "concern"
    __table_args__ = (
        CheckConstraint("state IN ('filed', 'triaged', 'answered', 'proposed', 'closed', 'merged')", name="state"),
        CheckConstraint("level IS NULL OR level IN ('major', 'minor', 'private')", name="level"),
        CheckConstraint("state = 'filed' OR state = 'merged' OR level IS NOT NULL", name="sorted"),
        CheckConstraint("level IS NULL OR triage_reason <> ''", name="reason"),
        CheckConstraint("merged_into IS NULL OR merged_into <> id", name="not_itself"),
        Index(None, "community_id", text("filed_at DESC"), text("id DESC")),
        Index(None, "community_id", "state", text("filed_at DESC"), text("id DESC")),
        Index(None, "community_id", "household_id", text("filed_at DESC"), text("id DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    author_account_id: UUID | None = None
    household_id: UUID | None = None
    channel: str
    title: str
    body: str
    place: str = ""
    photos: list[UUID] = Field(default_factory=list, sa_type=ARRAY(Uuid()), description="Ids of media files.")
    entered_by: UUID
    state: str
    level: str | None = None
    triage_reason: str = ""
    triaged_by: UUID | None = None
    answer_due_at: datetime | None = Field(default=None, sa_type=MOMENT)
    answer: str = ""
    answered_by: UUID | None = None
    answered_at: datetime | None = Field(default=None, sa_type=MOMENT)
    merged_into: UUID | None = None
    supporters: int = 0
    filed_at: datetime = Field(sa_type=MOMENT)


class ConcernSupport(Table, table=True):
    """One more household that says the same, at most once each."""

    __tablename__: ClassVar[str] = "concern_support"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_id", "concern_id"], ["proposals.concern.community_id", "proposals.concern.id"]
        ),
    )

    community_id: UUID = Field(primary_key=True)
    concern_id: UUID = Field(primary_key=True)
    household_id: UUID = Field(primary_key=True)
    account_id: UUID
    given_at: datetime = Field(sa_type=MOMENT)
