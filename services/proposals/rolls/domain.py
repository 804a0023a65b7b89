"""名册: the frozen list of who votes, with how many heads and how much area, and who may act for each unit.

Weights come from here and nowhere else (P2). Freezing copies the facts of that moment and hashes them; what changes afterwards in the
households changes no vote.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.proposals.ballots.merkle import canonical_json, leaf_hash, tree_root
from services.proposals.rolls.errors import RollEmptyError
from shared.kernel.principal import Principal, Role

TAG_UNIT = "diyuan.roll_unit.v1"
KEEPERS = (Role.BRANCH_SECRETARY, Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)


class ScopeKind(StrEnum):
    """Whose households are meant: the whole community, a grid or a building."""

    COMMUNITY = "community"
    GRID = "grid"
    BUILDING = "building"


@dataclass(frozen=True, slots=True)
class Unit:
    """One voting unit. `heads` is 0 or 1 by the owners' counting rule; `actors` are the residents who may vote for it."""

    unit_id: UUID
    label: str
    heads: int
    area_cm2e2: int
    actors: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a freeze fixes: the units in their order, the sums and the hash that is published before the opening."""

    units: tuple[Unit, ...]
    heads: int
    area_cm2e2: int
    roll_hash: str


def unit_leaf(unit: Unit) -> bytes:
    """Return the bytes of a unit that are hashed; any change of label, weight or actors changes them."""
    return canonical_json(
        {
            "tag": TAG_UNIT,
            "unit": str(unit.unit_id),
            "label": unit.label,
            "heads": unit.heads,
            "area_cm2e2": unit.area_cm2e2,
            "actors": sorted(str(actor) for actor in unit.actors),
        }
    )


def freeze(units: Iterable[Unit], *, scope_name: str) -> Frozen:
    """Fix the roll; the order is that of the unit ids, so that the same households always give the same hash.

    Errors: RollEmptyError.
    """
    ordered = tuple(sorted(units, key=lambda unit: unit.unit_id))
    if not ordered:
        raise RollEmptyError(scope=scope_name)
    return Frozen(
        units=ordered,
        heads=sum(unit.heads for unit in ordered),
        area_cm2e2=sum(unit.area_cm2e2 for unit in ordered),
        roll_hash=tree_root([leaf_hash(unit_leaf(unit)) for unit in ordered]).hex(),
    )


def require_keeper(principal: Principal) -> None:
    """Pass whoever may make and freeze rolls.

    Errors: ForbiddenError.
    """
    principal.require(*KEEPERS)
