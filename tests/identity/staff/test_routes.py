"""Staff at the door: right and wrong proofs, lock-out, being taken on, resets."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from shared.auth import TokenVerifier
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.principal import Role
from shared.testing.clients import Apps, ClientFor, People
from tests.identity.conftest import Office

SIGN_IN = "/api/v1/identity/staff_sessions"
STAFF = "/api/v1/identity/staff"
OWN = "门前的石榴树开了七朵花"


async def test_a_grid_worker_signs_in_with_a_password(
    office: Office, client_for: ClientFor, verifier: TokenVerifier
) -> None:
    issued = await office.take_on(Role.INSPECTOR)
    answer = await client_for("identity").post(
        SIGN_IN, json={"user_name": f" {issued.user_name.upper()} ", "password": issued.password, "device": "窗口"}
    )
    assert answer.status_code == 201, answer.text
    pair = answer.json()
    assert (pair["token_type"], pair["expires_in"]) == ("Bearer", 900)
    principal = await verifier.verify(pair["access_token"])
    assert principal.account_id == issued.account_id
    assert principal.community_id == office.admin.community_id
    assert principal.has(Role.INSPECTOR)
    assert principal.name == "张三"


async def sign_in(client: httpx2.AsyncClient, issued: Any, **changes: Any) -> httpx2.Response:
    body = {"user_name": issued.user_name, "password": issued.password} | changes
    return await client.post(SIGN_IN, json=body)


async def test_a_role_of_weight_needs_six_digits_that_work_once(office: Office, client_for: ClientFor) -> None:
    issued = await office.take_on(Role.STOREKEEPER)
    client = client_for("identity")
    assert (await sign_in(client, issued)).json()["code"] == "identity.totp_needed"
    assert (await sign_in(client, issued, totp_code="000000")).json()["code"] == "identity.totp_wrong"
    digits = office.digits(issued)
    assert (await sign_in(client, issued, totp_code=digits)).status_code == 201
    assert (await sign_in(client, issued, totp_code=digits)).json()["code"] == "identity.totp_wrong"
    office.clock.advance(timedelta(seconds=30))
    assert (await sign_in(client, issued, totp_code=office.digits(issued))).status_code == 201


async def test_wrong_passwords_lock_the_account_and_time_opens_it(
    office: Office, client_for: ClientFor, clock: FixedClock
) -> None:
    issued = await office.take_on(Role.INSPECTOR)
    client = client_for("identity")
    for _ in range(4):
        assert (await sign_in(client, issued, password="wrong")).json()["code"] == "identity.sign_in_refused"
    locked = await sign_in(client, issued, password="wrong")
    assert (locked.status_code, locked.json()["code"]) == (429, "identity.account_locked")
    assert locked.headers["retry-after"] == "60"
    assert (await sign_in(client, issued)).json()["code"] == "identity.account_locked"
    clock.advance(timedelta(seconds=60))
    assert (await sign_in(client, issued)).status_code == 201
    assert (await sign_in(client, issued, password="wrong")).json()["code"] == "identity.sign_in_refused"


async def test_an_unknown_name_is_refused_like_a_wrong_password(office: Office, client_for: ClientFor) -> None:
    issued = await office.take_on(Role.INSPECTOR)
    unknown = await client_for("identity").post(SIGN_IN, json={"user_name": "nobody.here", "password": "x"})
    wrong = await sign_in(client_for("identity"), issued, password="x")
    elsewhere = await sign_in(client_for("identity"), issued, community_id=str(new_id()))
    told = [{k: v for k, v in a.json().items() if k != "instance"} for a in (unknown, wrong, elsewhere)]
    assert told[0] == told[1] == told[2]
    assert unknown.status_code == wrong.status_code == elsewhere.status_code == 401


async def test_the_same_name_in_two_communities_needs_the_community(
    office: Office, client_for: ClientFor, strangers: People
) -> None:
    body = {"items": [{"user_name": f"wang.{new_id().hex[-8:]}", "name": "王丽"}]}
    communities = [office.admin, strangers.staff(Role.COMMUNITY_ADMIN)]
    passwords = []
    for admin in communities:
        answer = await client_for("identity", admin).post(STAFF, json=body)
        passwords.append(answer.json()["items"][0]["password"])
    name = body["items"][0]["user_name"]
    client = client_for("identity")
    unclear = await client.post(SIGN_IN, json={"user_name": name, "password": passwords[0]})
    assert unclear.json()["code"] == "identity.community_needed"
    for admin, password in zip(communities, passwords, strict=True):
        proof = {"user_name": name, "password": password, "new_password": OWN, "community_id": str(admin.community_id)}
        answer = await client.post(SIGN_IN, json=proof)
        assert answer.json()["community_id"] == str(admin.community_id)


async def test_staff_are_taken_on_all_or_none(office: Office, client_for: ClientFor) -> None:
    client = client_for("identity", office.admin)
    good = {"user_name": "li.si", "name": "李四", "roles": [{"role": "storekeeper", "scope_kind": "community"}]}
    twice = await client.post(STAFF, json={"items": [good, {**good, "user_name": "LI.SI"}]})
    assert (twice.status_code, twice.json()["code"]) == (409, "identity.user_name_taken")
    clash = {**good, "roles": [*good["roles"], {"role": "assessor", "scope_kind": "community"}]}
    separate = await client.post(STAFF, json={"items": [{**good, "user_name": "first"}, clash]})
    assert (separate.status_code, separate.json()["code"]) == (409, "identity.separation_of_duties")
    weak = await client.post(STAFF, json={"items": [{**good, "password": "li.si-2026"}]})
    assert weak.json()["code"] == "identity.password_too_weak"
    assert (await client.get(STAFF)).json()["items"] == []
    made = await client.post(STAFF, json={"items": [good]})
    assert made.status_code == 201
    (told,) = made.json()["items"]
    assert told["totp_uri"].startswith("otpauth://totp/")
    (listed,) = (await client.get(STAFF)).json()["items"]
    assert (listed["user_name"], listed["status"], listed["must_change_password"]) == ("li.si", "active", True)
    assert "password" not in listed
    again = await client.post(STAFF, json={"items": [good]})
    assert again.json()["code"] == "identity.user_name_taken"


async def test_secrets_are_written_down_nowhere(
    office: Office, client_for: ClientFor, apps: Apps, people: People
) -> None:
    admin = client_for("identity", office.admin)
    key = {"Idempotency-Key": "take-on-1"}
    body = {"items": [{"user_name": "li.si", "name": "李四"}]}
    answers = [await admin.post(STAFF, json=body, headers=key) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 409]
    (told,) = answers[0].json()["items"]
    reset = f"{STAFF}/{told['account_id']}/password_resets"
    another = {"Idempotency-Key": "reset-1"}
    resets = [await admin.post(reset, json={"reason": "丢了"}, headers=another) for _ in range(2)]
    assert [a.status_code for a in resets] == [201, 409]
    assert resets[1].json()["code"] == "identity.secret_shown_once"
    kept = []
    async with apps.runtime("identity").database.worker.connect() as connection:
        tables = await connection.execute(
            text(
                "SELECT table_name FROM information_schema.columns WHERE table_schema = 'identity' AND column_name = 'community_id'"
            )
        )
        for (table,) in tables.all():
            query = text(f"SELECT t::text FROM identity.{table} t WHERE community_id = :id")
            kept += [row for (row,) in await connection.execute(query, {"id": people.community_id})]
    secrets = {told[name] for name in ("password", "totp_secret")} | {resets[0].json()["password"]}
    assert kept
    # A stored body shows as hexadecimal digits.
    assert [row for row in kept for secret in secrets if secret in row or secret.encode().hex() in row] == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COMMUNITY_ADMIN])
async def test_only_the_administrator_takes_on_staff(people: People, client_for: ClientFor, role: Role) -> None:
    answer = await client_for("identity", people.staff(role)).post(
        STAFF, json={"items": [{"user_name": "li.si", "name": "李四"}]}
    )
    assert answer.status_code == 403


async def test_a_new_password_ends_every_other_login(
    office: Office, client_for: ClientFor, verifier: TokenVerifier
) -> None:
    issued = await office.take_on(Role.INSPECTOR)
    visitor = client_for("identity")
    first = (await sign_in(visitor, issued)).json()
    second = (await sign_in(visitor, issued)).json()
    client = client_for("identity", await verifier.verify(second["access_token"]))
    new = "门前石榴树下七朵花开了"
    refused = await client.put("/api/v1/identity/me/password", json={"present": "guess", "new": new})
    assert (refused.status_code, refused.json()["code"]) == (403, "identity.password_wrong")
    change = {"present": issued.password, "new": new, "session_id": second["session_id"]}
    assert (await client.put("/api/v1/identity/me/password", json=change)).status_code == 204
    refreshes = "/api/v1/identity/refreshes"
    assert (await visitor.post(refreshes, json={"refresh_token": first["refresh_token"]})).status_code == 401
    assert (await visitor.post(refreshes, json={"refresh_token": second["refresh_token"]})).status_code == 201
    assert (await sign_in(visitor, issued)).status_code == 401
    assert (await sign_in(visitor, issued, password=new)).status_code == 201


async def test_the_same_password_is_not_a_new_one(
    office: Office, client_for: ClientFor, verifier: TokenVerifier
) -> None:
    issued = await office.take_on(Role.INSPECTOR)
    pair = (await sign_in(client_for("identity"), issued)).json()
    client = client_for("identity", await verifier.verify(pair["access_token"]))
    change = {"present": issued.password, "new": issued.password}
    answer = await client.put("/api/v1/identity/me/password", json=change)
    assert (answer.status_code, answer.json()["code"]) == (422, "identity.password_too_weak")
    assert "不能和原来的密码一样" in answer.json()["detail"]


async def test_nobody_gets_in_with_the_password_that_was_handed_out(
    office: Office, client_for: ClientFor, verifier: TokenVerifier
) -> None:
    issued = await office.take_on(Role.STOREKEEPER, is_password_chosen=False)
    client = client_for("identity")
    refused = await sign_in(client, issued, totp_code=office.digits(issued))
    assert (refused.status_code, refused.json()["code"]) == (403, "identity.password_change_needed")
    assert "access_token" not in refused.text
    assert "refresh_token" not in refused.text
    for bad in (issued.password, f"-{issued.user_name}-", "short"):
        weak = await sign_in(client, issued, totp_code=office.digits(issued), new_password=bad)
        assert (weak.status_code, weak.json()["code"]) == (422, "identity.password_too_weak")
    # Neither refusal has used up the digits: the same ones are sent again with the new password.
    answer = await sign_in(client, issued, totp_code=office.digits(issued), new_password=OWN)
    assert answer.status_code == 201, answer.text
    assert (await verifier.verify(answer.json()["access_token"])).has(Role.STOREKEEPER)
    refreshed = await client.post("/api/v1/identity/refreshes", json={"refresh_token": answer.json()["refresh_token"]})
    assert refreshed.status_code == 201
    listed = (await client_for("identity", office.admin).get(STAFF)).json()["items"]
    assert [member["must_change_password"] for member in listed] == [False]
    office.clock.advance(timedelta(seconds=30))
    assert (await sign_in(client, issued, totp_code=office.digits(issued))).json()["code"] == "identity.sign_in_refused"
    assert (await sign_in(client, issued, password=OWN, totp_code=office.digits(issued))).status_code == 201


async def test_a_new_password_needs_every_proof_of_a_sign_in(office: Office, client_for: ClientFor) -> None:
    issued = await office.take_on(Role.STOREKEEPER, is_password_chosen=False)
    client = client_for("identity")
    for changes, code in (
        ({"password": "wrong", "totp_code": office.digits(issued)}, "identity.sign_in_refused"),
        ({}, "identity.totp_needed"),
        ({"totp_code": "000000"}, "identity.totp_wrong"),
    ):
        answer = await sign_in(client, issued, new_password=OWN, **changes)
        assert (answer.status_code, answer.json()["code"]) == (401, code)
    answer = await sign_in(client, issued, totp_code=office.digits(issued))
    assert answer.json()["code"] == "identity.password_change_needed", "it is still the old one"


async def test_a_reset_ends_every_login_and_asks_for_a_password_of_ones_own(
    office: Office, client_for: ClientFor
) -> None:
    issued = await office.take_on(Role.INSPECTOR)
    visitor, admin = client_for("identity"), client_for("identity", office.admin)
    pair = (await sign_in(visitor, issued)).json()
    reset = await admin.post(f"{STAFF}/{issued.account_id}/password_resets", json={"reason": "手机丢失"})
    handed_out = reset.json()["password"]
    refreshed = await visitor.post("/api/v1/identity/refreshes", json={"refresh_token": pair["refresh_token"]})
    assert refreshed.status_code == 401
    refused = await sign_in(visitor, issued, password=handed_out)
    assert (refused.status_code, refused.json()["code"]) == (403, "identity.password_change_needed")
    assert (await sign_in(visitor, issued, password=handed_out, new_password=OWN)).status_code == 201


async def test_a_password_changed_at_the_door_ends_earlier_logins(office: Office, client_for: ClientFor) -> None:
    issued = await office.take_on(Role.INSPECTOR)
    visitor = client_for("identity")
    first = (await sign_in(visitor, issued)).json()
    second = (await sign_in(visitor, issued, new_password=OWN)).json()
    answers = [
        await visitor.post("/api/v1/identity/refreshes", json={"refresh_token": pair["refresh_token"]})
        for pair in (first, second)
    ]
    assert [answer.status_code for answer in answers] == [401, 201]


async def test_a_reset_gives_new_secrets_and_forgives(office: Office, client_for: ClientFor) -> None:
    issued = await office.take_on(Role.STOREKEEPER)
    visitor, admin = client_for("identity"), client_for("identity", office.admin)
    for _ in range(5):
        await sign_in(visitor, issued, password="wrong")
    reset = await admin.post(f"{STAFF}/{issued.account_id}/password_resets", json={"reason": "手机丢失"})
    assert reset.status_code == 201
    assert reset.json()["totp_secret"] != issued.totp_secret
    assert (await sign_in(visitor, issued)).json()["code"] == "identity.sign_in_refused"
    assert (await sign_in(visitor, issued, password=reset.json()["password"])).json()["code"] == "identity.totp_needed"


async def test_a_suspended_colleague_stays_outside(
    office: Office, client_for: ClientFor, verifier: TokenVerifier
) -> None:
    issued = await office.take_on(Role.INSPECTOR)
    visitor, admin = client_for("identity"), client_for("identity", office.admin)
    pair = (await sign_in(visitor, issued)).json()
    path = f"{STAFF}/{issued.account_id}/suspension"
    assert (await admin.put(path, json={"is_suspended": True, "reason": "离职"})).status_code == 204
    refreshed = await visitor.post("/api/v1/identity/refreshes", json={"refresh_token": pair["refresh_token"]})
    assert refreshed.status_code == 401
    assert (await sign_in(visitor, issued)).json()["code"] == "identity.account_suspended"
    assert (await sign_in(visitor, issued, password="wrong")).json()["code"] == "identity.sign_in_refused"
    assert (await admin.put(path, json={"is_suspended": False, "reason": "回来了"})).status_code == 204
    assert (await sign_in(visitor, issued)).status_code == 201
    own = await admin.put(
        f"{STAFF}/{office.admin.account_id}/suspension", json={"is_suspended": True, "reason": "试试"}
    )
    assert own.status_code == 403


async def test_another_communitys_staff_do_not_exist(office: Office, client_for: ClientFor, strangers: People) -> None:
    issued = await office.take_on(Role.INSPECTOR)
    stranger = client_for("identity", strangers.staff(Role.COMMUNITY_ADMIN))
    assert (await stranger.get(STAFF)).json()["items"] == []
    for answer in (
        await stranger.post(f"{STAFF}/{issued.account_id}/password_resets", json={"reason": "试试"}),
        await stranger.put(f"{STAFF}/{issued.account_id}/suspension", json={"is_suspended": True, "reason": "试试"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "identity.account_not_found")
