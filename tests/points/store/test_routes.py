"""Products over HTTP: what they cost over time, when they run low, which picture they show."""

import random
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.points.store.domain import limit_window
from shared.contracts.events import AssetDeleted, AssetRejected, StockLow
from shared.ids import new_id
from shared.kernel.clock import CHINA, local_date
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn
from tests.points.conftest import OpenHousehold
from tests.points.store_kit import StoreKit, redeem, spendable, stock_of

PRODUCTS = "/api/v1/points/products"
FACTS = {"name": "食用油 1.8 升", "category": "粮油", "price_points": 30, "household_limit": 100}


async def change(store: StoreKit, product: UUID, **facts: Any) -> dict[str, Any]:
    path = f"{PRODUCTS}/{product}"
    etag = (await store.keeper.get(path)).headers["etag"]
    answer = await store.keeper.put(path, json=FACTS | facts, headers={"If-Match": etag})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_the_limit_counts_anew_the_day_after_the_product_says(
    store: StoreKit, open_household: OpenHousehold, people: People, client_for: ClientFor, clock: Any
) -> None:
    """The first moment of a day in China ends a window: not one microsecond before, and not at the midnight of another place."""
    product = await store.stock(price=1, household_limit=2, limit_window_days=7)
    household = await open_household()
    path = f"{PRODUCTS}/{product}"
    last_day = date.fromisoformat((await store.household(household).get(path)).json()["limit_window_ends_on"])
    assert (await redeem(store.household(household), product, quantity=2)).status_code == 201
    over = datetime.combine(last_day + timedelta(days=1), time(), CHINA)

    clock.set(over - timedelta(microseconds=1))
    refused = (await redeem(store.household(household), product)).json()

    assert (refused["code"], refused["window_ends_on"]) == ("points.household_limit", last_day.isoformat())
    assert f"每 7 天为一期，每户每期限兑 2 件。本期到 {last_day} 为止，您家已兑 2 件" in refused["detail"]
    clock.set(over)
    client = store.household(household)
    assert (await client.get(path)).json()["limit_window_ends_on"] == (last_day + timedelta(days=7)).isoformat()
    assert (await redeem(client, product, quantity=2)).status_code == 201
    assert (await redeem(client, product)).json()["taken"] == 2


async def test_a_limit_of_another_length_begins_its_own_count(store: StoreKit, open_household: OpenHousehold) -> None:
    """What was taken in a window of the old length is in none of the new one, whatever their numbers would be."""
    product = await store.stock(price=1, household_limit=1, limit_window_days=60)
    client = store.household(await open_household())
    bought = (await redeem(client, product)).json()

    await change(store, product, price_points=1, household_limit=1, limit_window_days=59)

    assert (await redeem(client, product)).status_code == 201
    assert (await redeem(client, product)).json()["code"] == "points.household_limit"
    assert (await client.post(f"/api/v1/points/redemptions/{bought['id']}/cancellations", json={})).status_code == 200


async def test_the_database_counts_days_as_the_domain_does(people: People, work_in: WorkIn) -> None:
    draw = random.Random(60)
    moments = []
    for days in (1, 2, 7, 30, 60, 61, 365, 366):
        for _ in range(60):
            begins_on = limit_window(date(2026, 1, 1) + timedelta(days=draw.randrange(4_000)), days).begins_on
            begins_at = datetime.combine(begins_on, time(), CHINA)
            moments += [(begins_at + timedelta(microseconds=step), days) for step in (-1, 0, draw.randrange(10**13))]
    async with work_in("points", people.community_id) as uow:
        counted = await uow.session.execute(
            text(
                "SELECT points.limit_window(m, d) FROM unnest(CAST(:m AS timestamptz[]), CAST(:d AS int[])) AS one (m, d)"
            ),
            {"m": [moment for moment, _ in moments], "d": [days for _, days in moments]},
        )

        assert list(counted.scalars()) == [limit_window(local_date(moment), days).number for moment, days in moments]


async def test_every_price_is_kept(store: StoreKit, clock: Any, people: People, client_for: ClientFor) -> None:
    product = await store.stock(price=30)
    for price in (40, 40, 25):
        clock.advance(timedelta(minutes=1))
        await change(store, product, price_points=price)

    resident = client_for("points", people.resident())
    prices = (await resident.get(f"{PRODUCTS}/{product}/prices")).json()["items"]

    assert [price["price_points"] for price in prices] == [25, 40, 30]
    assert (await resident.get(f"{PRODUCTS}/{new_id()}/prices")).status_code == 404


async def test_actions_are_what_each_could_do_with_a_product(
    store: StoreKit, client_for: ClientFor, people: People
) -> None:
    product = await store.stock(quantity=0)
    resident, path = client_for("points", people.resident()), f"{PRODUCTS}/{product}/actions"

    on_sale = {"state": "on_sale", "actions": ["withdraw", "take_back_to_draft"]}
    assert (await store.keeper.get(path)).json() == on_sale
    assert (await resident.get(path)).json() == on_sale | {"actions": []}
    await change(store, product, state="withdrawn")
    assert (await store.keeper.get(path)).json()["actions"] == ["put_on_sale", "take_back_to_draft"]
    assert (await resident.get(path)).status_code == 404, "what is not on sale is not there for residents"


