from uuid import UUID

from services.identity.households.domain import HouseholdFacts
from services.identity.places.domain import Building, Grid, Places, Unit
from services.identity.residents.domain import MemberFacts, Relation
from services.identity.rosters.domain import Roster, RosterResident
from services.identity.rosters.planning import Indexes, Present, Removals, plan_import
from shared.kernel.values import Area

ID = UUID(int=7)
GRIDS = (Grid("W1", "第一网格"),)
BUILDINGS = (Building("L1", "W1", "1号楼", 1), Building("L2", "W1", "2号楼", 1))
UNITS = (Unit("L1-101", "L1", 1, "101", Area(8_000)), Unit("L2-101", "L2", 1, "101", Area(9_000)))
HOUSEHOLDS = (HouseholdFacts("H1", ("L1-101",)), HouseholdFacts("H2", ("L2-101",)))
ZHANG = RosterResident("H1", "张三", Relation.HOUSEHOLDER, identity_number="n1")
LI = RosterResident("H2", "李四", Relation.HOUSEHOLDER)


def roster(**changes) -> Roster:
    parts = {
        "grids": GRIDS,
        "buildings": BUILDINGS,
        "units": UNITS,
        "households": HOUSEHOLDS,
        "residents": (ZHANG, LI),
    }
    return Roster(**(parts | changes))


def present() -> Present:
    return Present(
        places=Places({g.code: g for g in GRIDS}, {b.code: b for b in BUILDINGS}, {u.code: u for u in UNITS}),
        households={h.code: h for h in HOUSEHOLDS},
        members={
            ID: MemberFacts("H1", "张三", Relation.HOUSEHOLDER, identity_index=b"n1"),
            UUID(int=8): MemberFacts("H2", "李四", Relation.HOUSEHOLDER),
        },
    )


def plan(wanted: Roster, known: Present | None = None):
    indexes = {
        person: Indexes(person.identity_number.encode() if person.identity_number else None, None)
        for person in wanted.residents
    }
    return plan_import(wanted, indexes, known or present())


def empty() -> Present:
    return Present(Places({}, {}, {}), {}, {})


def test_an_empty_community_gets_everything():
    whole = plan(roster(), empty())
    assert whole.counts() == {
        "grids": {"added": 1, "changed": 0, "removed": 0},
        "buildings": {"added": 2, "changed": 0, "removed": 0},
        "units": {"added": 2, "changed": 0, "removed": 0},
        "households": {"added": 2, "changed": 0, "removed": 0},
        "residents": {"added": 2, "changed": 0, "removed": 0},
    }
    assert whole.roll_changes(Removals.APPLY).moved_households == []


def test_the_same_again_is_nothing():
    same = plan(roster())
    assert list(same.shown()) == []
    changes = same.roll_changes(Removals.APPLY)
    assert not any((changes.added_households, changes.moved_households, changes.added_members, changes.changed_members))


def test_a_new_area_moves_the_household_of_that_unit_only():
    units = (Unit("L1-101", "L1", 1, "101", Area(8_500)), UNITS[1])
    assert [h.code for h in plan(roster(units=units)).roll_changes(Removals.KEEP).moved_households] == ["H1"]


def test_a_renamed_grid_moves_every_household_in_it():
    renamed = plan(roster(grids=(Grid("W1", "东网格"),)))
    assert [h.code for h in renamed.roll_changes(Removals.KEEP).moved_households] == ["H1", "H2"]


def test_a_household_that_changed_itself_is_not_moved_twice():
    households = (HouseholdFacts("H1", ("L1-101", "L2-101")), HOUSEHOLDS[1])
    units = (Unit("L1-101", "L1", 1, "101", Area(8_500)), UNITS[1])
    changes = plan(roster(households=households, units=units)).roll_changes(Removals.KEEP)
    assert [h.code for h in changes.changed_households] == ["H1"]
    assert changes.moved_households == []


def test_what_is_gone_goes_only_when_asked():
    smaller = roster(buildings=BUILDINGS[:1], units=UNITS[:1], households=HOUSEHOLDS[:1], residents=(ZHANG,))
    shrunk = plan(smaller)
    assert shrunk.roll_changes(Removals.KEEP).gone_members == {}
    assert shrunk.place_changes(Removals.KEEP).gone_units == ()
    roll, places = shrunk.roll_changes(Removals.APPLY), shrunk.place_changes(Removals.APPLY)
    assert (roll.gone_households, roll.gone_members) == (["H2"], {UUID(int=8): "H2"})
    assert (places.gone_buildings, places.gone_units, places.gone_grids) == (["L2"], ["L2-101"], [])


def test_a_person_keeps_the_id_and_names_where_he_came_from():
    moved = RosterResident("H2", "张三", Relation.OTHER, identity_number="n1")
    changes = plan(roster(residents=(moved, LI))).roll_changes(Removals.KEEP)
    assert {key: (m.facts.household_code, came) for key, (m, came) in changes.changed_members.items()} == {
        ID: ("H2", "H1")
    }


def test_the_digest_is_the_same_until_something_changes():
    assert plan(roster()).digest() == plan(roster()).digest()
    assert plan(roster()).digest() != plan(roster(residents=(ZHANG,))).digest()


def test_names_are_masked_in_what_is_shown():
    shown = "".join(change.label for change in plan(roster(), empty()).shown())
    assert "张三" not in shown
    assert "H1 张*" in shown
