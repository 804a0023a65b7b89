"""What is heard of households: the last fact is what is known, and the same fact twice changes nothing."""

from dataclasses import replace
from uuid import UUID

from services.proposals.rolls import usecases
from services.proposals.rolls.domain import ScopeKind, Unit
from shared.contracts.events import HouseholdChanged, HouseholdRegistered, ResidentJoined, ResidentLeft
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import People
from shared.testing.factories import WorkIn


def household(building_id: UUID, **changes) -> HouseholdRegistered:
    told = HouseholdRegistered(
        household_id=new_id(),
        household_number="QLQ-1",
        grid_id=new_id(),
        grid_name="第一网格",
        building_id=building_id,
        building_name="1栋",
        householder_name="王**",
        area_cm2e2=8_900,
        resident_count=1,
        address="1栋 101",
    )
    return replace(told, **changes)


def changed(told: HouseholdRegistered, **changes) -> HouseholdChanged:
    facts = {name: getattr(told, name) for name in HouseholdRegistered.__dataclass_fields__ if name != "formed_from_id"}
    return HouseholdChanged(**(facts | {"status": "active"} | changes))


def resident(told: HouseholdRegistered, **changes) -> ResidentJoined:
    joined = ResidentJoined(
        resident_id=new_id(), household_id=told.household_id, name="王*", is_householder=True, is_adult=True
    )
    return replace(joined, **changes)


async def units_of(work_in: WorkIn, people: People, kind: ScopeKind, scope_id: UUID | None) -> list[Unit]:
    async with work_in("proposals", people.community_id) as uow:
        secretary = people.staff(Role.BRANCH_SECRETARY)
        roll = await usecases.freeze_roll(uow=uow, principal=secretary, title="x", scope_kind=kind, scope_id=scope_id)
        return await usecases.list_all_units(uow=uow, roll_id=roll.id)


async def test_households_and_their_adults_make_the_units(people: People, hear, work_in: WorkIn) -> None:
    building = new_id()
    here, elsewhere = household(building), household(new_id(), household_number="QLQ-2", address="")
    adult, second, child = resident(here), resident(here), resident(here, is_adult=False)
    for fact in (here, elsewhere, adult, second, child):
        assert await hear("proposals", people.community_id, fact)
    units = await units_of(work_in, people, ScopeKind.BUILDING, building)
    actors = tuple(sorted([adult.resident_id, second.resident_id]))
    assert units == [Unit(here.household_id, "1栋 101", 1, 8_900, actors)]
    everybody = await units_of(work_in, people, ScopeKind.COMMUNITY, None)
    assert {unit.unit_id: unit.label for unit in everybody} == {
        here.household_id: "1栋 101",
        elsewhere.household_id: "QLQ-2",
    }
    assert {unit.unit_id: unit.actors for unit in everybody}[elsewhere.household_id] == ()
    assert [u.unit_id for u in await units_of(work_in, people, ScopeKind.GRID, elsewhere.grid_id)] == [
        elsewhere.household_id
    ]


async def test_residents_may_be_heard_of_before_their_household(people: People, hear, work_in: WorkIn) -> None:
    told = household(new_id())
    joined = resident(told)
    await hear("proposals", people.community_id, joined)
    await hear("proposals", people.community_id, told)
    (unit,) = await units_of(work_in, people, ScopeKind.COMMUNITY, None)
    assert unit.actors == (joined.resident_id,)


async def test_the_last_fact_is_what_is_known(people: People, hear, work_in: WorkIn) -> None:
    told = household(new_id())
    joined = resident(told)
    event_id = new_id()
    assert await hear("proposals", people.community_id, told, event_id=event_id)
    assert not await hear("proposals", people.community_id, told, event_id=event_id)
    await hear("proposals", people.community_id, joined)
    await hear("proposals", people.community_id, changed(told, area_cm2e2=9_000, address="1栋 102"))
    await hear("proposals", people.community_id, replace(joined, is_adult=False))
    (unit,) = await units_of(work_in, people, ScopeKind.COMMUNITY, None)
    assert unit == Unit(told.household_id, "1栋 102", 1, 9_000, ())
    await hear("proposals", people.community_id, replace(joined, is_adult=True))
    await hear(
        "proposals",
        people.community_id,
        ResidentLeft(resident_id=joined.resident_id, household_id=told.household_id, reason="搬走"),
    )
    (unit,) = await units_of(work_in, people, ScopeKind.COMMUNITY, None)
    assert unit.actors == ()
    await hear("proposals", people.community_id, joined)
    (unit,) = await units_of(work_in, people, ScopeKind.COMMUNITY, None)
    assert unit.actors == (joined.resident_id,), "somebody who comes back may vote again"


async def test_a_household_that_is_no_more_is_on_no_roll(people: People, hear, work_in: WorkIn) -> None:
    stays, goes = household(new_id()), household(new_id())
    for fact in (stays, goes, changed(goes, status="dissolved")):
        await hear("proposals", people.community_id, fact)
    assert [u.unit_id for u in await units_of(work_in, people, ScopeKind.COMMUNITY, None)] == [stays.household_id]
