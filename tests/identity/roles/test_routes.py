"""Roles over HTTP: given, listed, taken back; and what tokens say of them."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from services.identity.accounts.usecases import open_account
from services.identity.roles.usecases import roles_today
from shared.contracts.events import RoleGranted, RoleRevoked
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.principal import AccountKind, Role
from shared.testing.clients import ClientFor, People
from tests.identity.conftest import Home, Office, Person, SettleIn

GRANTS = "/api/v1/identity/role_grants"


@pytest.fixture
def admin(client_for: ClientFor, office: Office) -> httpx2.AsyncClient:
    return client_for("identity", office.admin)


async def give(client: httpx2.AsyncClient, account_id: object, role: str, **extra: Any) -> httpx2.Response:
    body = {"account_id": str(account_id), "role": role, "scope_kind": "community"}
    return await client.post(GRANTS, json=body | extra)


async def test_a_role_is_given_announced_and_taken_back(
    admin: httpx2.AsyncClient, office: Office, facts_of: Any
) -> None:
    colleague = await office.take_on()
    given = await give(admin, colleague.account_id, "storekeeper", until_on="2026-12-31")
    assert given.status_code == 201, given.text
    assert given.json()["scope_id"] == str(office.admin.community_id)
    assert (given.json()["from_on"], given.json()["granted_by"]) == ("2026-05-11", str(office.admin.account_id))
    again = await give(admin, colleague.account_id, "storekeeper")
    assert (again.status_code, again.json()["code"]) == (409, "identity.role_held")
    revoked = await admin.post(f"{GRANTS}/{given.json()['id']}/revocations", json={"reason": "换届"})
    assert (revoked.status_code, revoked.json()["revoke_reason"]) == (201, "换届")
    twice = await admin.post(f"{GRANTS}/{given.json()['id']}/revocations", json={"reason": "换届"})
    assert (twice.status_code, twice.json()["code"]) == (404, "identity.role_grant_not_found")
    assert (await give(admin, colleague.account_id, "assessor")).status_code == 201
    told = [
        fact
        for fact in await facts_of("identity", office.admin.community_id)
        if type(fact) in {RoleGranted, RoleRevoked}
    ]
    assert [(type(fact), fact.role) for fact in told] == [
        (RoleGranted, "storekeeper"),
        (RoleRevoked, "storekeeper"),
        (RoleGranted, "assessor"),
    ]
    assert (told[0].name, str(told[0].until_on)) == ("张三", "2026-12-31")


async def test_one_key_gives_a_role_once(admin: httpx2.AsyncClient, office: Office) -> None:
    colleague = await office.take_on()
    body = {"account_id": str(colleague.account_id), "role": "supervisor", "scope_kind": "community"}
    answers = [await admin.post(GRANTS, json=body, headers={"Idempotency-Key": "grant-1"}) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert len((await admin.get(GRANTS)).json()["items"]) == 1


@pytest.mark.parametrize(
    ("role", "extra", "code"),
    [
        ("resident", {}, "identity.role_not_grantable"),
        ("community_admin", {}, "identity.role_not_grantable"),
        ("township_officer", {}, "identity.role_not_grantable"),
        ("grid_worker", {}, "identity.role_scope"),
        ("grid_worker", {"scope_kind": "grid"}, "identity.role_scope"),
        ("grid_worker", {"scope_kind": "grid", "scope_id": "第一网格"}, "identity.role_place_unknown"),
        (
            "grid_worker",
            {"scope_kind": "grid", "scope_id": "01900000-0000-7000-8000-000000000000"},
            "identity.role_place_unknown",
        ),
        ("storekeeper", {"scope_kind": "grid", "scope_id": "1"}, "identity.role_scope"),
        ("assessor", {"from_on": "2026-05-12", "until_on": "2026-05-11"}, "identity.role_period"),
    ],
)
async def test_what_cannot_be_given(
    admin: httpx2.AsyncClient, office: Office, role: str, extra: dict[str, str], code: str
) -> None:
    colleague = await office.take_on()
    answer = await give(admin, colleague.account_id, role, **extra)
    assert answer.json()["code"] == code


async def test_one_person_with_two_accounts_cannot_join_separate_duties(
    admin: httpx2.AsyncClient, office: Office, settle: SettleIn, work_in: Any
) -> None:
    home: Home = await settle(office.admin.community_id, Person("孙一", "householder"))
    staff = await office.take_on(Role.INSPECTOR, resident_id=home.resident_ids[0])
    async with work_in("identity", office.admin.community_id) as uow:
        resident = await open_account(
            uow=uow, kind=AccountKind.RESIDENT, name="孙*", resident_id=home.resident_ids[0], household_id=None
        )
    clash = await give(admin, resident.id, "property_agent")
    assert (clash.status_code, clash.json()["code"]) == (409, "identity.separation_of_duties")
    assert clash.json()["held"] == "inspector"
    assert (
        await give(admin, resident.id, "building_head", scope_kind="building", scope_id=str(home.building_id))
    ).status_code == 201
    assert staff.account_id != resident.id


async def test_a_place_of_another_community_or_kind_is_no_scope(
    admin: httpx2.AsyncClient, office: Office, settle: SettleIn, strangers: People
) -> None:
    own, foreign = await settle(office.admin.community_id), await settle(strangers.community_id)
    colleague = await office.take_on()
    for scope_id, status in ((foreign.grid_id, 404), (own.building_id, 404), (own.grid_id, 201)):
        answer = await give(admin, colleague.account_id, "grid_worker", scope_kind="grid", scope_id=str(scope_id))
        assert answer.status_code == status, answer.text


async def test_a_role_ends_by_itself(
    office: Office, admin: httpx2.AsyncClient, clock: FixedClock, work_in: Any
) -> None:
    colleague = await office.take_on()
    await give(admin, colleague.account_id, "inspector", until_on="2026-05-11")

    async def count() -> int:
        async with work_in("identity", office.admin.community_id) as uow:
            return len(await roles_today(uow=uow, account_id=colleague.account_id))

    assert await count() == 1
    # 16:00 UTC is midnight in China.
    clock.set(clock.now().replace(hour=15, minute=59))
    assert await count() == 1
    clock.advance(timedelta(minutes=1))
    assert await count() == 0


async def test_the_list_shows_what_the_caller_may_see(
    admin: httpx2.AsyncClient, office: Office, client_for: ClientFor, people: People, strangers: People
) -> None:
    first, second = await office.take_on(Role.STOREKEEPER), await office.take_on(Role.INSPECTOR)
    everything = (await admin.get(GRANTS)).json()["items"]
    assert [g["role"] for g in everything] == ["storekeeper", "inspector"]
    by_role = (await admin.get(GRANTS, params={"role": "inspector"})).json()["items"]
    assert [g["account_id"] for g in by_role] == [str(second.account_id)]
    by_account = (await admin.get(GRANTS, params={"account_id": str(first.account_id)})).json()["items"]
    assert [g["role"] for g in by_account] == ["storekeeper"]
    await admin.post(f"{GRANTS}/{everything[0]['id']}/revocations", json={"reason": "换届"})
    standing = (await admin.get(GRANTS, params={"is_standing": "true"})).json()["items"]
    assert [g["role"] for g in standing] == ["inspector"]
    page = (await admin.get(GRANTS, params={"limit": 1})).json()
    rest = (await admin.get(GRANTS, params={"limit": 1, "cursor": page["next_cursor"]})).json()
    assert [g["role"] for g in page["items"] + rest["items"]] == ["storekeeper", "inspector"]
    assert (await client_for("identity", people.resident()).get(GRANTS)).json()["items"] == []
    assert (await client_for("identity", strangers.staff(Role.COMMUNITY_ADMIN)).get(GRANTS)).json()["items"] == []


async def test_another_communitys_accounts_and_grants_do_not_exist(
    office: Office, admin: httpx2.AsyncClient, client_for: ClientFor, strangers: People
) -> None:
    colleague = await office.take_on(Role.INSPECTOR)
    (grant,) = (await admin.get(GRANTS)).json()["items"]
    stranger = client_for("identity", strangers.staff(Role.COMMUNITY_ADMIN))
    assert (await give(stranger, colleague.account_id, "assessor")).status_code == 404
    assert (await stranger.post(f"{GRANTS}/{grant['id']}/revocations", json={"reason": "试试"})).status_code == 404


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_give_a_storekeeper_his_keys(
    office: Office, client_for: ClientFor, people: People, role: Role
) -> None:
    colleague = await office.take_on()
    answer = await give(client_for("identity", people.staff(role)), colleague.account_id, "storekeeper")
    assert answer.status_code == (201 if role is Role.COMMUNITY_ADMIN else 403)
    if role is not Role.COMMUNITY_ADMIN:
        assert answer.json()["code"] == "identity.role_not_grantable"


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_take_a_storekeepers_keys(
    office: Office, admin: httpx2.AsyncClient, client_for: ClientFor, people: People, role: Role
) -> None:
    colleague = await office.take_on(Role.STOREKEEPER)
    (grant,) = (await admin.get(GRANTS, params={"account_id": str(colleague.account_id)})).json()["items"]
    path = f"{GRANTS}/{grant['id']}/revocations"
    answer = await client_for("identity", people.staff(role)).post(path, json={"reason": "换届"})
    assert answer.status_code == (201 if role is Role.COMMUNITY_ADMIN else 403)


async def test_nobody_is_given_a_role_who_does_not_exist(admin: httpx2.AsyncClient) -> None:
    answer = await give(admin, new_id(), "assessor")
    assert (answer.status_code, answer.json()["code"]) == (404, "identity.account_not_found")


async def test_nobody_gives_himself_a_role(office: Office, client_for: ClientFor) -> None:
    answer = await give(client_for("identity", office.admin), office.admin.account_id, "grid_worker")
    assert answer.json()["code"] == "identity.role_not_grantable"
    unknown = await client_for("identity", office.admin).post(f"{GRANTS}/{new_id()}/revocations", json={"reason": "x"})
    assert unknown.status_code == 404
