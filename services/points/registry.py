"""The base of this service's tables, with a registry and a schema of its own."""

from sqlmodel import SQLModel

from shared.db import new_registry

registry = new_registry("points")


class Table(SQLModel, registry=registry):
    """Base of every table of the points service."""
