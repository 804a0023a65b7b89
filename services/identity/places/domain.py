"""Where people live: grids, buildings with their stairwells, and property units, named by the codes the community gave them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shared.kernel.values import Area


class AreaSource(StrEnum):
    """Where an area comes from, the most trusted first."""

    REGISTER = "register"
    SURVEY = "survey"
    CONTRACT = "contract"


class UnitUse(StrEnum):
    DWELLING = "dwelling"
    SHOP = "shop"
    GARAGE = "garage"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Grid:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Building:
    """A building; its stairwells are numbered from 1."""

    code: str
    grid_code: str
    name: str
    stairwells: int
    floors: int | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """A property unit behind one door."""

    code: str
    building_code: str
    stairwell: int
    room: str
    area: Area
    floor: int | None = None
    area_source: AreaSource = AreaSource.REGISTER
    use: UnitUse = UnitUse.DWELLING


@dataclass(frozen=True, slots=True)
class Places:
    """All places of a community, by code."""

    grids: dict[str, Grid]
    buildings: dict[str, Building]
    units: dict[str, Unit]


def address_of(building_name: str, stairwell: int, room: str) -> str:
    """Return the address people use: `1号楼2单元301`."""
    return f"{building_name}{stairwell}单元{room}"


@dataclass(frozen=True, slots=True)
class UnitPlace:
    """Where a property unit is, with the ids and names every household in it carries."""

    unit_id: UUID
    building_id: UUID
    building_name: str
    grid_id: UUID
    grid_name: str
    address: str
    area: Area
    area_source: AreaSource
    use: UnitUse


@dataclass(frozen=True, slots=True)
class PlaceChanges:
    """What to write and what to retire, in the order places depend on each other."""

    grids: Sequence[Grid] = ()
    buildings: Sequence[Building] = ()
    units: Sequence[Unit] = ()
    gone_grids: Sequence[str] = ()
    gone_buildings: Sequence[str] = ()
    gone_units: Sequence[str] = ()
