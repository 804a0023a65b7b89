"""The base of this service's tables, with a registry and a schema of its own."""

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

from shared.db import new_registry

registry = new_registry("proposals")
MOMENT = DateTime(timezone=True)
DOCUMENT = JSONB()


class Table(SQLModel, registry=registry):
    """Base of every table of the proposals service."""
