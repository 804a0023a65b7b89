"""What users of other systems report about stock and redeeming, each as a test that it does not happen here."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.store_kit import StoreKit, redeem, spendable, stock_of

REDEMPTIONS = "/api/v1/points/redemptions"


async def test_locked_stock_never_checked_stock_minus_one(store: StoreKit, open_household: OpenHousehold) -> None:
    """mall#376, #353, shopxo#38: what is set aside is sold again and stock falls to −1."""
    product = await store.stock(price=1, quantity=1)
    clients = [store.household(await open_household()) for _ in range(6)]

    answers = await asyncio.gather(*(redeem(client, product) for client in clients))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert await stock_of(store.keeper, product) == (0, 1)
    (bought,) = [answer.json() for answer in answers if answer.status_code == 201]
    assert (await store.pick_up(bought["pickup_code"])).status_code == 200
    assert (await redeem(clients[0], product)).json()["code"] == "points.sold_out"
    assert await stock_of(store.keeper, product) == (0, 0)


async def test_refund_charges_twice_or_loses_expiry(store: StoreKit, open_household: OpenHousehold) -> None:
    """odoo PR#257854, PR#212922, blnk#152: a return that is repeated, or raced, pays back once."""
    product = await store.stock(price=40)
    client = store.household(await open_household())
    bought = (await redeem(client, product)).json()
    await store.pick_up(bought["pickup_code"])
    body = {"reason": "包装破损", "is_resellable": True}

    answers = await asyncio.gather(
        *(store.keeper.post(f"{REDEMPTIONS}/{bought['id']}/returns", json=body) for _ in range(5))
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 4
    assert await spendable(client) == (100, 0)
    assert await stock_of(store.keeper, product) == (10, 0)


async def test_the_same_points_redeemed_repeatedly(store: StoreKit, open_household: OpenHousehold) -> None:
    """donetick#489: the same 5 points buy again and again; here they are gone from the moment they are held."""
    product = await store.stock(price=100, quantity=50)
    client = store.household(await open_household())

    answers = [await redeem(client, product) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [201, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers[1:]} == {"points.insufficient_balance"}


async def test_holds_not_counted_in_available(store: StoreKit, open_household: OpenHousehold) -> None:
    """blnk#181: what is held must be missing from what is shown as free, at once."""
    product = await store.stock(price=30)
    client = store.household(await open_household())
    for held in (30, 60, 90):
        await redeem(client, product)
        assert await spendable(client) == (100 - held, held)


@pytest.mark.parametrize("is_in_time", [True, False])
async def test_a_hold_expiring_while_its_code_is_scanned(
    store: StoreKit,
    open_household: OpenHousehold,
    people: People,
    client_for: ClientFor,
    clock: Any,
    sweep: Any,
    is_in_time: bool,
) -> None:
    """tigerbeetle#2118: one of the two happens, whole; the goods are never both handed over and back on the shelf."""
    for _ in range(4):
        product = await store.stock(price=30, quantity=1)
        household = await open_household()
        bought = (await redeem(store.household(household), product)).json()
        clock.advance(timedelta(hours=72) - timedelta(seconds=1 if is_in_time else 0))
        keeper = client_for("points", people.staff(Role.STOREKEEPER))

        async def expire() -> None:
            if is_in_time:
                clock.advance(timedelta(seconds=1))
            await sweep("points", "expire_redemptions")

        scanned, _ = await asyncio.gather(
            keeper.post(f"{REDEMPTIONS}/pickups", json={"code": bought["pickup_code"]}), expire()
        )
        await sweep("points", "expire_redemptions")

        client = client_for("points", people.resident(household))
        state = (await client.get(f"{REDEMPTIONS}/{bought['id']}")).json()["state"]
        assert state == ("picked_up" if scanned.is_success else "expired")
        assert await spendable(client) == ((70, 0) if scanned.is_success else (100, 0))
        assert await stock_of(keeper, product) == ((0, 0) if scanned.is_success else (1, 0))
        clock.set(clock.now() - timedelta(hours=72))


async def test_two_phones_at_once_for_the_last_one(store: StoreKit, open_household: OpenHousehold) -> None:
    """One household on two phones: one tap wins, the other is told why, and nothing is held twice."""
    for _ in range(5):
        product = await store.stock(price=60, quantity=1)
        household = await open_household()
        phones = [store.household(household) for _ in range(2)]

        answers = await asyncio.gather(*(redeem(phone, product) for phone in phones))

        assert sorted(answer.status_code for answer in answers) == [201, 409]
        (refused,) = [answer.json()["code"] for answer in answers if answer.status_code == 409]
        assert refused in {"points.insufficient_balance", "points.sold_out"}
        assert await spendable(phones[0]) == (40, 60)


async def test_both_names_of_a_pickup_by_somebody_else_are_on_record(
    store: StoreKit, open_household: OpenHousehold
) -> None:
    product = await store.stock()
    bought = (await redeem(store.household(await open_household()), product)).json()

    picked_up = (await store.pick_up(bought["pickup_code"], proxy_name="张三")).json()

    assert (picked_up["proxy_name"], picked_up["proxy_for"]) == ("张三", "王**")


async def test_a_picture_of_the_code_for_an_old_phone(store: StoreKit, open_household: OpenHousehold) -> None:
    client = store.household(await open_household())
    bought = (await redeem(client, await store.stock())).json()

    picture = await client.get(f"{REDEMPTIONS}/{bought['id']}/qr", params={"format": "png"})

    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
