"""Tables of seals."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKeyConstraint, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class SealRow(Table, table=True):
    """All books of a community at a moment, in one hash; never changed."""

    __tablename__: ClassVar[str] = "seal"
    __table_args__ = (
        CheckConstraint("octet_length(root) = 32 AND octet_length(hash) = 32", name="hashes"),
        # The chain of seals has no fork: each is the one before at most one other.
        Index("uq_seal_previous_hash", "community_id", "previous_hash", unique=True),
    )

    community_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    made_at: datetime = Field(sa_type=MOMENT)
    made_by: UUID | None = Field(default=None, description="Who asked for it; the clock has no account.")
    accounts: int
    root: bytes = Field(sa_type=LargeBinary)
    totals: dict[str, Any] = Field(sa_type=JSONB)
    previous_hash: bytes = Field(sa_type=LargeBinary)
    hash: bytes = Field(sa_type=LargeBinary)


class SealLeaf(Table, table=True):
    """Where an account stood when it was sealed, written only when it had moved since the seal before."""

    __tablename__: ClassVar[str] = "seal_leaf"
    __table_args__ = (
        ForeignKeyConstraint(["community_id", "number"], ["points.seal.community_id", "points.seal.number"]),
        Index("ix_seal_leaf_account", "community_id", "account_id", text("number DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    version: int = Field(sa_type=BigInteger)
    head: bytes = Field(sa_type=LargeBinary)
    amount: int = Field(sa_type=BigInteger)


class SealSchedule(Table, table=True):
    """When a community's next daily seal is due; its row is also what sealing locks."""

    __tablename__: ClassVar[str] = "seal_schedule"
    __table_args__ = (Index("ix_seal_schedule_due", "due_at"),)

    community_id: UUID = Field(primary_key=True)
    due_at: datetime = Field(sa_type=MOMENT)
