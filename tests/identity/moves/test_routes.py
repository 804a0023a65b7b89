from uuid import UUID

import pytest

from shared.contracts.events import HouseholdChanged, HouseholdRegistered, ResidentJoined, ResidentLeft
from shared.ids import new_id
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind
from tests.identity.rosters.kit import LI, ZHANG, Desk, number

HOUSEHOLDS = "/api/v1/identity/households"
RESIDENTS = "/api/v1/identity/residents"
BABY = {"name": "张小妹", "relation": "child", "born_on": "2026-05-01"}


@pytest.fixture
async def desk(client_for, people, sweep) -> Desk:
    desk = Desk(client_for("identity", people.staff(Role.COMMUNITY_ADMIN)), sweep)
    await desk.bring_in()
    return desk


@pytest.fixture
async def home(desk) -> dict:
    return await read(desk, "H1")


async def read(desk: Desk, wanted: str) -> dict:
    rows = await desk.items(f"{HOUSEHOLDS}?number={wanted}&include=members")
    return rows[0]


def member(home: dict, relation: str) -> str:
    return next(m["id"] for m in home["members"] if m["relation"] == relation)


async def test_a_child_is_born(desk, home, people, facts_of):
    before = len(await facts_of("identity", people.community_id))
    response = await desk.client.post(f"{HOUSEHOLDS}/{home['id']}/members", json=BABY)
    assert response.status_code == 204
    after = await read(desk, "H1")
    assert (after["resident_count"], after["version"]) == (4, home["version"] + 1)
    told = (await facts_of("identity", people.community_id))[before:]
    assert [type(fact) for fact in told] == [HouseholdChanged, ResidentJoined]
    assert (told[0].resident_count, told[1].name, told[1].is_adult) == (4, "张**", False)


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ({"identity_number": ZHANG, "name": "张三", "relation": "other"}, "identity.identity_number_taken"),
        ({"identity_number": ZHANG[:-1] + "A", "name": "张三", "relation": "other"}, "identity.person_invalid"),
        ({"identity_number": LI, "name": "李四", "relation": "other", "sex": "male"}, "identity.person_invalid"),
        ({"phone": "123", "name": "张三", "relation": "other"}, "identity.person_invalid"),
        ({"name": "张3", "relation": "other"}, "identity.person_invalid"),
        ({"name": "张三", "relation": "other", "born_on": "2026-05-12"}, "identity.person_invalid"),
        ({"name": "张三", "relation": "householder"}, "identity.second_householder"),
        ({"name": "张三", "relation": "uncle"}, "validation_failed"),
    ],
)
async def test_a_person_who_does_not_fit_is_refused(desk, home, person, code):
    response = await desk.client.post(f"{HOUSEHOLDS}/{home['id']}/members", json=person)
    assert response.json()["code"] == code
    assert (await read(desk, "H1"))["resident_count"] == 3


async def test_a_member_leaves_and_the_householder_may_not(desk, home, people, facts_of):
    child, head = member(home, "child"), member(home, "householder")
    left = await desk.client.post(f"{HOUSEHOLDS}/{home['id']}/members/{child}/departures", json={"reason": "deceased"})
    assert left.status_code == 204
    refused = await desk.client.post(f"{HOUSEHOLDS}/{home['id']}/members/{head}/departures", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "identity.householder_leaves")
    again = await desk.client.post(f"{HOUSEHOLDS}/{home['id']}/members/{child}/departures", json={})
    assert (again.status_code, again.json()["code"]) == (409, "identity.not_a_member")
    told = await facts_of("identity", people.community_id)
    assert [(f.resident_id, f.reason) for f in told if isinstance(f, ResidentLeft)] == [(told_id(child), "deceased")]
    assert (await desk.client.get(f"{RESIDENTS}/{child}")).json()["status"] == "left"


def told_id(text: str) -> UUID:

    return UUID(text)


async def test_the_last_one_to_leave_closes_the_household(desk):
    home = await read(desk, "H3")
    head = member(home, "householder")
    await desk.client.post(f"{HOUSEHOLDS}/{home['id']}/members/{head}/departures", json={})
    body = (await desk.client.get(f"{HOUSEHOLDS}/{home['id']}")).json()
    assert (body["status"], body["resident_count"], body["householder_name"]) == ("moved_out", 0, "")
    refused = await desk.client.post(f"{HOUSEHOLDS}/{home['id']}/members", json=BABY)
    assert (refused.status_code, refused.json()["code"]) == (409, "identity.household_moved_out")


