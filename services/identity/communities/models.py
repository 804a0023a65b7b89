"""Tables of districts, townships and communities: reference tables of the whole platform, and the settings each community keeps."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.identity.registry import Base

MOMENT = DateTime(timezone=True)


class DistrictRow(Base, table=True):
    """区."""

    __tablename__: ClassVar[str] = "district"
    __table_args__ = (UniqueConstraint("code"),)

    id: UUID = Field(primary_key=True)
    code: str
    name: str


class TownshipRow(Base, table=True):
    """街道、乡镇."""

    __tablename__: ClassVar[str] = "township"
    __table_args__ = (
        UniqueConstraint("district_id", "code"),
        ForeignKeyConstraint(["district_id"], ["identity.district.id"]),
    )

    id: UUID = Field(primary_key=True)
    district_id: UUID
    code: str
    name: str


class CommunityRow(Base, table=True):
    """社区、村: the tenant. Its name is public; everything else about it lies in tables fenced by its id."""

    __tablename__: ClassVar[str] = "community"
    __table_args__ = (
        UniqueConstraint("code"),
        ForeignKeyConstraint(["township_id"], ["identity.township.id"]),
    )

    id: UUID = Field(primary_key=True)
    township_id: UUID
    code: str
    name: str
    registered_at: datetime = Field(sa_type=MOMENT)


class CommunitySettingsRow(Base, table=True):
    """One version of a community's own settings, with the decision that adopted it. Never changed; the newest counts."""

    __tablename__: ClassVar[str] = "community_settings"

    community_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    settings: dict[str, Any] = Field(sa_type=JSONB)
    effective_on: date
    decision: str
    decided_by: UUID
    created_at: datetime = Field(sa_type=MOMENT)
