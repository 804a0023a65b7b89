"""Redeeming over HTTP: what a household, a storekeeper and a stranger get."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.points.audits.repository import list_breaches
from services.points.redemptions import pickup_code
from shared.contracts.events import RedemptionPickedUp, RedemptionReleased, RedemptionReserved, RedemptionReturned
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn
from tests.points.conftest import OpenHousehold
from tests.points.store_kit import StoreKit, redeem, spendable, stock_of


async def test_redeeming_holds_points_and_stock(store: StoreKit, open_household: OpenHousehold, people: People) -> None:
    product = await store.stock(price=30, quantity=10)
    client = store.household(await open_household())

    response = await redeem(client, product, quantity=2, price_points=30)

    assert response.status_code == 201
    body = response.json()
    assert (body["state"], body["points"], body["quantity"]) == ("reserved", 60, 2)
    assert len(body["pickup_code"]) == 6
    assert response.headers["location"] == f"/api/v1/points/redemptions/{body['id']}"
    assert await spendable(client) == (40, 60)
    assert await stock_of(store.keeper, product) == (8, 2)


async def test_the_whole_way_to_the_counter(
    store: StoreKit, open_household: OpenHousehold, people: People, facts_of: Any
) -> None:
    product = await store.stock(price=30, quantity=10)
    client = store.household(await open_household())
    bought = (await redeem(client, product)).json()

    ready = await store.keeper.post(f"/api/v1/points/redemptions/{bought['id']}/preparations")
    picked_up = await store.keeper.post(
        "/api/v1/points/redemptions/pickups", json={"code": bought["pickup_code"], "proxy_name": "张三"}
    )

    assert ready.json()["state"] == "ready"
    assert picked_up.status_code == 200
    assert (picked_up.json()["state"], picked_up.json()["proxy_name"]) == ("picked_up", "张三")
    assert picked_up.json()["pickup_code"] is None
    assert await spendable(client) == (70, 0)
    assert await stock_of(store.keeper, product) == (9, 0)
    (batch,) = await store.batches(product)
    assert (batch["available"], batch["reserved"], batch["sold"]) == (9, 0, 1)
    told = [type(fact) for fact in await facts_of("points", people.community_id)]
    assert told == [RedemptionReserved, RedemptionPickedUp]


async def test_a_code_opens_once(store: StoreKit, open_household: OpenHousehold) -> None:
    product = await store.stock()
    bought = (await redeem(store.household(await open_household()), product)).json()
    body = {"code": bought["pickup_code"]}

    first = await store.keeper.post("/api/v1/points/redemptions/pickups", json=body)
    second = await store.keeper.post("/api/v1/points/redemptions/pickups", json=body)

    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (404, "points.pickup_code_unknown")


async def test_a_new_code_takes_the_place_of_one_somebody_saw(
    store: StoreKit, open_household: OpenHousehold, client_for: ClientFor, people: People
) -> None:
    client = store.household(await open_household())
    bought = (await redeem(client, await store.stock())).json()
    path = f"/api/v1/points/redemptions/{bought['id']}"

    renewed = await client.post(f"{path}/codes")

    assert renewed.status_code == 200, renewed.text
    assert renewed.json()["pickup_code"] != bought["pickup_code"]
    assert (await store.pick_up(bought["pickup_code"])).json()["code"] == "points.pickup_code_unknown"
    assert (await store.keeper.post(f"{path}/codes")).json()["pickup_code"] is None, "only the household sees it"
    assert (await client_for("points", people.resident()).post(f"{path}/codes")).status_code == 404
    assert (await client_for("points", people.staff(Role.SUPERVISOR)).post(f"{path}/codes")).status_code == 403
    assert (await store.pick_up((await client.get(path)).json()["pickup_code"])).status_code == 200
    assert (await client.post(f"{path}/codes")).json()["code"] == "wrong_state"


async def test_the_qr_code_is_for_the_household_and_opens_its_redemption(
    store: StoreKit, open_household: OpenHousehold, apps: Any
) -> None:
    product = await store.stock()
    client = store.household(await open_household())
    bought = (await redeem(client, product)).json()
    path = f"/api/v1/points/redemptions/{bought['id']}/qr"

    picture = await client.get(path)
    assert picture.headers["content-type"] == "image/svg+xml"
    assert b"<svg" in picture.content
    assert (await store.keeper.get(path)).status_code == 404

    key = apps.runtime("points").settings.pickup_key.get_secret_value().encode()
    token = pickup_code.sign(key, UUID(bought["id"]), bought["pickup_code"])
    forged = pickup_code.sign(key, new_id(), bought["pickup_code"])
    assert (await store.keeper.post("/api/v1/points/redemptions/pickups", json={"token": forged})).status_code == 404
    assert (await store.keeper.post("/api/v1/points/redemptions/pickups", json={"token": token})).status_code == 200


async def test_the_statement_says_for_what_points_were_set_aside(
    store: StoreKit, open_household: OpenHousehold, clock: Any
) -> None:
    household = await open_household()
    client = store.household(household)
    bought = (await redeem(client, await store.stock(name="大米 5 公斤"), quantity=2)).json()
    await client.post(f"/api/v1/points/redemptions/{bought['id']}/cancellations", json={})

    lines = (await client.get(f"/api/v1/points/households/{household}/statement")).json()["items"]

    assert [line["summary"] for line in lines if line["kind"] == "hold"] == ["兑换预留：大米 5 公斤 × 2"] * 2


async def test_cancelling_gives_everything_back(
    store: StoreKit, open_household: OpenHousehold, people: People, facts_of: Any
) -> None:
    product = await store.stock(household_limit=1)
    client = store.household(await open_household())
    bought = (await redeem(client, product)).json()

    cancelled = await client.post(f"/api/v1/points/redemptions/{bought['id']}/cancellations", json={"reason": "买错了"})

    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert await spendable(client) == (100, 0)
    assert await stock_of(store.keeper, product) == (10, 0)
    assert (await redeem(client, product)).status_code == 201, "the limit's share came back too"
    facts = await facts_of("points", people.community_id)
    assert [fact.reason for fact in facts if isinstance(fact, RedemptionReleased)] == ["cancelled"]


async def test_nobody_comes_and_the_sweep_gives_everything_back(
    store: StoreKit, open_household: OpenHousehold, people: People, clock: Any, sweep: Any
) -> None:
    product = await store.stock(hold_hours=72)
    household = await open_household()
    bought = (await redeem(store.household(household), product)).json()

    clock.advance(timedelta(hours=72))
    await sweep("points", "expire_redemptions")
    await sweep("points", "expire_redemptions")

    client = store.household(household)
    keeper = store.client_for("points", people.staff(Role.STOREKEEPER))
    assert (await client.get(f"/api/v1/points/redemptions/{bought['id']}")).json()["state"] == "expired"
    assert await spendable(client) == (100, 0)
    assert await stock_of(keeper, product) == (10, 0)


async def test_an_expired_hold_counts_as_released_before_any_sweep(
    store: StoreKit, open_household: OpenHousehold, clock: Any
) -> None:
    product = await store.stock(price=100, quantity=2)
    household = await open_household()
    await redeem(store.household(household), product)
    clock.advance(timedelta(hours=72))
    client = store.household(household)

    assert await spendable(client) == (100, 0)
    assert (await redeem(client, product)).status_code == 201
    assert await spendable(client) == (0, 100)


async def test_a_hold_past_its_time_is_not_handed_over(
    store: StoreKit, open_household: OpenHousehold, people: People, clock: Any
) -> None:
    product = await store.stock()
    bought = (await redeem(store.household(await open_household()), product)).json()
    clock.advance(timedelta(hours=72))
    keeper = store.client_for("points", people.staff(Role.STOREKEEPER))

    response = await keeper.post("/api/v1/points/redemptions/pickups", json={"code": bought["pickup_code"]})

    assert (response.status_code, response.json()["code"]) == (409, "points.redemption_expired")


@pytest.mark.parametrize(("is_resellable", "on_shelf"), [(True, 10), (False, 9)])
async def test_a_return_gives_points_back_and_books_the_goods(
    store: StoreKit, open_household: OpenHousehold, people: People, facts_of: Any, is_resellable: bool, on_shelf: int
) -> None:
    product = await store.stock()
    client = store.household(await open_household())
    bought = (await redeem(client, product)).json()
    await store.keeper.post("/api/v1/points/redemptions/pickups", json={"code": bought["pickup_code"]})
    path = f"/api/v1/points/redemptions/{bought['id']}/returns"
    body = {"reason": "包装破损", "is_resellable": is_resellable}

    returned = await store.keeper.post(path, json=body)
    again = await store.keeper.post(path, json=body)

    assert (returned.status_code, returned.json()["state"]) == (200, "returned")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state"), "one purchase is given back once"
    assert await spendable(client) == (100, 0)
    assert await stock_of(store.keeper, product) == (on_shelf, 0)
    assert RedemptionReturned in {type(fact) for fact in await facts_of("points", people.community_id)}


async def test_who_handed_over_stays_beside_who_took_back(
    store: StoreKit, open_household: OpenHousehold, client_for: ClientFor, people: People, clock: Any
) -> None:
    bought = (await redeem(store.household(await open_household()), await store.stock())).json()
    handed_over = (await store.pick_up(bought["pickup_code"], proxy_name="张三")).json()
    clock.advance(timedelta(minutes=10))
    other = people.staff(Role.STOREKEEPER)

    returned = await client_for("points", other).post(
        f"/api/v1/points/redemptions/{bought['id']}/returns", json={"reason": "包装破损", "is_resellable": True}
    )

    kept = ("handed_over_by", "ended_at", "proxy_name", "proxy_for")
    assert {name: returned.json()[name] for name in kept} == {name: handed_over[name] for name in kept}
    assert handed_over["handed_over_by"] not in {None, str(other.account_id)}
    assert returned.json()["taken_back_by"] == str(other.account_id)
    assert returned.json()["taken_back_at"] > returned.json()["ended_at"]


@pytest.mark.breaks_books
async def test_the_audit_finds_who_took_back_from_the_own_household(
    store: StoreKit, open_household: OpenHousehold, people: People, work_in: WorkIn
) -> None:
    bought = (await redeem(store.household(await open_household()), await store.stock())).json()
    await store.pick_up(bought["pickup_code"])
    body = {"reason": "包装破损", "is_resellable": True}
    await store.keeper.post(f"/api/v1/points/redemptions/{bought['id']}/returns", json=body)

    async with work_in("points", people.community_id) as uow:
        assert await list_breaches(uow.session, uow.now) == []
        await uow.session.execute(text("UPDATE points.redemption SET taken_back_by = account_id"))
        (breach,) = await list_breaches(uow.session, uow.now)

    assert (breach.code, breach.subject) == ("I15", bought["id"])


@pytest.mark.parametrize(
    ("stock", "body", "status", "code"),
    [
        ({"price": 101}, {}, 409, "points.insufficient_balance"),
        ({"quantity": 1}, {"quantity": 2}, 409, "points.sold_out"),
        ({"household_limit": 1}, {"quantity": 2}, 409, "points.household_limit"),
        ({"state": "withdrawn"}, {}, 409, "points.not_on_sale"),
        ({"state": "draft"}, {}, 409, "points.not_on_sale"),
        ({}, {"price_points": 29}, 409, "points.price_changed"),
        ({}, {"quantity": 0}, 422, "validation_failed"),
        ({}, {"quantity": -1}, 422, "validation_failed"),
        ({}, {"quantity": 1.5}, 422, "validation_failed"),
        ({}, {"quantity": 10**30}, 422, "validation_failed"),
        ({}, {"quantity": True}, 422, "validation_failed"),
        ({}, {"quantity": "1"}, 422, "validation_failed"),
        ({}, {"points": -5}, 422, "validation_failed"),
        ({}, {"product_id": "x"}, 422, "validation_failed"),
    ],
)
async def test_refusals_say_why_and_change_nothing(
    store: StoreKit, open_household: OpenHousehold, stock: dict[str, Any], body: dict[str, Any], status: int, code: str
) -> None:
    product = await store.stock(**stock)
    client = store.household(await open_household())
    before = await stock_of(store.keeper, product)

    response = await redeem(client, product, **body)

    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert await spendable(client) == (100, 0)
    assert await stock_of(store.keeper, product) == before


async def test_refusal_tells_the_facts_in_words(store: StoreKit, open_household: OpenHousehold) -> None:
    product = await store.stock(price=130)

    problem = (await redeem(store.household(await open_household()), product)).json()

    assert (problem["needed"], problem["available"]) == (130, 100)
    assert problem["detail"] == "积分不够：需要 130 分，现有 100 分。"


async def test_the_same_key_redeems_once_and_answers_the_same(store: StoreKit, open_household: OpenHousehold) -> None:
    product = await store.stock()
    client = store.household(await open_household())

    first = await redeem(client, product, key="tap-1")
    second = await redeem(client, product, key="tap-1")
    other = await redeem(client, product, key="tap-1", quantity=2)

    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await spendable(client) == (70, 30)


async def test_a_refusal_is_remembered_under_its_key(store: StoreKit, open_household: OpenHousehold) -> None:
    product = await store.stock(quantity=1)
    client, other = store.household(await open_household()), store.household(await open_household())
    bought = (await redeem(other, product)).json()
    first = await redeem(client, product, key="tap-1")
    await other.post(f"/api/v1/points/redemptions/{bought['id']}/cancellations", json={})

    second = await redeem(client, product, key="tap-1")

    assert first.json()["code"] == second.json()["code"] == "points.sold_out"
    assert (await redeem(client, product, key="tap-2")).status_code == 201


async def test_the_counter_is_closed_to_others(
    store: StoreKit, open_household: OpenHousehold, client_for: ClientFor, people: People, strangers: People
) -> None:
    product = await store.stock()
    household = await open_household()
    bought = (await redeem(store.household(household), product)).json()
    path = f"/api/v1/points/redemptions/{bought['id']}"
    code = {"code": bought["pickup_code"]}
    pickups = "/api/v1/points/redemptions/pickups"
    own_keeper = client_for("points", people.staff(Role.STOREKEEPER, household_id=household))

    assert (await store.household(household).post(pickups, json=code)).status_code == 403
    assert (await client_for("points", people.resident()).get(path)).status_code == 404
    assert (await client_for("points", strangers.staff(Role.STOREKEEPER)).get(path)).status_code == 404
    assert (await client_for("points", strangers.staff(Role.STOREKEEPER)).post(pickups, json=code)).status_code == 404
    assert (await client_for("points", people.staff(Role.SUPERVISOR)).post(f"{path}/preparations")).status_code == 403
    assert (await own_keeper.post(pickups, json=code)).json()["code"] == "points.own_counter"
    assert (await store.keeper.get(path)).json()["pickup_code"] is None, "a storekeeper learns the code at the counter"


async def test_actions_are_what_each_could_do(store: StoreKit, open_household: OpenHousehold) -> None:
    product = await store.stock()
    client = store.household(await open_household())
    bought = (await redeem(client, product)).json()
    path = f"/api/v1/points/redemptions/{bought['id']}/actions"

    assert (await client.get(path)).json() == {"state": "reserved", "actions": ["cancel", "renew_code"]}
    assert (await store.keeper.get(path)).json()["actions"] == ["prepare", "pick_up", "cancel", "renew_code"]


async def test_lists_page_through_everything_once(store: StoreKit, open_household: OpenHousehold, clock: Any) -> None:
    product = await store.stock(price=1)
    household = await open_household()
    client = store.household(household)
    bought = []
    for _ in range(5):
        clock.advance(timedelta(seconds=1))
        bought.append((await redeem(client, product)).json()["id"])

    seen, url = [], "/api/v1/points/redemptions?limit=2"
    while url:
        response = await client.get(url)
        seen += [row["id"] for row in response.json()["items"]]
        url = response.links.get("next", {}).get("url", "")

    assert seen == bought[::-1]
    assert (await client.get("/api/v1/points/redemptions", params={"state": "expired"})).json()["items"] == []
    assert (await client.get("/api/v1/points/redemptions", params={"cursor": "x"})).json()["code"] == "cursor_invalid"
