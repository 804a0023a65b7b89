"""Table of suppliers."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, UniqueConstraint
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class Supplier(Table, table=True):
    """A shop, firm or association that delivers or gives goods."""

    __tablename__: ClassVar[str] = "supplier"
    __table_args__ = (UniqueConstraint("community_id", "name"),)

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    name: str
    contact: str = Field(default="", description="How the business is reached; its public number, not a person's.")
    note: str = ""
    is_active: bool = True
    version: int = 1
    created_at: datetime = Field(sa_type=MOMENT)
    updated_at: datetime = Field(sa_type=MOMENT)
