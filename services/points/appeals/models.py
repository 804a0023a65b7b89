"""Tables of appeals."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class AppealRow(Table, table=True):
    """That somebody holds a posted claim for wrong, and what was found."""

    __tablename__: ClassVar[str] = "claim_appeal"
    __table_args__ = (
        ForeignKeyConstraint(["community_id", "claim_id"], ["points.claim.community_id", "points.claim.id"]),
        CheckConstraint("state IN ('open', 'upheld', 'dismissed', 'withdrawn')", name="state"),
        CheckConstraint("(state IN ('upheld', 'dismissed')) = (answered_by IS NOT NULL)", name="answered"),
        Index("uq_claim_appeal_open", "community_id", "claim_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_claim_appeal_made", "community_id", text("made_at DESC"), text("id DESC")),
        Index("ix_claim_appeal_state", "community_id", "state", text("made_at DESC"), text("id DESC")),
        Index("ix_claim_appeal_household", "community_id", "household_id", text("made_at DESC"), text("id DESC")),
        Index("ix_claim_appeal_claim", "community_id", "claim_id"),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    claim_id: UUID
    account_id: UUID
    household_id: UUID
    reason: str
    state: str
    made_at: datetime = Field(sa_type=MOMENT)
    answer: str = ""
    answered_by: UUID | None = None
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)
