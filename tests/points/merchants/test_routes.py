"""The alliance over HTTP: joining, accounts of a shop, offers."""

import asyncio
from typing import Any

import pytest

from shared.contracts.events import MerchantMoved
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.shop_kit import DISCOUNT, OFFER, ROOT, ShopKit


@pytest.fixture
def shops(client_for: ClientFor, people: People) -> ShopKit:
    return ShopKit(client_for, people)


async def test_a_shop_joins_is_suspended_goes_on_and_leaves(shops: ShopKit, people: People, facts_of: Any) -> None:
    shop = await shops.open()
    path = f"{ROOT}/merchants/{shop.id}"

    for step, state in [("suspensions", "suspended"), ("resumptions", "active")]:
        moved = await shops.admin.post(f"{path}/{step}", json={"reason": "查证照"})
        assert (moved.status_code, moved.json()["state"]) == (200, state)
    left = await shop.client.post(f"{path}/closures", json={"reason": "搬走了"})

    assert left.json()["state"] == "closed"
    told = [fact.state for fact in await facts_of("points", people.community_id) if isinstance(fact, MerchantMoved)]
    assert told == ["applied", "active", "suspended", "active", "closed"]
    steps = (await shops.admin.get(f"{path}/steps")).json()["items"]
    assert [step["action"] for step in steps] == ["apply", "approve", "suspend", "resume", "close"]
    assert (await shops.admin.get(f"{path}/actions")).json() == {"state": "closed", "actions": []}


async def test_who_was_refused_may_apply_again(shops: ShopKit, people: People) -> None:
    owner = people.resident()
    first = (await shops.apply(owner)).json()
    assert (await shops.apply(owner)).json()["code"] == "points.shop_account_taken"
    refused = await shops.admin.post(f"{ROOT}/merchants/{first['id']}/refusals", json={"reason": "证照不全"})

    assert refused.json()["state"] == "refused"
    assert (await shops.apply(owner)).status_code == 201


async def test_applying_twice_at_once_makes_one_shop(shops: ShopKit, people: People) -> None:
    owner = people.resident()

    tried = await asyncio.gather(*(shops.apply(owner) for _ in range(4)))

    assert sorted(r.status_code for r in tried) == [201, 409, 409, 409]


async def test_only_administrators_without_a_part_in_it_decide(
    shops: ShopKit, client_for: ClientFor, people: People, strangers: People
) -> None:
    owner = people.resident(None, Role.COMMUNITY_ADMIN)
    merchant = (await shops.apply(owner)).json()["id"]
    path = f"{ROOT}/merchants/{merchant}"

    assert (await client_for("points", owner).post(f"{path}/approvals", json={})).json()["code"] == (
        "points.merchant_recused"
    )
    assert (await shops.staff(Role.COMMITTEE_MEMBER).post(f"{path}/approvals", json={})).status_code == 403
    assert (await client_for("points", people.resident()).get(path)).json()["code"] == "points.merchant_not_found"
    assert (await client_for("points", strangers.staff(*Role)).get(path)).status_code == 404
    assert (await client_for("points").get(path)).status_code == 401
    assert (
        await client_for("points", people.client("points:write")).post(f"{ROOT}/merchants", json={})
    ).status_code == 422


