"""The tables of workers, their duty hours, and who was sent where."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from services.property.registry import Base, Moment, document, ids, moment


class WorkerRow(Base, table=True):
    __tablename__ = "worker"
    __table_args__ = (
        UniqueConstraint("community_id", "account_id"),
        Index("ix_worker_department", "community_id", "department"),
    )

    id: UUID = Field(primary_key=True)
    account_id: UUID
    household_id: UUID | None = None
    name: str
    department: str
    skills: list[dict[str, Any]] = document()
    grid_ids: list[UUID] = ids()
    base_grid_id: UUID | None = None
    is_active: bool = True
    is_on_call_reserve: bool = False


class DutyRow(Base, table=True):
    """A shift or a leave. Who has no shift on record is taken to be on duty; a leave always counts."""

    __tablename__ = "duty"
    __table_args__ = (
        ForeignKeyConstraint(["community_id", "worker_id"], ["property.worker.community_id", "property.worker.id"]),
        CheckConstraint("kind IN ('shift', 'leave')", name="kind"),
        CheckConstraint("starts_at < ends_at", name="span"),
        Index("ix_duty_worker", "community_id", "worker_id", "ends_at"),
    )

    id: UUID = Field(primary_key=True)
    worker_id: UUID
    kind: str
    starts_at: Moment = moment()
    ends_at: Moment = moment()


class AssignmentRow(Base, table=True):
    """Somebody sent to a ticket, with the ranking as it was then. `ended_at` is empty while it is active."""

    __tablename__ = "assignment"
    __table_args__ = (
        ForeignKeyConstraint(["community_id", "ticket_id"], ["property.ticket.community_id", "property.ticket.id"]),
        ForeignKeyConstraint(["community_id", "worker_id"], ["property.worker.community_id", "property.worker.id"]),
        CheckConstraint(
            "state IN ('offered', 'taken', 'declined', 'lapsed', 'recalled', 'withdrawn', 'done')", name="state"
        ),
        CheckConstraint("(ended_at IS NULL) = (state IN ('offered', 'taken'))", name="ended_at"),
        Index(
            "uq_assignment_active",
            "community_id",
            "ticket_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_assignment_worker", "community_id", "worker_id", "offered_at"),
        Index("ix_assignment_lapsing", "accept_by", postgresql_where=text("state = 'offered'")),
    )

    id: UUID = Field(primary_key=True)
    ticket_id: UUID
    attempt: int
    worker_id: UUID
    household_id: UUID
    building_id: UUID | None = None
    state: str
    expected_minutes: int
    offered_by_id: UUID
    offered_at: Moment = moment()
    accept_by: Moment = moment()
    taken_at: Moment | None = moment(nullable=True)
    ended_at: Moment | None = moment(nullable=True)
    rank: int
    cost: int
    reasons: list[dict[str, Any]] = document()
    weights_version: int
