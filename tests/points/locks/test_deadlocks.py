"""Everything that takes more than one lock, against everything else that does: no deadlock, nobody is told "busy".

Each pair that could wait for each other in a ring runs at once, round after round. A deadlock shows twice: somebody hears 503, and the server
counts it.
"""

import asyncio
import itertools
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from services.points.claims import usecases as claims
from services.points.families import usecases as families
from services.points.redemptions import usecases as redemptions
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn
from tests.points.claims_kit import ClaimsKit
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books
from tests.points.locks.rings import at_once
from tests.points.shop_kit import ROOT, ShopKit, take
from tests.points.store_kit import StoreKit, redeem

ROUNDS = 5
pytestmark = pytest.mark.usefixtures("no_deadlock")


@pytest.fixture
def kit(client_for: ClientFor, people: People, hear: Any) -> ClaimsKit:
    """Everybody who has to do with claims."""
    return ClaimsKit(client_for, people, hear)


async def test_transfers_between_households_and_a_posting_of_claims(
    books: Books, kit: ClaimsKit, open_household: OpenHousehold, clock: Any
) -> None:
    """A posting goes through many households, a transfer through two in either direction, a deduction through both assets of one."""
    await kit.adopt({"code": "stairwell_cleaning", "name": "清扫楼道", "points": 5})
    homes = [await open_household() for _ in range(5)]
    accounts = [await books.of(home) for home in homes]
    for _ in range(ROUNDS):
        for home in homes:
            entered = await kit.enter(kit.home(home))
            await kit.publicise(entered.json()["id"])
        clock.advance(timedelta(minutes=1))
    clock.advance(timedelta(days=3) - timedelta(minutes=ROUNDS))

    posted = 0
    for turn in range(ROUNDS):
        clock.advance(timedelta(minutes=1))
        at = [(turn + step) % 5 for step in range(5)]
        posting, *_ = await at_once(
            books.work(lambda uow: claims.post_due(uow=uow)),
            *(books.post(accounts[giver], accounts[taker], 1) for giver, taker in itertools.pairwise(at)),
            *(books.post(accounts[taker], accounts[giver], 1) for giver, taker in itertools.pairwise(at)),
            *(books.deduct(home, 1) for home in homes),
        )
        posted += posting
    assert posted == ROUNDS * 5


async def test_a_posting_of_claims_in_the_middle_of_a_transfer(
    books: Books, kit: ClaimsKit, open_household: OpenHousehold, clock: Any, owner: Any
) -> None:
    """Two households whose accounts lie the other way round; the posting waits for the first, the transfer for the same, holding the other."""
    await kit.adopt({"code": "stairwell_cleaning", "name": "清扫楼道", "points": 5})
    homes = [await open_household() for _ in range(2)]
    while await books.of(homes[0]) < await books.of(homes[1]):
        homes = [await open_household() for _ in range(2)]
    for home in homes:
        entered = await kit.enter(kit.home(home))
        await kit.publicise(entered.json()["id"])
    clock.advance(timedelta(days=3))
    accounts = [await books.of(home) for home in homes]

    async with asyncio.TaskGroup() as group, owner.transaction():
        await owner.execute("SELECT 1 FROM points.account WHERE id = $1 FOR UPDATE", accounts[0])
        posting = group.create_task(books.work(lambda uow: claims.post_due(uow=uow)))
        await waiting(owner, 1)
        giving = group.create_task(books.post(accounts[0], accounts[1], 1))
        await waiting(owner, 2)

    assert posting.result() == 2
    assert giving.result()
    assert [await books.has(home) for home in homes] == [104, 106]


