import pytest

from shared.ids import new_id
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind
from tests.identity.rosters.kit import Book, Desk

HOUSEHOLDS = "/api/v1/identity/households"
RESIDENTS = "/api/v1/identity/residents"


@pytest.fixture
async def desk(client_for, people, sweep) -> Desk:
    """A community with its roster brought in."""
    desk = Desk(client_for("identity", people.staff(Role.COMMUNITY_ADMIN)), sweep)
    await desk.bring_in()
    return desk


async def households(desk: Desk) -> dict:
    return {row["number"]: row for row in await desk.items(HOUSEHOLDS)}


async def test_a_household_shows_members_and_units(desk):
    home = (await households(desk))["H1"]
    assert home["members"] is None
    body = (await desk.client.get(f"{HOUSEHOLDS}/{home['id']}")).json()
    assert [unit["code"] for unit in body["units"]] == ["L1-1-101", "L2-1-202"]
    assert sum(unit["area_cm2e2"] for unit in body["units"]) == body["area_cm2e2"] == 12_500
    assert [member["name"] for member in body["members"]] == ["张**", "李*", "张**"]
    assert [member["is_adult"] for member in body["members"]] == [True, True, False]
    assert body["householder_id"] == body["members"][0]["id"]


async def test_a_household_that_is_not_there(desk):
    response = await desk.client.get(f"{HOUSEHOLDS}/{new_id()}")
    assert (response.status_code, response.json()["code"]) == (404, "identity.household_not_found")


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("number=H2", ["H2"]),
        ("grid_id={H3[grid_id]}", ["H3"]),
        ("building_id={H1[building_id]}", ["H1", "H2"]),
        ("liaison_household_id={H1[id]}", ["H2"]),
        ("status=moved_out", []),
        ("number=H9", []),
    ],
)
async def test_households_are_filtered(desk, query, numbers):
    rows = await households(desk)
    assert [row["number"] for row in await desk.items(f"{HOUSEHOLDS}?{query.format(**rows)}")] == numbers


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("is_householder=true", 3),
        ("is_householder=false", 2),
        ("is_party_member=true", 1),
        ("is_representative=true", 1),
        ("can_act=true", 4),
        ("name=王五", 1),
        ("household_id={H1[id]}", 3),
        ("grid_id={H3[grid_id]}", 1),
        ("building_id={H1[building_id]}", 4),
    ],
)
async def test_residents_are_filtered_and_masked(desk, query, count):
    rows = await households(desk)
    found = await desk.items(f"{RESIDENTS}?limit=1&{query.format(**rows)}")
    assert len(found) == count
    for row in found:
        assert "*" in row["name"]
        assert row["phone"] is None or row["phone"][3:7] == "****"
        assert row["identity_number"] is None or set(row["identity_number"][3:-2]) == {"*"}


async def test_a_resident_sees_the_own_household_only(desk, client_for, people):
    rows = await households(desk)
    resident = client_for("identity", people.resident(rows["H2"]["id"]))
    assert [row["number"] for row in (await resident.get(HOUSEHOLDS)).json()["items"]] == ["H2"]
    assert [row["name"] for row in (await resident.get(RESIDENTS)).json()["items"]] == ["王*"]
    assert (await resident.get(f"{HOUSEHOLDS}/{rows['H1']['id']}")).status_code == 404
    assert (await resident.get(f"{HOUSEHOLDS}/{rows['H1']['id']}/entries")).status_code == 404
    neighbour = (await desk.items(f"{RESIDENTS}?household_id={rows['H1']['id']}"))[0]
    assert (await resident.get(f"{RESIDENTS}/{neighbour['id']}")).status_code == 404


async def test_a_grid_worker_sees_the_grid(desk, client_for, people):
    rows = await households(desk)
    worker = Principal(
        new_id(),
        AccountKind.STAFF,
        people.community_id,
        roles=frozenset({RoleGrant(Role.GRID_WORKER, ScopeKind.GRID, rows["H3"]["grid_id"])}),
    )
    client = client_for("identity", worker)
    assert [row["number"] for row in (await client.get(HOUSEHOLDS)).json()["items"]] == ["H3"]
    assert len((await client.get(RESIDENTS)).json()["items"]) == 1


async def test_a_client_needs_the_scope(desk, client_for, people):
    allowed = await client_for("identity", people.client("identity:read")).get(HOUSEHOLDS)
    assert len(allowed.json()["items"]) == 3
    refused = await client_for("identity", people.client("points:read")).get(HOUSEHOLDS)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")


async def test_the_journal_tells_what_happened(desk):
    book = Book()
    book.sheets["居民"].append(["H2", "王小妹", "子女", "", "", "", "", "", "2018-01-01"])
    await desk.bring_in(book)
    home = (await households(desk))["H2"]
    entries = await desk.items(f"{HOUSEHOLDS}/{home['id']}/entries?limit=1")
    assert [(entry["happening"], entry["facts"].get("name")) for entry in entries] == [
        ("member_joined", "王**"),
        ("member_joined", "王*"),
        ("registered", None),
    ]


async def test_the_journal_cannot_be_rewritten(desk, apps, people):
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    async with apps.runtime("identity").database.worker.connect() as connection:
        with pytest.raises(DBAPIError):
            await connection.execute(
                text("UPDATE identity.household_entry SET happening = 'changed' WHERE community_id = :id"),
                {"id": people.community_id},
            )


async def test_a_bad_cursor_is_refused(desk):
    for path in (HOUSEHOLDS, RESIDENTS, "/api/v1/identity/buildings", "/api/v1/identity/units"):
        response = await desk.client.get(f"{path}?cursor=WyJ4Il0")
        assert (response.status_code, response.json()["code"]) == (422, "cursor_invalid")


async def test_the_version_counts_changes(desk):
    assert (await households(desk))["H2"]["version"] == 1
    book = Book()
    book.sheets["居民"][4][4] = "19400000008"
    await desk.bring_in(book)
    rows = await households(desk)
    assert (rows["H2"]["version"], rows["H1"]["version"]) == (2, 1)
