"""What users of other points systems suffered, each as a test that would have spared them it; `PAINS` is the whole list."""

import asyncio
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.points.ledger.domain import TransferKind
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books
from tests.points.store_kit import StoreKit, redeem, spendable, stock_of

ROOT = Path(__file__).parents[3]
HERE = "tests/points/pains/test_pains.py"
REDEMPTIONS = "/api/v1/points/redemptions"
DAY = timedelta(days=1)

PAINS = {
    "blnk#181": f"{HERE}::test_blnk_181_holds_count_in_available",
    "blnk#152": f"{HERE}::test_blnk_152_one_transaction_refunded_many_times",
    "tigerbeetle#2118": f"{HERE}::test_tigerbeetle_2118_expired_hold_still_shown",
    "formance wallets PR#110": f"{HERE}::test_formance_wallets_110_idempotency_key_dropped_on_an_inner_call",
    "medici#119": f"{HERE}::test_medici_119_stale_reads_to_negative_balances",
    "medici#34": f"{HERE}::test_medici_34_undetected_manual_edit",
    "fuint#71": "tests/points/ledger/test_races.py::test_twenty_gifts_of_the_same_points",
    "mall#376": "tests/points/stock/test_routes.py::test_locked_stock_is_never_given_twice_and_never_below_zero",
    "mall#353": "tests/points/stock/test_routes.py::test_locked_stock_is_never_given_twice_and_never_below_zero",
    "shopxo#38": "tests/points/redemptions/test_races.py::test_exactly_what_is_there_is_sold",
    "odoo PR#257854": f"{HERE}::test_odoo_257854_refund_loses_expiry",
    "odoo PR#212922": f"{HERE}::test_odoo_212922_refund_charges_twice",
    "FloCafe#62": f"{HERE}::test_flocafe_62_only_the_nearest_expiry_shown",
    "DeepBot#10": "tests/points/gigs/test_routes.py::test_escrowed_points_spent",
    "donetick#489": f"{HERE}::test_donetick_489_same_points_redeemed_repeatedly",
}


