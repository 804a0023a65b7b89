"""Table of role grants."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.identity.registry import Base

MOMENT = DateTime(timezone=True)


class RoleGrantRow(Base, table=True):
    """A role an account holds over a scope for a period; revoked ones stay as a record."""

    __tablename__: ClassVar[str] = "role_grant"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR from_on <= until_on", name="period"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
        CheckConstraint("scope_kind IN ('community', 'grid', 'building', 'department')", name="scope_kind"),
        ForeignKeyConstraint(["community_id", "account_id"], ["identity.account.community_id", "identity.account.id"]),
        Index(
            "uq_role_grant_held",
            "community_id",
            "account_id",
            "role",
            "scope_kind",
            "scope_id",
            "from_on",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index("ix_role_grant_role", "community_id", "role", "id"),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    account_id: UUID
    role: str
    scope_kind: str
    scope_id: str
    from_on: date
    until_on: date | None = None
    granted_by: UUID
    granted_at: datetime = Field(sa_type=MOMENT)
    revoked_by: UUID | None = None
    revoked_at: datetime | None = Field(default=None, sa_type=MOMENT)
    revoke_reason: str
