"""Rate limits, counted in a real Redis for all doors together."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from gateway.limits import Policy, RateLimiter, Verdict, limit_headers
from launcher.embedded import EmbeddedValkey
from shared.testing.clients import People, Signer
from tests.gateway.conftest import Door


@pytest.fixture
async def limiters(redis_url: str) -> AsyncIterator[Any]:
    """Return a maker of limiters that share one Redis, like several doors."""
    async with AsyncExitStack() as stack:

        def make(**options: Any) -> RateLimiter:
            limiter = RateLimiter(redis_url, **options)
            stack.push_async_callback(limiter.stop)
            return limiter

        yield make


async def ask(limiter: RateLimiter, policy: Policy, caller: str) -> Verdict | None:
    return limiter.spend(policy, caller) or await limiter.hit(policy, caller)


@pytest.mark.parametrize("quantity", [1, 3, 10, 120])
async def test_one_door_lets_exactly_the_limit_through(limiters: Any, unique: str, quantity: int) -> None:
    limiter, policy = limiters(), Policy(f"p{quantity}", quantity, 60)
    verdicts = [await ask(limiter, policy, unique) for _ in range(quantity + 20)]
    assert [v.is_allowed for v in verdicts if v] == [True] * quantity + [False] * 20


async def test_several_doors_together_never_exceed_the_limit(limiters: Any, unique: str) -> None:
    policy = Policy("together", 500, 60)
    doors = [limiters() for _ in range(4)]

    async def use(limiter: RateLimiter) -> int:
        verdicts = [await ask(limiter, policy, unique) for _ in range(300)]
        return sum(v.is_allowed for v in verdicts if v)

    allowed = sum(await asyncio.gather(*(use(limiter) for limiter in doors)))
    assert 460 <= allowed <= 500


async def test_many_requests_at_once_do_not_exceed_the_limit(limiters: Any, unique: str) -> None:
    limiter, policy = limiters(), Policy("at-once", 50, 60)
    verdicts = await asyncio.gather(*(ask(limiter, policy, unique) for _ in range(200)))
    assert sum(v.is_allowed for v in verdicts if v) == 50


async def test_callers_do_not_spend_each_others_allowance(limiters: Any, unique: str) -> None:
    limiter, policy = limiters(), Policy("own", 2, 60)
    for caller in (unique + "a", unique + "b"):
        assert [v.is_allowed for v in [await ask(limiter, policy, caller) for _ in range(3)] if v] == [
            True,
            True,
            False,
        ]


async def test_a_busy_caller_asks_redis_seldom(limiters: Any, unique: str, redis_url: str) -> None:
    limiter, policy = limiters(), Policy("busy", 100_000, 60)
    asked = 0
    for _ in range(3000):
        if limiter.spend(policy, unique) is None:
            asked += 1
            assert await limiter.hit(policy, unique)
    assert asked < 20


async def test_a_quiet_callers_unspent_block_lapses(limiters: Any, unique: str) -> None:
    now = [1000.0]
    limiter, policy = limiters(monotonic=lambda: now[0]), Policy("quiet", 1000, 60)
    for _ in range(policy.block + 5):
        await ask(limiter, policy, unique)
    assert limiter.spend(policy, unique) is not None
    now[0] += 6
    assert limiter.spend(policy, unique) is None


async def test_credit_is_a_block_a_window_and_is_counted(limiters: Any, unique: str) -> None:
    now = [1000.0]
    limiter, policy = limiters(monotonic=lambda: now[0]), Policy("more-credit", 200, 60)
    for _ in range(2):
        passed = [limiter.spend(policy, unique) for _ in range(5)]
        assert [v.remaining for v in passed if v] == [199, 198, 197, 196]
        now[0] += 61
    assert [limiter.spend(policy, unique) is None for _ in range(5)] == [False] * 4 + [True]
    verdict = await limiter.hit(policy, unique)
    assert verdict is not None
    assert verdict.remaining == 195
    now[0] += 30
    assert limiter.spend(policy, unique) is None, "counted in this window already"
    now[0] += 31
    assert limiter.spend(policy, unique) is not None


async def test_whoever_is_refused_has_no_credit(limiters: Any, unique: str) -> None:
    now = [1000.0]
    limiter, policy = limiters(monotonic=lambda: now[0]), Policy("refused", 100, 60)
    verdicts = [await ask(limiter, policy, unique) for _ in range(110)]
    assert sum(v.is_allowed for v in verdicts if v) == 100
    now[0] += 20
    assert limiter.spend(policy, unique) is None


async def test_a_first_request_passes_on_credit_and_is_counted_with_the_next(limiters: Any, unique: str) -> None:
    now = [1000.0]
    limiter, policy = limiters(monotonic=lambda: now[0]), Policy("credit", 3, 60)
    assert limiter.spend(policy, unique) is not None
    assert limiter.spend(policy, unique) is None
    verdict = await limiter.hit(policy, unique)
    assert verdict is not None
    assert verdict.remaining == 1
    late = limiters(monotonic=lambda: now[0])
    assert late.spend(policy, f"{unique} late") is not None
    now[0] += 61
    verdict = await late.hit(policy, f"{unique} late")
    assert verdict is not None
    assert verdict.remaining == 2


async def test_remaining_falls_and_the_window_comes_again(limiters: Any, unique: str) -> None:
    limiter, policy = limiters(), Policy("again", 2, 1)
    first, second, third = [await ask(limiter, policy, unique) for _ in range(3)]
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.remaining, second.remaining, third.remaining) == (1, 0, 0)
    assert third.reset_seconds == 1
    async with asyncio.timeout(30):
        while True:
            verdict = await ask(limiter, policy, unique)
            if verdict is not None and verdict.is_allowed:
                break
            await asyncio.sleep(0.1)


def test_headers_follow_the_draft() -> None:
    verdicts = [Verdict(Policy("address", 3000, 60), True, 12, 30), Verdict(Policy("account", 600, 60), True, 5, 7)]
    assert limit_headers(verdicts) == [
        (b"ratelimit-policy", b'"address";q=3000;w=60, "account";q=600;w=60'),
        (b"ratelimit", b'"address";r=12;t=30, "account";r=5;t=7'),
    ]


async def test_without_redis_everybody_passes(unused_tcp_url: str) -> None:
    limiter, policy = RateLimiter(unused_tcp_url), Policy("open", 1, 60)
    on_credit, *uncounted = [await ask(limiter, policy, "x") for _ in range(5)]
    assert on_credit is not None
    assert on_credit.is_allowed
    assert uncounted == [None] * 4
    await limiter.stop()


@pytest.fixture
def unused_tcp_url() -> str:
    return "redis://127.0.0.1:9/0"


@pytest.mark.faults
async def test_the_limit_is_back_when_redis_is_back() -> None:
    with EmbeddedValkey.temporary() as server:
        now = [0.0]
        limiter, policy = RateLimiter(server.url, monotonic=lambda: now[0]), Policy("back", 1, 60)
        assert (await ask(limiter, policy, "x")) is not None
        server.restart()
        now[0] += 10
        verdicts = []
        for _ in range(3):
            verdicts.append(await ask(limiter, policy, "x"))
            now[0] += 10
        assert verdicts[-1] is not None
        await limiter.stop()


async def test_an_address_over_its_limit_gets_429(open_door: Any, mode: str) -> None:
    door = await open_door(address_limit_per_minute=3, trusted_proxies=["127.0.0.0/8"])
    headers = {"X-Forwarded-For": f"2001:db8::{len(mode)}:{id(door) % 65536:x}"}
    answers = [await door.get("/api/v1/points/echo", headers=headers) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [re.findall(r"r=(\d+)", answer.headers["ratelimit"])[0] for answer in answers] == ["2", "1", "0", "0", "0"]
    assert answers[0].headers["ratelimit-policy"] == '"address";q=3;w=60'
    problem = answers[3].json()
    assert problem["code"] == "too_many"
    assert int(answers[3].headers["retry-after"]) == problem["retry_after_seconds"] > 0
    assert len(door.upstream.calls) == 3
    other = await door.get("/api/v1/points/echo", headers={"X-Forwarded-For": headers["X-Forwarded-For"] + "1"})
    assert other.status_code == 200


async def test_an_account_over_its_limit_gets_429_from_any_address(
    open_door: Any, signer: Signer, people: People
) -> None:
    door = await open_door(account_limit_per_minute=2)
    token = {"Authorization": f"Bearer {signer.token(people.resident())}"}
    statuses = [(await door.get("/api/v1/points/echo", headers=token)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert (await door.get("/api/v1/points/echo")).status_code == 200


async def test_signing_in_has_a_stricter_limit(open_door: Any, mode: str) -> None:
    door = await open_door(sign_in_limit_per_minute=2, trusted_proxies=["127.0.0.0/8"])
    headers = {"X-Forwarded-For": f"2001:db9::{len(mode)}:{id(door) % 65536:x}"}
    attempts = [await door.client.post("/api/v1/identity/sessions", headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in attempts] == [200, 200, 429]
    assert (await door.get("/api/v1/identity/communities", headers=headers)).status_code == 200


async def test_probes_are_not_counted(door: Door) -> None:
    assert "ratelimit" not in (await door.get("/healthz")).headers


async def test_the_door_stays_open_without_redis(open_door: Any) -> None:
    door = await open_door(redis_url="redis://127.0.0.1:9/0", address_limit_per_minute=1)
    answers = [await door.get("/api/v1/points/echo") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert ["ratelimit" in answer.headers for answer in answers] == [True, False, False]
