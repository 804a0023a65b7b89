"""Tables of boards."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class BoardPolicy(Table, table=True):
    """How the boards are run, as a decision adopted it; never changed."""

    __tablename__: ClassVar[str] = "board_policy"
    __table_args__ = (CheckConstraint("panel_quorum >= 3 AND cure_days > 0 AND listing_days > 0", name="terms"),)

    community_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    decision: str
    effective_on: date
    panel_quorum: int
    cure_days: int
    listing_days: int
    is_warning_public: bool
    is_ranking_public: bool
    adopted_by: UUID
    adopted_at: datetime = Field(sa_type=MOMENT)


class BoardEntry(Table, table=True):
    """A household on its way onto a board, on it, or off it again.

    What hangs has a day on which it comes down, and a warning hangs only after the days to put things right that followed the panel's
    decision.
    """

    __tablename__: ClassVar[str] = "board_entry"
    __table_args__ = (
        CheckConstraint("board IN ('honour', 'warning')", name="board"),
        CheckConstraint("tone IN ('needs_help', 'warning')", name="tone"),
        CheckConstraint(
            "state IN ('proposed', 'notified', 'disputed', 'cured', 'listed', 'removed', 'dismissed')", name="state"
        ),
        CheckConstraint("(state = 'notified') <= (cure_until IS NOT NULL)", name="notified"),
        CheckConstraint(
            "(state = 'listed') <= (decided_at IS NOT NULL AND listed_on IS NOT NULL AND removal_on > listed_on)",
            name="listed",
        ),
        CheckConstraint("board = 'honour' OR listed_on IS NULL OR listed_on > cure_until", name="cured_first"),
        Index("ix_board_entry_state", "community_id", "board", "state", text("proposed_at DESC"), text("id DESC")),
        Index("ix_board_entry_proposed", "community_id", text("proposed_at DESC"), text("id DESC")),
        Index("ix_board_entry_household", "community_id", "household_id", text("proposed_at DESC"), text("id DESC")),
        Index(
            "uq_board_entry_open",
            "community_id",
            "board",
            "household_id",
            unique=True,
            postgresql_where=text("state IN ('proposed', 'notified', 'disputed', 'listed')"),
        ),
        Index("ix_board_entry_list_due", "cure_until", postgresql_where=text("state = 'notified'")),
        Index("ix_board_entry_removal_due", "removal_on", postgresql_where=text("state = 'listed'")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    board: str
    household_id: UUID
    tone: str
    title: str
    reason: str
    state: str
    panel_quorum: int
    cure_days: int
    listing_days: int
    proposed_by: UUID
    proposed_at: datetime = Field(sa_type=MOMENT)
    decided_at: datetime | None = Field(default=None, sa_type=MOMENT)
    cure_until: date | None = None
    listed_on: date | None = None
    removal_on: date | None = None
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)
    ended_by: UUID | None = None
    objection: str = Field(default="", description="What the household held against it.")
    answer: str = Field(default="", description="What was answered, or why it ended.")


class BoardVote(Table, table=True):
    """What one assessor thinks of an entry; the primary key lets each vote once."""

    __tablename__: ClassVar[str] = "board_vote"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_id", "entry_id"], ["points.board_entry.community_id", "points.board_entry.id"]
        ),
    )

    community_id: UUID = Field(primary_key=True)
    entry_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    is_approved: bool
    reason: str
    cast_at: datetime = Field(sa_type=MOMENT)


class BoardExemption(Table, table=True):
    """A household that is not warned until a day, because a child or somebody seriously ill is concerned. Read by officials alone."""

    __tablename__: ClassVar[str] = "board_exemption"
    __table_args__ = (CheckConstraint("kind IN ('minor', 'ill')", name="kind"),)

    community_id: UUID = Field(primary_key=True)
    household_id: UUID = Field(primary_key=True)
    kind: str
    until: date
    note: str
    entered_by: UUID
    entered_at: datetime = Field(sa_type=MOMENT)