async def waiting(owner: Any, count: int) -> None:
    """Wait until so many wait for a lock."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while await owner.fetchval(asked) < count:
        await owner.execute("SELECT pg_stat_clear_snapshot()")
        await asyncio.sleep(0.005)


async def test_goods_nobody_came_for_given_back_crosswise(
    store: StoreKit, open_household: OpenHousehold, people: People, work_in: WorkIn, clock: Any, sweep: Any
) -> None:
    """Each household lets go of one product while it takes the other, whose bucket its neighbour holds; others give up meanwhile."""
    products = [await store.stock(price=60, quantity=40, hold_hours=1) for _ in range(2)]

    async def expire(redemption_id: str) -> None:
        async with work_in("points", people.community_id) as uow:
            await redemptions.expire_redemption(uow=uow, redemption_id=UUID(redemption_id))

    for _ in range(ROUNDS):
        homes = [await open_household() for _ in range(10)]
        held = [(await redeem(store.household(home), products[n % 2])).json()["id"] for n, home in enumerate(homes)]
        clock.advance(timedelta(hours=1))
        keeper = StoreKit(store.client_for, people).keeper

        bought = await at_once(
            *(redeem(store.household(home), products[(n + 1) % 2]) for n, home in enumerate(homes[:6])),
            *(keeper.post(f"{ROOT}/redemptions/{one}/cancellations", json={"reason": "不要了"}) for one in held[6:]),
            *(expire(one) for one in held[6:]),
        )

        assert {answer.status_code for answer in bought[:6]} == {201}
    clock.advance(timedelta(hours=1))
    await sweep("points", "expire_redemptions")


async def test_baskets_in_every_order(
    store: StoreKit, open_household: OpenHousehold, people: People, clock: Any, sweep: Any
) -> None:
    """Baskets name their products in any order, let go of what lies in a third one's bucket, and are fetched; buckets are split meanwhile."""
    products = [await store.stock(price=20, quantity=60, buckets=2, hold_hours=1) for _ in range(4)]

    async def fill(client: httpx2.AsyncClient, *chosen: int) -> httpx2.Response:
        lines = [{"product_id": str(products[n]), "quantity": 2} for n in chosen]
        return await client.post(f"{ROOT}/baskets", json={"lines": lines})

    for turn in range(ROUNDS):
        homes = [await open_household() for _ in range(4)]
        for n, home in enumerate(homes):
            assert (await fill(store.household(home), n, (n + 1) % 4)).status_code == 201
        clock.advance(timedelta(hours=1))
        clients, keeper = [store.household(home) for home in homes], StoreKit(store.client_for, people).keeper
        ready = [(await fill(store.household(await open_household()), 3, 0)).json() for _ in range(2)]

        answers = await at_once(
            *(fill(client, (n + 3) % 4, (n + 2) % 4) for n, client in enumerate(clients)),
            *(
                keeper.post(f"{ROOT}/baskets/pickups", json={"code": basket["redemptions"][0]["pickup_code"]})
                for basket in ready
            ),
            *(keeper.post(f"{ROOT}/products/{product}/buckets", json={"count": 1 + turn % 3}) for product in products),
        )

        assert {answer.status_code for answer in answers} == {200, 201}
    clock.advance(timedelta(hours=1))
    await sweep("points", "expire_redemptions")


async def test_families_that_join_while_they_shop(
    books: Books, store: StoreKit, open_household: OpenHousehold, people: People
) -> None:
    """Points of a household move to another while both redeem, earn and are deducted; and part again crosswise."""
    admin = people.staff(Role.COMMUNITY_ADMIN)
    product = await store.stock(price=10, quantity=1000)
    for _ in range(ROUNDS):
        homes = [await open_household() for _ in range(3)]

        def split(giver: UUID, taker: UUID) -> Awaitable[Any]:
            return books.work(
                lambda uow: families.split_household(
                    uow=uow,
                    principal=admin,
                    household_id=giver,
                    new_household_id=taker,
                    standing=5,
                    spendable=5,
                    reason="分家",
                )
            )

        def merge(giver: UUID, taker: UUID) -> Awaitable[Any]:
            return books.work(
                lambda uow: families.merge_households(
                    uow=uow, principal=admin, household_id=giver, into_household_id=taker, reason="并户"
                )
            )

        await at_once(
            *(move(homes[one], homes[other]) for move in (split,) for one, other in ((0, 1), (1, 0), (1, 2), (2, 0))),
            *(redeem(store.household(home), product) for home in homes for _ in range(2)),
            *(books.deduct(home, 3) for home in homes),
            *(books.earn(home, 4) for home in homes),
            merge(homes[0], homes[1]),
            merge(homes[1], homes[2]),
        )


