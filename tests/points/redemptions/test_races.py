"""Many at once on real connections: nothing oversold, nothing spent twice, nothing stuck."""

import asyncio
import collections
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.points.redemptions import pickup_code
from services.points.redemptions import usecases as redemptions
from services.points.redemptions.errors import SoldOutError
from shared.ids import new_id
from shared.kernel.principal import Principal, Role
from shared.testing.clients import People
from tests.points.conftest import OpenHousehold
from tests.points.store_kit import StoreKit, redeem, spendable, stock_of

ROUNDS = 10
REDEMPTIONS = "/api/v1/points/redemptions"


def codes_of(responses: list[Any]) -> collections.Counter[str]:
    return collections.Counter("ok" if r.is_success else r.json()["code"] for r in responses)


@pytest.mark.parametrize("buckets", [1, 8])
@pytest.mark.parametrize(("buyers", "units"), [(30, 7), (20, 20), (12, 1)])
async def test_exactly_what_is_there_is_sold(
    store: StoreKit, open_household: OpenHousehold, buckets: int, buyers: int, units: int
) -> None:
    clients = [store.household(await open_household()) for _ in range(buyers)]
    for _ in range(3):
        product = await store.stock(price=1, quantity=units, buckets=buckets)

        outcomes = codes_of(await asyncio.gather(*(redeem(client, product) for client in clients)))

        assert outcomes == collections.Counter({"ok": units, "points.sold_out": buyers - units}) - collections.Counter()
        assert await stock_of(store.keeper, product) == (0, units)


async def test_a_hundred_rounds_of_few_buyers(
    store: StoreKit, open_household: OpenHousehold, people: People, apps: Any
) -> None:
    """Few meet more closely than many: whoever got a piece gives it back at once, and the next round finds all of it."""
    units = 2
    buyers = [people.resident(await open_household()) for _ in range(4)]
    products = [await store.stock(price=1, quantity=units, buckets=buckets) for buckets in (1, 2)]
    runtime = apps.runtime("points")

    async def buy(buyer: Principal, product: UUID) -> UUID | None:
        bought = new_id()
        try:
            await redemptions.redeem(
                database=runtime.database,
                principal=buyer,
                product_id=product,
                quantity=1,
                expected_price=None,
                key=None,
                request_hash=b"",
                redemption_id=bought,
                codes=pickup_code.codes_of(secrets.randbits(160), 5),
                now=runtime.clock.now(),
            )
        except SoldOutError:
            return None
        return bought

    for number in range(100):
        product = products[number % 2]
        bought = [one for one in await asyncio.gather(*(buy(buyer, product) for buyer in buyers)) if one is not None]

        assert len(bought) == units, f"round {number}"
        given_up = [store.keeper.post(f"{REDEMPTIONS}/{one}/cancellations", json={"reason": "重来"}) for one in bought]
        assert {answer.status_code for answer in await asyncio.gather(*given_up)} == {200}
    assert [await stock_of(store.keeper, product) for product in products] == [(units, 0)] * 2


async def test_one_household_on_two_phones_spends_once(store: StoreKit, open_household: OpenHousehold) -> None:
    for _ in range(ROUNDS):
        product = await store.stock(price=100, quantity=5)
        household = await open_household()
        phones = [store.household(household) for _ in range(4)]

        outcomes = codes_of(await asyncio.gather(*(redeem(phone, product) for phone in phones)))

        assert outcomes == {"ok": 1, "points.insufficient_balance": 3}
        assert await spendable(phones[0]) == (0, 100)


async def test_one_key_many_times_is_one_redemption(store: StoreKit, open_household: OpenHousehold) -> None:
    for _ in range(ROUNDS):
        product = await store.stock(price=10, quantity=50)
        client = store.household(await open_household())
        key = new_id().hex

        responses = await asyncio.gather(*(redeem(client, product, key=key) for _ in range(6)))

        assert {r.status_code for r in responses} == {201}
        assert len({r.json()["id"] for r in responses}) == 1
        assert await spendable(client) == (90, 10)


async def test_the_household_limit_holds_on_many_phones(store: StoreKit, open_household: OpenHousehold) -> None:
    for _ in range(ROUNDS):
        product = await store.stock(price=1, quantity=50, household_limit=2)
        household = await open_household()

        outcomes = codes_of(await asyncio.gather(*(redeem(store.household(household), product) for _ in range(8))))

        assert outcomes == {"ok": 2, "points.household_limit": 6}


async def test_buyers_who_keep_trying_get_what_others_give_back(store: StoreKit, open_household: OpenHousehold) -> None:
    """A refused "sold out" must be true at its moment; with cancellations going on, patience must end in every unit sold."""
    units, buyers = 4, 12
    product = await store.stock(price=1, quantity=units, buckets=2)
    clients = [store.household(await open_household()) for _ in range(buyers)]

    async def buy_and_give_up(client: Any) -> None:
        response = await redeem(client, product)
        if response.is_success:
            cancelled = await client.post(f"/api/v1/points/redemptions/{response.json()['id']}/cancellations", json={})
            assert cancelled.status_code == 200

    await asyncio.gather(*(buy_and_give_up(client) for client in clients for _ in range(3)))
    outcomes = codes_of(await asyncio.gather(*(redeem(client, product) for client in clients)))

    assert outcomes == {"ok": units, "points.sold_out": buyers - units}


async def test_scanned_while_it_expires_ends_once(
    store: StoreKit, open_household: OpenHousehold, people: People, clock: Any, sweep: Any
) -> None:
    for _ in range(ROUNDS):
        product = await store.stock(price=10)
        household = await open_household()
        bought = (await redeem(store.household(household), product)).json()
        path = "/api/v1/points/redemptions"
        clock.advance(timedelta(hours=72) - timedelta(microseconds=1))
        keeper = store.client_for("points", people.staff(Role.STOREKEEPER))
        client = store.household(household)

        async def expire() -> int:
            clock.advance(timedelta(microseconds=1))
            return int(await sweep("points", "expire_redemptions"))

        picked_up, cancelled, _ = await asyncio.gather(
            keeper.post(f"{path}/pickups", json={"code": bought["pickup_code"]}),
            client.post(f"{path}/{bought['id']}/cancellations", json={}),
            expire(),
        )

        state = (await client.get(f"{path}/{bought['id']}")).json()["state"]
        ended = {"picked_up": picked_up.is_success, "cancelled": cancelled.is_success}
        assert sum(ended.values()) == (0 if state == "expired" else 1)
        assert state == "expired" or ended[state]
        assert await spendable(client) == ((90, 0) if state == "picked_up" else (100, 0))
        clock.set(clock.now() - timedelta(hours=72))
