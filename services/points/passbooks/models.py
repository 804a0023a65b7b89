"""Tables of passbooks: who is a member of which household, and what was done with minutes besides help."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class MemberRow(Table, table=True):
    """What points knows of a person, learnt from identity's facts; the name is masked."""

    __tablename__: ClassVar[str] = "member"
    __table_args__ = (
        Index("ix_member_household", "community_id", "household_id", "resident_id"),
        Index("ix_member_account", "community_id", "account_id", postgresql_where=text("account_id IS NOT NULL")),
    )

    community_id: UUID = Field(primary_key=True)
    resident_id: UUID = Field(primary_key=True)
    household_id: UUID
    name: str
    is_present: bool = True
    account_id: UUID | None = Field(default=None, description="The account the person has now, if any.")


class TimeMove(Table, table=True):
    """Minutes given, donated, granted, issued or exchanged: who, why, when; never changed."""

    __tablename__: ClassVar[str] = "time_move"
    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes"),
        CheckConstraint("(kind = 'exchange') = (points > 0) AND points >= 0", name="points"),
        CheckConstraint("kind IN ('gift', 'donation', 'grant', 'issue', 'exchange')", name="kind"),
        CheckConstraint(
            "kind = 'issue' OR (decision_id IS NULL AND minutes_asset_id IS NULL)",
            name="evidence",
        ),
        ForeignKeyConstraint(
            ["community_id", "decision_id"], ["points.rule_decision.community_id", "points.rule_decision.proposal_id"]
        ),
        # A decision allows one issue.
        Index(
            "uq_time_move_decision",
            "community_id",
            "decision_id",
            unique=True,
            postgresql_where=text("decision_id IS NOT NULL"),
        ),
        Index(
            "uq_time_move_minutes",
            "community_id",
            "minutes_asset_id",
            unique=True,
            postgresql_where=text("minutes_asset_id IS NOT NULL"),
        ),
        Index("ix_time_move_made", "community_id", text("made_at DESC"), text("id DESC")),
        Index("ix_time_move_kind", "community_id", "kind", text("made_at DESC"), text("id DESC")),
        Index("ix_time_move_from", "community_id", "from_resident_id", "kind", "made_at"),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    kind: str
    minutes: int
    points: int = 0
    from_resident_id: UUID | None = None
    to_resident_id: UUID | None = None
    reason: str
    account_id: UUID
    made_at: datetime = Field(sa_type=MOMENT)
    decision_id: UUID | None = Field(default=None, description="The proposal whose decision allows an issue.")
    minutes_asset_id: UUID | None = Field(default=None, description="The minutes that allow it, an asset of media.")
