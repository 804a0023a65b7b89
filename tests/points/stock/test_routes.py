"""Batches, shelf life, losses and buckets over HTTP."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.points.stock import usecases as stock
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn
from shared.uow import UnitOfWork
from tests.points.conftest import OpenHousehold
from tests.points.store_kit import StoreKit, redeem, stock_of

TODAY = date(2026, 5, 11)
PRODUCTS = "/api/v1/points/products"


def on(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


async def test_what_keeps_shortest_goes_first(store: StoreKit, open_household: OpenHousehold) -> None:
    product = await store.stock(quantity=0, price=1)
    late = await store.receive(product, 2, keeps_until_on=on(90))
    never = await store.receive(product, 2)
    soon = await store.receive(product, 2, keeps_until_on=on(10))
    client = store.household(await open_household())

    order = []
    for _ in range(6):
        assert (await redeem(client, product)).status_code == 201
        reserved = {batch["id"]: batch["reserved"] for batch in await store.batches(product)}
        order.append(reserved)

    ids = [soon["id"], late["id"], never["id"]]
    assert [[step[one] for one in ids] for step in order] == [
        [1, 0, 0], [2, 0, 0], [2, 1, 0], [2, 2, 0], [2, 2, 1], [2, 2, 2],
    ]  # fmt: skip


async def test_expired_goods_are_not_sold(
    store: StoreKit, open_household: OpenHousehold, people: People, clock: Any
) -> None:
    product = await store.stock(quantity=0, price=1)
    await store.receive(product, 5, keeps_until_on=on(0))
    client = store.household(await open_household())
    assert (await redeem(client, product)).status_code == 201, "the last day is a day of sale"

    clock.advance(timedelta(hours=15))  # Midnight in China.
    client = store.household(await open_household())
    keeper = store.client_for("points", people.staff(Role.STOREKEEPER))

    refused = await redeem(client, product)
    assert (refused.status_code, refused.json()["code"]) == (409, "points.sold_out")
    assert await stock_of(keeper, product) == (0, 1), "what is too old is not shown as free"


async def test_the_list_of_what_expires_soon(store: StoreKit, people: People, client_for: ClientFor) -> None:
    product = await store.stock(quantity=0)
    for days in (40, 5, 20, 30):
        await store.receive(product, 3, keeps_until_on=on(days))
    await store.receive(product, 3)

    path, seen = "/api/v1/points/stock/expiring?within_days=30&limit=2", []
    while path:
        response = await store.keeper.get(path)
        assert response.status_code == 200, response.text
        seen += [(row["keeps_until_on"], row["product_name"], row["available"]) for row in response.json()["items"]]
        path = response.links.get("next", {}).get("url", "")

    assert seen == [(on(days), "食用油 1.8 升", 3) for days in (5, 20, 30)]
    assert (await store.keeper.get("/api/v1/points/stock/expiring?cursor=WyJ4Il0")).json()["code"] == "cursor_invalid"
    resident = client_for("points", people.resident())
    assert (await resident.get("/api/v1/points/stock/expiring")).status_code == 403


async def test_what_went_bad_is_written_off_with_its_reason(store: StoreKit) -> None:
    product = await store.stock(quantity=10, buckets=4)
    (batch,) = await store.batches(product)
    path = f"{PRODUCTS}/{product}/batches/{batch['id']}/losses"

    lost = await store.keeper.post(path, json={"quantity": 4, "kind": "damaged", "note": "搬运时摔破"})
    too_many = await store.keeper.post(path, json={"quantity": 7, "kind": "missing", "note": "找不到"})

    assert (lost.status_code, lost.json()["available"], lost.json()["lost"]) == (200, 6, 4)
    assert (too_many.status_code, too_many.json()["code"]) == (409, "points.stock_short")
    assert (too_many.json()["needed"], too_many.json()["available"]) == (7, 6)
    moves = (await store.keeper.get(f"/api/v1/points/stock/moves?product_id={product}")).json()["items"]
    assert {move["reason"] for move in moves if move["destination"] == "loss"} == {"破损：搬运时摔破"}
    assert sum(move["quantity"] for move in moves if move["destination"] == "loss") == 4


@pytest.mark.parametrize("quantity", [0, -1, 1.5, 10**30, "1", True, None])
async def test_bad_losses_change_nothing(store: StoreKit, quantity: object) -> None:
    product = await store.stock()
    (batch,) = await store.batches(product)

    response = await store.keeper.post(
        f"{PRODUCTS}/{product}/batches/{batch['id']}/losses",
        json={"quantity": quantity, "kind": "damaged", "note": "x"},
    )

    assert (response.status_code, response.json()["code"]) == (422, "validation_failed")
    assert await stock_of(store.keeper, product) == (10, 0)


@pytest.mark.parametrize(
    ("facts", "status", "code"),
    [
        ({"supplier": None}, 422, "points.supplier_missing"),
        ({"supplier_id": str(new_id())}, 422, "points.supplier_missing"),
        ({"supplier": None, "supplier_id": str(new_id())}, 404, "points.supplier_not_found"),
        ({"keeps_until_on": on(-1)}, 422, "points.shelf_life_over"),
        ({"fund_id": str(new_id())}, 404, "points.fund_not_found"),
        ({"quantity": 0}, 422, "validation_failed"),
        ({"unit_cost_fen": -1}, 422, "validation_failed"),
    ],
)
async def test_goods_that_cannot_be_received(store: StoreKit, facts: dict[str, Any], status: int, code: str) -> None:
    product = await store.stock(quantity=0)
    batch = {"quantity": 5, "unit_cost_fen": 100, "fund_source": "donation", "supplier": "城关粮油店"}

    response = await store.keeper.post(f"{PRODUCTS}/{product}/batches", json=batch | facts)

    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert await store.batches(product) == []


async def test_buckets_are_split_before_a_rush_and_merged_after_it(
    store: StoreKit, open_household: OpenHousehold
) -> None:
    product = await store.stock(price=1, quantity=10)
    client = store.household(await open_household())
    bought = (await redeem(client, product, quantity=2)).json()

    split = await store.keeper.post(f"{PRODUCTS}/{product}/buckets", json={"count": 8})
    assert split.status_code == 200, split.text
    assert await stock_of(store.keeper, product) == (8, 2)
    assert (await redeem(client, product, quantity=3)).status_code == 201, "put together from several buckets"

    merged = await store.keeper.post(f"{PRODUCTS}/{product}/buckets", json={"count": 1})
    assert [(batch["available"], batch["reserved"]) for batch in merged.json()] == [(5, 5)]
    await client.post(f"/api/v1/points/redemptions/{bought['id']}/cancellations", json={})
    assert await stock_of(store.keeper, product) == (7, 3), "what is given up finds its bucket again"


async def test_the_last_pieces_in_many_buckets_are_still_sold_together(
    store: StoreKit, open_household: OpenHousehold
) -> None:
    product = await store.stock(price=1, quantity=4, buckets=4)
    client = store.household(await open_household())

    assert (await redeem(client, product, quantity=3)).status_code == 201
    assert (await redeem(client, product, quantity=2)).json()["code"] == "points.sold_out"
    assert (await redeem(client, product, quantity=1)).status_code == 201
    assert await stock_of(store.keeper, product) == (0, 4)


async def test_pieces_are_put_together_by_many_at_once_without_loss(
    store: StoreKit, open_household: OpenHousehold
) -> None:
    clients = [store.household(await open_household()) for _ in range(9)]
    for _ in range(3):
        product = await store.stock(price=1, quantity=16, buckets=16)

        answers = await asyncio.gather(*(redeem(client, product, quantity=3) for client in clients))

        assert sorted(a.status_code for a in answers) == [201] * 5 + [409] * 4
        assert await stock_of(store.keeper, product) == (1, 15)


async def test_splitting_while_people_buy_loses_nothing(store: StoreKit, open_household: OpenHousehold) -> None:
    product = await store.stock(price=1, quantity=12)
    clients = [store.household(await open_household()) for _ in range(6)]

    async def resplit() -> None:
        for count in (8, 1, 4):
            answer = await store.keeper.post(f"{PRODUCTS}/{product}/buckets", json={"count": count})
            assert answer.status_code == 200, answer.text

    answers, _ = await asyncio.gather(asyncio.gather(*(redeem(client, product) for client in clients)), resplit())

    assert {answer.status_code for answer in answers} == {201}
    assert await stock_of(store.keeper, product) == (6, 6)


@pytest.mark.parametrize(("buyers", "quantity"), [(3, 1), (2, 2)])
async def test_who_waits_while_stock_is_split_finds_it_where_it_went(
    store: StoreKit, open_household: OpenHousehold, people: People, work_in: WorkIn, buyers: int, quantity: int
) -> None:
    product = await store.stock(price=1, quantity=4)
    clients = [store.household(await open_household()) for _ in range(buyers)]
    storekeeper = people.staff(Role.STOREKEEPER)

    async with work_in("points", people.community_id) as uow:
        await stock.split_buckets(uow=uow, principal=storekeeper, product_id=product, count=4)
        buying = [asyncio.create_task(redeem(client, product, quantity=quantity)) for client in clients]
        mine = (await uow.session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        async with asyncio.timeout(60):
            while await waiting_for(uow, mine) < buyers:
                await uow.session.execute(text("SELECT pg_stat_clear_snapshot()"))
                await asyncio.sleep(0.01)

    assert [answer.status_code for answer in await asyncio.gather(*buying)] == [201] * buyers
    assert await stock_of(store.keeper, product) == (4 - buyers * quantity, buyers * quantity)


async def waiting_for(uow: UnitOfWork, pid: int) -> int:
    """Return how many connections wait, at first or second hand, for one."""
    asked = """
        WITH RECURSIVE waiting AS (
            SELECT pid FROM pg_stat_activity WHERE :pid = ANY (pg_blocking_pids(pid))
            UNION SELECT a.pid FROM pg_stat_activity a JOIN waiting w ON w.pid = ANY (pg_blocking_pids(a.pid))
        ) SELECT count(*) FROM waiting
    """
    return int((await uow.session.execute(text(asked), {"pid": pid})).scalar_one())


async def test_locked_stock_is_never_given_twice_and_never_below_zero(
    store: StoreKit, open_household: OpenHousehold
) -> None:
    """Seen elsewhere: locked stock never checked, stock −1 (mall#376, #353, shopxo#38). A write-off races the last buyers."""
    for _ in range(5):
        product = await store.stock(price=1, quantity=3)
        (batch,) = await store.batches(product)
        clients = [store.household(await open_household()) for _ in range(4)]
        loss = f"{PRODUCTS}/{product}/batches/{batch['id']}/losses"

        answers = await asyncio.gather(
            *(redeem(client, product) for client in clients),
            store.keeper.post(loss, json={"quantity": 2, "kind": "missing", "note": "找不到"}),
        )

        (after,) = await store.batches(product)
        assert after["available"] >= 0
        assert after["available"] + after["reserved"] + after["lost"] == 3
        assert after["reserved"] == sum(answer.status_code == 201 for answer in answers[:-1])


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.ASSESSOR, Role.SUPERVISOR])
async def test_only_those_who_run_the_store_move_stock(
    store: StoreKit, client_for: ClientFor, people: People, role: Role
) -> None:
    product = await store.stock()
    (batch,) = await store.batches(product)
    other = client_for("points", people.staff(role))
    path = f"{PRODUCTS}/{product}"
    loss = {"quantity": 1, "kind": "other", "note": "x"}

    assert (await other.post(f"{path}/batches/{batch['id']}/losses", json=loss)).status_code == 403
    assert (await other.post(f"{path}/buckets", json={"count": 2})).status_code == 403
    watches = role is Role.SUPERVISOR
    assert (await other.get(f"{path}/batches")).status_code == (200 if watches else 403)
    assert (await other.get("/api/v1/points/stock/moves")).status_code == (200 if watches else 403)


