"""The tables of this service stand in a registry of their own."""

from sqlmodel import SQLModel

from shared.db import new_registry

registry = new_registry("notifications")


class Table(SQLModel, registry=registry):
    """What every table of this service is built on."""
