from importlib import import_module
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.contracts.events import CommunityNamed
from shared.ids import new_id
from shared.kernel.ids import NO_COMMUNITY
from shared.kernel.principal import Role
from shared.testing.clients import People

COMMUNITIES = "/api/v1/identity/communities"


def community(code: str) -> dict:
    return {
        "code": code,
        "name": "青龙泉社区",
        "township": {"code": "T1", "name": "城关街道"},
        "district": {"code": f"D-{code}", "name": "示范区"},
    }


async def test_a_district_officer_registers_a_community_that_everybody_can_find(client_for, people):
    code = f"c{new_id().hex}"
    officer = client_for("identity", people.staff(Role.DISTRICT_OFFICER))
    created = await officer.post(COMMUNITIES, json=community(code))
    assert created.status_code == 201
    body = created.json()
    assert body["township"] == {"code": "T1", "name": "城关街道"}
    visitor = client_for("identity")
    assert (await visitor.get(created.headers["Location"])).json() == body
    listed, url = [], f"{COMMUNITIES}?limit=200"
    while url:
        page = await visitor.get(url)
        listed += page.json()["items"]
        url = page.links["next"]["url"] if "next" in page.links else None
    assert body in listed


async def test_what_a_community_is_called_is_told_and_told_again(client_for, people, facts_of):
    code = f"c{new_id().hex}"
    registrar = client_for("identity", people.staff(Role.DISTRICT_OFFICER))
    made = (await registrar.post(COMMUNITIES, json=community(code))).json()
    here, names = People(UUID(made["id"])), f"{COMMUNITIES}/{made['id']}/names"
    officer = client_for("identity", here.staff(Role.DISTRICT_OFFICER))
    renamed = await officer.post(names, json={"name": "山水苑社区"})
    assert (renamed.status_code, renamed.json()) == (201, made | {"name": "山水苑社区"})
    assert (await client_for("identity").get(f"{COMMUNITIES}/{made['id']}")).json()["name"] == "山水苑社区"

    told = [await facts_of("identity", one.community_id) for one in (people, here)]
    assert told == [
        [CommunityNamed(community_id=here.community_id, code=code, name=name)] for name in ("青龙泉社区", "山水苑社区")
    ]
    elsewhere = await registrar.post(names, json={"name": "别处的社区"})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "identity.community_not_found")
    nowhere = await registrar.post(f"{COMMUNITIES}/{people.community_id}/names", json={"name": "山水苑社区"})
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "identity.community_not_found")
    admin = client_for("identity", here.staff(Role.COMMUNITY_ADMIN, Role.TOWNSHIP_OFFICER))
    refused = await admin.post(names, json={"name": "我的社区"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert len(await facts_of("identity", here.community_id)) == 1


async def test_names_given_before_anybody_told_them_are_told_by_the_step(client_for, people, apps):
    officer = client_for("identity", people.staff(Role.DISTRICT_OFFICER))
    made = (await officer.post(COMMUNITIES, json=community(f"c{new_id().hex}"))).json()
    step = import_module("services.identity.migrations.versions.0003_community_names")
    facts = text("SELECT payload FROM identity.outbox WHERE community_id = :nobody AND key = :id")
    async with apps.runtime("identity").database.worker.connect() as connection:
        assert (await connection.execute(facts, {"nobody": NO_COMMUNITY, "id": made["id"]})).all() == []
        await connection.execute(text(step.TELL))
        told = (await connection.execute(facts, {"nobody": NO_COMMUNITY, "id": made["id"]})).scalars().all()
        # Told in this transaction only: the other tests' queue stays theirs.
        await connection.rollback()
    assert told == [{"community_id": made["id"], "code": made["code"], "name": made["name"]}]


async def test_a_code_is_given_once(client_for, people):
    code = f"c{new_id().hex}"
    officer = client_for("identity", people.staff(Role.DISTRICT_OFFICER))
    await officer.post(COMMUNITIES, json=community(code))
    again = await officer.post(COMMUNITIES, json=community(code))
    assert (again.status_code, again.json()["code"]) == (409, "identity.community_code_taken")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DISTRICT_OFFICER])
async def test_nobody_else_registers_communities(role, client_for, people):
    response = await client_for("identity", people.staff(role)).post(COMMUNITIES, json=community("x1"))
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("code", ["", "有 空", "a/b", "x" * 41])
async def test_a_code_is_plain(code, client_for, people):
    response = await client_for("identity", people.staff(Role.DISTRICT_OFFICER)).post(COMMUNITIES, json=community(code))
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "/code")


async def test_a_community_that_is_not_there(client_for):
    response = await client_for("identity").get(f"{COMMUNITIES}/{new_id()}")
    assert (response.status_code, response.json()["code"]) == (404, "identity.community_not_found")


async def test_settings_are_adopted_in_versions(client_for, people):
    admin = client_for("identity", people.staff(Role.COMMUNITY_ADMIN))
    url = f"{COMMUNITIES}/{people.community_id}/settings"
    assert (await admin.get(url)).json()["version"] == 0
    command = {
        "based_on": 0,
        "settings": {"service_phone": "0719-0000000"},
        "effective_on": "2026-06-01",
        "decision": "2026 年第 3 次居民代表会议",
    }
    first = await admin.post(url, json=command)
    assert (first.status_code, first.json()["version"]) == (201, 1)
    stale = await admin.post(url, json=command)
    assert (stale.status_code, stale.json()["code"]) == (409, "identity.settings_outdated")
    resident = client_for("identity", people.resident())
    assert (await resident.get(url)).json()["settings"] == {"service_phone": "0719-0000000"}
    assert (await resident.post(url, json=command | {"based_on": 1})).status_code == 403


async def test_the_settings_of_another_community_do_not_exist(client_for, people, strangers):
    stranger = client_for("identity", strangers.staff(Role.COMMUNITY_ADMIN))
    url = f"{COMMUNITIES}/{people.community_id}/settings"
    assert (await stranger.get(url)).status_code == 404
    command = {"based_on": 0, "settings": {}, "effective_on": "2026-06-01", "decision": "x"}
    assert (await stranger.post(url, json=command)).status_code == 404
