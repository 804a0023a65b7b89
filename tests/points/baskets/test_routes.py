"""Baskets over HTTP: all or nothing, in one order, and over the counter together."""

import asyncio
from uuid import UUID

import httpx2
import pytest

from services.points.baskets.domain import MOST_LINES, Line, arrange
from services.points.baskets.errors import BasketRepeatsProductError, BasketTooLargeError
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.store_kit import StoreKit, redeem, spendable, stock_of

BASKETS = "/api/v1/points/baskets"


async def fill(
    client: httpx2.AsyncClient, *products: UUID, key: str | None = None, quantity: int = 1
) -> httpx2.Response:
    lines = [{"product_id": str(product), "quantity": quantity} for product in products]
    headers = {} if key is None else {"Idempotency-Key": key}
    return await client.post(BASKETS, json={"lines": lines}, headers=headers)


def test_lines_are_taken_in_one_order_by_everybody() -> None:
    lines = [Line(new_id(), 1, None) for _ in range(5)]
    assert arrange(lines[::-1]) == arrange(lines) == sorted(lines, key=lambda line: line.product_id)


def test_what_no_basket_holds() -> None:
    product = new_id()
    assert len(arrange([Line(new_id(), 1, None) for _ in range(MOST_LINES)])) == MOST_LINES
    with pytest.raises(BasketTooLargeError):
        arrange([Line(new_id(), 1, None) for _ in range(MOST_LINES + 1)])
    with pytest.raises(BasketRepeatsProductError):
        arrange([Line(product, 1, None), Line(product, 2, None)])


async def test_all_lines_are_redeemed_and_picked_up_by_any_of_their_codes(
    store: StoreKit, open_household: OpenHousehold
) -> None:
    products = [await store.stock(price=price) for price in (10, 20, 30)]
    client = store.household(await open_household())

    response = await fill(client, *products)

    assert response.status_code == 201, response.text
    bought = response.json()["redemptions"]
    assert sum(one["points"] for one in bought) == 60
    assert len({one["pickup_code"] for one in bought}) == 3
    assert await spendable(client) == (40, 60)
    assert (await client.get(response.headers["location"])).json()["redemptions"][0]["pickup_code"]

    counter = await store.keeper.post(
        f"{BASKETS}/pickups", json={"code": bought[1]["pickup_code"], "proxy_name": "张三"}
    )
    assert counter.status_code == 200, counter.text
    assert [(one["state"], one["proxy_name"], one["proxy_for"]) for one in counter.json()] == [
        ("picked_up", "张三", "王**")
    ] * 3
    assert await spendable(client) == (40, 0)
    again = await store.keeper.post(f"{BASKETS}/pickups", json={"code": bought[1]["pickup_code"]})
    assert (again.status_code, again.json()["code"]) == (404, "points.pickup_code_unknown")


@pytest.mark.parametrize("position", [0, 1, 2])
async def test_one_refused_line_takes_back_the_others(
    store: StoreKit, open_household: OpenHousehold, position: int
) -> None:
    products = sorted([await store.stock(price=10) for _ in range(3)])
    await store.keeper.post(f"/api/v1/points/products/{products[position]}/buckets", json={"count": 1})
    (batch,) = await store.batches(products[position])
    loss = {"quantity": 10, "kind": "missing", "note": "找不到"}
    await store.keeper.post(f"/api/v1/points/products/{products[position]}/batches/{batch['id']}/losses", json=loss)
    client = store.household(await open_household())

    refused = await fill(client, *products)

    assert (refused.status_code, refused.json()["code"]) == (409, "points.sold_out")
    assert (refused.json()["product_id"], refused.json()["line"]) == (str(products[position]), position + 1)
    assert await spendable(client) == (100, 0)
    assert [await stock_of(store.keeper, p) for p in products if p != products[position]] == [(10, 0)] * 2


async def test_a_basket_of_ten_thousand_lines_is_refused(store: StoreKit, open_household: OpenHousehold) -> None:
    client = store.household(await open_household())

    refused = await fill(client, *(new_id() for _ in range(10_000)))

    assert (refused.status_code, refused.json()["code"]) == (422, "points.basket_too_large")
    assert (refused.json()["lines"], refused.json()["most"]) == (10_000, 50)


