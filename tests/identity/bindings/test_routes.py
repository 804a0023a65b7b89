"""Residents coming in by WeChat: bound by card, by telephone, at the desk; and everything that can go wrong."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from launcher.wechat_local import LocalWechat
from services.identity.bindings.card_codes import print_card_code
from services.identity.bindings.usecases import issue_card_codes
from services.identity.roles.separation import TOTP_ROLES
from services.identity.roles.usecases import install_role
from shared.auth import TokenVerifier
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind
from shared.testing.clients import Apps, ClientFor, People
from shared.testing.factories import WorkIn
from tests.identity.conftest import Home, Office, Person, SettleIn

SESSIONS = "/api/v1/identity/wechat_sessions"
BINDINGS = "/api/v1/identity/bindings"


async def open_app(client: httpx2.AsyncClient, wechat: LocalWechat, openid: str, **extra: Any) -> dict[str, Any]:
    answer = await client.post(SESSIONS, json={"code": wechat.mint_login_code(openid), **extra})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def card_of(apps: Apps, work_in: WorkIn, home: Home) -> str:
    async with work_in("identity", home.community_id) as uow:
        cipher = apps.runtime("identity").cipher
        codes = await issue_card_codes(uow=uow, cipher=cipher, household_ids=[home.household_id], issued_by=new_id())
    return codes[home.household_id]


@pytest.fixture
async def home(settle: SettleIn, people: People) -> Home:
    return await settle(people.community_id)


@pytest.fixture
async def card(apps: Apps, work_in: WorkIn, home: Home) -> str:
    return await card_of(apps, work_in, home)


async def test_a_householder_is_bound_by_the_card_and_comes_in_next_time(
    client_for: ClientFor, wechat: LocalWechat, home: Home, card: str, verifier: TokenVerifier, facts_of: Any
) -> None:
    client, openid = client_for("identity"), f"openid-{new_id()}"
    first = await open_app(client, wechat, openid)
    assert (first["state"], first["tokens"], first["expires_in"]) == ("unbound", None, 1800)
    proof = {"binding_token": first["binding_token"], "card_code": print_card_code(card)}
    bound = await client.post(BINDINGS, json=proof)
    assert bound.status_code == 201, bound.text
    principal = await verifier.verify(bound.json()["access_token"])
    assert (principal.kind, principal.name) == (AccountKind.RESIDENT, "王**")
    assert (principal.household_id, principal.resident_id) == (home.household_id, home.resident_ids[0])
    assert {grant.role for grant in principal.roles} == {Role.RESIDENT, Role.HOUSEHOLDER}
    (told,) = await facts_of("identity", home.community_id)
    assert (told.event_type, told.kind, told.wechat_openid) == ("identity.account_bound", "resident", openid)
    assert (told.account_id, told.household_id) == (principal.account_id, home.household_id)
    again = await open_app(client, wechat, openid, device="HUAWEI P30")
    assert again["state"] == "signed_in"
    assert again["tokens"]["account_id"] == bound.json()["account_id"]
    assert again["tokens"]["session_id"] != bound.json()["session_id"]


async def test_a_lost_answer_is_asked_for_again_with_the_same_card(
    client_for: ClientFor, wechat: LocalWechat, card: str
) -> None:
    client = client_for("identity")
    first = await open_app(client, wechat, f"openid-{new_id()}")
    proof = {"binding_token": first["binding_token"], "card_code": card}
    answers = [await client.post(BINDINGS, json=proof) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].json()["account_id"] == answers[1].json()["account_id"]


async def test_a_card_works_for_one_person_only(client_for: ClientFor, wechat: LocalWechat, card: str) -> None:
    client = client_for("identity")
    for expected in (201, 410):
        first = await open_app(client, wechat, f"openid-{new_id()}")
        answer = await client.post(BINDINGS, json={"binding_token": first["binding_token"], "card_code": card})
        assert answer.status_code == expected, answer.text
    assert answer.json()["code"] == "identity.card_code_spent"


@pytest.mark.parametrize(
    ("name", "code"),
    [("王小明", None), (" 王 小明 ", None), ("李四", "identity.member_unknown"), (None, None)],
)
async def test_the_name_chooses_the_member(
    client_for: ClientFor,
    wechat: LocalWechat,
    home: Home,
    card: str,
    verifier: TokenVerifier,
    name: str | None,
    code: str | None,
) -> None:
    client = client_for("identity")
    first = await open_app(client, wechat, f"openid-{new_id()}")
    proof = {"binding_token": first["binding_token"], "card_code": card, "name": name}
    answer = await client.post(BINDINGS, json=proof)
    if code is None:
        principal = await verifier.verify(answer.json()["access_token"])
        assert principal.resident_id == home.resident_ids[0 if name is None else 1]
        assert principal.has(Role.HOUSEHOLDER) is (name is None)
    else:
        assert answer.json()["code"] == code
        retry = await client.post(BINDINGS, json={**proof, "name": "王小明"})
        assert retry.status_code == 201


@pytest.mark.parametrize(
    ("age", "status"), [(timedelta(days=180) - timedelta(seconds=1), 201), (timedelta(days=180), 410)]
)
async def test_a_card_lies_in_the_drawer_for_half_a_year(
    client_for: ClientFor, wechat: LocalWechat, card: str, clock: FixedClock, age: timedelta, status: int
) -> None:
    clock.advance(age)
    client = client_for("identity")
    first = await open_app(client, wechat, f"openid-{new_id()}")
    answer = await client.post(BINDINGS, json={"binding_token": first["binding_token"], "card_code": card})
    assert answer.status_code == status


async def test_a_new_card_makes_the_old_one_worthless(
    client_for: ClientFor, wechat: LocalWechat, apps: Apps, work_in: WorkIn, home: Home, card: str
) -> None:
    newer = await card_of(apps, work_in, home)
    client = client_for("identity")
    first = await open_app(client, wechat, f"openid-{new_id()}")
    for code, status in ((card, 410), (newer, 201)):
        answer = await client.post(BINDINGS, json={"binding_token": first["binding_token"], "card_code": code})
        assert answer.status_code == status


async def test_mistyped_and_unknown_codes_and_stale_tickets(
    client_for: ClientFor, wechat: LocalWechat, card: str, clock: FixedClock
) -> None:
    client = client_for("identity")
    ticket = (await open_app(client, wechat, f"openid-{new_id()}"))["binding_token"]
    wrong_digit = card[:-1] + str((int(card[-1]) + 1) % 10)
    for body, code in (
        ({"binding_token": ticket, "card_code": wrong_digit}, "identity.card_code_mistyped"),
        ({"binding_token": ticket, "card_code": "000000000000"}, "identity.card_code_unknown"),
        ({"binding_token": "k1:forged", "card_code": card}, "identity.binding_token_invalid"),
        ({"binding_token": ticket[:-4] + "AAA=", "card_code": card}, "identity.binding_token_invalid"),
    ):
        assert (await client.post(BINDINGS, json=body)).json()["code"] == code
    clock.advance(timedelta(minutes=30))
    late = await client.post(BINDINGS, json={"binding_token": ticket, "card_code": card})
    assert (late.status_code, late.json()["code"]) == (401, "identity.binding_token_invalid")


@pytest.mark.parametrize("proof", [{}, {"card_code": "1", "phone_code": "2"}])
async def test_exactly_one_proof_is_needed(client_for: ClientFor, proof: dict[str, str]) -> None:
    answer = await client_for("identity").post(BINDINGS, json={"binding_token": "x", **proof})
    assert answer.status_code == 422


def phone_number() -> str:
    """Return a number nobody else in this run has: look-ups by telephone see every community."""
    return f"19{new_id().int % 10**9:09d}"


async def test_a_resident_is_bound_by_telephone(
    client_for: ClientFor, wechat: LocalWechat, settle: SettleIn, people: People, verifier: TokenVerifier
) -> None:
    phone = phone_number()
    home = await settle(
        people.community_id, Person("赵大", "householder"), Person("赵小", phone=phone, is_party_member=True)
    )
    client = client_for("identity")
    ticket = (await open_app(client, wechat, f"openid-{new_id()}"))["binding_token"]
    proof = {"binding_token": ticket, "phone_code": wechat.mint_phone_code(phone)}
    principal = await verifier.verify((await client.post(BINDINGS, json=proof)).json()["access_token"])
    assert principal.resident_id == home.resident_ids[1]
    assert {grant.role for grant in principal.roles} == {Role.RESIDENT, Role.PARTY_MEMBER}
    assert (await client.post(BINDINGS, json=proof)).json()["code"] == "wechat.code_used"


async def test_a_family_telephone_needs_the_name(
    client_for: ClientFor, wechat: LocalWechat, settle: SettleIn, people: People
) -> None:
    phone = phone_number()
    await settle(people.community_id, Person("赵大", "householder", phone), Person("赵小", phone=phone))
    client = client_for("identity")
    ticket = (await open_app(client, wechat, f"openid-{new_id()}"))["binding_token"]

    async def bind(name: str | None, number: str = phone) -> httpx2.Response:
        proof = {"binding_token": ticket, "phone_code": wechat.mint_phone_code(number), "name": name}
        return await client.post(BINDINGS, json=proof)

    assert (await bind(None)).json()["code"] == "identity.phone_shared"
    assert (await bind("钱大")).json()["code"] == "identity.phone_shared"
    assert (await bind(None, phone_number())).json()["code"] == "identity.phone_unknown"
    assert (await bind("赵小")).status_code == 201


async def test_one_person_has_one_wechat_and_one_wechat_is_one_person(
    client_for: ClientFor, wechat: LocalWechat, apps: Apps, work_in: WorkIn, settle: SettleIn, people: People
) -> None:
    first_home, second_home = await settle(people.community_id), await settle(people.community_id)
    client, openid = client_for("identity"), f"openid-{new_id()}"
    ticket = (await open_app(client, wechat, openid))["binding_token"]
    card = await card_of(apps, work_in, first_home)
    assert (await client.post(BINDINGS, json={"binding_token": ticket, "card_code": card})).status_code == 201
    same_person = await card_of(apps, work_in, first_home)
    other_ticket = (await open_app(client, wechat, f"openid-{new_id()}"))["binding_token"]
    taken = await client.post(BINDINGS, json={"binding_token": other_ticket, "card_code": same_person})
    assert (taken.status_code, taken.json()["code"]) == (409, "identity.resident_bound")
    other_home = await card_of(apps, work_in, second_home)
    twice = await client.post(BINDINGS, json={"binding_token": ticket, "card_code": other_home})
    assert (twice.status_code, twice.json()["code"]) == (409, "identity.wechat_bound")


async def test_somebody_who_lives_in_two_communities_chooses(
    client_for: ClientFor, wechat: LocalWechat, apps: Apps, work_in: WorkIn, settle: SettleIn, people: People,
    strangers: People, clock: FixedClock,
) -> None:  # fmt: skip
    client, openid = client_for("identity"), f"openid-{new_id()}"
    ticket = (await open_app(client, wechat, openid))["binding_token"]
    for community in (people.community_id, strangers.community_id):
        card = await card_of(apps, work_in, await settle(community))
        clock.advance(timedelta(seconds=1))
        bound = await client.post(BINDINGS, json={"binding_token": ticket, "card_code": card})
        assert bound.json()["community_id"] == str(community)
    assert (await open_app(client, wechat, openid))["tokens"]["community_id"] == str(strangers.community_id)
    chosen = await open_app(client, wechat, openid, community_id=str(people.community_id))
    assert chosen["tokens"]["community_id"] == str(people.community_id)
    clock.advance(timedelta(seconds=1))
    assert (await open_app(client, wechat, openid, community_id=str(new_id())))["state"] == "unbound"


@pytest.mark.parametrize(
    ("errcode", "status", "code"),
    [
        (40029, 401, "wechat.code_invalid"),
        (40163, 401, "wechat.code_used"),
        (40226, 403, "wechat.risky_user"),
        (-1, 503, "wechat.busy"),
        (45011, 503, "wechat.busy"),
        (45009, 503, "wechat.quota_spent"),
        (40013, 503, "wechat.wrong_app"),
        (40164, 503, "wechat.address_not_listed"),
        (48001, 503, "wechat.interface_not_granted"),
        (12345, 503, "wechat.refused"),
    ],
)
async def test_what_wechat_refuses_is_told_plainly(
    client_for: ClientFor, wechat: LocalWechat, errcode: int, status: int, code: str
) -> None:
    wechat.script("/sns/jscode2session", errcode)
    answer = await client_for("identity").post(SESSIONS, json={"code": wechat.mint_login_code("openid")})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert any("一" <= character <= "鿿" for character in answer.json()["detail"])


def grid_worker(home: Home) -> Principal:
    grant = RoleGrant(Role.GRID_WORKER, ScopeKind.GRID, str(home.grid_id))
    return Principal(new_id(), AccountKind.STAFF, home.community_id, name="陈网格", roles=frozenset({grant}))


async def test_the_grid_worker_binds_a_neighbour_at_the_desk(
    client_for: ClientFor, wechat: LocalWechat, home: Home, verifier: TokenVerifier, clock: FixedClock
) -> None:
    desk, phone = client_for("identity", grid_worker(home)), client_for("identity")
    path = f"/api/v1/identity/households/{home.household_id}/card_codes"
    issued = await desk.post(path, json={"resident_id": str(home.resident_ids[1])})
    assert (issued.status_code, issued.json()["expires_in"]) == (201, 1800)
    ticket = (await open_app(phone, wechat, f"openid-{new_id()}"))["binding_token"]
    proof = {"binding_token": ticket, "card_code": issued.json()["code"], "name": "不是这个名字"}
    principal = await verifier.verify((await phone.post(BINDINGS, json=proof)).json()["access_token"])
    assert principal.resident_id == home.resident_ids[1]
    late = await desk.post(path, json={"resident_id": str(home.resident_ids[0])})
    clock.advance(timedelta(minutes=30))
    ticket = (await open_app(phone, wechat, f"openid-{new_id()}"))["binding_token"]
    spent = await phone.post(BINDINGS, json={"binding_token": ticket, "card_code": late.json()["code"]})
    assert spent.json()["code"] == "identity.card_code_spent"


async def test_who_may_make_codes(
    client_for: ClientFor, people: People, settle: SettleIn, home: Home, strangers: People
) -> None:
    other_home = await settle(people.community_id)
    path = f"/api/v1/identity/households/{home.household_id}/card_codes"
    member = {"resident_id": str(home.resident_ids[1])}
    householder = people.resident(home.household_id, Role.HOUSEHOLDER)
    for principal, body, status in (
        (people.staff(Role.COMMUNITY_ADMIN), {}, 201),
        (grid_worker(home), {}, 201),
        (grid_worker(home), {"resident_id": str(other_home.resident_ids[0])}, 404),
        (grid_worker(other_home), member, 403),
        (householder, member, 201),
        (householder, {}, 403),
        (people.resident(home.household_id), member, 403),
        (people.resident(None, Role.HOUSEHOLDER), member, 403),
        (people.staff(Role.STOREKEEPER), member, 403),
        (strangers.staff(Role.COMMUNITY_ADMIN), member, 404),
    ):
        answer = await client_for("identity", principal).post(path, json=body)
        assert answer.status_code == status, (principal, answer.text)


async def test_a_new_wechat_is_bound_after_the_old_one_was_untied(
    client_for: ClientFor, wechat: LocalWechat, apps: Apps, work_in: WorkIn, home: Home, card: str
) -> None:
    client, openid = client_for("identity"), f"openid-{new_id()}"
    ticket = (await open_app(client, wechat, openid))["binding_token"]
    bound = (await client.post(BINDINGS, json={"binding_token": ticket, "card_code": card})).json()
    path = f"/api/v1/identity/residents/{home.resident_ids[0]}/unbindings"
    desk = client_for("identity", grid_worker(home))
    key = {"Idempotency-Key": "unbind-1"}
    for _ in range(2):
        assert (await desk.post(path, json={"reason": "换了微信"}, headers=key)).status_code == 204
    assert (await open_app(client, wechat, openid))["state"] == "unbound"
    refreshed = await client.post("/api/v1/identity/refreshes", json={"refresh_token": bound["refresh_token"]})
    assert refreshed.status_code == 401
    ticket = (await open_app(client, wechat, f"openid-{new_id()}"))["binding_token"]
    card = await card_of(apps, work_in, home)
    again = await client.post(BINDINGS, json={"binding_token": ticket, "card_code": card})
    assert again.json()["account_id"] == bound["account_id"]
    nobody = f"/api/v1/identity/residents/{home.resident_ids[1]}/unbindings"
    assert (await desk.post(nobody, json={"reason": "换了微信"})).status_code == 404


async def test_a_wechat_account_holds_no_role_of_weight(
    client_for: ClientFor, wechat: LocalWechat, card: str, verifier: TokenVerifier, office: Office, work_in: WorkIn
) -> None:
    """It has no authenticator: such a role is not given to it, and one that hangs on it from of old does not count."""
    client, admin = client_for("identity"), client_for("identity", office.admin)
    opened = await open_app(client, wechat, f"openid-{new_id()}")
    bound = await client.post(BINDINGS, json={"binding_token": opened["binding_token"], "card_code": card})
    principal = await verifier.verify(bound.json()["access_token"])
    for role in sorted(TOTP_ROLES - {Role.COMMUNITY_ADMIN, Role.TOWNSHIP_OFFICER, Role.DISTRICT_OFFICER}):
        body = {"account_id": str(principal.account_id), "role": role, "scope_kind": "community"}
        refused = await admin.post("/api/v1/identity/role_grants", json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "identity.totp_required"), role
    async with work_in("identity", principal.community_id) as uow:
        for role in (Role.STOREKEEPER, Role.INSPECTOR):
            await install_role(uow=uow, account_id=principal.account_id, name="王**", role=role)
    again = await client.post("/api/v1/identity/refreshes", json={"refresh_token": bound.json()["refresh_token"]})
    now = await verifier.verify(again.json()["access_token"])
    assert now.has(Role.HOUSEHOLDER)
    assert now.has(Role.INSPECTOR)
    assert not now.has(Role.STOREKEEPER)


async def test_an_account_is_deleted_by_its_owner_and_leaves_only_its_id(
    client_for: ClientFor, wechat: LocalWechat, card: str, verifier: TokenVerifier, facts_of: Any, people: People
) -> None:
    client, openid = client_for("identity"), f"openid-{new_id()}"
    ticket = (await open_app(client, wechat, openid))["binding_token"]
    bound = (await client.post(BINDINGS, json={"binding_token": ticket, "card_code": card})).json()
    principal = await verifier.verify(bound["access_token"])
    own = client_for("identity", principal)
    assert (await own.delete("/api/v1/identity/me")).status_code == 204
    told = (await facts_of("identity", people.community_id))[-1]
    assert (told.event_type, told.account_id) == ("identity.account_deleted", principal.account_id)
    assert (await own.get("/api/v1/identity/me")).json()["code"] == "identity.account_not_found"
    assert (await open_app(client, wechat, openid))["state"] == "unbound"
    assert (await client_for("identity", people.staff(Role.ASSESSOR)).delete("/api/v1/identity/me")).status_code == 403
