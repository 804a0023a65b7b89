"""Tables of meetings."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.proposals.registry import DOCUMENT, MOMENT, Table


class Meeting(Table, table=True):
    """A meeting of one step; the result is written when it closes."""

    __tablename__: ClassVar[str] = "meeting"
    __table_args__ = (
        CheckConstraint("state IN ('called', 'closed')", name="state"),
        CheckConstraint("yes >= 0 AND no >= 0 AND abstain >= 0", name="hands"),
        Index(None, "community_id", "process_id", "id"),
        # What a meeting decided stands: one held meeting per attempt of a step. One that too few came to decided nothing.
        Index(
            "uq_meeting_held_of_step",
            "community_id",
            "process_id",
            "step_code",
            "attempt",
            unique=True,
            postgresql_where=text("is_held"),
        ),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    process_id: UUID
    step_code: str
    attempt: int | None = Field(
        default=None, description="Attempt of the step; null for one that was held again before this was refused."
    )
    title: str
    place: str
    rule: str = Field(description="Code of the preset the meeting decides by.")
    state: str
    held_at: datetime = Field(sa_type=MOMENT)
    yes: int = 0
    no: int = 0
    abstain: int = 0
    minutes: str = ""
    is_held: bool | None = None
    is_decided: bool | None = None
    derivation: dict[str, Any] = Field(default_factory=dict, sa_type=DOCUMENT)
    derivation_text: str = ""
    called_by: UUID
    closed_at: datetime | None = Field(default=None, sa_type=MOMENT)


class Attendee(Table, table=True):
    """A person due at a meeting; present when there is a time."""

    __tablename__: ClassVar[str] = "attendee"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_id", "meeting_id"], ["proposals.meeting.community_id", "proposals.meeting.id"]
        ),
    )

    community_id: UUID = Field(primary_key=True)
    meeting_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    name: str
    present_at: datetime | None = Field(default=None, sa_type=MOMENT)
    method: str = ""