async def test_a_whole_household_moves_out_once(desk, home):
    first = await desk.client.post(f"{HOUSEHOLDS}/{home['id']}/departures", json={})
    second = await desk.client.post(f"{HOUSEHOLDS}/{home['id']}/departures", json={})
    assert (first.status_code, second.status_code) == (204, 409)
    assert await desk.items(f"{RESIDENTS}?household_id={home['id']}") == []


async def test_the_householder_changes_and_the_numbers_stay_readable(desk, home):
    wife = member(home, "spouse")
    url = f"{HOUSEHOLDS}/{home['id']}/householder"
    for _ in range(2):
        response = await desk.client.put(url, json={"resident_id": wife, "former_relation": "spouse"})
        assert response.status_code == 204
    after = await read(desk, "H1")
    assert (after["householder_id"], after["version"]) == (wife, home["version"] + 1)
    shown = await desk.client.post(f"{RESIDENTS}/{wife}/disclosures", json={"reason": "核对"})
    assert shown.json() == {"name": "李四", "phone": None, "identity_number": LI}


async def test_a_household_moves_in_and_can_be_bound(desk, people, facts_of):
    command = {
        "number": "H4",
        "unit_codes": ["L2-1-202"],
        "members": [
            {
                "name": "钱八",
                "relation": "householder",
                "identity_number": number("00000019900101001"),
                "phone": "19400000044",
            },
            {"name": "周九", "relation": "spouse", "sex": "female"},
        ],
    }
    created = await desk.client.post(HOUSEHOLDS, json=command)
    assert created.status_code == 201
    assert len(created.json()["card_code"].replace(" ", "")) == 12
    body = (await desk.client.get(created.headers["Location"])).json()
    assert (body["address"], body["resident_count"], body["householder_name"]) == ("2号楼1单元202", 2, "钱*")
    told = await facts_of("identity", people.community_id)
    assert [f.household_number for f in told if isinstance(f, HouseholdRegistered)][-1] == "H4"
    again = await desk.client.post(HOUSEHOLDS, json=command)
    assert (again.status_code, again.json()["code"]) == (409, "identity.household_code_taken")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"unit_codes": ["X9"]}, "identity.unit_unknown"),
        ({"members": [BABY]}, "identity.members_incomplete"),
        ({"members": []}, "validation_failed"),
        ({"number": "h 4"}, "validation_failed"),
    ],
)
async def test_a_household_that_does_not_fit_is_refused(desk, change, code):
    command = {"number": "H4", "unit_codes": ["L2-1-202"], "members": [{"name": "钱八", "relation": "householder"}]}
    response = await desk.client.post(HOUSEHOLDS, json=command | change)
    assert (response.status_code, response.json()["code"]) == (422, code)


async def test_a_household_splits_and_merges_again(desk, home, people, facts_of):
    wife = member(home, "spouse")
    split = await desk.client.post(
        f"{HOUSEHOLDS}/{home['id']}/splits",
        json={"number": "H5", "unit_codes": ["L2-1-202"], "member_ids": [wife], "householder_id": wife},
    )
    assert split.status_code == 201
    new = (await desk.client.get(split.headers["Location"])).json()
    assert (new["number"], new["resident_count"], new["members"][0]["id"]) == ("H5", 1, wife)
    told = [f for f in await facts_of("identity", people.community_id) if isinstance(f, HouseholdRegistered)]
    origins = {fact.household_number: fact.formed_from_id for fact in told}
    assert (origins["H5"], origins["H1"]) == (UUID(home["id"]), None), "points opens it with no second base"
    assert (await read(desk, "H1"))["resident_count"] == 2
    merged = await desk.client.post(f"{HOUSEHOLDS}/{new['id']}/merges", json={"into_id": home["id"]})
    assert merged.status_code == 204
    assert (await read(desk, "H1"))["resident_count"] == 3
    assert (await desk.client.get(split.headers["Location"])).json()["status"] == "moved_out"
    itself = await desk.client.post(f"{HOUSEHOLDS}/{home['id']}/merges", json={"into_id": home["id"]})
    assert itself.json()["code"] == "identity.members_incomplete"


