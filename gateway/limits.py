"""How many requests a minute an address and an account may make, counted for all gateways together in Redis.

Asking Redis once per request would cost more than the rest of the door. A busy caller therefore takes a block of its
allowance at a time and spends it here; the block grows while it is used up quickly, and what is unspent lapses soon. Whoever was
not counted for a window passes on credit for as long as a block lasts, and the credit is counted with the request after it: in a rush
most callers come only a few times. The limit is exceeded by no more than that one block a gateway; a burst through several gateways
may be refused a few requests early.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple

import structlog
from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from prometheus_client import Counter
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

UNCOUNTED: Final = Counter("diyuan_gateway_uncounted_total", "Requests let through because Redis did not answer.")
REFUSED: Final = Counter("diyuan_gateway_limited_total", "Requests refused by a rate limit.", ["policy"])

BLOCK_SHARE: Final = 50
"""A block is at most this part of the limit."""
BLOCK_LIFE_SECONDS: Final = 5.0
REFUSAL_LIFE_SECONDS: Final = 0.5
"""For so long a refusal is repeated without asking again."""
PAUSE_AFTER_FAILURE_SECONDS: Final = 2.0
"""For so long nobody waits for a Redis that did not answer."""
BUCKETS_KEPT: Final = 50_000
ANSWER_WITHIN_SECONDS: Final = 1.0


class Policy:
    """A named limit: `quantity` requests in `window_seconds`."""

    __slots__ = ("block", "item", "line", "name", "quantity", "quoted", "window_seconds")

    def __init__(self, name: str, quantity: int, window_seconds: int) -> None:
        self.name = name
        self.quantity = quantity
        self.window_seconds = window_seconds
        self.block = max(1, quantity // BLOCK_SHARE)
        self.item = RateLimitItemPerSecond(quantity, window_seconds, namespace=f"gateway:{name}")
        self.quoted = f'"{name}"'.encode()
        self.line = f'"{name}";q={quantity};w={window_seconds}'.encode()


class Verdict(NamedTuple):
    """Whether the request may go on, and what the caller should know."""

    policy: Policy
    is_allowed: bool
    remaining: int
    reset_seconds: int


class _Bucket:
    __slots__ = (
        "block",
        "credit",
        "credit_until",
        "expires_at",
        "left",
        "lock",
        "owed",
        "refused_until",
        "remaining",
        "resets_at",
    )

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.block = 0
        self.left = 0
        self.expires_at = 0.0
        self.credit = 0
        self.owed = 0
        self.credit_until = float("-inf")
        self.refused_until = 0.0
        self.remaining = 0
        self.resets_at = 0.0


class _Storage(RedisStorage):
    """The library's storage, without the clients it could speak through instead."""

    DEPENDENCIES = {"redis": RedisStorage.DEPENDENCIES["redis"]}  # noqa: RUF012 - the library's own way to say it.


