"""Three processes of the service on one database; connections are cut, answers lost, one process is killed and comes back.

Three workloads run against all of it at once: points move to and fro, one key is sent many times, and callers who were told nothing ask
again elsewhere. Afterwards everything happened exactly once, and the transfers alone give the balances.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from shared.clock import SystemClock
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.principal import Principal, Role
from shared.testing.clients import People, Signer
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books
from tests.points.store_kit import StoreKit, stock_of
from tests.points.workloads.processes import Process, environment
from tests.points.workloads.replay import kept_balances, replayed_balances

pytestmark = pytest.mark.faults

ROOT = "/api/v1/points"
PROCESSES = 3
GIFTS, KEYS, UNSURE = 48, 6, 24
PATIENCE_SECONDS = 240
"""How long a caller insists; a slow machine may take its time to start a process again."""


class AnswerLostError(httpx2.TransportError):
    """The request was answered and the answer did not arrive."""


@dataclass
class Fleet:
    """The processes, clients of each, and a hand that cuts connections."""

    processes: list[Process]
    signer: Signer
    hand: Any
    theirs: set[int]
    clients: list[httpx2.AsyncClient]
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    spared: set[int] = field(default_factory=set)
    cuts: int = 0
    lost: int = 0
    answers: int = 0

    async def post(
        self, principal: Principal, path: str, body: dict[str, Any], key: str, *, first: int = 0
    ) -> httpx2.Response:
        """Ask one process after the other under one key until an answer arrives that is one; some that arrive are lost."""
        headers = {"Authorization": f"Bearer {self.signer.token(principal)}", "Idempotency-Key": key}
        number = first
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                client = self.clients[number % PROCESSES]
                number += 1
                with contextlib.suppress(httpx2.TransportError):
                    response = await client.post(ROOT + path, json=body, headers=headers)
                    if self.chance.random() < 1 / 4:
                        self.lost += 1
                        raise AnswerLostError("lost on the way back")
                    if response.status_code != 503:
                        self.answers += 1
                        return response
                await asyncio.sleep(0.01)

    async def cut(self) -> None:
        """Cut a connection of a process to the database, whatever it does at this moment."""
        if alive := sorted(await _backends(self.hand) - self.spared):
            self.cuts += await self.hand.fetchval("SELECT pg_terminate_backend($1)::int", self.chance.choice(alive))

    @contextlib.asynccontextmanager
    async def trouble(self) -> AsyncIterator[None]:
        """Cut connections all the time; kill the processes in turn, once each, and start them again."""
        is_over = asyncio.Event()
        # The processes have done nothing yet, so what came since they were ready is the test's own.
        self.spared = await _backends(self.hand) - self.theirs

        async def cut_on() -> None:
            while not is_over.is_set():
                await self.cut()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(is_over.wait(), 0.08)

        async def kill_one() -> None:
            while self.answers < GIFTS // 4:  # noqa: ASYNC110 - the work done so far is the clock here.
                await asyncio.sleep(0.01)
            await self.processes[0].kill()
            await self.processes[0].start()

        async with asyncio.TaskGroup() as trouble:
            trouble.create_task(cut_on())
            killing = trouble.create_task(kill_one())
            try:
                yield
                await killing
            finally:
                is_over.set()


async def _backends(hand: Any) -> set[int]:
    rows = await hand.fetch(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'diyuan-points'"
    )
    return {row["pid"] for row in rows}


@pytest.fixture
async def fleet(database_url: str, redis_url: str, tmp_path: Path, clock: FixedClock) -> AsyncIterator[Fleet]:
    now = SystemClock().now()
    # The processes have the world's time, so the suite's clock goes with it.
    clock.set(now)
    signer = Signer(FixedClock(now))
    told = environment(database_url, redis_url, await signer.jwks())
    hand: Any = await asyncpg.connect(database_url)
    before = await _backends(hand)
    processes = [Process(told, tmp_path / f"process{number}.log") for number in range(PROCESSES)]
    clients = [httpx2.AsyncClient(base_url=one.url, timeout=PATIENCE_SECONDS, trust_env=False) for one in processes]
    try:
        async with asyncio.TaskGroup() as starting:
            for process in processes:
                starting.create_task(process.start())
        yield Fleet(processes, signer, hand, await _backends(hand) - before, clients)
    finally:
        for client in clients:
            await client.aclose()
        for process in processes:
            await process.kill()
        await hand.close()


async def together(*work: Awaitable[Any]) -> list[Any]:
    """Do everything at once and return what each came to."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_awaited(one)) for one in work]
    return [task.result() for task in tasks]


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work


