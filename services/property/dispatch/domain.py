"""A worker as the company knows them; what can be said of one at a moment is in `ranking.py`."""

from dataclasses import dataclass
from uuid import UUID

from services.property.dispatch.ranking import Skill


@dataclass(frozen=True, slots=True)
class WorkerRecord:
    """A worker as entered."""

    id: UUID
    account_id: UUID
    name: str
    department: str
    skills: tuple[Skill, ...]
    grid_ids: tuple[UUID, ...]
    base_grid_id: UUID | None
    is_active: bool
    is_on_call_reserve: bool
    household_id: UUID | None
