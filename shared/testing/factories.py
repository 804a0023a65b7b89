"""Ways to do in a test what the system does around a use case."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from shared.ids import new_id
from shared.inbox import Consumer
from shared.outbox import Envelope, seal
from shared.uow import UnitOfWork, unit_of_work

if TYPE_CHECKING:
    from shared.contracts.events import Event
    from shared.testing.clients import Apps

WorkIn = Callable[[str, UUID], AbstractAsyncContextManager[UnitOfWork]]


@pytest.fixture(scope="session")
def work_in(apps: Apps) -> WorkIn:
    """Return an opener of units of work: `async with work_in("points", community_id) as uow:`."""

    @asynccontextmanager
    async def open_work(service: str, community_id: UUID) -> AsyncIterator[UnitOfWork]:
        runtime = apps.runtime(service)
        async with unit_of_work(runtime.database, runtime.clock, community_id) as uow:
            yield uow

    return open_work


@pytest.fixture(scope="session")
def hear(apps: Apps) -> Any:
    """Return a teller of facts: `await hear("points", community_id, event)` applies it as the service's consumer would."""
    from importlib import import_module

    async def tell(service: str, community_id: UUID, event: Event, *, event_id: UUID | None = None) -> bool:
        runtime = apps.runtime(service)
        worker = import_module(f"services.{service}.worker").create_worker(runtime)
        consumer: Consumer = worker.consumer
        envelope: Envelope = seal(
            event,
            id=event_id or new_id(),
            community_id=community_id,
            key="test",
            occurred_at=runtime.clock.now(),
            trace=None,
        )
        return await consumer.apply(envelope, envelope.open(), worker.handlers[type(event)])

    return tell


@pytest.fixture(scope="session")
def facts_of(apps: Apps) -> Any:
    """Return a reader of a service's outbox: `await facts_of("points", community_id)` gives the events announced, oldest first."""
    from sqlalchemy import text

    async def read(service: str, community_id: UUID) -> list[Any]:
        async with apps.runtime(service).database.worker.connect() as connection:
            rows = await connection.execute(
                text(
                    f"SELECT community_id, id, type, version, key, payload, trace, occurred_at FROM {service}.outbox"
                    " WHERE community_id = :community_id ORDER BY seq"
                ),
                {"community_id": community_id},
            )
            return [Envelope(**row._mapping).open() for row in rows]

    return read


@pytest.fixture(scope="session")
def sweep(apps: Apps) -> Any:
    """Return a sweeper: `await sweep("points", "expire_holds")` acts once on everything due now."""
    from importlib import import_module

    from shared.sweeps import sweep_once

    async def run(service: str, name: str) -> int:
        runtime = apps.runtime(service)
        worker = import_module(f"services.{service}.worker").create_worker(runtime)
        (found,) = [s for s in worker.sweeps if s.name == name]
        return await sweep_once(runtime.database, runtime.clock, found, limit=10_000)

    return run
