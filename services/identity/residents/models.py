"""The table of residents. Phone and identity numbers are stored encrypted, with a blind index to find them by."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, LargeBinary, text
from sqlmodel import Field

from services.identity.registry import Base

MOMENT = DateTime(timezone=True)


class ResidentRow(Base, table=True):
    """居民. One row per person and stay; who has left keeps the row, so that what they did can still be explained.

    Number, address, grid and building of the household are kept beside it, so that every list is one index away.
    """

    __tablename__: ClassVar[str] = "resident"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'left')", name="status"),
        CheckConstraint("sex IN ('female', 'male')", name="sex"),
        CheckConstraint("(phone IS NULL) = (phone_index IS NULL)", name="phone_index"),
        CheckConstraint("(identity_number IS NULL) = (identity_index IS NULL)", name="identity_index"),
        Index(None, "community_id", "household_id"),
        Index(None, "community_id", "grid_id", "id"),
        Index(None, "community_id", "building_id", "id"),
        # Sign-in by phone comes before the community is known.
        Index("ix_resident_phone", "phone_index", postgresql_where=text("status = 'active'")),
        Index(
            "uq_resident_identity",
            "community_id",
            "identity_index",
            unique=True,
            postgresql_where=text("status = 'active' AND identity_index IS NOT NULL"),
        ),
        # Who is entered again is known by the household left last.
        Index(
            "ix_resident_former_identity",
            "community_id",
            "identity_index",
            postgresql_where=text("status = 'left'"),
        ),
        Index(
            "uq_resident_householder",
            "community_id",
            "household_id",
            unique=True,
            postgresql_where=text("status = 'active' AND relation = 'householder'"),
        ),
        ForeignKeyConstraint(
            ["community_id", "household_id"], ["identity.household.community_id", "identity.household.id"]
        ),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    household_id: UUID
    household_number: str
    grid_id: UUID
    building_id: UUID
    address: str
    name: str = Field(repr=False)
    relation: str
    sex: str | None = None
    born_on: date | None = None
    phone: str | None = Field(default=None, repr=False, description="Encrypted.")
    phone_masked: str | None = None
    phone_index: bytes | None = Field(default=None, sa_type=LargeBinary, repr=False)
    identity_number: str | None = Field(default=None, repr=False, description="Encrypted.")
    identity_masked: str | None = None
    identity_index: bytes | None = Field(default=None, sa_type=LargeBinary, repr=False)
    is_party_member: bool = False
    is_representative: bool = False
    can_act: bool = False
    status: str
    created_at: datetime = Field(sa_type=MOMENT)
    updated_at: datetime = Field(sa_type=MOMENT)
    left_at: datetime | None = Field(default=None, sa_type=MOMENT)
    left_reason: str | None = None
