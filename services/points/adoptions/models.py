"""Tables of adoptions."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class AssetRow(Table, table=True):
    """A thing that can be adopted."""

    __tablename__: ClassVar[str] = "adoption_asset"
    __table_args__ = (
        CheckConstraint("kind IN ('tree', 'bench', 'stairwell', 'plot', 'equipment')", name="kind"),
        CheckConstraint("state IN ('offered', 'retired')", name="state"),
        CheckConstraint("duty_days > 0", name="duty_days"),
        CheckConstraint(
            "(latitude_e6 IS NULL) = (longitude_e6 IS NULL) AND latitude_e6 BETWEEN -90000000 AND 90000000"
            " AND longitude_e6 BETWEEN -180000000 AND 180000000",
            name="place",
        ),
        Index("ix_adoption_asset_created", "community_id", text("created_at DESC"), text("id DESC")),
        Index("ix_adoption_asset_kind", "community_id", "kind", text("created_at DESC"), text("id DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    kind: str
    name: str
    place: str
    grid_id: UUID | None = None
    latitude_e6: int | None = None
    longitude_e6: int | None = None
    picture_id: UUID | None = None
    duty: str
    duty_days: int
    item_code: str = Field(description="Line of the rulebook that pays for care; empty for none.")
    state: str
    created_at: datetime = Field(sa_type=MOMENT)


class AdoptionRow(Table, table=True):
    """Who has charge of a thing, or asks for it."""

    __tablename__: ClassVar[str] = "adoption"
    __table_args__ = (
        CheckConstraint(
            "state IN ('applied', 'agreed', 'active', 'renewing', 'refused', 'withdrawn', 'released')", name="state"
        ),
        CheckConstraint("adopter_kind IN ('resident', 'household', 'firm', 'association')", name="adopter_kind"),
        CheckConstraint(
            "(adopter_kind IN ('resident', 'household')) = (household_id IS NOT NULL)", name="adopter_household"
        ),
        CheckConstraint("starts_on < ends_on", name="term"),
        CheckConstraint(
            "(state IN ('active', 'renewing')) <= (ends_on IS NOT NULL AND deadline_at IS NOT NULL AND remind_at IS NOT NULL)",
            name="caring",
        ),
        CheckConstraint("(state IN ('refused', 'withdrawn', 'released')) = (ended_at IS NOT NULL)", name="ended"),
        ForeignKeyConstraint(
            ["community_id", "asset_id"], ["points.adoption_asset.community_id", "points.adoption_asset.id"]
        ),
        # Two neighbours who want the same tree at the same moment: one has it.
        Index(
            "uq_adoption_live",
            "community_id",
            "asset_id",
            unique=True,
            postgresql_where=text("state IN ('applied', 'agreed', 'active', 'renewing')"),
        ),
        Index("ix_adoption_created", "community_id", text("created_at DESC"), text("id DESC")),
        Index("ix_adoption_state", "community_id", "state", text("created_at DESC"), text("id DESC")),
        Index("ix_adoption_household", "community_id", "household_id", text("created_at DESC"), text("id DESC")),
        Index(
            "ix_adoption_deadline",
            "deadline_at",
            postgresql_where=text("state IN ('agreed', 'active', 'renewing')"),
        ),
        Index("ix_adoption_remind", "remind_at", postgresql_where=text("state IN ('active', 'renewing')")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    asset_id: UUID
    asset_name: str
    adopter_kind: str
    adopter_name: str = Field(description="Masked for people, as it is for firms and associations.")
    account_id: UUID
    household_id: UUID | None = None
    resident_id: UUID | None = None
    motive: str = ""
    agreement: str = ""
    plaque: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    term: int = 0
    duty_days: int
    state: str
    deadline_at: datetime | None = Field(default=None, sa_type=MOMENT)
    duty_due_on: date | None = None
    remind_at: datetime | None = Field(default=None, sa_type=MOMENT)
    reason: str = ""
    created_at: datetime = Field(sa_type=MOMENT)
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)
