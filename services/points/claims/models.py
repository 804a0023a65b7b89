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
            "state IN ('draft', 'submitted', 'verified', 'voted', 'publicised', 'posted', 'reversed', 'rejected', 'withdrawn')",
            name="state",
        ),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("\"group\" IN ('plus', 'minus', 'panel')", name="group"),
        CheckConstraint("(state IN ('posted', 'reversed')) = (posted_at IS NOT NULL)", name="posted"),
        CheckConstraint("(state = 'publicised') <= (notice_ends_at IS NOT NULL)", name="notice"),
        ForeignKeyConstraint(
            ["community_id", "rulebook_version", "item_code"],
            ["points.rule_item.community_id", "points.rule_item.version", "points.rule_item.code"],
        ),
        Index("ix_claim_household", "community_id", "household_id", text("created_at DESC"), text("id DESC")),
        Index("ix_claim_state", "community_id", "state", text("created_at DESC"), text("id DESC")),
        Index("ix_claim_created", "community_id", text("created_at DESC"), text("id DESC")),
        Index("ix_claim_grid", "community_id", "grid_id", text("created_at DESC"), text("id DESC")),
        Index("ix_claim_item", "community_id", "item_code", text("created_at DESC"), text("id DESC")),
        Index("ix_claim_cap", "community_id", "household_id", "item_code", "happened_on"),
        Index("ix_claim_community_cap", "community_id", "item_code", "happened_on"),
        Index(
            "ix_claim_sheet_line",
            "community_id",
            "sheet_id",
            "household_id",
            postgresql_where=text("sheet_id IS NOT NULL"),
        ),
        Index("ix_claim_due", "post_after", postgresql_where=text("state = 'publicised'")),
        Index(
            "uq_claim_resubmits",
            "community_id",
            "resubmits_id",
            unique=True,
            postgresql_where=text("resubmits_id IS NOT NULL AND state <> 'withdrawn'"),
        ),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    household_id: UUID
    grid_id: UUID
    building_id: UUID
    account_id: UUID = Field(description="Who entered it.")
    is_on_behalf: bool = Field(description="Entered by an official for the household.")
    member_ids: list[UUID] = Field(sa_type=ARRAY(Uuid()), description="Residents of the household who took part.")
    rulebook_version: int
    item_code: str
    item_name: str
    group: str
    verifier: str
    quantity: int
    points: int
    happened_on: date
    place: str
    note: str
    photo_ids: list[UUID] = Field(sa_type=ARRAY(Uuid()))
    state: str
    panel_quorum: int
    notice_days: int
    appeal_days: int
    notice_ends_at: datetime | None = Field(default=None, sa_type=MOMENT)
    post_after: datetime | None = Field(
        default=None,
        sa_type=MOMENT,
        description="When posting is tried; the end of the notice, later when it had to wait.",
    )
    reason: str = ""
    resubmits_id: UUID | None = Field(default=None, description="The refused claim this one makes good.")
    sheet_id: UUID | None = Field(default=None, description="The sheet it came with.")
    created_at: datetime = Field(sa_type=MOMENT)
    posted_at: datetime | None = Field(default=None, sa_type=MOMENT)
    reversed_at: datetime | None = Field(default=None, sa_type=MOMENT)


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
        Index(
            "uq_claim_objection_household",
            "community_id",
            "claim_id",
            "household_id",
            unique=True,
            postgresql_where=text("answered_at IS NULL"),
        ),
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
