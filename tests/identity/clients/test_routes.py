"""Other systems: let in, given tokens, given new secrets, shut out."""

import base64
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from services.identity.clients.domain import spell_client_id
from shared.auth import TokenVerifier
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.principal import AccountKind, Role
from shared.testing.clients import ClientFor, People

TOKEN = "/api/v1/identity/oauth/token"
CLIENTS = "/api/v1/identity/clients"
SCOPES = ["points:read", "property:write"]


@pytest.fixture
def admin(client_for: ClientFor, people: People) -> httpx2.AsyncClient:
    return client_for("identity", people.staff(Role.COMMUNITY_ADMIN))


@pytest.fixture
async def registered(admin: httpx2.AsyncClient) -> dict[str, Any]:
    answer = await admin.post(CLIENTS, json={"name": "区政务服务平台", "scopes": SCOPES})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def ask(client: httpx2.AsyncClient, registered: dict[str, Any], **changes: str) -> httpx2.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": registered["client_id"],
        "client_secret": registered["client_secret"],
    }
    return await client.post(TOKEN, data=form | changes)


@pytest.mark.parametrize(("scope", "granted"), [("", "points:read property:write"), ("points:read", "points:read")])
async def test_a_system_gets_a_token_with_its_scopes(
    client_for: ClientFor,
    registered: dict[str, Any],
    verifier: TokenVerifier,
    people: People,
    scope: str,
    granted: str,
) -> None:
    answer = await ask(client_for("identity"), registered, scope=scope)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 900, granted)
    principal = await verifier.verify(told["access_token"])
    assert (principal.kind, principal.community_id) == (AccountKind.CLIENT, people.community_id)
    assert principal.scopes == frozenset(granted.split())
    assert principal.roles == frozenset()


async def test_http_basic_works_as_well(client_for: ClientFor, registered: dict[str, Any]) -> None:
    pair = f"{registered['client_id']}:{registered['client_secret']}"
    header = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    client = client_for("identity")
    good = await client.post(TOKEN, data={"grant_type": "client_credentials"}, headers=header)
    assert good.status_code == 200
    bad = await client.post(TOKEN, data={"grant_type": "client_credentials"}, headers={"Authorization": "Basic ???"})
    assert bad.status_code == 401


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "dys_wrong"}, 401, "invalid_client"),
        ({"client_id": "dyc_nonsense"}, 401, "invalid_client"),
        ({"client_id": ""}, 401, "invalid_client"),
        ({"grant_type": "password"}, 422, "unsupported_grant_type"),
        ({"scope": "points:write"}, 403, "invalid_scope"),
    ],
)
async def test_refusals_speak_both_languages(
    client_for: ClientFor, registered: dict[str, Any], changes: dict[str, str], status: int, error: str
) -> None:
    answer = await ask(client_for("identity"), registered, **changes)
    assert answer.status_code == status
    assert answer.json()["error"] == error
    assert answer.json()["code"].startswith("identity.")


async def test_a_rotation_overlaps_for_seven_days(
    client_for: ClientFor, admin: httpx2.AsyncClient, registered: dict[str, Any], clock: FixedClock
) -> None:
    client = client_for("identity")
    rotated = await admin.post(f"{CLIENTS}/{registered['id']}/secrets")
    assert rotated.status_code == 201
    newer = rotated.json()
    assert newer["client_id"] == registered["client_id"]
    assert registered["old_secret_until"] is None
    assert newer["old_secret_until"] is not None
    assert (await ask(client, registered)).status_code == 200
    assert (await ask(client, newer)).status_code == 200
    clock.advance(timedelta(days=7))
    assert (await ask(client, registered)).status_code == 401
    assert (await ask(client, newer)).status_code == 200


async def test_a_system_is_shut_out(
    client_for: ClientFor, admin: httpx2.AsyncClient, registered: dict[str, Any]
) -> None:
    assert (await admin.delete(f"{CLIENTS}/{registered['id']}")).status_code == 204
    assert (await ask(client_for("identity"), registered)).status_code == 401
    assert (await admin.delete(f"{CLIENTS}/{registered['id']}")).status_code == 404
    assert (await admin.post(f"{CLIENTS}/{registered['id']}/secrets")).status_code == 404
    (listed,) = (await admin.get(CLIENTS)).json()["items"]
    assert listed["disabled_at"] is not None
    assert "client_secret" not in listed


async def test_only_scopes_that_exist(admin: httpx2.AsyncClient) -> None:
    answer = await admin.post(CLIENTS, json={"name": "x", "scopes": ["points:everything"]})
    assert answer.json()["code"] == "identity.scope_unknown"


async def test_who_may_keep_clients(
    client_for: ClientFor, people: People, strangers: People, registered: dict[str, Any]
) -> None:
    body = {"name": "x", "scopes": ["points:read"]}
    path = f"{CLIENTS}/{registered['id']}"
    for principal, status in (
        (people.staff(Role.SUPERVISOR), 403),
        (people.staff(Role.PROPERTY_MANAGER), 403),
        (people.resident(), 403),
        (people.client("identity:write"), 403),
        (strangers.staff(Role.COMMUNITY_ADMIN), 404),
    ):
        client = client_for("identity", principal)
        created = await client.post(CLIENTS, json=body)
        assert created.status_code == (201 if status == 404 else 403)
        assert (await client.post(f"{path}/secrets")).status_code == status
        assert (await client.delete(path)).status_code == status
    supervisor = client_for("identity", people.staff(Role.SUPERVISOR))
    assert len((await supervisor.get(CLIENTS)).json()["items"]) == 1
    assert (await client_for("identity", people.resident()).get(CLIENTS)).status_code == 403


async def test_a_client_of_nowhere_is_refused(client_for: ClientFor, registered: dict[str, Any]) -> None:
    elsewhere = spell_client_id(new_id(), new_id())
    assert (await ask(client_for("identity"), registered, client_id=elsewhere)).status_code == 401
