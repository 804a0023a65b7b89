"""The tables of working calendars, service levels, clocks and escalations."""

from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, ForeignKeyConstraint, Index, SmallInteger, text
from sqlmodel import Field

from services.property.registry import Base, Moment, document, moment


class CalendarRow(Base, table=True):
    __tablename__ = "calendar"

    code: str = Field(primary_key=True)
    name: str
    week: list[list[list[int]]] = document()
    observes_holidays: bool


class CalendarDayRow(Base, table=True):
    __tablename__ = "calendar_day"
    __table_args__ = (
        CheckConstraint("kind IN ('off', 'work')", name="kind"),
        CheckConstraint("(kind = 'work') = (works_like IS NOT NULL)", name="works_like"),
        CheckConstraint("works_like BETWEEN 0 AND 6", name="weekday"),
    )

    on_date: date = Field(primary_key=True)
    kind: str
    works_like: int | None = Field(default=None, sa_type=SmallInteger)
    name: str


class CalendarYearRow(Base, table=True):
    __tablename__ = "calendar_year"

    year: int = Field(primary_key=True)
    is_provisional: bool
    source: str


class PolicyRow(Base, table=True):
    """Promised times of a version; old versions stay, because old clocks keep the promise they were given."""

    __tablename__ = "service_level"

    version: int = Field(primary_key=True)
    effective_at: Moment = moment()
    adopted_by: str
    targets: dict[str, dict[str, int]] = document()
    policy: dict[str, int] = document()


class RulesRow(Base, table=True):
    """A mark that is new with every change of calendars or promises, so that processes may keep what they read.

    It is an id and not a count: a change that was rolled back must not share its mark with the next one.
    """

    __tablename__ = "rules_revision"

    revision: UUID


class ClockRow(Base, table=True):
    """A copy of what the log says, for the sweep and for lists; the log is the truth."""

    __tablename__ = "ticket_clock"
    __table_args__ = (
        ForeignKeyConstraint(["community_id", "ticket_id"], ["property.ticket.community_id", "property.ticket.id"]),
        CheckConstraint("kind IN ('respond', 'resolve')", name="kind"),
        CheckConstraint("state IN ('running', 'paused', 'met', 'breached')", name="state"),
        CheckConstraint("target_seconds > 0", name="target_seconds"),
        Index("ix_ticket_clock_stopped", "community_id", "stopped_at"),
        Index("ix_ticket_clock_open", "kind", "due_at", postgresql_where=text("stopped_at IS NULL")),
        Index("ix_ticket_clock_due", "next_check_at", postgresql_where=text("next_check_at IS NOT NULL")),
    )

    ticket_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    attempt: int = Field(primary_key=True)
    state: str
    calendar: str
    policy_version: int
    target_seconds: int
    elapsed_seconds: int = 0
    marks: list[list[str]] = document()
    told: list[int] = Field(
        default_factory=list, sa_column=Column(ARRAY(SmallInteger), nullable=False, server_default="{}")
    )
    is_late: bool = False
    is_counted: bool = True
    department: str | None = None
    started_at: Moment = moment()
    due_at: Moment | None = moment(nullable=True)
    stopped_at: Moment | None = moment(nullable=True)
    next_check_at: Moment | None = moment(nullable=True)


class EscalationRow(Base, table=True):
    """Who was told that time runs out: once for each rung, for ever."""

    __tablename__ = "escalation"
    __table_args__ = (
        ForeignKeyConstraint(["community_id", "ticket_id"], ["property.ticket.community_id", "property.ticket.id"]),
    )

    ticket_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    attempt: int = Field(primary_key=True)
    percent: int = Field(primary_key=True)
    tells: str
    at: Moment = moment()
