"""Tables of recipients: copies of what identity tells, never a source of it."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.notifications.registry import Table


class RecipientRow(Table, table=True):
    """An account and whom it belongs to."""

    __tablename__: ClassVar[str] = "recipient"
    __table_args__ = (
        Index("ix_recipient_household", "community_id", "household_id"),
        Index("ix_recipient_resident", "community_id", "resident_id"),
        Index("ix_recipient_kind", "community_id", "kind"),
    )

    community_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    kind: str
    household_id: UUID | None = None
    resident_id: UUID | None = None
    wechat_openid: str | None = None


class HouseholdPlaceRow(Table, table=True):
    """Where a household lives, so that a grid or a building can be told something."""

    __tablename__: ClassVar[str] = "household_place"
    __table_args__ = (
        Index("ix_household_place_grid", "community_id", "grid_id"),
        Index("ix_household_place_building", "community_id", "building_id"),
    )

    community_id: UUID = Field(primary_key=True)
    household_id: UUID = Field(primary_key=True)
    grid_id: UUID
    building_id: UUID


class RoleHolderRow(Table, table=True):
    """A role an account holds, how far it reaches and for how long."""

    __tablename__: ClassVar[str] = "role_holder"
    __table_args__ = (Index("ix_role_holder_role", "community_id", "role"),)

    community_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    role: str = Field(primary_key=True)
    scope_kind: str = Field(primary_key=True)
    scope_id: str = Field(primary_key=True)
    from_on: date
    until_on: date | None = None
