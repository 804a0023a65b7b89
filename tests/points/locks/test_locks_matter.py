"""Each lock of the money paths is needed: taken out of a copy of the schema, two transactions that meet there go wrong.

With the lock the second waits and is told what is true by then. Without it, it is told what was true before: a rule of a table stops it with
an error nobody understands, or the books are wrong. A lock that is not listed here fails the test that reads them from the functions. What use cases
lock themselves is in `test_usecase_locks.py`.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from services.points.claims import usecases as claims
from services.points.redemptions import usecases as redemptions
from services.points.store.domain import limit_window
from shared.ids import new_id
from shared.kernel.clock import local_date
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.claims_kit import ClaimsKit
from tests.points.conftest import OpenHousehold
from tests.points.funds.test_routes import open_fund
from tests.points.ledger.books import Books
from tests.points.locks.races import Act, World, sql, transfer
from tests.points.store_kit import StoreKit

pytestmark = pytest.mark.breaks_books

LOCKED = re.compile(r"FOR (?:NO KEY )?UPDATE|FOR (?:KEY )?SHARE|pg_(?:try_)?advisory_xact_lock")


@dataclass(frozen=True)
class Lock:
    """A lock, how to take it out, who meets at it, and what the second is told with it and without."""

    where: str
    clause: str
    meet: Callable[[World], Awaitable[str]]
    sound: str
    broken: str
    breaks: frozenset[str] = frozenset()
    instead: str = ""


async def _two_earn(world: World) -> str:
    home = await world.open_household()
    return await world.meet(world.earn(home, 5), world.earn(home, 7))


async def _two_hold(world: World) -> str:
    home = await world.open_household()
    return await world.meet(world.hold(home, 60), world.hold(home, 60))


async def _two_release(world: World) -> str:
    home = await world.open_household()
    await world.books.earn(home, 10, lot_expires_at=world.clock.now() + timedelta(days=9))
    ends = world.clock.now() + timedelta(days=1)
    holds = [await world.books.hold(home, 10, ends) for _ in range(2)]
    return await world.meet(world.release(holds[0]), world.release(holds[1]))


async def _hold_and_deduct(world: World) -> str:
    home = await world.open_household()
    return await world.meet(
        world.hold(home, 90),
        sql(
            "SELECT points.deduct(:community, :account, 'spendable', 50, 'deduction', :id, '', NULL, NULL, :id, :now, :now)",
            account=await world.books.of(home),
            id=new_id(),
        ),
    )


async def _two_expire(world: World) -> str:
    home = await world.open_household()
    await world.books.earn(home, 10, lot_expires_at=world.clock.now() + timedelta(hours=1))
    world.clock.advance(timedelta(hours=1))
    account = await world.books.of(home)

    def expire() -> Act:
        return sql("SELECT points.expire_lots(:community, :account, :id, '', :now)", account=account, id=new_id())

    return await world.meet(expire(), expire())


async def _given_up_and_stale(world: World) -> str:
    home = await world.open_household()
    old, wanted = await world.store.stock(price=60, hold_hours=1), await world.store.stock(price=60)
    bought = await world.bought(home, old)
    world.clock.advance(timedelta(hours=1))
    return await world.meet(
        lambda uow: redemptions.expire_redemption(uow=uow, redemption_id=bought), world.redeem(home, wanted, told=True)
    )


async def _last_piece(world: World) -> str:
    product = await world.store.stock(price=1, quantity=1)
    one, other = await world.open_household(), await world.open_household()
    return await world.meet(world.redeem(one, product), world.redeem(other, product, told=True))


async def _same_code(world: World) -> str:
    products = [await world.store.stock(price=1) for _ in range(2)]
    one, other = await world.open_household(), await world.open_household()
    return await world.meet(
        world.redeem(one, products[0], codes=["123456"]),
        world.redeem(other, products[1], codes=["123456", "654321"], told=True),
    )


async def _one_of_two_buckets(world: World) -> str:
    product = await world.store.stock(price=1, quantity=4, buckets=2)
    one, other = await world.open_household(), await world.open_household()
    return await world.meet(world.redeem(one, product), world.redeem(other, product, quantity=4, told=True))


async def _two_pay(world: World) -> str:
    treasurer = world.client_for("points", world.people.staff(Role.COMMUNITY_ADMIN))
    fund = await open_fund(treasurer, 100)
    accounts = "SELECT id FROM points.fund_account WHERE fund_id = $1 AND kind = $2"
    ids = {kind: await world.owner.fetchval(accounts, fund, kind) for kind in ("fund", "spending")}

    def pay() -> Act:
        return sql(
            "SELECT points.move_money(:community, :id, :fund, 'spending', 60, :from_, :to, :id, '', '', '2026-05-11', NULL, :id, :now)",
            id=new_id(), fund=fund, from_=ids["fund"], to=ids["spending"],
        )  # fmt: skip

    return await world.meet(pay(), pay())


async def _two_charge(world: World) -> str:
    await world.write("budget", starts_on="2026-05-01", ends_on="2026-06-30", amount=100, charged=0)

    def charge() -> Act:
        return sql(
            "SELECT cardinality(points.charge_budget(:community, '2026-05-11', ARRAY[CAST(:id AS uuid)], ARRAY[60], :now))",
            id=new_id(),
        )

    return await world.meet(charge(), charge())


async def _closing_and_posting(world: World) -> str:
    account = await world.books.of(await world.open_household())
    await world.write("period", begins_on="2026-03-01", ends_on="2026-04-30", state="reviewed")

    async def close(uow: Any) -> None:
        await sql("SELECT 1 FROM pg_advisory_xact_lock(points.period_gate(:community))")(uow)
        await sql("UPDATE points.period SET state = 'publicised', edition = 1, objections_until = :now RETURNING 1")(
            uow
        )

    return await world.meet(
        close,
        sql(
            "SELECT 1 FROM points.credit(:community, :account, 'spendable', 5, 'issuance', 'claim', :id, '', NULL, NULL, :id,"
            " CAST(:now AS timestamptz) - interval '30 days', NULL, :now)",
            account=account,
            id=new_id(),
        ),
    )


async def _posting_in_the_middle_of_a_transfer(world: World) -> str:
    """Two households whose accounts lie the other way round than the households: a ring, unless both take the lower account first."""
    kit = ClaimsKit(world.client_for, world.people, world.hear)
    await kit.adopt({"code": "stairwell_cleaning", "name": "清扫楼道", "points": 5})
    homes = [await world.open_household() for _ in range(2)]
    while await world.books.of(homes[0]) < await world.books.of(homes[1]):
        homes = [await world.open_household() for _ in range(2)]
    for home in homes:
        entered = await kit.enter(kit.home(home))
        await kit.publicise(entered.json()["id"])
    world.clock.advance(timedelta(days=3))
    accounts = [await world.books.of(home) for home in homes]

    async with asyncio.TaskGroup() as group, world.owner.transaction():
        await world.owner.execute("SELECT 1 FROM points.account WHERE id = $1 FOR UPDATE", accounts[0])
        posting = group.create_task(world.told(lambda uow: claims.post_due(uow=uow)))
        await world.until_waiting(posting)
        giving = group.create_task(world.told(transfer(accounts[0], accounts[1])))
        await world.until_waiting(posting, giving)
    return "DatabaseBusyError" if "DatabaseBusyError" in {posting.result(), giving.result()} else posting.result()


async def _stale_goods_crosswise(world: World) -> str:
    """Each of two households lets go of one product and wants the other, and both are stopped between the two: a ring, unless both buckets
    are taken at once.
    """
    products = [await world.store.stock(price=60, hold_hours=1, limit_window_days=30) for _ in range(2)]
    homes = [await world.open_household() for _ in range(2)]
    for home, product in zip(homes, products, strict=True):
        await world.bought(home, product)
    world.clock.advance(timedelta(hours=1))
    window = limit_window(local_date(world.clock.now()), 30)

    async with asyncio.TaskGroup() as group:
        stopping = world.owner.transaction()
        await stopping.start()
        for home, product in zip(homes, reversed(products), strict=True):
            # Whoever takes a share of this product's limit waits until this is undone.
            await world.write("quota", household_id=home, product_id=product, window_number=window.number)
        buying = [
            group.create_task(world.told(world.redeem(home, product, told=True)))
            for home, product in zip(homes, reversed(products), strict=True)
        ]
        await world.until_waiting(*buying)
        await stopping.rollback()
    told = {task.result() for task in buying}
    return "DatabaseBusyError" if "DatabaseBusyError" in told else ", ".join(sorted(told))


LOCKS = {
    "two earnings": Lock("lock_accounts", "FOR UPDATE", _two_earn, "ok", "23505"),
    "a posting and a transfer": Lock(
        "lock_owners", "FOR UPDATE", _posting_in_the_middle_of_a_transfer, "ok 2", "DatabaseBusyError"
    ),
    "two holds": Lock("hold_points", "FOR UPDATE", _two_hold, "InsufficientBalanceError", "23514"),
    "two holds given back": Lock("release_hold", "FOR UPDATE", _two_release, "ok", "23505"),
    "a hold and a deduction": Lock("deduct", "FOR UPDATE", _hold_and_deduct, "ok 40", "InsufficientBalanceError"),
    "an expiry twice": Lock("expire_lots", "FOR UPDATE SKIP LOCKED", _two_expire, "ok 0", "ok 10", frozenset({"I4"})),
    "goods run out of time twice": Lock(
        "release_stale", "FOR UPDATE SKIP LOCKED", _given_up_and_stale, "ok", "HoldAlreadyResolvedError"
    ),
    "stale goods crosswise": Lock(
        "release_stale", "s.number FOR UPDATE", _stale_goods_crosswise, "ok", "DatabaseBusyError", instead="s.number"
    ),
    "the last piece": Lock("redeem", "FOR UPDATE SKIP LOCKED", _last_piece, "ok DP012", "23514"),
    "one code for two": Lock(
        "redeem",
        "CONTINUE WHEN NOT pg_try_advisory_xact_lock(hashtextextended('pickup code ' || p_community::text || v_code, 0));",
        _same_code,
        "ok",
        "23505",
    ),
    "pieces out of several buckets": Lock("gather_stock", "FOR UPDATE", _one_of_two_buckets, "ok DP012", "23514"),
    "two payments": Lock("move_money", "ORDER BY id FOR UPDATE", _two_pay, "FundExhaustedError", "23514"),
    "two charges": Lock("charge_budget", "FOR UPDATE", _two_charge, "ok 0", "23514"),
    "a closing and a posting": Lock(
        "require_open_period",
        "PERFORM pg_advisory_xact_lock_shared(points.period_gate(p_community));",
        _closing_and_posting,
        "PeriodClosedError",
        "ok 1",
    ),
}
"""By what meets."""

KEPT = {
    "refund_budget": "The order: a budget before its charges, as a charge takes them.",
    "refresh_ranking": "Not money: who comes while a ranking is drawn up leaves it to the first.",
    "vote_on_sheet": "Not money: two assessors' votes on a sheet are counted one after the other.",
}
"""Functions with a lock that no test takes out, and why it stays."""


@pytest.fixture
def world(
    books: Books,
    store: StoreKit,
    open_household: OpenHousehold,
    people: People,
    client_for: ClientFor,
    clock: Any,
    owner: Any,
    hear: Any,
) -> World:
    return World(books, store, open_household, people, client_for, clock, owner, hear)


@asynccontextmanager
async def without(owner: Any, lock: Lock) -> AsyncIterator[None]:
    """Take a lock out of its function."""
    whole = await owner.fetchval(
        "SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE pronamespace = 'points'::regnamespace AND proname = $1",
        lock.where,
    )
    assert whole.count(lock.clause) == 1
    await owner.execute(whole.replace(lock.clause, lock.instead))
    try:
        yield
    finally:
        await owner.execute(whole)


@pytest.mark.parametrize("name", LOCKS)
async def test_without_a_lock_of_a_function(world: World, name: str) -> None:
    lock = LOCKS[name]
    async with without(world.owner, lock):
        told = await lock.meet(world)

    assert (told, lock.breaks <= await world.breaches()) == (lock.broken, True)


@pytest.mark.parametrize("name", LOCKS)
async def test_with_the_lock(world: World, name: str) -> None:
    lock = LOCKS[name]

    assert (await lock.meet(world), await world.breaches() & {"I2", "I3", "I4", "I5", "I8", "I9", "I12"}) == (
        lock.sound,
        set(),
    )


async def test_every_lock_of_a_function_is_tried_or_explained(owner: Any) -> None:
    functions = await owner.fetch(
        "SELECT proname AS name, prosrc AS source FROM pg_proc WHERE pronamespace = 'points'::regnamespace"
    )
    code = {row["name"]: re.sub("--.*", "", row["source"]) for row in functions}
    found = Counter({name: len(LOCKED.findall(source)) for name, source in code.items()})

    assert +found == Counter(lock.where for lock in LOCKS.values()) + Counter(dict.fromkeys(KEPT, 1))
