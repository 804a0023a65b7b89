"""Tables of claims."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, DateTime, ForeignKeyConstraint, Index, Uuid, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class ClaimRow(Table, table=True):
    """A household's claim; it keeps the rule it was made under."""

    __tablename__: ClassVar[str] = "claim"
    __table_args__ = (
        CheckConstraint("points > 0", name="points"),
        CheckConstraint(
            "state IN ('submitted', 'verified', 'voted', 'publicised', 'posted', 'rejected', 'withdrawn')", name="state"
        ),
        CheckConstraint("(state = 'publicised') <= (notice_ends_at IS NOT NULL)", name="notice"),
        ForeignKeyConstraint(
            ["community_id", "rulebook_version", "item_code"],
            ["points.rule_item.community_id", "points.rule_item.version", "points.rule_item.code"],
        ),
        Index("ix_claim_household", "community_id", "household_id", text("created_at DESC"), text("id DESC")),
        Index("ix_claim_state", "community_id", "state", text("created_at DESC"), text("id DESC")),
        Index("ix_claim_created", "community_id", text("created_at DESC"), text("id DESC")),
        Index("ix_claim_cap", "community_id", "household_id", "item_code", "happened_on"),
        Index("ix_claim_due", "notice_ends_at", postgresql_where=text("state = 'publicised'")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    household_id: UUID
    grid_id: UUID
    account_id: UUID
    rulebook_version: int
    item_code: str
    item_name: str
    points: int
    happened_on: date
    place: str
    note: str
    photo_ids: list[UUID] = Field(sa_type=ARRAY(Uuid()))
    state: str
    panel_quorum: int
    notice_days: int
    notice_ends_at: datetime | None = Field(default=None, sa_type=MOMENT)
    reason: str = ""
    created_at: datetime = Field(sa_type=MOMENT)


class ClaimVote(Table, table=True):
    """What one assessor thinks of a claim; the primary key lets each vote once."""

    __tablename__: ClassVar[str] = "claim_vote"
    __table_args__ = (
        ForeignKeyConstraint(["community_id", "claim_id"], ["points.claim.community_id", "points.claim.id"]),
    )

    community_id: UUID = Field(primary_key=True)
    claim_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    is_approved: bool
    reason: str
    cast_at: datetime = Field(sa_type=MOMENT)


class ClaimObjection(Table, table=True):
    """A neighbour's objection to a published claim and the answer it got."""

    __tablename__: ClassVar[str] = "claim_objection"
    __table_args__ = (
        ForeignKeyConstraint(["community_id", "claim_id"], ["points.claim.community_id", "points.claim.id"]),
        CheckConstraint("(answered_at IS NULL) = (is_upheld IS NULL)", name="answered"),
        Index(None, "community_id", "claim_id"),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    claim_id: UUID
    account_id: UUID
    household_id: UUID
    reason: str
    made_at: datetime = Field(sa_type=MOMENT)
    is_upheld: bool | None = None
    answer: str = ""
    answered_by: UUID | None = None
    answered_at: datetime | None = Field(default=None, sa_type=MOMENT)
