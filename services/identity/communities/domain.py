"""The levels a community stands under, and the settings of its own it decides on."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Level:
    """A district or township as its superior knows it."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class CommunityCard:
    """What anybody may know of a community."""

    id: UUID
    code: str
    name: str
    township: Level
    district: Level