@pytest.mark.parametrize("pain", PAINS)
def test_every_pain_has_its_test(pain: str) -> None:
    path, _, name = PAINS[pain].partition("::")

    assert re.search(rf"^async def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


async def test_blnk_181_holds_count_in_available(store: StoreKit, open_household: OpenHousehold) -> None:
    client = store.household(await open_household())
    await redeem(client, await store.stock(price=60))

    refused = await redeem(client, await store.stock(price=60))

    assert (refused.json()["code"], refused.json()["available"]) == ("points.insufficient_balance", 40)
    assert await spendable(client) == (40, 60)


async def test_blnk_152_one_transaction_refunded_many_times(store: StoreKit, open_household: OpenHousehold) -> None:
    client, product = store.household(await open_household()), await store.stock(price=60)
    bought = (await redeem(client, product)).json()
    await store.pick_up(bought["pickup_code"])

    body = {"reason": "不合用", "is_resellable": True}
    path = f"{REDEMPTIONS}/{bought['id']}/returns"
    refunds = await asyncio.gather(*(store.keeper.post(path, json=body) for _ in range(6)))

    assert Counter(r.json().get("code", "ok") for r in refunds) == {"ok": 1, "wrong_state": 5}
    assert await spendable(client) == (100, 0)
    assert await stock_of(store.keeper, product) == (10, 0)


async def test_tigerbeetle_2118_expired_hold_still_shown(
    store: StoreKit, open_household: OpenHousehold, clock: Any
) -> None:
    """No sweep comes by here: time alone ends a hold for everybody who looks."""
    household = await open_household()
    bought = (await redeem(store.household(household), await store.stock(price=60, hold_hours=72))).json()

    clock.advance(timedelta(hours=72))

    client = store.household(household)
    assert await spendable(client) == (100, 0)
    mine = f"{REDEMPTIONS}/{bought['id']}"
    assert (await client.get(mine)).json()["state"] == "expired"
    assert (await client.get(f"{mine}/actions")).json()["actions"] == []
    assert (await client.get(REDEMPTIONS, params={"state": "reserved"})).json()["items"] == []
    assert [row["state"] for row in (await client.get(REDEMPTIONS)).json()["items"]] == ["expired"]
    counter = store.client_for("points", store.people.staff(Role.STOREKEEPER))
    opened = await counter.post(f"{REDEMPTIONS}/pickups", json={"code": bought["pickup_code"]})
    assert (opened.status_code, opened.json()["code"]) == (409, "points.redemption_expired")
    assert (await redeem(client, await StoreKit(store.client_for, store.people).stock(price=100))).status_code == 201
    assert await spendable(client) == (0, 100)


async def test_formance_wallets_110_idempotency_key_dropped_on_an_inner_call(
    store: StoreKit, open_household: OpenHousehold, books: Books, facts_of: Any, people: People
) -> None:
    """A hand-over moves points, stock and facts; under one key each of them moves once, however often it is sent."""
    household, product = await open_household(), await store.stock(price=60)
    bought = (await redeem(store.household(household), product)).json()
    headers = {"Idempotency-Key": new_id().hex}

    async def hand_over() -> Any:
        return await store.keeper.post(f"{REDEMPTIONS}/pickups", json={"code": bought["pickup_code"]}, headers=headers)

    answers = await asyncio.gather(*(hand_over() for _ in range(4)))

    assert {(r.status_code, r.json()["id"]) for r in answers} == {(200, bought["id"])}
    assert [kind for kind, *_ in await books.lines(household)] == ["opening", "hold", "redemption"]
    assert await stock_of(store.keeper, product) == (9, 0)
    facts = await facts_of("points", people.community_id)
    assert sum(type(fact).__name__ == "RedemptionPickedUp" for fact in facts) == 1


async def test_medici_119_stale_reads_to_negative_balances(store: StoreKit, open_household: OpenHousehold) -> None:
    """All see the same 100 before any has bought."""
    household = await open_household()
    products = [await store.stock(price=30) for _ in range(8)]

    bought = await asyncio.gather(*(redeem(store.household(household), product) for product in products))

    assert Counter(r.status_code for r in bought) == {201: 3, 409: 5}
    assert await spendable(store.household(household)) == (10, 90)


CAREFUL_HAND = (
    "UPDATE points.transfer SET amount = 50 WHERE community_id = $1 AND id = $2",
    """UPDATE points.entry SET amount = sign(amount) * 50, available_after = available_after + 45
        WHERE community_id = $1 AND transfer_id = $2""",
    "UPDATE points.lot SET amount = 50, remaining = 50 WHERE community_id = $1 AND transfer_id = $2",
    """UPDATE points.account SET available = available + 45 WHERE community_id = $1
        AND id = (SELECT account_id FROM points.lot WHERE community_id = $1 AND transfer_id = $2)""",
)


@pytest.mark.breaks_books
async def test_medici_34_undetected_manual_edit(
    books: Books, open_household: OpenHousehold, client_for: ClientFor, people: People, database_url: str
) -> None:
    """A careful hand: line, counter-line, transfer, lot and balance agree with each other; only the hashes tell."""
    household = await open_household()
    earned = await books.earn(household, 5)
    superuser: Any = await asyncpg.connect(database_url)
    async with superuser.transaction():
        await superuser.execute("SET LOCAL session_replication_role = replica")
        for change in CAREFUL_HAND:
            await superuser.execute(change, people.community_id, earned)
    await superuser.close()

    audit = (await client_for("points", people.staff(Role.SUPERVISOR)).get("/api/v1/points/audit")).json()
    chain = await client_for("points", people.resident(household)).get(
        f"/api/v1/points/households/{household}/verification"
    )

    assert "I12" in {breach["code"] for breach in audit["breaches"]}
    assert chain.json() == {"is_sound": False, "broken_version": 2}


async def _bought_and_returned(store: StoreKit, household: UUID, price: int) -> None:
    bought = (await redeem(store.household(household), await store.stock(price=price))).json()
    await store.pick_up(bought["pickup_code"])
    returned = await store.keeper.post(
        f"{REDEMPTIONS}/{bought['id']}/returns", json={"reason": "不合用", "is_resellable": True}
    )
    assert returned.status_code == 200, returned.text


async def test_odoo_257854_refund_loses_expiry(
    store: StoreKit, open_household: OpenHousehold, books: Books, clock: Any
) -> None:
    household = await open_household()
    soon, later = clock.now() + 10 * DAY, clock.now() + 40 * DAY
    await books.earn(household, 7, lot_expires_at=soon)
    await books.earn(household, 8, lot_expires_at=later)

    await _bought_and_returned(store, household, 12)

    assert set(await books.lots(household)) == {(None, 100, 100), (soon, 7, 7), (later, 8, 8)}


async def test_odoo_212922_refund_charges_twice(store: StoreKit, open_household: OpenHousehold, books: Books) -> None:
    household = await open_household()

    await _bought_and_returned(store, household, 60)
    await _bought_and_returned(store, household, 60)

    moved = [(kind, amount) for kind, amount, _ in await books.lines(household) if amount]
    assert moved == [
        (TransferKind.OPENING, 100),
        (TransferKind.REDEMPTION, -60),
        (TransferKind.RETURN, 60),
        (TransferKind.REDEMPTION, -60),
        (TransferKind.RETURN, 60),
    ]


async def test_flocafe_62_only_the_nearest_expiry_shown(
    client_for: ClientFor, people: People, open_household: OpenHousehold, books: Books, clock: Any
) -> None:
    household = await open_household()
    for days, amount in ((30, 3), (10, 1), (20, 2)):
        await books.earn(household, amount, lot_expires_at=clock.now() + days * DAY)

    account = (await client_for("points", people.resident(household)).get("/api/v1/points/account")).json()

    assert [expiry["points"] for expiry in account["expiries"]] == [1, 2, 3]


async def test_donetick_489_same_points_redeemed_repeatedly(
    store: StoreKit, open_household: OpenHousehold, books: Books
) -> None:
    """Five points are left; they buy once, and giving up twice does not make ten of them."""
    household, product = await open_household(), await store.stock(price=5)
    await books.deduct(household, 95)
    client = store.household(household)

    bought = await asyncio.gather(*(redeem(client, product) for _ in range(4)))
    (taken,) = [r.json() for r in bought if r.is_success]
    path = f"{REDEMPTIONS}/{taken['id']}/cancellations"
    given_up = await asyncio.gather(*(client.post(path, json={}) for _ in range(4)))

    assert Counter(r.status_code for r in given_up) == {200: 1, 409: 3}
    assert await spendable(client) == (5, 0)
    again = (await redeem(client, product)).json()
    await store.pick_up(again["pickup_code"])
    assert (await redeem(client, product)).json()["code"] == "points.insufficient_balance"
    assert await spendable(client) == (0, 0)
