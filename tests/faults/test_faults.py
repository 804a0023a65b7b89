"""Processes and servers die in the middle of work; afterwards every fact took effect once and nothing acknowledged is lost."""

import asyncio
import contextlib
from collections import Counter
from functools import partial
from uuid import UUID

import httpx2
import pytest
from redis.asyncio import Redis

from services.points.settings import Settings
from shared.contracts.events import ClaimPosted
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.outbox import stream_of
from shared.runtime import Runtime, connect_redis
from shared.tasks import end_tasks
from shared.testing.clients import People
from shared.worker import Worker
from tests.faults.house import House, hear, until

pytestmark = pytest.mark.faults

IDENTITY = stream_of("identity")
PATIENCE_SECONDS = 240
"""A slow machine may take its time; what never comes is a failure all the same."""


async def openings(house: House) -> Counter[UUID]:
    """Count each household's opening transfers; two are right, one per asset."""
    rows = await house.ask(
        "SELECT source_id FROM points.transfer WHERE kind = 'opening' AND community_id = $1", house.community_id
    )
    return Counter(row["source_id"] for row in rows)


async def test_consumer_dies_after_the_effect_and_before_the_acknowledgement(house: House, redis: Redis) -> None:
    households = await house.register_households(redis, 12)

    dying = house.start("-m", "tests.faults.dying", "consumer")
    assert await asyncio.to_thread(dying.wait, PATIENCE_SECONDS) == -9

    took_effect = await openings(house)
    pending = (await redis.xpending(IDENTITY, "points"))["pending"]
    assert set(took_effect.values()) == {2}
    assert len(took_effect) >= 1
    assert pending == len(households), "effects are there and their entries are not acknowledged"

    house.start("-m", "services.points.worker")

    async def all_settled() -> bool:
        return len(await openings(house)) == 12 and (await redis.xpending(IDENTITY, "points"))["pending"] == 0

    await until(all_settled, PATIENCE_SECONDS, "every household opened and acknowledged")
    assert await openings(house) == dict.fromkeys(households, 2)


async def test_relay_dies_between_the_stream_and_the_mark(
    house: House, redis: Redis, runtime: Runtime[Settings]
) -> None:
    told = [await house.tell(runtime) for _ in range(5)]

    dying = house.start("-m", "tests.faults.dying", "relay")
    assert await asyncio.to_thread(dying.wait, PATIENCE_SECONDS) == -9

    assert await redis.xlen(stream_of("points")) == 5
    (row,) = await house.ask("SELECT count(*) FROM points.outbox WHERE published_at IS NULL")
    assert row[0] == 5, "written to the stream and not marked"

    worker = asyncio.create_task(Worker(runtime, handlers={ClaimPosted: hear}).run())

    async def all_said() -> bool:
        (waiting,) = await house.ask("SELECT count(*) FROM points.outbox WHERE published_at IS NULL")
        return waiting[0] == 0 and await redis.xlen(stream_of("points")) == 10 and len(await house.heard()) >= 5

    await until(all_said, PATIENCE_SECONDS, "every fact said again and heard")
    await until(lambda: _no_pending(house), PATIENCE_SECONDS, "every entry acknowledged")
    assert Counter(await house.heard()) == dict.fromkeys(told, 1)
    await _stop(worker)


async def test_redis_is_killed_and_restarted_while_facts_flow(house: House, runtime: Runtime[Settings]) -> None:
    worker = asyncio.create_task(Worker(runtime, handlers={ClaimPosted: hear}).run())
    told: list[UUID] = []
    is_over = asyncio.Event()

    async def talk() -> None:
        while not is_over.is_set():
            told.append(await house.tell(runtime))
            await asyncio.sleep(0.01)

    talking = asyncio.create_task(talk())
    for round_ in range(2):
        enough = 60 * round_ + 40
        await until(partial(_longer, told, enough), PATIENCE_SECONDS, "facts flow")
        await asyncio.to_thread(house.valkey.kill)
        await until(partial(_longer, told, len(told) + 20), PATIENCE_SECONDS, "facts are committed while Redis is away")
        await asyncio.to_thread(house.valkey.start)
    is_over.set()
    await talking

    async def all_heard() -> bool:
        return set(await house.heard()) >= set(told)

    await until(all_heard, PATIENCE_SECONDS, "every committed fact heard")
    await until(lambda: _no_pending(house), PATIENCE_SECONDS, "every entry acknowledged")
    assert Counter(await house.heard()) == dict.fromkeys(told, 1)
    assert len(told) >= 120
    await _stop(worker)


