"""Tables of public notices."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.proposals.registry import DOCUMENT, MOMENT, Table


class Notice(Table, table=True):
    """What is shown, where, until when, and how many objections wait for an answer."""

    __tablename__: ClassVar[str] = "notice"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'completed', 'stopped')", name="state"),
        CheckConstraint("days > 0", name="days"),
        CheckConstraint("day_kind IN ('calendar', 'working')", name="day_kind"),
        CheckConstraint("open_objections >= 0", name="open_objections"),
        # P8 stands here too: a notice is not complete before its time or with an open objection.
        CheckConstraint(
            "state <> 'completed' OR (completed_at >= due_at AND open_objections = 0)", name="complete_by_rule"
        ),
        Index(None, "community_id", text("started_at DESC"), text("id DESC")),
        Index(None, "community_id", "state", text("started_at DESC"), text("id DESC")),
        Index("uq_notice_running", "community_id", "process_id", "step_code", unique=True,
              postgresql_where=text("state = 'running'")),
        Index("ix_notice_due", "due_at", postgresql_where=text("state = 'running' AND open_objections = 0")),
    )  # fmt: skip

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    process_id: UUID
    step_code: str
    title: str
    body: str
    content_hash: str
    places: list[str] = Field(sa_type=DOCUMENT, description="Where it hangs: online board, hall, stairwell…")
    days: int
    day_kind: str
    contact: str
    state: str
    restarts: int = 0
    open_objections: int = 0
    started_by: UUID
    started_at: datetime = Field(sa_type=MOMENT)
    due_at: datetime = Field(sa_type=MOMENT)
    completed_at: datetime | None = Field(default=None, sa_type=MOMENT)


class Objection(Table, table=True):
    """What a household holds against a notice, and the named answer."""

    __tablename__: ClassVar[str] = "objection"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answer"),
        ForeignKeyConstraint(["community_id", "notice_id"], ["proposals.notice.community_id", "proposals.notice.id"]),
        Index(None, "community_id", "notice_id", text("raised_at DESC"), text("id DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    notice_id: UUID
    household_id: UUID
    account_id: UUID
    body: str
    raised_at: datetime = Field(sa_type=MOMENT)
    answer: str = ""
    answered_by: UUID | None = None
    answered_by_name: str = ""
    is_upheld: bool | None = None
    answered_at: datetime | None = Field(default=None, sa_type=MOMENT)
