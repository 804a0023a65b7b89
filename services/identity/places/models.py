"""Tables of places. A place that is gone is retired, never deleted: ballots, tickets and households still point at it."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKeyConstraint, Index, Numeric, UniqueConstraint
from sqlmodel import Field

from services.identity.registry import Base

MOMENT = DateTime(timezone=True)


class GridRow(Base, table=True):
    """网格: a patch of buildings and the worker in charge."""

    __tablename__: ClassVar[str] = "grid"
    __table_args__ = (UniqueConstraint("community_id", "code"),)

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    code: str
    name: str
    created_at: datetime = Field(sa_type=MOMENT)
    retired_at: datetime | None = Field(default=None, sa_type=MOMENT)


class BuildingRow(Base, table=True):
    """楼栋."""

    __tablename__: ClassVar[str] = "building"
    __table_args__ = (
        UniqueConstraint("community_id", "code"),
        Index(None, "community_id", "grid_id"),
        CheckConstraint("floors > 0", name="floors"),
        CheckConstraint("longitude BETWEEN -180 AND 180 AND latitude BETWEEN -90 AND 90", name="coordinates"),
        ForeignKeyConstraint(["community_id", "grid_id"], ["identity.grid.community_id", "identity.grid.id"]),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    grid_id: UUID
    code: str
    name: str
    address: str
    floors: int | None = None
    longitude: float | None = Field(default=None, sa_type=Numeric(9, 6))
    latitude: float | None = Field(default=None, sa_type=Numeric(8, 6))
    created_at: datetime = Field(sa_type=MOMENT)
    retired_at: datetime | None = Field(default=None, sa_type=MOMENT)


class StairwellRow(Base, table=True):
    """单元 (楼道): the people of one door share its sewer, its lamp and its repairs."""

    __tablename__: ClassVar[str] = "stairwell"
    __table_args__ = (
        UniqueConstraint("community_id", "building_id", "number"),
        CheckConstraint("number > 0", name="number"),
        ForeignKeyConstraint(
            ["community_id", "building_id"], ["identity.building.community_id", "identity.building.id"]
        ),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    building_id: UUID
    number: int
    created_at: datetime = Field(sa_type=MOMENT)
    retired_at: datetime | None = Field(default=None, sa_type=MOMENT)


class UnitRow(Base, table=True):
    """房屋: a property unit with its area, which weighs in owners' votes and in fees."""

    __tablename__: ClassVar[str] = "property_unit"
    __table_args__ = (
        UniqueConstraint("community_id", "code"),
        Index(None, "community_id", "building_id"),
        CheckConstraint("area_cm2e2 > 0", name="area"),
        CheckConstraint("area_source IN ('register', 'survey', 'contract')", name="area_source"),
        CheckConstraint("use IN ('dwelling', 'shop', 'garage', 'other')", name="use"),
        ForeignKeyConstraint(
            ["community_id", "building_id"], ["identity.building.community_id", "identity.building.id"]
        ),
        ForeignKeyConstraint(
            ["community_id", "stairwell_id"], ["identity.stairwell.community_id", "identity.stairwell.id"]
        ),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    building_id: UUID
    stairwell_id: UUID
    code: str
    room: str
    floor: int | None = None
    area_cm2e2: int = Field(sa_type=BigInteger)
    area_source: str
    use: str
    created_at: datetime = Field(sa_type=MOMENT)
    retired_at: datetime | None = Field(default=None, sa_type=MOMENT)
