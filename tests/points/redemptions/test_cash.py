"""A price in points and cash: shown before, told at the counter, summed in the file; the system takes no money."""

import csv
import io
from typing import Any
from uuid import UUID

import pytest

from tests.points.conftest import OpenHousehold
from tests.points.store_kit import StoreKit, redeem, spendable, stock_of

POINTS = "/api/v1/points"


@pytest.mark.parametrize("returned", [False, True])
async def test_the_whole_way_with_cash(store: StoreKit, open_household: OpenHousehold, returned: bool) -> None:
    product = await store.stock(price=10, cash_fen=550)
    client = store.household(await open_household())
    assert (await client.get(f"{POINTS}/products/{product}")).json()["cash_fen"] == 550
    bought = (await redeem(client, product, quantity=2)).json()
    assert (bought["points"], bought["cash_fen"], bought["cash_received_fen"]) == (20, 1100, 0)

    for received in ({}, {"cash_received_fen": 1099}, {"cash_received_fen": 1101}):
        refused = await store.pick_up(bought["pickup_code"], **received)
        problem = refused.json()
        assert (refused.status_code, problem["code"], problem["cash_fen"]) == (409, "points.cash_due", 1100)
        assert "应收现金 11.00 元" in problem["detail"]
    assert (await spendable(client), await stock_of(store.keeper, product)) == ((80, 20), (8, 2))
    done = (await store.pick_up(bought["pickup_code"], cash_received_fen=1100)).json()
    assert (done["state"], done["cash_received_fen"], done["cash_returned_fen"]) == ("picked_up", 1100, 0)
    if returned:
        body = {"reason": "包装破损", "is_resellable": False}
        back = (await store.keeper.post(f"{POINTS}/redemptions/{bought['id']}/returns", json=body)).json()
        assert (back["cash_received_fen"], back["cash_returned_fen"]) == (1100, 1100)

    await redeem(client, product)
    days = {"from_on": "2026-05-11", "to_on": "2026-05-11", "format": "csv"}
    file = await store.keeper.get(f"{POINTS}/redemptions/export", params=days)
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    cash = slice(rows[0].index("应收现金（元）"), rows[0].index("退还现金（元）") + 1)
    back_yuan = "11.00" if returned else "0.00"
    assert [row[cash] for row in rows[1:3]] == [["11.00", "11.00", back_yuan], ["5.50", "0.00", "0.00"]]
    assert (rows[3][0], rows[3][cash], len(rows[3])) == ("现金合计", ["", "11.00", back_yuan], len(rows[0]))


async def test_a_redemption_keeps_its_price_in_cash(store: StoreKit, open_household: OpenHousehold) -> None:
    product = await store.stock(price=10, cash_fen=500)
    client = store.household(await open_household())
    bought = (await redeem(client, product)).json()
    path = f"{POINTS}/products/{product}"
    etag = (await store.keeper.get(path)).headers["etag"]
    facts = {"name": "食用油", "category": "粮油", "price_points": 10, "cash_fen": 600}
    assert (await store.keeper.put(path, json=facts, headers={"If-Match": etag})).status_code == 200

    assert (await redeem(client, product)).json()["cash_fen"] == 600
    assert (await store.pick_up(bought["pickup_code"], cash_received_fen=500)).status_code == 200
    prices = (await client.get(f"{path}/prices")).json()["items"]
    assert [(price["price_points"], price["cash_fen"]) for price in prices] == [(10, 600), (10, 500)]


@pytest.mark.parametrize("seen", [0, 600])
async def test_cash_that_changed_between_list_and_redeem_is_told(
    store: StoreKit, open_household: OpenHousehold, seen: int
) -> None:
    product, other = await store.stock(price=10, cash_fen=500), await store.stock(price=1)
    client = store.household(await open_household())
    lines = [{"product_id": str(other)}, {"product_id": str(product), "price_points": 10, "cash_fen": seen}]

    alone = await redeem(client, product, price_points=10, cash_fen=seen, key="one")
    again = await redeem(client, product, price_points=10, cash_fen=seen, key="one")
    basket = await client.post(f"{POINTS}/baskets", json={"lines": lines})

    for refused in (alone, again, basket):
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (409, "points.price_changed")
        assert (problem["expected_cash_fen"], problem["cash_fen"]) == (seen, 500)
        assert "现在是 10 分 加 5.00 元，和您看到的 10 分" in problem["detail"]
    assert basket.json()["product_id"] == str(product)
    assert (await spendable(client), await stock_of(store.keeper, product)) == ((100, 0), (10, 0))
    assert (await redeem(client, product, cash_fen=500)).status_code == 201
    assert (await client.post(f"{POINTS}/baskets", json={"lines": [lines[1] | {"cash_fen": 500}]})).status_code == 201