async def test_a_price_that_changed_between_list_and_redeem_is_told(
    store: StoreKit, open_household: OpenHousehold
) -> None:
    product = await store.stock(price=30)
    client = store.household(await open_household())
    seen = (await client.get(f"{PRODUCTS}/{product}")).json()["price_points"]
    await change(store, product, price_points=31)

    refused = await redeem(client, product, price_points=seen)

    assert (refused.status_code, refused.json()["code"]) == (409, "points.price_changed")
    assert (refused.json()["expected"], refused.json()["price_points"]) == (30, 31)
    assert await spendable(client) == (100, 0)


async def test_a_product_withdrawn_between_list_and_redeem_is_not_sold(
    store: StoreKit, open_household: OpenHousehold
) -> None:
    product = await store.stock(price=30)
    client = store.household(await open_household())
    kept = (await redeem(client, product)).json()
    assert (await client.get(f"{PRODUCTS}/{product}")).status_code == 200
    await change(store, product, state="withdrawn")

    refused = await redeem(client, product)

    assert (refused.status_code, refused.json()["code"]) == (409, "points.not_on_sale")
    assert (await store.pick_up(kept["pickup_code"])).status_code == 200, (
        "what was redeemed before is still handed over"
    )
    assert await stock_of(store.keeper, product) == (9, 0)


async def test_running_low_is_told_once_until_goods_come_in(
    store: StoreKit, open_household: OpenHousehold, people: People, facts_of: Any, sweep: Any
) -> None:
    product = await store.stock(price=1, quantity=5, low_stock_threshold=3)
    client = store.household(await open_household())

    async def told() -> list[StockLow]:
        await sweep("points", "tell_low_stock")
        return [fact for fact in await facts_of("points", people.community_id) if isinstance(fact, StockLow)]

    assert await told() == []
    await redeem(client, product, quantity=2)
    await told()
    await redeem(client, product)
    assert [(fact.available, fact.threshold) for fact in await told()] == [(3, 3)]

    await store.receive(product, 5)
    assert len(await told()) == 1
    await redeem(client, product, quantity=5)
    assert [fact.available for fact in await told()] == [3, 2]


@pytest.mark.parametrize("gone", [AssetRejected, AssetDeleted])
async def test_a_picture_that_may_not_be_shown_leaves_the_shelf(
    store: StoreKit, people: People, hear: Any, gone: Any
) -> None:
    picture = new_id()
    product = await store.stock(picture_asset_id=str(picture))
    other = await store.stock(picture_asset_id=str(new_id()))
    facts = {"asset_id": picture, "owner_account_id": new_id()}
    await hear("points", people.community_id, gone(**facts, **({"reason": "x"} if gone is AssetRejected else {})))

    assert (await store.keeper.get(f"{PRODUCTS}/{product}")).json()["picture_asset_id"] is None
    assert (await store.keeper.get(f"{PRODUCTS}/{other}")).json()["picture_asset_id"] is not None


async def test_groups_of_goods(store: StoreKit, people: People, client_for: ClientFor) -> None:
    for category, state in (("粮油", "on_sale"), ("粮油", "draft"), ("日用", "on_sale"), ("五金", "withdrawn")):
        await store.stock(category=category, state=state)

    resident = client_for("points", people.resident())
    seen = {row["name"]: row["product_count"] for row in (await resident.get(f"{PRODUCTS}/categories")).json()}
    kept = {row["name"]: row["product_count"] for row in (await store.keeper.get(f"{PRODUCTS}/categories")).json()}

    assert seen == {"粮油": 1, "日用": 1}
    assert kept == {"粮油": 2, "日用": 1, "五金": 1}


STRANGE = ["👵🏻 豆腐", "\u202eabc \u202c", "'; DROP TABLE points.product; --", "<script>alert(1)</script>"]


@pytest.mark.parametrize("text", STRANGE)
async def test_strange_names_are_kept_as_they_are(store: StoreKit, text: str) -> None:
    product = await store.stock(name=text, description=text, category=text)
    shown = (await store.keeper.get(f"{PRODUCTS}/{product}")).json()
    assert (shown["name"], shown["description"], shown["category"]) == (text.strip(),) * 3


@pytest.mark.parametrize(
    "facts",
    [
        {"price_points": 0},
        {"price_points": -1},
        {"price_points": 10**30},
        {"household_limit": 0},
        {"low_stock_threshold": -1},
        {"buckets": 65},
        {"kind": "gift"},
        {"name": "a\x00b"},
        {"name": ""},
        {"unknown": 1},
    ],
)
async def test_bad_products_are_refused(store: StoreKit, facts: dict[str, Any]) -> None:
    response = await store.keeper.post(PRODUCTS, json=FACTS | {"code": "A-1"} | facts)
    assert (response.status_code, response.json()["code"]) == (422, "validation_failed")


async def test_numbers_of_products_are_unique_and_only_keepers_enter_them(
    store: StoreKit, people: People, client_for: ClientFor
) -> None:
    body = FACTS | {"code": "A-1"}
    assert (await store.keeper.post(PRODUCTS, json=body)).status_code == 201
    assert (await store.keeper.post(PRODUCTS, json=body)).json()["code"] == "points.product_code_taken"
    for role in (Role.RESIDENT, Role.SUPERVISOR):
        assert (await client_for("points", people.staff(role)).post(PRODUCTS, json=body)).status_code == 403