async def test_a_till_may_stand_for_a_shop_when_it_has_the_scope(
    shops: ShopKit, client_for: ClientFor, people: People
) -> None:
    shop = await shops.open()
    till, weak = people.client("points:write"), people.client("points:read")
    path = f"{ROOT}/merchants/{shop.id}/accounts"
    for client in (till, weak):
        assert (await shops.admin.post(path, json={"account_id": str(client.account_id)})).status_code == 204
    taken = await shops.admin.post(path, json={"account_id": str(till.account_id)})
    assert taken.json()["code"] == "points.shop_account_taken"

    assert (await client_for("points", till).post(f"{ROOT}/offers", json=DISCOUNT)).status_code == 201
    assert (await client_for("points", weak).post(f"{ROOT}/offers", json=DISCOUNT)).status_code == 403

    assert (await shops.admin.delete(f"{path}/{till.account_id}")).status_code == 204
    gone = await shops.admin.delete(f"{path}/{till.account_id}")
    assert gone.json()["code"] == "points.shop_account_not_found"
    refused = await client_for("points", till).post(f"{ROOT}/offers", json=DISCOUNT)
    assert refused.json()["code"] == "points.not_a_shop"
    assert (await shop.client.post(path, json={"account_id": str(new_id())})).status_code == 403


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"points": -1}, "validation_failed"),
        ({"points": 1.5}, "validation_failed"),
        ({"points": True}, "validation_failed"),
        ({"points": 10**30}, "validation_failed"),
        ({"points": 0}, "points.offer_terms_invalid"),
        ({"discount_percent": 90}, "points.offer_terms_invalid"),
        ({"discount_percent": 100}, "validation_failed"),
        ({"total_limit": 0}, "validation_failed"),
        ({"household_limit": 0}, "validation_failed"),
        ({"valid_until": "2026-05-01T00:00:00Z"}, "points.offer_period_invalid"),
        ({"valid_until": "2026-05-02T00:00:00Z"}, "points.offer_period_invalid"),
        ({"valid_until": "2026-06-02T00:00:00"}, "validation_failed"),
        ({"kind": "gift"}, "validation_failed"),
        ({"title": ""}, "validation_failed"),
    ],
)
async def test_bad_offers(shops: ShopKit, body: dict[str, Any], code: str) -> None:
    shop = await shops.open()

    response = await shop.client.post(f"{ROOT}/offers", json=OFFER | body)

    assert (response.status_code, response.json()["code"]) == (422, code), response.text


async def test_an_offer_is_seen_once_it_is_open(
    shops: ShopKit, client_for: ClientFor, people: People, strangers: People
) -> None:
    shop = await shops.open()
    resident = client_for("points", people.resident())
    proposed = (await shop.client.post(f"{ROOT}/offers", json=OFFER)).json()
    path = f"{ROOT}/offers/{proposed['id']}"

    assert (await resident.get(path)).json()["code"] == "points.offer_not_found"
    assert (await resident.get(f"{ROOT}/offers")).json()["items"] == []
    assert (await shop.client.get(path)).json()["state"] == "proposed"
    assert (await shop.client.post(f"{path}/openings", json={})).status_code == 403
    assert (await shops.admin.get(f"{path}/actions")).json()["actions"] == ["open", "refuse", "close"]
    await shops.admin.post(f"{path}/openings", json={})
    assert (await resident.get(path)).json()["state"] == "open"
    assert len((await resident.get(f"{ROOT}/offers", params={"merchant_id": str(shop.id)})).json()["items"]) == 1
    assert (await client_for("points", strangers.staff(*Role)).get(path)).status_code == 404

    await shops.admin.post(f"{ROOT}/merchants/{shop.id}/suspensions", json={"reason": "查证照"})
    assert (await resident.get(path)).status_code == 404
    assert (await shop.client.post(f"{ROOT}/offers", json=OFFER)).json()["code"] == "points.not_a_shop"
    assert (await shop.client.post(f"{path}/closures", json={})).json()["state"] == "closed"
    again = await shops.admin.post(f"{path}/refusals", json={"reason": "太晚"})
    assert again.json()["code"] == "wrong_state"


async def test_an_administrator_does_not_open_an_own_offer(
    shops: ShopKit, client_for: ClientFor, people: People
) -> None:
    owner = people.resident(None, Role.COMMUNITY_ADMIN)
    shop = await shops.open(owner)
    offer = (await shop.client.post(f"{ROOT}/offers", json=OFFER)).json()["id"]

    refused = await shop.client.post(f"{ROOT}/offers/{offer}/openings", json={})

    assert refused.json()["code"] == "points.merchant_recused"
    assert (await shop.client.get(f"{ROOT}/offers/{offer}/actions")).json()["actions"] == ["close"]
    other = client_for("points", people.staff(Role.COMMUNITY_ADMIN))
    assert "open" in (await other.get(f"{ROOT}/offers/{offer}/actions")).json()["actions"]


async def test_lists_of_shops_page(shops: ShopKit, client_for: ClientFor, people: People) -> None:
    opened = {str((await shops.open()).id) for _ in range(3)}
    resident = client_for("points", people.resident())

    seen, url = [], f"{ROOT}/merchants?limit=2"
    while url:
        response = await resident.get(url)
        seen += [row["id"] for row in response.json()["items"]]
        url = response.links.get("next", {}).get("url")

    assert (len(seen), set(seen)) == (3, opened)
    assert (await resident.get(f"{ROOT}/merchants", params={"state": "suspended"})).json()["items"] == []
    assert (await resident.get(f"{ROOT}/offers", params={"cursor": "x"})).json()["code"] == "cursor_invalid"
