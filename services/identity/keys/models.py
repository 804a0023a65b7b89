"""Table of the keys that sign access tokens."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.identity.registry import Base

MOMENT = DateTime(timezone=True)


class SigningKeyRow(Base, table=True):
    """A key pair; the private half is encrypted. Keys belong to no community and stand under NO_COMMUNITY."""

    __tablename__: ClassVar[str] = "signing_key"

    community_id: UUID = Field(primary_key=True)
    kid: str = Field(primary_key=True)
    private_key: str = Field(repr=False)
    public_key: dict[str, Any] = Field(sa_type=JSONB)
    signs_from: datetime = Field(sa_type=MOMENT)
    withdrawn_at: datetime | None = Field(default=None, sa_type=MOMENT)
    created_at: datetime = Field(sa_type=MOMENT)
