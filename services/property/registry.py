"""The registry of this service's tables and the column shapes they share."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from shared.db import new_registry

registry = new_registry("property")


class Base(SQLModel, registry=registry):
    """Every table of this service; the community comes first in its key."""

    community_id: UUID = Field(primary_key=True)


def moment(*, nullable: bool = False) -> Any:
    """Return a column of moments with a time zone."""
    return Field(default=None if nullable else ..., sa_type=DateTime(timezone=True), nullable=nullable)


def document(*, nullable: bool = False) -> Any:
    """Return a column of JSON."""
    return Field(sa_column=Column(JSONB, nullable=nullable))


def ids() -> Any:
    """Return a column of several ids."""
    return Field(default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False, server_default="{}"))


Moment = datetime
