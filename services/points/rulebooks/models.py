"""Tables of rulebooks."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, DateTime, ForeignKeyConstraint, Index, Text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class Rulebook(Table, table=True):
    """One version of the list, with the decision that adopted it."""

    __tablename__: ClassVar[str] = "rulebook"
    __table_args__ = (
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("panel_quorum >= 3", name="panel_quorum"),
        CheckConstraint("notice_days > 0", name="notice_days"),
        CheckConstraint("appeal_days > 0", name="appeal_days"),
        CheckConstraint("household_cap_points > 0 AND household_cap_days > 0", name="household_cap"),
        Index(None, "community_id", "effective_on", "version"),
        ForeignKeyConstraint(
            ["community_id", "decision_id"], ["points.rule_decision.community_id", "points.rule_decision.proposal_id"]
        ),
    )

    community_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    decision: str = Field(description="The meeting or vote that adopted it.")
    decision_id: UUID | None = Field(default=None, description="The proposal whose decision adopted it.")
    minutes_asset_id: UUID | None = Field(default=None, description="The minutes, an asset of media.")
    effective_on: date
    panel_quorum: int
    notice_days: int
    appeal_days: int
    household_cap_points: int | None = None
    household_cap_days: int
    adopted_by: UUID | None = Field(default=None, description="Who entered it; nobody when the decision itself did.")
    adopted_at: datetime = Field(sa_type=MOMENT)


class RuleItemRow(Table, table=True):
    """One line of a version."""

    __tablename__: ClassVar[str] = "rule_item"
    __table_args__ = (
        CheckConstraint("\"group\" IN ('plus', 'minus', 'panel')", name="group"),
        CheckConstraint("points > 0", name="points"),
        CheckConstraint("cap_count > 0 AND cap_days > 0", name="cap"),
        CheckConstraint("community_cap_count > 0", name="community_cap"),
        CheckConstraint("max_quantity > 0", name="max_quantity"),
        CheckConstraint("verifier IN ('grid_worker', 'building_head', 'assessor')", name="verifier"),
        ForeignKeyConstraint(["community_id", "version"], ["points.rulebook.community_id", "points.rulebook.version"]),
    )

    community_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    code: str = Field(primary_key=True)
    position: int
    name: str
    group: str
    points: int
    unit: str
    cap_count: int
    cap_days: int
    community_cap_count: int | None = None
    max_quantity: int
    photos_required: int
    claimants: list[str] = Field(sa_type=ARRAY(Text))
    verifier: str


class RuleDecision(Table, table=True):
    """A decision of residents as proposals told it; a list is adopted by naming one."""

    __tablename__: ClassVar[str] = "rule_decision"
    __table_args__ = (Index("ix_rule_decision_published", "community_id", "published_at", "proposal_id"),)

    community_id: UUID = Field(primary_key=True)
    proposal_id: UUID = Field(primary_key=True)
    process_id: UUID
    title: str
    text_hash: str
    result_hash: str | None = None
    published_at: datetime = Field(sa_type=MOMENT)
    result_published_at: datetime | None = Field(default=None, sa_type=MOMENT)