async def origins_of(facts_of, people) -> dict:
    told = [f for f in await facts_of("identity", people.community_id) if isinstance(f, HouseholdRegistered)]
    return {fact.household_number: fact.formed_from_id for fact in told}


async def test_a_family_that_left_and_comes_under_another_number_is_known(desk, people, facts_of):
    """Points opens one base a family: whoever is taken off the roll and entered anew is no new family, and gets no second one."""
    unit, parents = {"unit_codes": ["L2-1-202"]}, {"name": "钱八", "relation": "householder"}
    parents["identity_number"] = number("00000019600101003")

    async def enter(household: str, *members: dict) -> str:
        entered = await desk.client.post(HOUSEHOLDS, json=unit | {"number": household, "members": list(members)})
        assert entered.status_code == 201, entered.text
        return entered.json()["id"]

    async def leave(household_id: str) -> None:
        gone = await desk.client.post(f"{HOUSEHOLDS}/{household_id}/departures", json={"reason": "moved_out"})
        assert gone.status_code == 204, gone.text

    first = await enter("H7", parents)
    await leave(first)
    taken = await desk.client.post(HOUSEHOLDS, json=unit | {"number": "H7", "members": [parents]})
    assert taken.json()["code"] == "identity.household_code_taken", "a number is one household's for ever"
    second = await enter("H8", parents, BABY)
    await leave(second)
    await enter("H9", {"name": "孙九", "relation": "householder"})

    origins = await origins_of(facts_of, people)
    assert (origins["H8"], origins["H9"]) == (UUID(first), None)


async def test_only_the_desk_of_the_grid_may(desk, home, client_for, people):
    def grid_worker(grid_id: str) -> Principal:
        grants = frozenset({RoleGrant(Role.GRID_WORKER, ScopeKind.GRID, grid_id)})
        return Principal(new_id(), AccountKind.STAFF, people.community_id, roles=grants)

    other_grid = (await read(desk, "H3"))["grid_id"]
    for principal in (grid_worker(other_grid), people.resident(home["id"]), people.staff(Role.BRANCH_SECRETARY)):
        client = client_for("identity", principal)
        for path, body in (
            ("members", BABY),
            ("departures", {}),
            ("merges", {"into_id": home["id"]}),
        ):
            response = await client.post(f"{HOUSEHOLDS}/{home['id']}/{path}", json=body)
            assert response.status_code in {403, 422}, (principal, path)
            assert response.json()["code"] in {"forbidden", "identity.members_incomplete"}
    own = client_for("identity", grid_worker(home["grid_id"]))
    assert (await own.post(f"{HOUSEHOLDS}/{home['id']}/members", json=BABY)).status_code == 204


async def test_another_community_does_not_exist(desk, home, client_for, strangers):
    stranger = client_for("identity", strangers.staff(Role.COMMUNITY_ADMIN))
    wife = member(home, "spouse")
    url = f"{HOUSEHOLDS}/{home['id']}"
    for response in (
        await stranger.post(f"{url}/members", json=BABY),
        await stranger.post(f"{url}/members/{wife}/departures", json={}),
        await stranger.post(f"{url}/departures", json={}),
        await stranger.put(f"{url}/householder", json={"resident_id": wife}),
        await stranger.post(f"{url}/merges", json={"into_id": str(new_id())}),
        await stranger.post(f"{RESIDENTS}/{wife}/disclosures", json={"reason": "好奇"}),
    ):
        assert response.status_code == 404


async def test_a_disclosure_needs_role_and_reason_and_is_written_down(desk, home, client_for, people):
    head = member(home, "householder")
    url = f"{RESIDENTS}/{head}/disclosures"
    shown = await desk.client.post(url, json={"reason": "上门核对"}, headers={"Idempotency-Key": "look"})
    assert shown.json() == {"name": "张三丰", "phone": "19400000001", "identity_number": ZHANG}
    assert (await desk.client.post(url, json={"reason": ""})).status_code == 422
    for principal in (people.staff(Role.SUPERVISOR), people.resident(home["id"])):
        refused = await client_for("identity", principal).post(url, json={"reason": "看看"})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    auditor = client_for("identity", people.staff(Role.SUPERVISOR))
    lines = (await auditor.get(f"/api/v1/identity/audit_lines?act=disclose_resident&subject_id={head}")).json()["items"]
    assert [(line["reason"], line["subject_id"]) for line in lines] == [("上门核对", head)]
