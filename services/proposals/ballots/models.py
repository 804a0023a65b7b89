"""Tables of ballots. Written only by `cast_ballot.sql`; no row holds a readable choice."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlmodel import Field

from services.proposals.registry import MOMENT, Table


class Ballot(Table, table=True):
    """A ballot as it was cast; append-only. One per unit and round (P1)."""

    __tablename__: ClassVar[str] = "ballot"
    __table_args__ = (
        CheckConstraint("octet_length(leaf_hash) = 32", name="leaf_hash"),
        Index("uq_ballot_id", "community_id", "id", unique=True),
    )

    community_id: UUID = Field(primary_key=True)
    round_id: UUID = Field(primary_key=True)
    unit_id: UUID = Field(primary_key=True)
    id: UUID
    resident_id: UUID
    account_id: UUID
    cast_by_name: str
    channel: str
    sealed: bytes = Field(sa_type=LargeBinary)
    leaf: str
    leaf_hash: bytes = Field(sa_type=LargeBinary)
    signature: bytes = Field(sa_type=LargeBinary)
    cast_at: datetime = Field(sa_type=MOMENT)


class BallotWaiting(Table, table=True):
    """A ballot the sequencer has not yet put into the log."""

    __tablename__: ClassVar[str] = "ballot_waiting"

    community_id: UUID = Field(primary_key=True)
    round_id: UUID = Field(primary_key=True)
    ballot_id: UUID = Field(primary_key=True)
    unit_id: UUID
    cast_at: datetime = Field(sa_type=MOMENT)
