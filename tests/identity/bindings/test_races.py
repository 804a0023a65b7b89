"""One card, many hands: it binds one of them."""

import asyncio
from typing import Any

import httpx2

from launcher.wechat_local import LocalWechat
from services.identity.bindings.usecases import issue_card_codes
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import Apps, ClientFor, People
from shared.testing.factories import WorkIn
from tests.identity.conftest import SettleIn

IDENTITY = "/api/v1/identity"


async def ticket_for(client: httpx2.AsyncClient, wechat: LocalWechat, openid: str) -> str:
    answer = await client.post(f"{IDENTITY}/wechat_sessions", json={"code": wechat.mint_login_code(openid)})
    return str(answer.json()["binding_token"])


async def test_one_card_binds_one_of_many(
    client_for: ClientFor, wechat: LocalWechat, apps: Apps, work_in: WorkIn, settle: SettleIn, people: People
) -> None:
    home = await settle(people.community_id)
    async with work_in("identity", people.community_id) as uow:
        codes = await issue_card_codes(
            uow=uow, cipher=apps.runtime("identity").cipher, household_ids=[home.household_id], issued_by=new_id()
        )
    client = client_for("identity")
    tickets = [await ticket_for(client, wechat, f"openid-{new_id()}") for _ in range(6)]

    async def bind(ticket: str) -> httpx2.Response:
        proof = {"binding_token": ticket, "card_code": codes[home.household_id]}
        return await client.post(f"{IDENTITY}/bindings", json=proof)

    answers = await asyncio.gather(*(bind(ticket) for ticket in tickets))
    assert sorted(a.status_code for a in answers) == [201, 410, 410, 410, 410, 410]


async def test_one_person_is_bound_once_by_two_cards(
    client_for: ClientFor, wechat: LocalWechat, settle: SettleIn, people: People
) -> None:
    home = await settle(people.community_id)
    desk, client = client_for("identity", people.staff(Role.COMMUNITY_ADMIN)), client_for("identity")
    path = f"{IDENTITY}/households/{home.household_id}/card_codes"
    body = {"resident_id": str(home.resident_ids[0])}
    proofs: list[dict[str, Any]] = []
    for _ in range(4):
        code = (await desk.post(path, json=body)).json()["code"]
        proofs.append({"binding_token": await ticket_for(client, wechat, f"openid-{new_id()}"), "card_code": code})
    answers = await asyncio.gather(*(client.post(f"{IDENTITY}/bindings", json=proof) for proof in proofs))
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"identity.resident_bound"}


async def test_four_thousand_cards_are_made_in_one_go(apps: Apps, work_in: WorkIn, people: People) -> None:
    households = [new_id() for _ in range(4_152)]
    async with work_in("identity", people.community_id) as uow:
        codes = await issue_card_codes(
            uow=uow, cipher=apps.runtime("identity").cipher, household_ids=households, issued_by=new_id()
        )
    assert list(codes) == households
    assert len(set(codes.values())) == 4_152
