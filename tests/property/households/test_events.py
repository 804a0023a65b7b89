"""What is kept of identity's facts."""

from shared.contracts.events import AccountBound, AccountDeleted, HouseholdChanged, ResidentLeft
from shared.ids import new_id
from tests.property.conftest import Community


async def test_a_household_that_moved_is_reported_from_its_new_place(community: Community, hear) -> None:
    resident = await community.resident()
    grid_id = new_id()
    changed = HouseholdChanged(
        household_id=resident.household_id,
        household_number="QLQ-0002",
        grid_id=grid_id,
        grid_name="第二网格",
        building_id=new_id(),
        building_name="9栋",
        householder_name="王**",
        area_cm2e2=900_000,
        resident_count=1,
        status="active",
        address="9栋2单元502",
    )
    await hear("property", community.id, changed)

    assert (await community.submit(resident))["place"] == "9栋2单元502"


async def test_a_fact_heard_twice_changes_nothing(community: Community, hear) -> None:
    event_id = new_id()
    bound = AccountBound(account_id=new_id(), kind="resident", resident_id=None, household_id=None, name="王**")

    assert await hear("property", community.id, bound, event_id=event_id) is True
    assert await hear("property", community.id, bound, event_id=event_id) is False


async def test_the_desk_does_not_report_for_who_left(community: Community, hear) -> None:
    resident = await community.resident()
    left = ResidentLeft(resident_id=resident.resident_id, household_id=resident.household_id, reason="搬走")
    await hear("property", community.id, left)

    body = {"description": "灯不亮", "resident_id": str(resident.resident_id)}
    refused = await community.post(community.agent(), "/tickets", body, expect=403)

    assert refused["code"] == "property.stranger"


async def test_a_deleted_account_leaves_no_name(community: Community, hear, work_in) -> None:
    from sqlalchemy import text

    account_id = new_id()
    await hear(
        "property",
        community.id,
        AccountBound(account_id=account_id, kind="resident", resident_id=new_id(), household_id=new_id(), name="王**"),
    )
    await hear("property", community.id, AccountDeleted(account_id=account_id, resident_id=None, household_id=None))

    async with work_in("property", community.id) as uow:
        row = (await uow.session.execute(text("SELECT name, resident_id, household_id FROM property.account"))).one()
    assert tuple(row) == ("", None, None)


async def test_a_worker_known_before_the_role_keeps_the_household(community: Community, hear, work_in) -> None:
    """Facts may come in either order; the conflict of interest must be known in both."""
    from datetime import date

    from sqlalchemy import text

    from shared.contracts.events import RoleGranted

    account_id, household_id = new_id(), new_id()
    bound = AccountBound(
        account_id=account_id, kind="staff", resident_id=None, household_id=household_id, name="李师傅"
    )
    granted = RoleGranted(
        account_id=account_id,
        role="property_worker",
        scope_kind="department",
        scope_id="engineering",
        from_on=date(2026, 1, 1),
        until_on=None,
        name="李师傅",
    )
    await hear("property", community.id, bound)
    await hear("property", community.id, granted)

    async with work_in("property", community.id) as uow:
        known = (await uow.session.execute(text("SELECT household_id FROM property.worker"))).scalar_one()
    assert known == household_id
