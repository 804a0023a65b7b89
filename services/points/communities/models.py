"""Table of communities, a copy of what identity tells everybody."""

from typing import ClassVar
from uuid import UUID

from sqlmodel import Field

from services.points.registry import Table


class Community(Table, table=True):
    """What a community is called, to stand on what hangs out in it. Public knowledge, so it lies outside the fences of the communities."""

    __tablename__: ClassVar[str] = "community"

    id: UUID = Field(primary_key=True)
    code: str
    name: str
