import pytest

from services.identity.places import usecases
from shared.ids import new_id
from shared.kernel.principal import Role
from tests.identity.rosters.kit import Book, Desk


@pytest.fixture
async def desk(client_for, people, sweep) -> Desk:
    desk = Desk(client_for("identity", people.staff(Role.COMMUNITY_ADMIN)), sweep)
    await desk.bring_in()
    return desk


async def test_a_place_is_there_while_it_is_in_use_and_in_its_own_community(desk, work_in, people, strangers):
    grids = {grid["code"]: grid["id"] for grid in (await desk.client.get("/api/v1/identity/grids")).json()}
    buildings = {row["code"]: row["id"] for row in await desk.items("/api/v1/identity/buildings")}
    async with work_in("identity", people.community_id) as uow:
        assert await usecases.has_place(uow=uow, grid_id=grids["W02"], building_id=buildings["L2"])
        assert not await usecases.has_place(uow=uow, grid_id=grids["W02"], building_id=new_id())
        assert not await usecases.has_place(uow=uow, grid_id=buildings["L2"])
    async with work_in("identity", strangers.community_id) as uow:
        assert not await usecases.has_place(uow=uow, grid_id=grids["W02"])
    smaller = Book().drop("网格楼栋", "W02").drop("房屋", "L2-1-201").drop("房屋", "L2-1-202")
    smaller = smaller.drop("户", "H3").drop("居民", "H3")
    smaller.sheets["户"][1][1] = "L1-1-101"
    await desk.bring_in(smaller, "apply")
    async with work_in("identity", people.community_id) as uow:
        assert not await usecases.has_place(uow=uow, grid_id=grids["W02"])
        assert not await usecases.has_place(uow=uow, building_id=buildings["L2"])
        assert await usecases.has_place(uow=uow, grid_id=grids["W01"], building_id=buildings["L1"])
