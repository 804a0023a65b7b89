"""Tables of processes: the template is kept whole, each attempt at a step is a row, evidence is append-only."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.proposals.registry import DOCUMENT, MOMENT, Table


class Process(Table, table=True):
    """A running or ended process over one text of one proposal."""

    __tablename__: ClassVar[str] = "process"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'completed', 'rejected', 'returned')", name="state"),
        CheckConstraint("(state = 'running') = (open_position IS NOT NULL)", name="open_step"),
        ForeignKeyConstraint(
            ["community_id", "proposal_id"], ["proposals.proposal.community_id", "proposals.proposal.id"]
        ),
        Index(
            "uq_process_running", "community_id", "proposal_id", unique=True,
            postgresql_where=text("state = 'running'"),
        ),
        Index(None, "community_id", text("started_at DESC"), text("id DESC")),
    )  # fmt: skip

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    proposal_id: UUID
    text_hash: str
    template: dict[str, Any] = Field(sa_type=DOCUMENT)
    rules_signed_off_by: str = ""
    state: str
    open_position: int | None = None
    open_attempt: int | None = None
    step_opened_at: datetime | None = Field(default=None, sa_type=MOMENT)
    end_reason: str = ""
    started_by: UUID
    started_at: datetime = Field(sa_type=MOMENT)
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)


class ProcessStep(Table, table=True):
    """One attempt at one step: when it was opened and how it ended."""

    __tablename__: ClassVar[str] = "process_step"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'passed', 'returned', 'rejected')", name="state"),
        CheckConstraint("state NOT IN ('returned', 'rejected') OR reason <> ''", name="reason"),
        CheckConstraint("closed_at IS NULL OR closed_at >= opened_at", name="order"),
        CheckConstraint("held_at IS NULL OR held_at >= opened_at", name="back_dated"),
        ForeignKeyConstraint(
            ["community_id", "process_id"], ["proposals.process.community_id", "proposals.process.id"]
        ),
        Index(
            "uq_process_step_open", "community_id", "process_id", unique=True,
            postgresql_where=text("state = 'open'"),
        ),
    )  # fmt: skip

    community_id: UUID = Field(primary_key=True)
    process_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    attempt: int = Field(primary_key=True)
    code: str
    title: str
    state: str
    subject_id: UUID | None = Field(default=None, description="The meeting, round or notice that closed it.")
    result_hash: str | None = None
    summary: str = ""
    reason: str = ""
    opened_at: datetime = Field(sa_type=MOMENT)
    held_at: datetime | None = Field(default=None, sa_type=MOMENT)
    closed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    closed_by: UUID | None = None


class Evidence(Table, table=True):
    """A piece of evidence filed for an attempt at a step; append-only."""

    __tablename__: ClassVar[str] = "evidence"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_id", "process_id", "position", "attempt"],
            [
                "proposals.process_step.community_id",
                "proposals.process_step.process_id",
                "proposals.process_step.position",
                "proposals.process_step.attempt",
            ],
        ),
        Index(None, "community_id", "process_id", "position", "attempt"),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    process_id: UUID
    position: int
    attempt: int
    kind: str
    note: str
    media_ids: list[str] = Field(default_factory=list, sa_type=DOCUMENT)
    filed_by: UUID
    filed_by_name: str
    filed_at: datetime = Field(sa_type=MOMENT)