async def test_another_community_has_no_stock_here(store: StoreKit, client_for: ClientFor, strangers: People) -> None:
    product = await store.stock()
    (batch,) = await store.batches(product)
    stranger = client_for("points", strangers.staff(Role.STOREKEEPER))
    loss = {"quantity": 1, "kind": "other", "note": "x"}

    answer = await stranger.post(f"{PRODUCTS}/{product}/batches/{batch['id']}/losses", json=loss)
    assert (answer.status_code, answer.json()["code"]) == (404, "points.batch_not_found")
    assert (await stranger.get(f"{PRODUCTS}/{product}/batches")).status_code == 404
    assert (await stranger.get("/api/v1/points/stock/moves")).json()["items"] == []


async def test_batches_come_in_pages_newest_first(store: StoreKit) -> None:
    product = await store.stock(quantity=0)
    received = [(await store.receive(product, quantity))["id"] for quantity in (1, 2, 3)]

    seen, url = [], f"{PRODUCTS}/{product}/batches?limit=2"
    while url:
        response = await store.keeper.get(url)
        seen.append([batch["id"] for batch in response.json()["items"]])
        url = response.links.get("next", {}).get("url", "")

    assert seen == [received[:0:-1], received[:1]]
    wrong = await store.keeper.get(f"{PRODUCTS}/{product}/batches", params={"cursor": "x"})
    assert wrong.json()["code"] == "cursor_invalid"
