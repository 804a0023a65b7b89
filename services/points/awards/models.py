"""Tables of awards."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Date, DateTime, Index, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class AwardPolicyRow(Table, table=True):
    """One version of what an award brings, with the decision that adopted it."""

    __tablename__: ClassVar[str] = "award_policy"
    __table_args__ = (
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("standing > 0 AND spendable > 0", name="points"),
        CheckConstraint("fee_months BETWEEN 0 AND 12", name="fee_months"),
        CheckConstraint("notice_days > 0", name="notice_days"),
        CheckConstraint("panel_quorum >= 3", name="panel_quorum"),
        Index(None, "community_id", "effective_on", "version"),
    )

    community_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    standing: int
    spendable: int
    fee_months: int
    notice_days: int
    panel_quorum: int
    decision: str = Field(description="The meeting or vote that adopted it.")
    effective_on: date
    adopted_by: UUID
    adopted_at: datetime = Field(sa_type=MOMENT)


class AwardRow(Table, table=True):
    """A nomination and what came of it; its id is the one id of every effect."""

    __tablename__: ClassVar[str] = "award"
    __table_args__ = (
        CheckConstraint(
            "state IN ('nominated', 'decided', 'published', 'objected', 'granted', 'refused', 'withdrawn', 'revoked')",
            name="state",
        ),
        CheckConstraint("waiver_state IN ('none', 'pending', 'granted', 'refused', 'withdrawn')", name="waiver_state"),
        CheckConstraint("(state = 'published') <= (notice_ends_at IS NOT NULL)", name="notice"),
        CheckConstraint("(state IN ('granted', 'revoked')) = (granted_at IS NOT NULL)", name="granted"),
        # Nobody is in the running twice for the same thing; a person and a whole household are not the same.
        Index(
            "uq_award_open",
            "community_id",
            "household_id",
            "resident_id",
            "category",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("state IN ('nominated', 'decided', 'published', 'objected')"),
        ),
        Index("ix_award_created", "community_id", text("created_at DESC"), text("id DESC")),
        Index("ix_award_state", "community_id", "state", text("created_at DESC"), text("id DESC")),
        Index("ix_award_household", "community_id", "household_id", text("created_at DESC"), text("id DESC")),
        Index("ix_award_due", "notice_ends_at", postgresql_where=text("state = 'published'")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    household_id: UUID
    resident_id: UUID | None = None
    person_name: str = Field(description="Masked.")
    category: str
    deed: str
    talent: str = Field(description="The tag in the talent pool; empty for none.")
    nominator_account_id: UUID
    nominator_household_id: UUID | None = None
    policy_version: int
    standing: int
    spendable: int
    fee_months: int
    notice_days: int
    panel_quorum: int
    state: str
    decision: str = ""
    votes_for: int = 0
    votes_against: int = 0
    notice_ends_at: datetime | None = Field(default=None, sa_type=MOMENT)
    granted_at: datetime | None = Field(default=None, sa_type=MOMENT)
    standing_transfer_id: UUID | None = None
    spendable_transfer_id: UUID | None = None
    waiver_state: str = "none"
    waiver_months: list[date] = Field(default_factory=list, sa_type=ARRAY(Date))
    waiver_reason: str = ""
    reason: str = ""
    created_at: datetime = Field(sa_type=MOMENT)


class TalentRow(Table, table=True):
    """A place in the talent pool, from which the property company hires first; one per award."""

    __tablename__: ClassVar[str] = "talent"
    __table_args__ = (
        Index("ix_talent_tagged", "community_id", text("tagged_at DESC"), text("award_id DESC")),
        Index("ix_talent_tag", "community_id", "tag", text("tagged_at DESC"), text("award_id DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    award_id: UUID = Field(primary_key=True)
    household_id: UUID
    resident_id: UUID | None = None
    person_name: str
    tag: str
    tagged_at: datetime = Field(sa_type=MOMENT)
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)
