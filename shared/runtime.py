"""What one deployable runs on, built once at start and handed to its app and its worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import httpx2
from redis.asyncio import Redis

from shared.auth import JwksFetch, TokenVerifier
from shared.clock import SystemClock, TravellingClock
from shared.crypto import FieldCipher
from shared.db import Database
from shared.settings import ServiceSettings

if TYPE_CHECKING:
    from shared.kernel.clock import Clock
    from shared.kernel.errors import DomainError

S = TypeVar("S", bound=ServiceSettings)

JWKS_PATH = "/.well-known/jwks.json"


def connect_redis(url: str) -> Redis:
    """Open a Redis client that answers text.

    IO: none until the first use.
    """
    return Redis.from_url(url, decode_responses=True, health_check_interval=30)


def fetch_jwks_over_http(base_url: str, transport: httpx2.AsyncBaseTransport | None = None) -> JwksFetch:
    """Return a fetch of identity's key set; `transport` replaces the network when identity runs in this process."""

    async def fetch() -> dict[str, Any]:
        async with httpx2.AsyncClient(base_url=base_url, transport=transport, timeout=5) as client:
            response = await client.get(JWKS_PATH)
            response.raise_for_status()
            document: dict[str, Any] = response.json()
            return document

    return fetch


@dataclass(frozen=True)
class Runtime(Generic[S]):
    """The parts a service stands on. Shared by the app and the worker when both run in one process."""

    service: str
    settings: S
    database: Database
    redis: Redis
    clock: Clock
    verifier: TokenVerifier
    cipher: FieldCipher

    @classmethod
    def build(
        cls,
        service: str,
        settings: S,
        *,
        constraints: Mapping[str, type[DomainError]] | None = None,
        clock: Clock | None = None,
        fetch_jwks: JwksFetch | None = None,
    ) -> Self:
        """Build from settings.

        `clock` and `fetch_jwks` are given by a launcher that runs several services in one process, and by tests.
        IO: none until the first use.
        """
        clock = clock or (TravellingClock() if settings.is_development else SystemClock())
        return cls(
            service=service,
            settings=settings,
            database=Database.connect(
                service,
                settings.database_url.get_secret_value(),
                pool_size=settings.pool_size,
                worker_pool_size=settings.worker_pool_size,
                constraints=constraints,
            ),
            redis=connect_redis(settings.redis_url.get_secret_value()),
            clock=clock,
            verifier=TokenVerifier(fetch_jwks or fetch_jwks_over_http(settings.identity_url), clock),
            cipher=FieldCipher.from_settings(settings),
        )

    async def close(self) -> None:
        """Close every connection."""
        await self.database.close()
        await self.redis.aclose()
