"""Tables of households: the file of each, its property units, and its journal."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.identity.registry import Base

MOMENT = DateTime(timezone=True)


class HouseholdRow(Base, table=True):
    """户. Place, area and number of members are kept beside it, because every list and every fact tells them."""

    __tablename__: ClassVar[str] = "household"
    __table_args__ = (
        UniqueConstraint("community_id", "number"),
        CheckConstraint("status IN ('active', 'moved_out')", name="status"),
        CheckConstraint("tenure IN ('owner', 'tenant')", name="tenure"),
        CheckConstraint("area_cm2e2 >= 0", name="area"),
        CheckConstraint("resident_count >= 0", name="resident_count"),
        Index(None, "community_id", "grid_id", "number"),
        Index(None, "community_id", "building_id", "number"),
        Index(None, "community_id", "liaison_household_id"),
        ForeignKeyConstraint(
            ["community_id", "building_id"], ["identity.building.community_id", "identity.building.id"]
        ),
        ForeignKeyConstraint(["community_id", "grid_id"], ["identity.grid.community_id", "identity.grid.id"]),
        ForeignKeyConstraint(
            ["community_id", "liaison_household_id"], ["identity.household.community_id", "identity.household.id"]
        ),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    number: str = Field(description="户编号 of the roster.")
    status: str
    tenure: str
    grid_id: UUID
    grid_name: str
    building_id: UUID
    building_name: str
    address: str
    area_cm2e2: int = Field(sa_type=BigInteger, description="Sum of its units.")
    resident_count: int = 0
    householder_name: str = Field(default="", repr=False)
    householder_id: UUID | None = Field(
        default=None, description="A resident; not a foreign key, because the two point at each other."
    )
    liaison_household_id: UUID | None = None
    moved_in_on: date | None = None
    version: int = Field(default=1, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=MOMENT)
    updated_at: datetime = Field(sa_type=MOMENT)
    moved_out_at: datetime | None = Field(default=None, sa_type=MOMENT)


class HouseholdUnitRow(Base, table=True):
    """Which property units a household lives in or owns; the first one is its address."""

    __tablename__: ClassVar[str] = "household_unit"
    __table_args__ = (
        Index(None, "community_id", "unit_id"),
        ForeignKeyConstraint(
            ["community_id", "household_id"], ["identity.household.community_id", "identity.household.id"]
        ),
        ForeignKeyConstraint(
            ["community_id", "unit_id"], ["identity.property_unit.community_id", "identity.property_unit.id"]
        ),
    )

    community_id: UUID = Field(primary_key=True)
    household_id: UUID = Field(primary_key=True)
    unit_id: UUID = Field(primary_key=True)
    position: int
    unit_code: str
    area_cm2e2: int = Field(sa_type=BigInteger)
    area_source: str
    use: str
    since: datetime = Field(sa_type=MOMENT)


class HouseholdEntryRow(Base, table=True):
    """The journal of a household: what happened, when, by whom. Never changed."""

    __tablename__: ClassVar[str] = "household_entry"
    __table_args__ = (
        Index(None, "community_id", "household_id", "id"),
        ForeignKeyConstraint(
            ["community_id", "household_id"], ["identity.household.community_id", "identity.household.id"]
        ),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    household_id: UUID
    resident_id: UUID | None = None
    happening: str
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    source_id: UUID | None = Field(default=None, description="The import or request it came from.")
    acting_account_id: UUID
    at: datetime = Field(sa_type=MOMENT)