async def test_a_basket_is_paid_together(store: StoreKit, open_household: OpenHousehold) -> None:
    products = [await store.stock(price=1, cash_fen=cash) for cash in (0, 120, 300)]
    client = store.household(await open_household())
    lines = [{"product_id": str(product), "quantity": 2} for product in products]
    basket = (await client.post(f"{POINTS}/baskets", json={"lines": lines})).json()
    assert sorted(one["cash_fen"] for one in basket["redemptions"]) == [0, 240, 600]
    body = {"code": basket["redemptions"][0]["pickup_code"]}

    refused = await store.keeper.post(f"{POINTS}/baskets/pickups", json=body)
    done = await store.keeper.post(f"{POINTS}/baskets/pickups", json=body | {"cash_received_fen": 840})

    assert (refused.json()["code"], refused.json()["cash_yuan"]) == ("points.cash_due", "8.40")
    assert sorted(one["cash_received_fen"] for one in done.json()) == [0, 240, 600]


async def test_what_costs_no_cash_brings_none(store: StoreKit, open_household: OpenHousehold) -> None:
    bought = (await redeem(store.household(await open_household()), await store.stock())).json()

    refused = await store.pick_up(bought["pickup_code"], cash_received_fen=1)

    assert (refused.json()["code"], refused.json()["cash_fen"]) == ("points.cash_due", 0)
    assert (await store.pick_up(bought["pickup_code"])).status_code == 200


async def test_cash_is_taken_at_the_counter_alone(store: StoreKit, open_household: OpenHousehold) -> None:
    client = store.household(await open_household())
    bought = (await redeem(client, await store.stock(cash_fen=500))).json()

    at_home = await client.post(f"{POINTS}/deliveries", json={"redemption_id": bought["id"]})
    device = {"device": "一号平板"}
    offline = (await store.keeper.post(f"{POINTS}/offline/lists", json=device)).json()
    hand_over = {
        "redemption_id": bought["id"],
        "code": bought["pickup_code"],
        "handed_over_at": "2026-05-11T01:00:00Z",
    }
    upload = device | {"list_id": offline["id"], "ticket": offline["ticket"], "hand_overs": [hand_over]}
    told = (await store.keeper.post(f"{POINTS}/offline/uploads", json=upload)).json()

    assert (at_home.json()["code"], offline["items"]) == ("points.not_deliverable", [])
    assert [one["outcome"] for one in told] == ["outside_list"]
    assert (await store.pick_up(bought["pickup_code"], cash_received_fen=500)).status_code == 200


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"cash_fen": 1, "kind": "installation"}, "points.cash_with_installation"),
        ({"cash_fen": -1}, "validation_failed"),
        ({"cash_fen": 10_000_001}, "validation_failed"),
        ({"cash_fen": 0.5}, "validation_failed"),
        ({"cash_fen": 500, "price_points": 0}, "validation_failed"),
    ],
)
async def test_prices_that_nobody_can_pay(store: StoreKit, facts: dict[str, Any], code: str) -> None:
    product = {"code": "X-1", "name": "油", "category": "粮油", "price_points": 10, "household_limit": 2}
    new = await store.keeper.post(f"{POINTS}/products", json=product | facts)
    path = f"{POINTS}/products/{UUID(str(await store.stock()))}"
    etag = (await store.keeper.get(path)).headers["etag"]
    del product["code"]
    changed = await store.keeper.put(path, json=product | facts, headers={"If-Match": etag})

    assert [(answer.status_code, answer.json()["code"]) for answer in (new, changed)] == [(422, code)] * 2