async def test_postgres_is_killed_and_restarted_under_requests(house: House, redis: Redis) -> None:
    people = People(house.community_id)
    house.start("-m", "services.points.worker")
    (household,) = await house.register_households(redis, 1)
    address = house.start_app()
    keeper = _client(house, address, people.staff(Role.STOREKEEPER))
    resident = _client(house, address, people.resident(household))
    async with keeper, resident:
        await until(lambda: _answers(resident, "/api/v1/points/account"), PATIENCE_SECONDS, "the account is open")
        product = await _stock(keeper)
        answered: dict[str, str] = {}
        statuses: Counter[int] = Counter()
        is_over = asyncio.Event()

        async def buy() -> None:
            """Redeem under fresh keys; keep asking under the same key until an answer has come."""
            while not is_over.is_set() and len(answered) < 90:
                key = new_id().hex
                while key not in answered:
                    with contextlib.suppress(httpx2.TransportError):
                        response = await resident.post(
                            "/api/v1/points/redemptions",
                            json={"product_id": product},
                            headers={"Idempotency-Key": key},
                        )
                        statuses[response.status_code] += 1
                        if response.status_code == 201:
                            answered[key] = response.json()["id"]
                            continue
                        assert response.status_code == 503, response.text
                        assert response.headers["content-type"] == "application/problem+json"
                        assert "retry-after" in response.headers
                    await asyncio.sleep(0.05)

        buyers = [asyncio.create_task(buy()) for _ in range(4)]
        await until(lambda: _longer(answered, 15), PATIENCE_SECONDS, "requests are answered")
        await asyncio.to_thread(house.postgres.kill)
        await until(lambda: _true(statuses[503] >= 4), PATIENCE_SECONDS, "requests are refused as busy")
        await asyncio.to_thread(house.postgres.start)
        before = len(answered)
        await until(lambda: _longer(answered, before + 20), PATIENCE_SECONDS, "requests are answered again")
        is_over.set()
        await asyncio.gather(*buyers)

    rows = await house.ask("SELECT id FROM points.redemption WHERE community_id = $1", house.community_id)
    assert {str(row["id"]) for row in rows} == set(answered.values()), "what was acknowledged, and nothing else"
    assert set(statuses) <= {201, 503}
    (balance,) = await house.ask(
        "SELECT available, held FROM points.account WHERE asset = 'spendable' AND owner_id = $1", household
    )
    assert (balance["available"], balance["held"]) == (100 - len(answered), len(answered))


def _client(house: House, address: str, principal: object) -> httpx2.AsyncClient:
    token = house.signer.token(principal)  # type: ignore[arg-type]  # a Principal of People.
    return httpx2.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_SECONDS)


async def _stock(keeper: httpx2.AsyncClient) -> str:
    product = {"code": "oil", "name": "食用油", "category": "粮油", "price_points": 1, "household_limit": 1_000}
    created = await keeper.post("/api/v1/points/products", json=product)
    assert created.status_code == 201, created.text
    batch = {"quantity": 1_000, "unit_cost_fen": 2_590, "fund_source": "donation", "supplier": "城关粮油店"}
    received = await keeper.post(f"/api/v1/points/products/{created.json()['id']}/batches", json=batch)
    assert received.status_code == 201, received.text
    return str(created.json()["id"])


async def _answers(client: httpx2.AsyncClient, path: str) -> bool:
    try:
        return (await client.get(path)).status_code == 200
    except httpx2.TransportError:
        return False


async def _longer(things: object, number: int) -> bool:
    return len(things) >= number  # type: ignore[arg-type]  # lists and dicts alike.


async def _true(fact: bool) -> bool:
    return fact


async def _no_pending(house: House) -> bool:
    redis = connect_redis(house.valkey.url)
    pending = (await redis.xpending(stream_of("points"), "points"))["pending"]
    await redis.aclose()
    return bool(pending == 0)


async def _stop(task: asyncio.Task[None]) -> None:
    await end_tasks([task])
