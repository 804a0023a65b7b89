"""Copies of identity's facts: enough to know where a household lives and whose account is whose."""

from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.property.registry import Base


class HouseholdRow(Base, table=True):
    __tablename__ = "household"

    id: UUID = Field(primary_key=True)
    number: str
    grid_id: UUID
    grid_name: str
    building_id: UUID
    building_name: str
    address: str
    is_active: bool = True


class ResidentRow(Base, table=True):
    __tablename__ = "resident"
    __table_args__ = (Index("ix_resident_household_id", "community_id", "household_id"),)

    id: UUID = Field(primary_key=True)
    household_id: UUID
    name: str


class AccountRow(Base, table=True):
    __tablename__ = "account"

    id: UUID = Field(primary_key=True)
    name: str
    resident_id: UUID | None = None
    household_id: UUID | None = None
