import pytest

from services.identity.residents import usecases
from shared.ids import new_id
from shared.kernel.ids import NO_COMMUNITY
from shared.kernel.principal import Role
from shared.uow import unit_of_work
from tests.identity.rosters.kit import Desk


@pytest.fixture
async def desk(client_for, people, sweep) -> Desk:
    desk = Desk(client_for("identity", people.staff(Role.COMMUNITY_ADMIN)), sweep)
    await desk.bring_in()
    return desk


async def test_a_phone_number_finds_its_owner_across_communities(desk, apps, people):
    runtime = apps.runtime("identity")
    async with unit_of_work(runtime.database, runtime.clock, NO_COMMUNITY, engine=runtime.database.worker) as uow:
        found = await usecases.find_residents_by_phone(uow=uow, cipher=runtime.cipher, phone="19400000001")
    (zhang,) = [match for match in found if match.community_id == people.community_id]
    assert (zhang.name, zhang.is_householder, zhang.is_party_member, zhang.household_number) == (
        "张三丰",
        True,
        True,
        "H1",
    )


async def test_within_a_community_the_others_do_not_exist(desk, apps, work_in, strangers):
    async with work_in("identity", strangers.community_id) as uow:
        cipher = apps.runtime("identity").cipher
        assert await usecases.find_residents_by_phone(uow=uow, cipher=cipher, phone="19400000001") == []


async def test_members_and_single_residents_are_found(desk, work_in, people):
    async with work_in("identity", people.community_id) as uow:
        home = (await desk.items("/api/v1/identity/households?number=H1"))[0]
        members = await usecases.find_household_members(
            uow=uow, community_id=people.community_id, household_id=home["id"]
        )
        assert [member.name for member in members] == ["张三丰", "李四", "张小宝"]
        same = await usecases.find_resident(
            uow=uow, community_id=people.community_id, resident_id=members[1].resident_id
        )
        assert same == members[1]
        assert await usecases.find_resident(uow=uow, community_id=people.community_id, resident_id=new_id()) is None
