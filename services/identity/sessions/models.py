"""Table of log-ins."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, LargeBinary, text
from sqlmodel import Field

from services.identity.registry import Base

MOMENT = DateTime(timezone=True)


class SessionRow(Base, table=True):
    """One log-in on one device, with the generation its refresh tokens have reached."""

    __tablename__: ClassVar[str] = "session"
    __table_args__ = (
        CheckConstraint("generation >= 0", name="generation"),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="ended"),
        ForeignKeyConstraint(["community_id", "account_id"], ["identity.account.community_id", "identity.account.id"]),
        Index("ix_session_account", "community_id", "account_id", text("refreshed_at DESC"), text("id DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    account_id: UUID
    kind: str
    salt: bytes = Field(sa_type=LargeBinary, repr=False)
    generation: int
    device: str
    has_totp: bool
    started_at: datetime = Field(sa_type=MOMENT)
    refreshed_at: datetime = Field(sa_type=MOMENT)
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)
    end_reason: str | None = None
