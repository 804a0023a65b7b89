"""Who may open which door: every role at every route, and nobody at another community's."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from services.identity.bindings.usecases import issue_code
from services.identity.clients.usecases import register_client
from services.identity.roles.usecases import grant_role
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.testing.clients import Apps, ClientFor, People
from shared.testing.factories import WorkIn
from tests.identity.conftest import Office, SettleIn

API = "/api/v1/identity"
OVERSEERS = {Role.SUPERVISOR, Role.BRANCH_SECRETARY, Role.TOWNSHIP_OFFICER, Role.DISTRICT_OFFICER}
ADMIN = {Role.COMMUNITY_ADMIN}
EVERYBODY = set(Role)
REASON = {"reason": "测试"}


@dataclass(frozen=True)
class Things:
    """One of each thing a path can name."""

    account_id: UUID
    session_id: UUID
    grant_id: UUID
    client_id: UUID
    household_id: UUID
    resident_id: UUID

    def path(self, template: str) -> str:
        return API + template.format(**{name: getattr(self, name) for name in self.__dataclass_fields__})


@dataclass(frozen=True)
class Door:
    """A route and the roles that come further than 403 with community-wide scope."""

    method: str
    path: str
    roles: set[Role]
    body: dict[str, Any] | None = field(default=None)


DOORS = [
    Door("GET", "/staff", {Role.COMMUNITY_ADMIN, Role.BRANCH_SECRETARY, Role.SUPERVISOR, Role.PROPERTY_MANAGER}),
    Door("POST", "/staff", ADMIN, {"items": [{"user_name": "new.one", "name": "新人"}]}),
    Door("POST", "/staff/{account_id}/password_resets", ADMIN, REASON),
    Door("PUT", "/staff/{account_id}/suspension", ADMIN, {"is_suspended": False, **REASON}),
    Door("GET", "/role_grants", EVERYBODY),
    Door("GET", "/clients", {Role.COMMUNITY_ADMIN, Role.SUPERVISOR}),
    Door("POST", "/clients", ADMIN, {"name": "x", "scopes": ["points:read"]}),
    Door("POST", "/clients/{client_id}/secrets", ADMIN),
    Door("DELETE", "/clients/{client_id}", ADMIN),
    Door("GET", "/consent_documents", EVERYBODY),
    Door("POST", "/consent_documents", ADMIN, {"kind": "privacy_policy", "title": "x", "body": "x"}),
    Door("GET", "/consents", EVERYBODY),
    Door("GET", "/sessions", EVERYBODY),
    Door("GET", "/audit_lines", OVERSEERS),
    Door("GET", "/audit_lines/check", OVERSEERS),
    Door("POST", "/households/{household_id}/card_codes", ADMIN | {Role.GRID_WORKER}, {}),
    Door("POST", "/residents/{resident_id}/unbindings", ADMIN | {Role.GRID_WORKER}, REASON),
]


@pytest.fixture
async def things(apps: Apps, office: Office, settle: SettleIn, work_in: WorkIn, client_for: ClientFor) -> Things:
    home = await settle(office.admin.community_id)
    issued = await office.take_on()
    body = {"user_name": issued.user_name, "password": issued.password}
    pair = (await client_for("identity").post(f"{API}/staff_sessions", json=body)).json()
    async with work_in("identity", office.admin.community_id) as uow:
        grant = await grant_role(
            uow=uow,
            principal=office.admin,
            account_id=issued.account_id,
            role=Role.STOREKEEPER,
            scope_kind=ScopeKind.COMMUNITY,
            scope_id="",
        )
        client = await register_client(uow=uow, principal=office.admin, name="x", scopes=["points:read"])
        await issue_code(
            uow=uow,
            principal=office.admin,
            cipher=apps.runtime("identity").cipher,
            household_id=home.household_id,
            resident_id=None,
        )
    return Things(
        account_id=issued.account_id,
        session_id=UUID(pair["session_id"]),
        grant_id=grant.id,
        client_id=client.client.id,
        household_id=home.household_id,
        resident_id=home.resident_ids[0],
    )


async def test_every_role_at_every_door(things: Things, client_for: ClientFor, people: People) -> None:
    wrong = []
    for role in Role:
        client = client_for("identity", people.staff(role))
        for door in DOORS:
            if door.method == "DELETE" and role in door.roles:
                continue  # It would take the thing from the roles that come after; another test opens this door.
            answer = await client.request(door.method, things.path(door.path), json=door.body)
            is_open = answer.status_code != 403
            # A resident without WeChat has nothing to untie: that is said beyond the door.
            if is_open != (role in door.roles) or answer.status_code >= 500:
                wrong.append(f"{role} {door.method} {door.path}: {answer.status_code} {answer.text[:200]}")
    assert wrong == []


async def test_other_systems_pass_no_door_of_people(things: Things, client_for: ClientFor, people: People) -> None:
    system = client_for("identity", people.client("identity:read", "identity:write"))
    for door in DOORS:
        if door.roles != EVERYBODY:
            answer = await system.request(door.method, things.path(door.path), json=door.body)
            assert answer.status_code == 403, (door, answer.text)


async def test_nothing_of_another_community_can_be_reached(
    things: Things, client_for: ClientFor, strangers: People
) -> None:
    by_name = ["{account_id}", "{session_id}", "{grant_id}", "{client_id}", "{household_id}", "{resident_id}"]
    own = [
        Door("DELETE", "/sessions/{session_id}", EVERYBODY),
        Door("POST", "/role_grants/{grant_id}/revocations", ADMIN, REASON),
    ]
    tried = 0
    for door in DOORS + own:
        if not any(name in door.path for name in by_name):
            continue
        stranger: Principal = strangers.staff(*(Role.COMMUNITY_ADMIN, Role.GRID_WORKER, Role.DISTRICT_OFFICER))
        answer = await client_for("identity", stranger).request(door.method, things.path(door.path), json=door.body)
        assert answer.status_code == 404, (door, answer.text)
        tried += 1
    assert tried >= 8


async def test_every_route_is_at_a_door_of_this_table(apps: Apps) -> None:
    elsewhere = {
        # Doors without a token, and those that only ever open for the caller's own things.
        ("POST", "/staff_sessions"),
        ("POST", "/wechat_sessions"),
        ("POST", "/bindings"),
        ("POST", "/refreshes"),
        ("POST", "/oauth/token"),
        ("GET", "/.well-known/jwks.json"),
        ("GET", "/me"),
        ("DELETE", "/me"),
        ("PUT", "/me/password"),
        ("DELETE", "/sessions/{session_id}"),
        ("POST", "/consents"),
        ("DELETE", "/consents/{kind}"),
        # Whom they let in depends on the role that is given or taken; see the tests of roles.
        ("POST", "/role_grants"),
        ("POST", "/role_grants/{grant_id}/revocations"),
    }
    tags = {"登录", "工作人员", "居民登录", "职务", "接入系统", "授权同意", "审计"}
    found = {
        (method.upper(), path.removeprefix(API))
        for path, operations in apps.app("identity").openapi()["paths"].items()
        for method, operation in operations.items()
        if tags & set(operation.get("tags", []))
    }
    assert found == {(door.method, door.path) for door in DOORS} | elsewhere
