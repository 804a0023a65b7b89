"""Table of what staff prove themselves with."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field

from services.identity.registry import Base

MOMENT = DateTime(timezone=True)


class StaffCredentialRow(Base, table=True):
    """What a member of staff signs in with, and the mistakes made since the last time it worked."""

    __tablename__: ClassVar[str] = "staff_credential"
    __table_args__ = (
        CheckConstraint("failures >= 0", name="failures"),
        UniqueConstraint("community_id", "user_name"),
        ForeignKeyConstraint(["community_id", "account_id"], ["identity.account.community_id", "identity.account.id"]),
        # Sign-in knows the user name before it knows the community.
        Index("ix_staff_credential_user_name", "user_name"),
    )

    community_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    user_name: str
    password_hash: str = Field(repr=False)
    must_change_password: bool
    totp_secret: str = Field(repr=False, description="Encrypted.")
    totp_used_step: int = Field(sa_type=BigInteger)
    failures: int
    failed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    locked_until: datetime | None = Field(default=None, sa_type=MOMENT)
    changed_at: datetime = Field(sa_type=MOMENT)
