"""What this service says about where people live."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """Whose account it is."""

    id: UUID
    name: str
    household_id: UUID | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a household lives."""

    household_id: UUID
    grid_id: UUID
    grid_name: str
    building_id: UUID
    building_name: str
    address: str
