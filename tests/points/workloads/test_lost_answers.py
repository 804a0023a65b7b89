"""Backends are killed and answers are lost after the commit; whoever asks again under the same key is told what really happened."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from services.points.ledger import usecases as ledger
from services.points.ledger.domain import Asset, TransferKind
from services.points.ledger.errors import AlreadyPostedError, InsufficientBalanceError
from shared.ids import new_id
from shared.kernel.principal import Principal
from shared.refusals import DatabaseBusyError
from shared.testing.clients import Apps, People, Signer
from shared.uow import unit_of_work
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books
from tests.points.store_kit import StoreKit, redeem, spendable, stock_of
from tests.points.workloads.replay import kept_balances, replayed_balances

pytestmark = pytest.mark.faults

INSTANCES = 3
PATH = "/api/v1/points/redemptions"


class AnswerLostError(httpx2.TransportError):
    """The request was answered and the answer did not arrive."""


@dataclass
class Losing(httpx2.AsyncBaseTransport):
    """Carries every request to the app and loses some answers on the way back."""

    inner: httpx2.ASGITransport
    loses: Callable[[], bool]

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Pass the request on; the answer may be lost."""
        response = await self.inner.handle_async_request(request)
        await response.aread()
        if self.loses():
            message = "lost on the way back"
            raise AnswerLostError(message)
        return response


@dataclass
class Fleet:
    """Instances of the points app with connections of their own, and a hand that kills those connections."""

    instances: list[Apps]
    hand: Any
    spared: set[int] = field(default_factory=set)
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    kills: int = 0

    def client(
        self, number: int, principal: Principal, loses: Callable[[], bool] = lambda: False
    ) -> httpx2.AsyncClient:
        """Return a client of one instance."""
        apps = self.instances[number % INSTANCES]
        transport = Losing(httpx2.ASGITransport(apps.app("points"), raise_app_exceptions=False), loses)
        headers = {"Authorization": f"Bearer {apps.signer.token(principal)}"}
        return httpx2.AsyncClient(transport=transport, base_url="http://points.test", headers=headers)

    def sometimes(self) -> bool:
        """Lose one answer in three."""
        return self.chance.random() < 1 / 3

    async def spare_others(self) -> None:
        """Remember whose connections are not to be killed: all there are before the instances have opened any."""
        self.spared = {row["pid"] for row in await self.hand.fetch("SELECT pid FROM pg_stat_activity")}

    async def backends(self, *, waiting: bool = False) -> list[int]:
        """Return the backends of the instances, or only those at work that wait for a lock."""
        rows = await self.hand.fetch(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'diyuan-points'"
            " AND pid <> pg_backend_pid() AND ($1 IS FALSE OR wait_event_type = 'Lock')",
            waiting,
        )
        return [row["pid"] for row in rows if row["pid"] not in self.spared]

    async def kill(self, pids: list[int]) -> None:
        """Kill backends in the middle of whatever they do."""
        for pid in pids:
            self.kills += await self.hand.fetchval("SELECT pg_terminate_backend($1)::int", pid)

    @contextlib.asynccontextmanager
    async def killing(self) -> AsyncIterator[None]:
        """Kill a backend every few moments."""
        await self.spare_others()
        is_over = asyncio.Event()

        async def kill_on() -> None:
            while not is_over.is_set():
                if alive := await self.backends():
                    await self.kill([self.chance.choice(alive)])
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(is_over.wait(), 0.06)

        killer = asyncio.create_task(kill_on())
        try:
            yield
        finally:
            is_over.set()
            await killer


@pytest.fixture
async def fleet(database_url: str, redis_url: str, signer: Signer, people: People) -> AsyncIterator[Fleet]:
    hand: Any = await asyncpg.connect(database_url)
    instances = [Apps(database_url, redis_url, signer) for _ in range(INSTANCES)]
    yield Fleet(instances, hand)
    for instance in instances:
        await instance.close()
    await hand.close()


async def insist(ask: Callable[[], Any]) -> httpx2.Response:
    """Ask until an answer comes that is one: not lost, and not "busy"."""
    for _ in range(60):
        with contextlib.suppress(AnswerLostError):
            response: httpx2.Response = await ask()
            if response.status_code != 503:
                return response
    message = "no answer after 60 attempts"
    raise AssertionError(message)