async def test_everything_happens_once_whoever_dies(
    fleet: Fleet, books: Books, store: StoreKit, open_household: OpenHousehold, people: People
) -> None:
    homes = [await open_household() for _ in range(4)]
    shopper, unsure = await open_household(), [await open_household() for _ in range(UNSURE)]
    product = await store.stock(price=20, quantity=1000)
    bank = Bank(fleet, people.staff(Role.COMMUNITY_ADMIN), homes)

    async with fleet.trouble():
        _, bought, told = await together(
            bank.work(),
            idempotence(fleet, people.resident(shopper), product),
            indefinite(fleet, [people.resident(home) for home in unsure], product),
        )

    assert (fleet.cuts > 0, fleet.lost > 0, fleet.processes[0].starts) == (True, True, 2)
    assert [await books.has(home) for home in homes] == bank.expected()
    assert await _count(fleet, people, "transfer WHERE kind = 'split' AND asset = 'spendable'") == len(bank.happened)
    assert await books.has(shopper) == 100
    assert await _count(fleet, people, f"redemption WHERE household_id = '{shopper}'") == len(bought) == KEYS
    for home, answer in zip(unsure, told, strict=True):
        rows = await fleet.hand.fetch("SELECT id::text FROM points.redemption WHERE household_id = $1", home)
        assert [row["id"] for row in rows] == [answer["id"]]
        assert await books.balance(await books.of(home)) == (80, 20)
    assert await stock_of(store.keeper, product) == (1000 - UNSURE, UNSURE)
    assert await books.work(replayed_balances) == await books.work(kept_balances)


async def _count(fleet: Fleet, people: People, rows: str) -> int:
    joined = "AND" if "WHERE" in rows else "WHERE"
    counted: int = await fleet.hand.fetchval(
        f"SELECT count(*) FROM points.{rows} {joined} community_id = $1", people.community_id
    )
    return counted


@dataclass
class Bank:
    """Points that move between four households, as an administrator parts families; each is sent until it is known what came of it."""

    fleet: Fleet
    admin: Principal
    homes: list[UUID]
    happened: list[tuple[int, int, int]] = field(default_factory=list)

    async def work(self) -> None:
        """Send all gifts at once."""
        await together(*(self._give(number, self.fleet.chance.sample(range(4), 2)) for number in range(GIFTS)))

    async def _give(self, number: int, pair: list[int]) -> None:
        (giver, taker), amount = pair, 1 + number % 60
        body = {"new_household_id": str(self.homes[taker]), "standing": 0, "spendable": amount, "reason": "分家"}
        path = f"/households/{self.homes[giver]}/splits"
        answer = await self.fleet.post(self.admin, path, body, new_id().hex, first=number)
        if answer.status_code == 201:
            self.happened.append((giver, taker, amount))
        else:
            assert answer.json()["code"] == "points.insufficient_balance", answer.text

    def expected(self) -> list[int]:
        """Return what each household must have."""
        balances = [100] * 4
        for giver, taker, amount in self.happened:
            balances[giver] -= amount
            balances[taker] += amount
        return balances


async def idempotence(fleet: Fleet, principal: Principal, product: UUID) -> list[str]:
    """Send each key to every process at once, twice: one redemption and one cancellation, and one answer for all. Return what was bought."""
    bought = []

    async def everywhere(path: str, body: dict[str, Any]) -> dict[str, Any]:
        key = new_id().hex
        answers = await together(
            *(fleet.post(principal, path, body, key, first=number) for number in range(2 * PROCESSES))
        )
        assert {answer.is_success for answer in answers} == {True}, answers[0].text
        assert len({answer.text for answer in answers}) == 1
        told: dict[str, Any] = answers[0].json()
        return told

    for _ in range(KEYS):
        one = await everywhere("/redemptions", {"product_id": str(product)})
        await everywhere(f"/redemptions/{one['id']}/cancellations", {"reason": "买错了"})
        bought.append(one["id"])
    return bought


async def indefinite(fleet: Fleet, principals: list[Principal], product: UUID) -> list[dict[str, Any]]:
    """Ask and hang up before the answer; then ask again elsewhere what came of it. Return what each was told."""

    async def ask(number: int, principal: Principal) -> dict[str, Any]:
        body, key = {"product_id": str(product)}, new_id().hex
        hasty = asyncio.create_task(fleet.post(principal, "/redemptions", body, key, first=number))
        await asyncio.sleep(fleet.chance.random() / 20)
        hasty.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await hasty
        answer = await fleet.post(principal, "/redemptions", body, key, first=number + 1)
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.json()
        return told

    return await together(*(ask(number, principal) for number, principal in enumerate(principals)))
