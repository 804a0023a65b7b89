"""Log-ins over HTTP: rotation, reuse, listing, ending, and who am I."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from shared.auth import TokenExpiredError, TokenVerifier
from shared.kernel.clock import FixedClock
from shared.kernel.principal import Role
from shared.testing.clients import Apps, ClientFor, People
from tests.identity.conftest import Home, Office, Person, SettleIn

REFRESHES = "/api/v1/identity/refreshes"
SESSIONS = "/api/v1/identity/sessions"


async def sign_in(client: httpx2.AsyncClient, office: Office, *roles: Role, **extra: Any) -> dict[str, Any]:
    issued = await office.take_on(*(roles or (Role.INSPECTOR,)))
    body = {"user_name": issued.user_name, "password": issued.password, "totp_code": office.digits(issued), **extra}
    answer = await client.post("/api/v1/identity/staff_sessions", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def refresh(client: httpx2.AsyncClient, pair: dict[str, Any]) -> httpx2.Response:
    return await client.post(REFRESHES, json={"refresh_token": pair["refresh_token"]})


async def test_each_refresh_gives_the_next_pair(
    office: Office, client_for: ClientFor, verifier: TokenVerifier, clock: FixedClock
) -> None:
    client = client_for("identity")
    first = await sign_in(client, office)
    clock.advance(timedelta(minutes=14))
    second = (await refresh(client, first)).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["session_id"] == first["session_id"]
    assert (await verifier.verify(second["access_token"])).has(Role.INSPECTOR)
    clock.advance(timedelta(minutes=14))
    assert (await refresh(client, second)).status_code == 201


async def test_a_lost_answer_is_given_again(office: Office, client_for: ClientFor, clock: FixedClock) -> None:
    client = client_for("identity")
    first = await sign_in(client, office)
    answers = [await refresh(client, first) for _ in range(3)]
    assert {a.json()["refresh_token"] for a in answers} == {answers[0].json()["refresh_token"]}
    clock.advance(timedelta(seconds=15))
    assert (await refresh(client, first)).status_code == 201


async def test_a_copied_token_ends_the_whole_login(office: Office, client_for: ClientFor, clock: FixedClock) -> None:
    client = client_for("identity")
    stolen = await sign_in(client, office)
    owner = (await refresh(client, stolen)).json()
    clock.advance(timedelta(seconds=16))
    thief = await refresh(client, stolen)
    assert (thief.status_code, thief.json()["code"]) == (401, "identity.refresh_reused")
    after = await refresh(client, owner)
    assert (after.status_code, after.json()["code"]) == (401, "identity.refresh_refused")


async def test_parallel_refreshes_give_one_next_token(office: Office, client_for: ClientFor) -> None:
    client = client_for("identity")
    first = await sign_in(client, office)
    answers = await asyncio.gather(*(refresh(client, first) for _ in range(8)))
    assert [a.status_code for a in answers] == [201] * 8
    assert len({a.json()["refresh_token"] for a in answers}) == 1


async def give(client: httpx2.AsyncClient, account_id: object, role: Role, **extra: str) -> str:
    body = {"account_id": str(account_id), "role": role, "scope_kind": "community"} | extra
    given = await client.post("/api/v1/identity/role_grants", json=body)
    assert given.status_code == 201, given.text
    return str(given.json()["id"])


async def test_a_role_of_weight_given_meanwhile_waits_for_six_digits(
    office: Office, client_for: ClientFor, verifier: TokenVerifier, clock: FixedClock
) -> None:
    client, admin = client_for("identity"), client_for("identity", office.admin)
    issued = await office.take_on(Role.INSPECTOR)
    proof = {"user_name": issued.user_name, "password": issued.password}
    pair = (await client.post("/api/v1/identity/staff_sessions", json=proof)).json()
    grant = await give(admin, issued.account_id, Role.COMMITTEE_MEMBER)
    for _ in range(2):
        answer = await refresh(client, pair)
        assert (answer.status_code, answer.json()["code"]) == (401, "identity.second_proof_needed")
    await admin.post(f"/api/v1/identity/role_grants/{grant}/revocations", json={"reason": "换人"})
    pair = (await refresh(client, pair)).json()
    assert pair["access_token"], "without the role nothing more is asked"

    await give(admin, issued.account_id, Role.COMMITTEE_MEMBER, from_on="2026-05-12")
    pair = (await refresh(client, pair)).json()
    clock.advance(timedelta(hours=11))
    pair = (await refresh(client, pair)).json()
    clock.advance(timedelta(hours=5))
    answer = await refresh(client, pair)
    assert answer.json()["code"] == "identity.second_proof_needed", "it began at midnight"

    signed_in = await client.post("/api/v1/identity/staff_sessions", json=proof | {"totp_code": office.digits(issued)})
    proven = await refresh(client, signed_in.json())
    assert (await verifier.verify(proven.json()["access_token"])).has(Role.COMMITTEE_MEMBER)


@pytest.mark.parametrize(
    "token",
    ["x" * 20, "A" * 91, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],
)
async def test_a_made_up_token_is_refused(client_for: ClientFor, token: str) -> None:
    answer = await client_for("identity").post(REFRESHES, json={"refresh_token": token})
    assert (answer.status_code, answer.json()["code"]) == (401, "identity.refresh_refused")


async def test_a_forged_generation_does_not_end_a_login(office: Office, client_for: ClientFor) -> None:
    client = client_for("identity")
    pair = await sign_in(client, office)
    forged = pair["refresh_token"][:-6] + "AAAAAA"
    assert (await client.post(REFRESHES, json={"refresh_token": forged})).status_code == 401
    assert (await refresh(client, pair)).status_code == 201


async def test_staff_are_signed_out_after_half_a_day(office: Office, client_for: ClientFor, clock: FixedClock) -> None:
    client = client_for("identity")
    pair = await sign_in(client, office)
    clock.advance(timedelta(hours=12) - timedelta(seconds=1))
    pair = (await refresh(client, pair)).json()
    clock.advance(timedelta(hours=12))
    assert (await refresh(client, pair)).status_code == 401


async def test_an_access_token_runs_out(
    office: Office, client_for: ClientFor, verifier: TokenVerifier, clock: FixedClock
) -> None:
    pair = await sign_in(client_for("identity"), office)
    await verifier.verify(pair["access_token"])
    clock.advance(timedelta(minutes=15, seconds=6))
    with pytest.raises(TokenExpiredError):
        await verifier.verify(pair["access_token"])


async def test_logins_are_listed_and_ended_by_their_owner(
    office: Office, client_for: ClientFor, verifier: TokenVerifier, clock: FixedClock
) -> None:
    visitor = client_for("identity")
    issued = await office.take_on(Role.INSPECTOR)
    pairs = []
    for device in ("窗口一", "窗口二", "窗口三"):
        clock.advance(timedelta(seconds=1))
        body = {"user_name": issued.user_name, "password": issued.password, "device": device}
        pairs.append((await visitor.post("/api/v1/identity/staff_sessions", json=body)).json())
    own = client_for("identity", await verifier.verify(pairs[0]["access_token"]))
    page = await own.get(SESSIONS, params={"limit": 2})
    assert [s["device"] for s in page.json()["items"]] == ["窗口三", "窗口二"]
    rest = await own.get(SESSIONS, params={"limit": 2, "cursor": page.json()["next_cursor"]})
    assert [s["device"] for s in rest.json()["items"]] == ["窗口一"]
    path = f"{SESSIONS}/{pairs[2]['session_id']}"
    other = await sign_in(visitor, office)
    stranger = client_for("identity", await verifier.verify(other["access_token"]))
    assert (await stranger.delete(path)).status_code == 404
    assert (await own.delete(path)).status_code == 204
    assert (await own.delete(path)).status_code == 204
    assert (await refresh(visitor, pairs[2])).status_code == 401
    assert (await refresh(visitor, pairs[1])).status_code == 201


async def test_me_tells_what_counts_today(
    office: Office, client_for: ClientFor, verifier: TokenVerifier, settle: SettleIn
) -> None:
    home: Home = await settle(
        office.admin.community_id, Person("孙一", "householder"), Person("孙二", is_representative=True)
    )
    issued = await office.take_on(Role.INSPECTOR, resident_id=home.resident_ids[1])
    body = {"user_name": issued.user_name, "password": issued.password}
    pair = (await client_for("identity").post("/api/v1/identity/staff_sessions", json=body)).json()
    principal = await verifier.verify(pair["access_token"])
    me = (await client_for("identity", principal).get("/api/v1/identity/me")).json()
    assert (me["kind"], me["name"]) == ("staff", "张三")
    assert (me["household_id"], me["resident_id"]) == (str(home.household_id), str(home.resident_ids[1]))
    assert [role["role"] for role in me["roles"]] == ["inspector", "representative", "resident"]
    assert me["missing_consents"] == []


async def test_a_system_sees_its_scopes(client_for: ClientFor, people: People) -> None:
    me = (await client_for("identity", people.client("points:read")).get("/api/v1/identity/me")).json()
    assert (me["kind"], me["scopes"], me["roles"]) == ("client", ["points:read"], [])


async def test_everything_but_the_doors_needs_a_token(apps: Apps, client_for: ClientFor) -> None:
    doors = {
        ("post", "/api/v1/identity/staff_sessions"),
        ("post", "/api/v1/identity/wechat_sessions"),
        ("post", "/api/v1/identity/bindings"),
        ("post", "/api/v1/identity/refreshes"),
        ("post", "/api/v1/identity/oauth/token"),
        ("get", "/api/v1/identity/.well-known/jwks.json"),
    }
    mine = ("staff", "me", "sessions", "role_grants", "clients", "consent", "audit_lines", "card_codes", "unbindings")
    client = client_for("identity")
    tried = 0
    for path, operations in apps.app("identity").openapi()["paths"].items():
        for method in operations:
            if (method, path) in doors or not any(part in path for part in mine):
                continue
            url = path
            for name in ("account_id", "session_id", "grant_id", "client_id", "household_id", "resident_id"):
                url = url.replace(f"{{{name}}}", "00000000-0000-7000-8000-000000000000")
            answer = await client.request(method, url.replace("{kind}", "privacy_policy"))
            assert answer.status_code == 401, (method, path, answer.text)
            tried += 1
    assert tried >= 20
