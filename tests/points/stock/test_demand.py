"""In how many buckets stock lies follows demand, leaves alone what a storekeeper said, and loses no piece."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.points.stock.domain import BY_HAND, MOST_BUCKETS, PIECES_A_BUCKET, QUIET, RUSH, RUSH_WINDOW
from services.points.stock.repository import UNFIT
from shared.kernel.clock import FixedClock
from shared.testing.clients import Apps, People
from shared.testing.factories import WorkIn
from shared.uow import open_session
from tests.points.conftest import OpenHousehold
from tests.points.store_kit import StoreKit, redeem, stock_of
from tests.shared.plans import read_whole

pytestmark = pytest.mark.breaks_books  # Moves of redemptions that nobody made.

PRODUCTS = "/api/v1/points/products"
REDEEMED = """
    INSERT INTO points.stock_move (community_id, id, product_id, batch_id, bucket_number, source, destination, quantity, cause_id, reason,
        acting_account_id, created_at)
    SELECT b.community_id, gen_random_uuid(), b.product_id, b.id, 0, 'shelf', 'reserved', 1, gen_random_uuid(), '', NULL, :now
    FROM points.batch b CROSS JOIN generate_series(1, :times) WHERE b.product_id = :product
"""


@pytest.fixture
async def rush(people: People, work_in: WorkIn, open_household: OpenHousehold) -> Any:
    """Write down that a product was redeemed so many times at this moment."""
    await open_household()

    async def write(product: UUID, times: int) -> None:
        async with work_in("points", people.community_id) as uow:
            await uow.session.execute(text(REDEEMED), {"now": uow.now, "times": times, "product": product})

    return write


async def buckets_of(store: StoreKit, product: UUID) -> int:
    steps = (await store.keeper.get(f"{PRODUCTS}/{product}/steps")).json()["items"]
    numbers = [int(step["state"].split()[-1]) for step in steps if step["state"].startswith("分货格数")]
    return numbers[-1] if numbers else 1


async def test_buyers_who_queue_get_more_buckets_and_one_again_when_they_are_gone(
    store: StoreKit, rush: Any, sweep: Any, clock: FixedClock
) -> None:
    product = await store.stock(quantity=4 * PIECES_A_BUCKET)
    await rush(product, RUSH)
    await sweep("points", "fit_buckets")
    assert await buckets_of(store, product) == 1
    for times, buckets in ((1, 2), (0, 2), (RUSH, 4), (4 * RUSH, 4)):
        await rush(product, times)
        await sweep("points", "fit_buckets")
        assert await buckets_of(store, product) == buckets
    assert await stock_of(store.keeper, product) == (4 * PIECES_A_BUCKET, 0)

    clock.advance(QUIET - timedelta(seconds=1))
    await sweep("points", "fit_buckets")
    assert await buckets_of(store, product) == 4
    clock.advance(timedelta(seconds=1))
    await sweep("points", "fit_buckets")
    assert await buckets_of(store, product) == 1
    (batch,) = await store.batches(product)
    assert (batch["available"], batch["reserved"]) == (4 * PIECES_A_BUCKET, 0)
    told = (await store.keeper.get(f"{PRODUCTS}/{product}/steps")).json()["items"]
    assert [(s["state"], s["reason"], s["account_id"]) for s in told if s["state"].startswith("分货格数")] == [
        ("分货格数 2", "兑换的人多，系统自动分格", None),
        ("分货格数 4", "兑换的人多，系统自动分格", None),
        ("分货格数 1", "兑换的人少了，系统自动并格", None),
    ]


async def test_low_stock_is_put_together_as_soon_as_nobody_queues(
    store: StoreKit, rush: Any, sweep: Any, clock: FixedClock
) -> None:
    product = await store.stock(quantity=2 * PIECES_A_BUCKET)
    await rush(product, RUSH + 1)
    await sweep("points", "fit_buckets")
    (batch,) = await store.batches(product)
    loss = {"quantity": 1, "kind": "damaged", "note": "碰破"}
    await store.keeper.post(f"{PRODUCTS}/{product}/batches/{batch['id']}/losses", json=loss)
    await sweep("points", "fit_buckets")
    assert await buckets_of(store, product) == 2, "while people buy, it stays as it is"

    clock.advance(RUSH_WINDOW)
    await sweep("points", "fit_buckets")

    assert await buckets_of(store, product) == 1
    assert await stock_of(store.keeper, product) == (2 * PIECES_A_BUCKET - 1, 0)


async def test_too_little_is_never_split(store: StoreKit, rush: Any, sweep: Any) -> None:
    product = await store.stock(quantity=2 * PIECES_A_BUCKET - 1)
    await rush(product, 2 * RUSH)
    await sweep("points", "fit_buckets")
    assert await buckets_of(store, product) == 1


@pytest.mark.parametrize("way", ["entered", "changed", "split", "put together"])
async def test_what_a_storekeeper_said_stays_for_a_day(
    store: StoreKit, rush: Any, sweep: Any, clock: FixedClock, way: str
) -> None:
    many = 64 * PIECES_A_BUCKET
    product = await store.stock(quantity=many, buckets=8 if way == "entered" else 1)
    path = f"{PRODUCTS}/{product}"
    if way == "changed":
        read = await store.keeper.get(path)
        body = {"buckets": 8, "price_points": 30, "name": "食用油", "category": "粮油", "household_limit": 9}
        changed = await store.keeper.put(path, json=body, headers={"If-Match": read.headers["ETag"]})
        assert changed.status_code == 200, changed.text
    if way in {"split", "put together"}:
        await store.keeper.post(f"{path}/buckets", json={"count": 8})
    if way == "put together":
        await store.keeper.post(f"{path}/buckets", json={"count": 1})
    said = len((await store.keeper.get(f"{path}/steps")).json()["items"])

    clock.advance(BY_HAND - timedelta(seconds=1))
    await rush(product, 9 * RUSH)
    await sweep("points", "fit_buckets")
    store = StoreKit(store.client_for, store.people)  # A day later one signs in anew.
    assert len((await store.keeper.get(f"{path}/steps")).json()["items"]) == said
    clock.advance(timedelta(seconds=1))
    await sweep("points", "fit_buckets")
    assert await buckets_of(store, product) == (2 if way == "put together" else 16)


async def test_splitting_in_a_rush_loses_nothing(
    store: StoreKit, open_household: OpenHousehold, rush: Any, sweep: Any
) -> None:
    """Eight households buy one piece after the other while stock is split again and again under their hands."""
    total, each = 17 * PIECES_A_BUCKET, 5
    product = await store.stock(price=1, quantity=total)
    clients = [store.household(await open_household()) for _ in range(8)]
    await rush(product, 16 * RUSH)

    async def buy(client: Any) -> list[int]:
        return [(await redeem(client, product)).status_code for _ in range(each)]

    async def split() -> None:
        for _ in range(6):
            await sweep("points", "fit_buckets")

    bought, _ = await asyncio.gather(asyncio.gather(*(buy(client) for client in clients)), split())

    assert bought == [[201] * each] * len(clients)
    assert await buckets_of(store, product) == 16
    sold = len(clients) * each
    assert await stock_of(store.keeper, product) == (total - sold, sold)
    (batch,) = await store.batches(product)
    assert (batch["available"], batch["reserved"]) == (total - sold, sold)


async def test_looking_for_a_rush_reads_by_indexes(apps: Apps, store: StoreKit, clock: FixedClock) -> None:
    await store.stock(buckets=2)
    database, now = apps.runtime("points").database, clock.now()
    names = ("now", "rush_since", "quiet_since", "by_hand")
    facts = {"rush": RUSH, "counted": 9, "most": MOST_BUCKETS, "pieces": PIECES_A_BUCKET, "limit": 9}
    async with open_session(database, database.worker) as session:
        read = await read_whole(session, UNFIT, facts | dict.fromkeys(names, now))
    assert read <= {"seal_schedule"}, "one row for each community"
