from shared.kernel.principal import Role
from tests.identity.rosters.kit import Book, Desk


async def test_places_are_listed(client_for, people, sweep):
    desk = Desk(client_for("identity", people.staff(Role.COMMUNITY_ADMIN)), sweep)
    await desk.bring_in()
    resident = client_for("identity", people.resident())
    grids = (await resident.get("/api/v1/identity/grids")).json()
    assert [(grid["code"], grid["building_count"]) for grid in grids] == [("W01", 1), ("W02", 1)]
    buildings = await desk.items("/api/v1/identity/buildings?limit=1")
    assert [(b["code"], b["grid_name"], b["stairwell_count"], b["unit_count"]) for b in buildings] == [
        ("L1", "第一网格", 2, 2),
        ("L2", "第二网格", 1, 2),
    ]
    units = await desk.items("/api/v1/identity/units?limit=3")
    assert [(unit["code"], unit["area_cm2e2"], unit["stairwell"]) for unit in units] == [
        ("L1-1-101", 8_500, 1),
        ("L1-2-102", 6_050, 2),
        ("L2-1-201", 10_000, 1),
        ("L2-1-202", 4_000, 1),
    ]
    in_grid = await desk.items(f"/api/v1/identity/buildings?grid_id={grids[1]['id']}")
    assert [building["code"] for building in in_grid] == ["L2"]
    in_building = await desk.items(f"/api/v1/identity/units?building_id={buildings[0]['id']}")
    assert [unit["code"] for unit in in_building] == ["L1-1-101", "L1-2-102"]


async def test_a_place_that_is_gone_is_retired_and_can_return(client_for, people, sweep):
    desk = Desk(client_for("identity", people.staff(Role.COMMUNITY_ADMIN)), sweep)
    await desk.bring_in()
    before = {unit["code"]: unit["id"] for unit in await desk.items("/api/v1/identity/units")}
    smaller = Book().drop("房屋", "L2-1-202")
    smaller.sheets["户"][1][1] = "L1-1-101"
    await desk.bring_in(smaller, "apply")
    assert len(await desk.items("/api/v1/identity/units")) == 3
    await desk.bring_in()
    assert {unit["code"]: unit["id"] for unit in await desk.items("/api/v1/identity/units")} == before


async def test_fewer_stairwells_are_retired(client_for, people, sweep):
    desk = Desk(client_for("identity", people.staff(Role.COMMUNITY_ADMIN)), sweep)
    await desk.bring_in()
    book = Book()
    book.sheets["网格楼栋"][1][4] = 1
    book.sheets["房屋"][2][2] = 1
    await desk.bring_in(book)
    assert [b["stairwell_count"] for b in await desk.items("/api/v1/identity/buildings")] == [1, 1]
