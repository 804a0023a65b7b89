"""Tables of rolls, and what this service knows of households and residents from identity's facts."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.proposals.registry import MOMENT, Table


class Household(Table, table=True):
    """What proposals knows of a household; the name is masked."""

    __tablename__: ClassVar[str] = "household"
    __table_args__ = (
        Index(None, "community_id", "building_id", "id"),
        Index(None, "community_id", "grid_id", "id"),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    number: str
    address: str
    householder_name: str
    grid_id: UUID
    grid_name: str
    building_id: UUID
    building_name: str
    area_cm2e2: int = Field(sa_type=BigInteger, description="Floor area in 0.01 m².")
    status: str = "active"
    registered_at: datetime = Field(sa_type=MOMENT)


class Resident(Table, table=True):
    """A person who belongs to a household; only adults may vote for it."""

    __tablename__: ClassVar[str] = "resident"
    __table_args__ = (Index(None, "community_id", "household_id", "id"),)

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    household_id: UUID
    name: str
    is_adult: bool
    is_party_member: bool = False
    is_representative: bool = False
    left_at: datetime | None = Field(default=None, sa_type=MOMENT)


class Roll(Table, table=True):
    """A frozen list of voting units; the hash is published before anybody votes."""

    __tablename__: ClassVar[str] = "roll"
    __table_args__ = (
        CheckConstraint("scope_kind IN ('community', 'grid', 'building')", name="scope_kind"),
        CheckConstraint("units > 0", name="units"),
        Index(None, "community_id", text("frozen_at DESC"), text("id DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    title: str
    scope_kind: str
    scope_id: UUID | None = None
    scope_name: str
    units: int
    heads: int
    area_cm2e2: int = Field(sa_type=BigInteger)
    roll_hash: str
    frozen_by: UUID
    frozen_at: datetime = Field(sa_type=MOMENT)


class RollUnit(Table, table=True):
    """One voting unit of a frozen roll, with its weights and who may act for it; never changed."""

    __tablename__: ClassVar[str] = "roll_unit"
    __table_args__ = (
        CheckConstraint("heads IN (0, 1)", name="heads"),
        CheckConstraint("area_cm2e2 >= 0", name="area"),
        ForeignKeyConstraint(["community_id", "roll_id"], ["proposals.roll.community_id", "proposals.roll.id"]),
        Index(None, "community_id", "unit_id"),
    )

    community_id: UUID = Field(primary_key=True)
    roll_id: UUID = Field(primary_key=True)
    unit_id: UUID = Field(primary_key=True)
    label: str
    heads: int
    area_cm2e2: int = Field(sa_type=BigInteger)
    actors: list[UUID] = Field(sa_type=ARRAY(Uuid()))
