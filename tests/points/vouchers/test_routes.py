"""A voucher over HTTP: taken, shown, verified by the shop, given up, expired, taken back; and under concurrency."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.points.vouchers import voucher_code
from shared.contracts.events import VoucherMoved
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.shop_kit import DISCOUNT, ROOT, Shop, ShopKit, take
from tests.points.store_kit import spendable

PATH = f"{ROOT}/vouchers"


@pytest.fixture
def shops(client_for: ClientFor, people: People) -> ShopKit:
    return ShopKit(client_for, people)


@pytest.fixture
async def shop(shops: ShopKit) -> Shop:
    return await shops.open()


async def household(shops: ShopKit, open_household: OpenHousehold) -> Any:
    return shops.client_for("points", shops.people.resident(await open_household()))


async def test_a_voucher_holds_points_and_the_shop_gets_them(
    shops: ShopKit, shop: Shop, open_household: OpenHousehold, people: People, facts_of: Any
) -> None:
    offer = await shop.offer()
    client = await household(shops, open_household)

    taken = await take(client, offer)
    voucher = taken.json()

    assert taken.status_code == 201, taken.text
    assert taken.headers["location"] == f"{PATH}/{voucher['id']}"
    assert (voucher["state"], voucher["points"], len(voucher["code"])) == ("issued", 20, 8)
    assert await spendable(client) == (80, 20)
    assert (await shop.client.get(f"{PATH}/{voucher['id']}")).json()["code"] is None, "a shop learns it at the counter"
    assert (await client.get(f"{PATH}/{voucher['id']}/actions")).json()["actions"] == ["give_up"]
    assert (await shop.client.get(f"{PATH}/{voucher['id']}/actions")).json()["actions"] == ["use"]

    used = await shop.verify(voucher, bill_fen=5600)
    again = await shop.verify(voucher)

    assert (used.status_code, used.json()["state"], used.json()["bill_fen"]) == (200, "used", 5600)
    assert (again.status_code, again.json()["code"]) == (404, "points.voucher_code_unknown")
    assert await spendable(client) == (80, 0)
    told = [fact.state for fact in await facts_of("points", people.community_id) if isinstance(fact, VoucherMoved)]
    assert told == ["issued", "used"]
    assert (await shops.admin.get(f"{ROOT}/offers/{offer}")).json()["issued"] == 1


async def test_the_qr_code_opens_its_voucher_alone(
    shops: ShopKit, shop: Shop, open_household: OpenHousehold, apps: Any
) -> None:
    client = await household(shops, open_household)
    voucher = (await take(client, await shop.offer())).json()
    picture = await client.get(f"{PATH}/{voucher['id']}/qr")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert (await shop.client.get(f"{PATH}/{voucher['id']}/qr")).status_code == 404

    key = apps.runtime("points").settings.pickup_key.get_secret_value().encode()
    token = voucher_code.sign(key, UUID(voucher["id"]), voucher["code"])
    forged = voucher_code.sign(key, new_id(), voucher["code"])
    counter = f"{PATH}/verifications"
    assert (await shop.client.post(counter, json={"token": forged})).json()["code"] == "points.voucher_code_unknown"
    bad = await shop.client.post(counter, json={"token": token[:-1]})
    assert bad.json()["code"] == "points.voucher_token_invalid"
    assert (await shop.client.post(counter, json={"token": token})).json()["state"] == "used"


async def test_a_discount_costs_no_points(shops: ShopKit, shop: Shop, open_household: OpenHousehold) -> None:
    client = await household(shops, open_household)
    voucher = (await take(client, await shop.offer(**DISCOUNT))).json()

    used = await shop.verify(voucher)

    assert (used.json()["state"], used.json()["points"], used.json()["discount_percent"]) == ("used", 0, 90)
    assert await spendable(client) == (100, 0)
    back = await shop.client.post(f"{PATH}/{voucher['id']}/returns", json={"reason": "退货"})
    assert back.json()["state"] == "refunded"


async def test_giving_up_brings_points_and_limits_back(
    shops: ShopKit, shop: Shop, open_household: OpenHousehold
) -> None:
    offer = await shop.offer(household_limit=1, total_limit=1)
    client = await household(shops, open_household)
    voucher = (await take(client, offer)).json()
    assert (await take(client, offer)).json()["code"] == "points.voucher_limit"
    other = await household(shops, open_household)
    assert (await take(other, offer)).json()["code"] == "points.offer_sold_out"

    refund = await client.post(f"{PATH}/{voucher['id']}/refunds")
    again = await client.post(f"{PATH}/{voucher['id']}/refunds")

    assert refund.json()["state"] == "refunded"
    assert again.json()["code"] == "wrong_state"
    assert await spendable(client) == (100, 0)
    assert (await shop.verify(voucher)).status_code == 404
    assert (await take(client, offer)).status_code == 201


async def test_an_unused_voucher_expires_and_its_points_return(
    shops: ShopKit, shop: Shop, open_household: OpenHousehold, clock: Any, sweep: Any, people: People
) -> None:
    family = await open_household()
    client = shops.client_for("points", people.resident(family))
    voucher = (await take(client, await shop.offer(voucher_days=1))).json()
    clock.advance(timedelta(days=1))

    late = await shop.verify(voucher)
    assert (late.status_code, late.json()["code"]) == (409, "points.voucher_expired")
    await sweep("points", "expire_vouchers")
    await sweep("points", "expire_vouchers")

    client = shops.client_for("points", people.resident(family))
    assert (await client.get(f"{PATH}/{voucher['id']}")).json()["state"] == "expired"
    assert await spendable(client) == (100, 0)


async def test_a_return_before_settlement_gives_the_points_back_once(
    shops: ShopKit, shop: Shop, open_household: OpenHousehold
) -> None:
    client = await household(shops, open_household)
    voucher = (await take(client, await shop.offer())).json()
    await shop.verify(voucher)
    path = f"{PATH}/{voucher['id']}/returns"
    assert (await client.post(path, json={"reason": "退货"})).json()["code"] == "points.not_a_shop"

    first = await shop.client.post(path, json={"reason": "退货"})
    again = await shop.client.post(path, json={"reason": "退货"})

    assert (first.status_code, first.json()["state"]) == (200, "refunded")
    assert again.json()["code"] == "wrong_state"
    assert await spendable(client) == (100, 0)


async def test_a_shop_neither_takes_nor_verifies_its_own_vouchers(
    shops: ShopKit, open_household: OpenHousehold, people: People, client_for: ClientFor
) -> None:
    family, neighbour = await open_household(), await open_household()
    shop = await shops.open(people.resident(family))
    offer = await shop.offer()
    clerk = people.resident(neighbour)

    assert (await take(shop.client, offer)).json()["code"] == "points.own_shop"
    spouse = client_for("points", people.resident(family))
    assert (await take(spouse, offer)).json()["code"] == "points.own_shop"

    voucher = (await take(client_for("points", people.resident(neighbour)), offer)).json()
    bound = {"account_id": str(clerk.account_id), "household_id": str(neighbour)}
    await shops.admin.post(f"{ROOT}/merchants/{shop.id}/accounts", json=bound)
    by_clerk = await client_for("points", clerk).post(f"{PATH}/verifications", json={"code": voucher["code"]})
    by_owner = await shop.verify(voucher)
    assert {by_clerk.json()["code"], by_owner.json()["code"]} == {"points.own_shop"}
    assert (by_clerk.status_code, by_owner.status_code) == (403, 403)


async def test_another_shop_and_others_cannot_use_it(
    shops: ShopKit, shop: Shop, open_household: OpenHousehold, client_for: ClientFor, people: People, strangers: People
) -> None:
    client = await household(shops, open_household)
    voucher = (await take(client, await shop.offer())).json()
    other = await shops.open()
    body = {"code": voucher["code"]}

    assert (await other.verify(voucher)).json()["code"] == "points.voucher_code_unknown"
    assert (await client.post(f"{PATH}/verifications", json=body)).json()["code"] == "points.not_a_shop"
    assert (await shops.admin.post(f"{PATH}/verifications", json=body)).status_code == 403
    assert (await other.client.get(f"{PATH}/{voucher['id']}")).json()["code"] == "points.voucher_not_found"
    assert (await client_for("points", people.resident()).get(f"{PATH}/{voucher['id']}")).status_code == 404
    assert (await client_for("points", strangers.staff(*Role)).get(f"{PATH}/{voucher['id']}")).status_code == 404
    assert (await shops.admin.get(f"{PATH}/{voucher['id']}")).json()["code"] is None
    await shops.admin.post(f"{ROOT}/merchants/{shop.id}/suspensions", json={"reason": "查证照"})
    assert (await shop.verify(voucher)).json()["code"] == "points.not_a_shop"
    assert (await take(client, new_id())).json()["code"] == "points.offer_not_found"


async def test_offers_for_adopters_are_for_adopters(shops: ShopKit, shop: Shop, open_household: OpenHousehold) -> None:
    client = await household(shops, open_household)

    refused = await take(client, await shop.offer(is_for_adopters=True))

    assert (refused.status_code, refused.json()["code"]) == (409, "points.adopters_only")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"points": 101}, "points.insufficient_balance"),
        ({"valid_from": "2027-01-01T00:00:00Z"}, "points.offer_not_open"),
    ],
)
async def test_refusals_change_nothing(
    shops: ShopKit, shop: Shop, open_household: OpenHousehold, facts: dict[str, Any], code: str
) -> None:
    client = await household(shops, open_household)
    offer = await shop.offer(**facts)

    refused = await take(client, offer)

    assert (refused.status_code, refused.json()["code"]) == (409, code)
    assert await spendable(client) == (100, 0)
    assert (await shops.admin.get(f"{ROOT}/offers/{offer}")).json()["issued"] == 0
    stranger = shops.client_for("points", shops.people.resident())
    assert (await take(stranger, await shop.offer())).json()["code"] == "points.account_not_found"
    assert (await take(shops.admin, offer)).json()["code"] == "no_household"


@pytest.mark.parametrize(
    "body", [{}, {"code": "1234567"}, {"code": "12345678", "token": "x" * 20}, {"code": "一二三四五六七八"}]
)
async def test_bad_codes(shop: Shop, body: dict[str, Any]) -> None:
    assert (await shop.client.post(f"{PATH}/verifications", json=body)).json()["code"] == "validation_failed"


async def test_one_key_takes_one_voucher(shops: ShopKit, shop: Shop, open_household: OpenHousehold) -> None:
    client = await household(shops, open_household)
    offer = await shop.offer()

    tried = await asyncio.gather(*(take(client, offer, key="tap") for _ in range(5)))

    assert {r.status_code for r in tried} == {201}
    assert len({r.json()["code"] for r in tried}) == 1
    assert await spendable(client) == (80, 20)


async def test_limits_hold_when_everybody_comes_at_once(
    shops: ShopKit, shop: Shop, open_household: OpenHousehold
) -> None:
    offer = await shop.offer(points=1, total_limit=4, household_limit=1)
    clients = [await household(shops, open_household) for _ in range(6)]

    tried = await asyncio.gather(*(take(client, offer) for client in clients for _ in range(2)))

    assert sum(r.is_success for r in tried) == 4
    assert {r.json()["code"] for r in tried if not r.is_success} <= {"points.offer_sold_out", "points.voucher_limit"}
    assert (await shops.admin.get(f"{ROOT}/offers/{offer}")).json()["issued"] == 4


async def test_verified_given_up_and_expired_at_once_ends_once(
    shops: ShopKit, shop: Shop, open_household: OpenHousehold, clock: Any, sweep: Any, people: People
) -> None:
    for _ in range(5):
        family = await open_household()
        client = shops.client_for("points", people.resident(family))
        voucher = (await take(client, await shop.offer(voucher_days=1))).json()
        started = clock.now()
        clock.advance(timedelta(days=1) - timedelta(microseconds=1))
        counter = f"{PATH}/verifications"
        till, client = shop.client, shops.client_for("points", people.resident(family))

        async def expire() -> None:
            clock.advance(timedelta(microseconds=1))
            await sweep("points", "expire_vouchers")

        used, twin, given_up, _ = await asyncio.gather(
            till.post(counter, json={"code": voucher["code"]}),
            till.post(counter, json={"code": voucher["code"]}),
            client.post(f"{PATH}/{voucher['id']}/refunds"),
            expire(),
        )

        state = (await client.get(f"{PATH}/{voucher['id']}")).json()["state"]
        ended = [r for r in (used, twin, given_up) if r.is_success]
        assert len(ended) == (0 if state == "expired" else 1)
        assert await spendable(client) == ((80, 0) if state == "used" else (100, 0))
        clock.set(started)


async def test_lists_page_through_everything_once(
    shops: ShopKit, shop: Shop, open_household: OpenHousehold, clock: Any
) -> None:
    client = await household(shops, open_household)
    offer = await shop.offer(points=1)
    taken = []
    for _ in range(3):
        clock.advance(timedelta(seconds=1))
        taken.append((await take(client, offer)).json()["id"])

    seen, url = [], f"{PATH}?limit=2&state=issued&merchant_id={shop.id}"
    while url:
        response = await shop.client.get(url)
        seen += [row["id"] for row in response.json()["items"]]
        url = response.links.get("next", {}).get("url")

    assert seen == taken[::-1]
    assert (await client.get(PATH, params={"cursor": "x"})).json()["code"] == "cursor_invalid"
