"""A place in an order by standing."""

from dataclasses import dataclass
from uuid import UUID

from services.points.statements.domain import Level


@dataclass(frozen=True, slots=True)
class Place:
    """A subject's place. `score_e2` is standing for each of its households in hundredths of a point."""

    rank: int
    level: Level
    subject_id: UUID
    label: str
    householder_name: str
    grid_name: str
    building_name: str
    households: int
    standing: int
    score_e2: int
    is_unnamed: bool
