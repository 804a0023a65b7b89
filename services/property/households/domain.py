"""What this service says about where people live."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Place:
    """Where a household lives."""

    household_id: UUID
    grid_id: UUID
    grid_name: str
    building_id: UUID
    building_name: str
    address: str