async def test_a_volunteer_who_shops_while_bringing_goods_home(store: StoreKit, open_household: OpenHousehold) -> None:
    """The volunteer's household wants the very bucket the goods it brings leave, and is paid in the same breath; a second brings the other way."""
    product = await store.stock(price=10, quantity=1000)
    for _ in range(ROUNDS):
        homes = [store.household(await open_household()) for _ in range(2)]
        paths, codes = [], []
        for buyer, volunteer in ((homes[0], homes[1]), (homes[1], homes[0])):
            bought = (await redeem(buyer, product)).json()
            asked = await buyer.post(f"{ROOT}/deliveries", json={"redemption_id": bought["id"], "note": ""})
            path = asked.headers["location"]
            assert (await volunteer.post(f"{path}/takings")).status_code == 200
            assert (await store.keeper.post(f"{path}/dispatches")).status_code == 200
            paths.append(path)
            codes.append(bought["pickup_code"])

        answers = await at_once(
            homes[1].post(f"{paths[0]}/hand-overs", json={"code": codes[0]}),
            homes[0].post(f"{paths[1]}/hand-overs", json={"code": codes[1]}),
            *(redeem(home, product) for home in homes for _ in range(3)),
        )

        assert {answer.status_code for answer in answers} == {200, 201}


async def test_a_shop_that_is_settled_while_its_counter_is_open(
    client_for: ClientFor, people: People, open_household: OpenHousehold, clock: Any, sweep: Any
) -> None:
    """Vouchers are taken, used, given up and taken back while the month is drafted, answered and paid."""
    shops = ShopKit(client_for, people)
    shop = await shops.open()
    offer = await shop.offer(points=2, household_limit=1000)
    homes = [await open_household() for _ in range(4)]
    for turn in range(3):
        clients = [shops.client_for("points", people.resident(home)) for home in homes]
        used = [(await take(client, offer)).json() for client in clients]
        for voucher in used:
            assert (await shop.verify(voucher)).status_code == 200
        fresh = [(await take(client, offer)).json() for client in clients]
        clock.advance(timedelta(days=31))
        clients = [shops.client_for("points", people.resident(home)) for home in homes]
        payers = [shops.admin, shops.staff(Role.COMMITTEE_MEMBER)]
        month = f"2026-0{5 + turn}-01"

        drafted, *_ = await at_once(
            payers[0].post(f"{ROOT}/settlements", json={"merchant_id": str(shop.id), "month": month}),
            *(shop.verify(voucher) for voucher in fresh[:2]),
            *(
                client.post(f"{ROOT}/vouchers/{one['id']}/refunds", json={})
                for client, one in zip(clients[1:], fresh[1:], strict=True)
            ),
            shop.client.post(f"{ROOT}/vouchers/{used[0]['id']}/returns", json={"reason": "退货"}),
            *(take(client, offer) for client in clients),
        )
        assert drafted.status_code == 201, drafted.text
        path = f"{ROOT}/settlements/{drafted.json()['id']}"
        for who, step in ((shop.client, "confirmations"), (payers[1], "countersignatures")):
            moved = await who.post(f"{path}/{step}")
            assert moved.status_code == 200, moved.text
        left = [(await take(client, offer)).json() for client in clients]

        paid, *_ = await at_once(
            payers[0].post(f"{path}/payments", json={"reference": "转账 001"}),
            *(shop.verify(voucher) for voucher in left),
            *(take(client, offer) for client in clients),
        )
        assert paid.status_code == 200, paid.text
    clock.advance(timedelta(days=31))
    await sweep("points", "expire_vouchers")
