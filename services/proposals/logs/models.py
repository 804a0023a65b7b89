"""Tables of the log: entries and tree heads are append-only; the state row is what the next append starts from."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.proposals.registry import MOMENT, Table


class LogEntry(Table, table=True):
    """One event of a round. `leaf` is the canonical JSON that was hashed."""

    __tablename__: ClassVar[str] = "log_entry"
    __table_args__ = (CheckConstraint("position >= 0", name="position"),)

    community_id: UUID = Field(primary_key=True)
    round_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    kind: str
    leaf: str
    leaf_hash: bytes = Field(sa_type=LargeBinary)
    chain: bytes = Field(sa_type=LargeBinary)
    subject_id: UUID | None = Field(default=None, description="The ballot, when the event is a ballot.")
    logged_at: datetime = Field(sa_type=MOMENT)


class LogState(Table, table=True):
    """Where a round's log stands: its size, the roots of its perfect subtrees and the end of its chain."""

    __tablename__: ClassVar[str] = "log_state"
    __table_args__ = (CheckConstraint("size >= 0", name="size"),)

    community_id: UUID = Field(primary_key=True)
    round_id: UUID = Field(primary_key=True)
    size: int
    peaks: list[bytes] = Field(sa_type=ARRAY(LargeBinary()))
    chain: bytes = Field(sa_type=LargeBinary)


class TreeHead(Table, table=True):
    """A signed state of the log; append-only."""

    __tablename__: ClassVar[str] = "tree_head"

    community_id: UUID = Field(primary_key=True)
    round_id: UUID = Field(primary_key=True)
    size: int = Field(primary_key=True)
    root: bytes = Field(sa_type=LargeBinary)
    chain: bytes = Field(sa_type=LargeBinary)
    signature: bytes = Field(sa_type=LargeBinary)
    signed_at: datetime = Field(sa_type=MOMENT)
