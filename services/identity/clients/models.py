"""Tables of other systems and their secrets."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, ForeignKeyConstraint, LargeBinary, Text
from sqlmodel import Field

from services.identity.registry import Base

MOMENT = DateTime(timezone=True)


class ClientRow(Base, table=True):
    """A system that was let in, with the rights it was given."""

    __tablename__: ClassVar[str] = "client"

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    name: str
    scopes: list[str] = Field(sa_type=ARRAY(Text))
    created_by: UUID
    created_at: datetime = Field(sa_type=MOMENT)
    disabled_at: datetime | None = Field(default=None, sa_type=MOMENT)


class ClientSecretRow(Base, table=True):
    """A secret by its hash, and until when it works."""

    __tablename__: ClassVar[str] = "client_secret"
    __table_args__ = (
        ForeignKeyConstraint(["community_id", "client_id"], ["identity.client.community_id", "identity.client.id"]),
    )

    community_id: UUID = Field(primary_key=True)
    client_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    digest: bytes = Field(sa_type=LargeBinary, repr=False)
    created_at: datetime = Field(sa_type=MOMENT)
    expires_at: datetime | None = Field(default=None, sa_type=MOMENT)
