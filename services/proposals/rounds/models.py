"""Tables of rounds."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, text
from sqlmodel import Field

from services.proposals.registry import DOCUMENT, MOMENT, Table


class Round(Table, table=True):
    """One vote. What a voter relies on is fixed by the freeze; a trigger refuses to change it afterwards."""

    __tablename__: ClassVar[str] = "round"
    __table_args__ = (
        CheckConstraint("state IN ('drafted', 'frozen', 'open', 'closed', 'tallied', 'final', 'void')", name="state"),
        CheckConstraint("grade IN ('named_public', 'named_private')", name="grade"),
        CheckConstraint("method IN ('yes_no_abstain', 'single', 'approve')", name="method"),
        CheckConstraint("closes_at > opens_at", name="window"),
        CheckConstraint("state IN ('drafted', 'void') OR frozen_hash <> ''", name="frozen"),
        ForeignKeyConstraint(["community_id", "roll_id"], ["proposals.roll.community_id", "proposals.roll.id"]),
        ForeignKeyConstraint(
            ["community_id", "process_id"], ["proposals.process.community_id", "proposals.process.id"]
        ),
        Index(None, "community_id", text("drafted_at DESC"), text("id DESC")),
        Index(None, "community_id", "state", text("drafted_at DESC"), text("id DESC")),
        Index(None, "community_id", "process_id"),
        # Nobody votes again until the result pleases: one round per step, unless the step was sent back and the round annulled.
        # A tie decided nothing, so one run-off may follow each tied round.
        Index(
            "uq_round_of_step",
            "community_id",
            "process_id",
            "step_code",
            "runoff_of",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("state <> 'void'"),
        ),
        Index("ix_round_to_open", "opens_at", postgresql_where=text("state = 'frozen'")),
        Index("ix_round_to_close", "closes_at", postgresql_where=text("state = 'open'")),
        Index("ix_round_to_tally", "closed_at", postgresql_where=text("state = 'closed'")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    proposal_id: UUID
    process_id: UUID
    step_code: str
    state: str
    question: str
    method: str
    options: list[dict[str, str]] = Field(sa_type=DOCUMENT)
    max_choices: int
    grade: str
    rule: dict[str, Any] = Field(sa_type=DOCUMENT)
    needs_presence: bool
    roll_id: UUID
    text_hash: str
    runoff_of: UUID | None = Field(default=None, description="The tied round whose leading options are put again.")
    frozen_hash: str = ""
    opens_at: datetime = Field(sa_type=MOMENT)
    closes_at: datetime = Field(sa_type=MOMENT)
    drafted_by: UUID
    drafted_at: datetime = Field(sa_type=MOMENT)
    frozen_at: datetime | None = Field(default=None, sa_type=MOMENT)
    opened_at: datetime | None = Field(default=None, sa_type=MOMENT)
    closed_at: datetime | None = Field(default=None, sa_type=MOMENT)


class RoundKey(Table, table=True):
    """The sealing key of a round; the secret half is encrypted at rest and opened only after close."""

    __tablename__: ClassVar[str] = "round_key"

    community_id: UUID = Field(primary_key=True)
    round_id: UUID = Field(primary_key=True)
    public_key: bytes = Field(sa_type=LargeBinary)
    wrapped_secret: str
    opened_at: datetime | None = Field(default=None, sa_type=MOMENT)


class RoundPresence(Table, table=True):
    """A unit that checked in; append-only. Presence is its own record and never derived from ballots."""

    __tablename__: ClassVar[str] = "round_presence"

    community_id: UUID = Field(primary_key=True)
    round_id: UUID = Field(primary_key=True)
    unit_id: UUID = Field(primary_key=True)
    resident_id: UUID | None = None
    account_id: UUID
    method: str
    present_at: datetime = Field(sa_type=MOMENT)