async def test_transfer(fleet: Fleet, books: Books, open_household: OpenHousehold, people: People) -> None:
    """Gifts to and fro while backends die; each is repeated until it is known to have happened or to have been refused, and happens once."""
    accounts = [await books.of(await open_household()) for _ in range(4)]
    pairs = [fleet.chance.sample(range(4), 2) for _ in range(32)]
    gifts = [(new_id(), giver, taker, fleet.chance.randint(1, 60)) for giver, taker in pairs]
    happened: list[tuple[UUID, int, int, int]] = []

    async def give(number: int, gift: tuple[UUID, int, int, int]) -> None:
        source_id, giver, taker, amount = gift
        runtime = fleet.instances[number % INSTANCES].runtime("points")
        for _ in range(60):
            try:
                async with unit_of_work(runtime.database, runtime.clock, people.community_id) as uow:
                    await ledger.post(
                        uow=uow,
                        asset=Asset.SPENDABLE,
                        amount=amount,
                        from_account_id=accounts[giver],
                        to_account_id=accounts[taker],
                        kind=TransferKind.AWARD,
                        source_id=source_id,
                        summary="转赠",
                    )
            except DatabaseBusyError:
                continue
            except InsufficientBalanceError:
                return
            except AlreadyPostedError:
                pass
            happened.append(gift)
            return

    async with fleet.killing(), asyncio.TaskGroup() as giving:
        for number, gift in enumerate(gifts):
            giving.create_task(give(number, gift))

    expected = Counter(dict.fromkeys(range(4), 100))
    for _, giver, taker, amount in happened:
        expected[giver] -= amount
        expected[taker] += amount
    assert [(await books.balance(account))[0] for account in accounts] == [expected[n] for n in range(4)]
    assert fleet.kills > 0
    rows = await fleet.hand.fetch(
        "SELECT source_id FROM points.transfer WHERE community_id = $1 AND kind = 'award'", people.community_id
    )
    assert sorted(row["source_id"] for row in rows) == sorted(gift[0] for gift in happened)
    assert await books.work(replayed_balances) == await books.work(kept_balances)


async def test_idempotence(fleet: Fleet, store: StoreKit, open_household: OpenHousehold, people: People) -> None:
    """One key many times, on every instance at once, answers lost and backends killed: one redemption, one cancellation, one answer."""
    product = await store.stock(price=20)
    household = await open_household()
    principal = people.resident(household)
    bodies: dict[str, set[str]] = {}

    async def ask(number: int, path: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
        client = fleet.client(number, principal, fleet.sometimes)
        async with client:
            response = await insist(lambda: client.post(path, json=body, headers={"Idempotency-Key": key}))
        assert response.is_success, response.text
        bodies.setdefault(key, set()).add(response.text)
        answer: dict[str, Any] = response.json()
        return answer

    async def everywhere(path: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
        async with asyncio.TaskGroup() as asking:
            first, *_ = [asking.create_task(ask(n, path, key, body)) for n in range(6)]
        return first.result()

    async with fleet.killing():
        for _ in range(3):
            buying, cancelling = new_id().hex, new_id().hex
            bought = await everywhere(PATH, buying, {"product_id": str(product)})
            await everywhere(f"{PATH}/{bought['id']}/cancellations", cancelling, {"reason": "买错了"})

    assert {key: len(answers) for key, answers in bodies.items()} == dict.fromkeys(bodies, 1)
    states = await fleet.hand.fetch("SELECT state FROM points.redemption WHERE household_id = $1", household)
    assert [row["state"] for row in states] == ["cancelled"] * 3
    assert await spendable(store.household(household)) == (100, 0)
    assert await stock_of(store.keeper, product) == (10, 0)


@pytest.mark.parametrize("lost", ["killed", "timed out", "answer lost"])
async def test_indefinite(
    fleet: Fleet, store: StoreKit, open_household: OpenHousehold, people: People, database_url: str, lost: str
) -> None:
    """Nobody told the caller whether it happened. The retry under the same key does, and it happens no second time."""
    product, household = await store.stock(price=20), await open_household()
    principal, key = people.resident(household), new_id().hex
    first = fleet.client(0, principal, lambda: lost == "answer lost")

    async with first, fleet.client(1, principal) as second:
        if lost == "answer lost":
            with pytest.raises(AnswerLostError):
                await redeem(first, product, key=key)
        else:
            await _interrupted(fleet, first, product, key, household, database_url, by_kill=lost == "killed")
        happened = await fleet.hand.fetchval(
            "SELECT count(*) FROM points.redemption WHERE household_id = $1", household
        )
        told = await insist(lambda: redeem(second, product, key=key))

    assert told.status_code == 201
    assert told.headers.get("idempotency-replayed", "false") == ("true" if happened else "false")
    assert happened == (1 if lost == "answer lost" else 0)
    rows = await fleet.hand.fetch("SELECT id FROM points.redemption WHERE household_id = $1", household)
    assert [str(row["id"]) for row in rows] == [told.json()["id"]]
    assert await spendable(store.household(household)) == (80, 20)


async def _interrupted(
    fleet: Fleet,
    client: httpx2.AsyncClient,
    product: UUID,
    key: str,
    household: UUID,
    database_url: str,
    *,
    by_kill: bool,
) -> None:
    """Let a redemption wait for its household's row and interrupt it there."""
    await fleet.spare_others()
    other: Any = await asyncpg.connect(database_url)
    holding = other.transaction()
    await holding.start()
    await other.execute("SELECT 1 FROM points.account WHERE owner_id = $1 FOR UPDATE", household)
    asking = asyncio.create_task(redeem(client, product, key=key))
    while not (waiting := await fleet.backends(waiting=True)):  # noqa: ASYNC110 - the server makes it true.
        await asyncio.sleep(0.01)
    if by_kill:
        await fleet.kill(waiting)
        assert (await asking).status_code == 503
    else:
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking
    while await fleet.backends(waiting=True):  # noqa: ASYNC110 - the server makes it true.
        await asyncio.sleep(0.01)
    await holding.rollback()
    await other.close()