class RateLimiter:
    """Counts callers against policies. Fails open: without Redis everybody passes, with a warning and a metric."""

    def __init__(self, redis_url: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._pool = ConnectionPool.from_url(
            redis_url,
            socket_timeout=ANSWER_WITHIN_SECONDS,
            socket_connect_timeout=ANSWER_WITHIN_SECONDS,
            retry=Retry(NoBackoff(), 1),
        )
        self._storage = _Storage(
            "async+redis://",
            implementation="redispy",
            key_prefix="diyuan",
            connection_pool=self._pool,  # type: ignore[arg-type]  # documented, and missing in the annotation
        )
        self._strategy = SlidingWindowCounterRateLimiter(self._storage)
        self._buckets: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()
        self._monotonic = monotonic
        self._paused_until = 0.0

    async def stop(self) -> None:
        """Close the connections to Redis."""
        await self._pool.aclose()

    def spend(self, policy: Policy, caller: str) -> Verdict | None:
        """Count one request against the block at hand, or on credit; None when Redis must be asked."""
        bucket = self._bucket(policy, caller)
        now = self._monotonic()
        if bucket.left > 0 and now < bucket.expires_at:
            bucket.left -= 1
            return _verdict(policy, bucket, now, is_allowed=True)
        if now >= bucket.credit_until:
            bucket.credit, bucket.owed, bucket.left, bucket.remaining = policy.block, 0, 0, policy.quantity
            bucket.credit_until = bucket.resets_at = now + policy.window_seconds
        if bucket.credit <= 0:
            return None
        bucket.credit -= 1
        bucket.owed += 1
        bucket.remaining -= 1
        return _verdict(policy, bucket, now, is_allowed=True)

    async def hit(self, policy: Policy, caller: str) -> Verdict | None:
        """Count one request of a caller for which `spend` had nothing; None when it could not be counted."""
        now = self._monotonic()
        bucket = self._bucket(policy, caller)
        if now < self._paused_until:
            UNCOUNTED.inc()
            return None
        async with bucket.lock:
            now = self._monotonic()
            if bucket.left <= 0 or now >= bucket.expires_at:
                if now < bucket.refused_until:
                    REFUSED.labels(policy.name).inc()
                    return _verdict(policy, bucket, now, is_allowed=False)
                try:
                    async with asyncio.timeout(ANSWER_WITHIN_SECONDS * 2):
                        await self._take_block(policy, caller, bucket)
                except (RedisError, OSError, TimeoutError) as error:
                    self._paused_until = self._monotonic() + PAUSE_AFTER_FAILURE_SECONDS
                    log.warning("rate_limit_unavailable", error=repr(error))
                    UNCOUNTED.inc()
                    return None
            now = self._monotonic()
            if bucket.left > 0:
                bucket.left -= 1
                return _verdict(policy, bucket, now, is_allowed=True)
        REFUSED.labels(policy.name).inc()
        return _verdict(policy, bucket, now, is_allowed=False)

    def _bucket(self, policy: Policy, caller: str) -> _Bucket:
        key = (policy.name, caller)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket()
            if len(self._buckets) > BUCKETS_KEPT:
                self._buckets.popitem(last=False)
        return bucket

    async def _take_block(self, policy: Policy, caller: str, bucket: _Bucket) -> None:
        """Reserve a block in Redis: one request at first, twice as many each time the last block was used up."""
        now = self._monotonic()
        was_used_up = bucket.left <= 0 and now < bucket.expires_at
        wanted = max(1, min(bucket.block * 2, policy.block)) if was_used_up else 1
        owed = bucket.owed if now < bucket.credit_until else 0
        bucket.credit, bucket.owed, bucket.credit_until = 0, 0, now + policy.window_seconds
        is_taken = await self._strategy.hit(policy.item, caller, cost=wanted + owed)
        if not is_taken and wanted > 1:
            wanted = 1
            is_taken = await self._strategy.hit(policy.item, caller, cost=1 + owed)
        if not is_taken and owed:
            await self._strategy.hit(policy.item, caller, cost=owed)
        stats = await self._strategy.get_window_stats(policy.item, caller)
        now = self._monotonic()
        bucket.block = wanted
        bucket.left = wanted if is_taken else 0
        bucket.expires_at = now + BLOCK_LIFE_SECONDS
        bucket.refused_until = 0.0 if is_taken else now + REFUSAL_LIFE_SECONDS
        bucket.remaining = stats.remaining
        bucket.resets_at = now + max(0.0, stats.reset_time - time.time())


def _verdict(policy: Policy, bucket: _Bucket, now: float, *, is_allowed: bool) -> Verdict:
    remaining = bucket.remaining + bucket.left if is_allowed else 0
    return Verdict(policy, is_allowed, remaining, max(1, math.ceil(bucket.resets_at - now)))


def limit_headers(verdicts: list[Verdict]) -> list[tuple[bytes, bytes]]:
    """Write RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers)."""
    return [
        (b"ratelimit-policy", b", ".join([verdict.policy.line for verdict in verdicts])),
        (
            b"ratelimit",
            b", ".join([b"%s;r=%d;t=%d" % (v.policy.quoted, v.remaining, v.reset_seconds) for v in verdicts]),
        ),
    ]