async def test_fifty_lines_are_one_command(store: StoreKit, open_household: OpenHousehold) -> None:
    products = [await store.stock(price=2) for _ in range(MOST_LINES)]
    client = store.household(await open_household())

    assert (await fill(client, *products)).status_code == 201
    assert await spendable(client) == (0, 100)


async def test_more_than_the_household_has_is_refused_as_a_whole(
    store: StoreKit, open_household: OpenHousehold
) -> None:
    products = [await store.stock(price=40) for _ in range(3)]
    client = store.household(await open_household())

    refused = await fill(client, *products)

    assert (refused.status_code, refused.json()["code"]) == (409, "points.insufficient_balance")
    assert (refused.json()["needed"], refused.json()["available"]) == (40, 20)
    assert await spendable(client) == (100, 0)


async def test_the_same_key_is_one_basket_refusals_included(store: StoreKit, open_household: OpenHousehold) -> None:
    products = [await store.stock(price=10, quantity=1) for _ in range(2)]
    client, other = [store.household(await open_household()) for _ in range(2)]

    first, second = await fill(client, *products, key="tap-1"), await fill(client, *products, key="tap-1")
    changed = await fill(client, products[0], key="tap-1")
    refused, repeated = await fill(other, *products, key="tap-2"), await fill(other, *products, key="tap-2")

    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert changed.json()["code"] == "idempotency_key_reused"
    assert refused.json()["code"] == repeated.json()["code"] == "points.sold_out"
    assert await spendable(client) == (80, 20)


async def test_one_key_many_times_at_once_is_one_basket(store: StoreKit, open_household: OpenHousehold) -> None:
    products = [await store.stock(price=10) for _ in range(3)]
    client = store.household(await open_household())

    answers = await asyncio.gather(*(fill(client, *products, key="tap-1") for _ in range(6)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await spendable(client) == (70, 30)


async def test_baskets_in_opposite_order_never_wait_in_a_circle(store: StoreKit, open_household: OpenHousehold) -> None:
    products = [await store.stock(price=1, quantity=6) for _ in range(4)]
    clients = [store.household(await open_household()) for _ in range(8)]

    answers = await asyncio.gather(
        *(fill(client, *(products if i % 2 else products[::-1])) for i, client in enumerate(clients))
    )

    assert sorted(a.status_code for a in answers) == [201] * 6 + [409] * 2
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"points.sold_out"}
    assert [await stock_of(store.keeper, product) for product in products] == [(0, 6)] * 4


async def test_one_household_fills_two_baskets_at_once_and_spends_once(
    store: StoreKit, open_household: OpenHousehold
) -> None:
    """Seen elsewhere: the same 5 points redeemed repeatedly (donetick#489), 20 parallel gifts of the same 100 points (fuint#71)."""
    products = [await store.stock(price=30, quantity=50) for _ in range(2)]
    for _ in range(4):
        household = await open_household()
        phones = [store.household(household) for _ in range(4)]

        answers = await asyncio.gather(*(fill(phone, *products) for phone in phones))

        assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]
        assert await spendable(phones[0]) == (40, 60)


async def test_the_counter_is_closed_to_others(
    store: StoreKit, open_household: OpenHousehold, client_for: ClientFor, people: People, strangers: People
) -> None:
    products = [await store.stock(price=10) for _ in range(2)]
    household = await open_household()
    client = store.household(household)
    basket = (await fill(client, *products)).json()
    code = {"code": basket["redemptions"][0]["pickup_code"]}
    own = client_for("points", people.staff(Role.STOREKEEPER, household_id=household))
    stranger = client_for("points", strangers.staff(Role.STOREKEEPER))

    assert (await client.post(f"{BASKETS}/pickups", json=code)).status_code == 403
    assert (await own.post(f"{BASKETS}/pickups", json=code)).json()["code"] == "points.own_counter"
    assert (await stranger.post(f"{BASKETS}/pickups", json=code)).status_code == 404
    assert (await stranger.get(f"{BASKETS}/{basket['id']}")).status_code == 404
    assert (await client_for("points", people.resident()).get(f"{BASKETS}/{basket['id']}")).status_code == 404
    alone = (await redeem(client, products[0])).json()
    answer = await store.keeper.post(f"{BASKETS}/pickups", json={"code": alone["pickup_code"]})
    assert answer.json()["code"] == "points.basket_not_found"
