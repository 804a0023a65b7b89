"""What applying a roster would do: each kind of thing compared with the present state, people matched before they are compared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.identity.households.domain import HouseholdFacts, RollChanges
from services.identity.places.domain import Building, Grid, PlaceChanges, Places, Unit
from services.identity.residents.domain import Member, MemberFacts
from services.identity.rosters.changes import Changes, PersonKey, compare, digest, match_people
from services.identity.rosters.domain import Roster, RosterResident, mask

CHANGES_SHOWN = 2_000
"""More than anybody reads; the counts are always complete."""


class Removals(StrEnum):
    """What becomes of things the roster no longer names."""

    KEEP = "keep"
    APPLY = "apply"


@dataclass(frozen=True, slots=True)
class Present:
    """What is known before the import."""

    places: Places
    households: Mapping[str, HouseholdFacts]
    members: Mapping[UUID, MemberFacts]


@dataclass(frozen=True, slots=True)
class Indexes:
    """The blind indexes of a resident's two numbers."""

    identity: bytes | None
    phone: bytes | None


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One line of the dry run: kind, what happens, whom or what it concerns (masked), and which fields differ."""

    kind: str
    change: str
    label: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RosterPlan:
    """All differences. Members are keyed by their id when they are known, else by household, name and index."""

    present: Present
    grids: Changes[str, Grid]
    buildings: Changes[str, Building]
    units: Changes[str, Unit]
    households: Changes[str, HouseholdFacts]
    members: Changes[str, MemberFacts]
    people: Mapping[str, RosterResident]
    roster_households: Mapping[str, HouseholdFacts]

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many of each kind are added, changed and removed."""
        return {kind: changes.counts() for kind, changes in self._kinds()}

    def digest(self) -> str:
        """Return the fingerprint of all differences."""
        return digest(changes for _, changes in self._kinds())

    def _kinds(self) -> tuple[tuple[str, Changes[str, Any]], ...]:
        return (
            ("grids", self.grids),
            ("buildings", self.buildings),
            ("units", self.units),
            ("households", self.households),
            ("residents", self.members),
        )

    def shown(self) -> Iterator[ShownChange]:
        """Yield the lines of the dry run, what is removed or changed before what is added."""
        for kind, changes in self._kinds():
            for key in sorted(changes.removed):
                yield ShownChange(kind, "removed", self._label(kind, key))
            for key, (_, names) in changes.changed.items():
                yield ShownChange(kind, "changed", self._label(kind, key), names)
        for kind, changes in self._kinds():
            for key in changes.added:
                yield ShownChange(kind, "added", self._label(kind, key))

    def _label(self, kind: str, key: str) -> str:
        if kind != "residents":
            return key
        if key in self.people:
            person = self.people[key]
            return f"{person.household_code} {mask(person.name)}"
        facts = self.present.members[UUID(key)]
        return f"{facts.household_code} {mask(facts.name)}"

    def place_changes(self, removals: Removals) -> PlaceChanges:
        """Return what is to be written about places."""
        gone = removals is Removals.APPLY
        return PlaceChanges(
            grids=_written(self.grids),
            buildings=_written(self.buildings),
            units=_written(self.units),
            gone_grids=sorted(self.grids.removed) if gone else (),
            gone_buildings=sorted(self.buildings.removed) if gone else (),
            gone_units=sorted(self.units.removed) if gone else (),
        )

    def roll_changes(self, removals: Removals) -> RollChanges:
        """Return what is to be written about households and people."""
        gone = removals is Removals.APPLY
        members = self.present.members
        return RollChanges(
            added_households=list(self.households.added.values()),
            changed_households=[facts for facts, _ in self.households.changed.values()],
            moved_households=self._moved(),
            gone_households=sorted(self.households.removed) if gone else (),
            added_members=[_member(self.people[key], facts) for key, facts in self.members.added.items()],
            changed_members={
                UUID(key): (_member(self.people[key], facts), members[UUID(key)].household_code)
                for key, (facts, _) in self.members.changed.items()
            },
            gone_members={UUID(key): members[UUID(key)].household_code for key in self.members.removed} if gone else {},
        )

    def _moved(self) -> list[HouseholdFacts]:
        """Return the unchanged households whose place was renamed, measured anew or given to another grid."""
        buildings = {
            code
            for code, building in {**self.present.places.buildings, **_new_values(self.buildings)}.items()
            if code in self.buildings.changed or building.grid_code in self.grids.changed
        }
        units = {**self.present.places.units, **_new_values(self.units)}
        moved = {code for code, unit in units.items() if code in self.units.changed or unit.building_code in buildings}
        own = self.households.added.keys() | self.households.changed.keys()
        return [
            facts
            for code, facts in self.roster_households.items()
            if code not in own and any(unit in moved for unit in facts.unit_codes)
        ]


def _written(changes: Changes[str, Any]) -> list[Any]:
    return [*changes.added.values(), *_new_values(changes).values()]


def _new_values(changes: Changes[str, Any]) -> dict[str, Any]:
    return {key: value for key, (value, _) in changes.changed.items()}


def _member(person: RosterResident, facts: MemberFacts) -> Member:
    return Member(facts, person.identity_number, person.phone)


def plan_import(roster: Roster, indexes: Mapping[RosterResident, Indexes], present: Present) -> RosterPlan:
    """Compare a roster with the present state."""
    facts = {person: _facts(person, indexes[person]) for person in roster.residents}
    keys = {person: PersonKey(f.identity_index, f.household_code, f.name) for person, f in facts.items()}
    known = {key: PersonKey(f.identity_index, f.household_code, f.name) for key, f in present.members.items()}
    matched = match_people(keys.values(), known)
    named = {person: str(matched[key]) if key in matched else _new_key(key) for person, key in keys.items()}
    households = {household.code: household for household in roster.households}
    return RosterPlan(
        present=present,
        grids=compare({grid.code: grid for grid in roster.grids}, present.places.grids),
        buildings=compare({building.code: building for building in roster.buildings}, present.places.buildings),
        units=compare({unit.code: unit for unit in roster.units}, present.places.units),
        households=compare(households, present.households),
        members=compare({named[p]: f for p, f in facts.items()}, {str(key): f for key, f in present.members.items()}),
        people={key: person for person, key in named.items()},
        roster_households=households,
    )


def _new_key(key: PersonKey) -> str:
    return f"{key.household_code}/{key.name}/{key.number_index.hex() if key.number_index else ''}"


def _facts(person: RosterResident, indexes: Indexes) -> MemberFacts:
    return MemberFacts(
        household_code=person.household_code,
        name=person.name,
        relation=person.relation,
        sex=person.sex,
        born_on=person.born_on,
        identity_index=indexes.identity,
        phone_index=indexes.phone,
        is_party_member=person.is_party_member,
        is_representative=person.is_representative,
        can_act=person.can_act,
    )
