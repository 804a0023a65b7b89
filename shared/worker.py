"""A service's background half: it publishes facts, hears those of others and acts on deadlines, until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import structlog
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.clock import TravellingClock
from shared.gauges import Count, measure
from shared.handlers import Handlers
from shared.heartbeats import Heartbeats, rest
from shared.idempotency import KEEP as IDEMPOTENCY_KEPT
from shared.inbox import Consumer
from shared.kernel.errors import UnavailableError
from shared.outbox import Relay
from shared.sweeps import Sweep, run_sweep
from shared.tasks import end_tasks
from shared.telemetry import configure_logging, configure_tracing, serve_metrics

if TYPE_CHECKING:
    from shared.runtime import Runtime

log = structlog.get_logger(__name__)

BUSY_PAUSE: Final = 0.02
IDLE_PAUSE: Final = 0.25
HOUSEKEEPING_SECONDS: Final = 600.0
MEASURING_SECONDS: Final = 15.0
"""As often as Prometheus asks unless told otherwise."""
Task = Callable[[], Coroutine[Any, Any, None]]


@dataclass
class Worker:
    """Relay, consumer and sweeps of one service.

    `extra` are further loops a service needs (a log sequencer, a job runner); each runs until cancelled. `counts` are what operators
    see of how the service stands. `monotonic` is what silence is measured by; every loop comes round within `heartbeats.PATIENCE_SECONDS`.
    """

    runtime: Runtime[Any]
    handlers: Handlers = field(default_factory=dict)
    sweeps: Sequence[Sweep] = ()
    extra: Sequence[Task] = ()
    counts: Sequence[Count] = ()
    monotonic: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        runtime = self.runtime
        self.heartbeats = Heartbeats(runtime.service, self.monotonic)
        self.relay = Relay(runtime.database, runtime.redis)
        # Host and pid: unique among living readers, so nobody claims what a colleague is working on.
        self.consumer = Consumer(
            runtime.database, runtime.redis, runtime.clock, self.handlers, name=f"{socket.gethostname()}-{os.getpid()}"
        )

    async def run(self) -> None:
        """Run every loop until cancelled; a loop that fails is logged and started again."""
        runtime = self.runtime
        loops: dict[str, Task] = {"relay": self._publish, "housekeeping": self._keep_house, "gauges": self._measure}
        if self.handlers:
            loops["consumer"] = self.consumer.run
        for sweep in self.sweeps:
            loops[f"sweep {sweep.name}"] = lambda sweep=sweep: run_sweep(runtime.database, runtime.clock, sweep)  # type: ignore[misc]  # a lambda with a bound default.
        for number, task in enumerate(self.extra):
            loops[f"extra {number}"] = task
        tasks = [
            asyncio.create_task(self._watched(name, loop), name=f"{runtime.service} {name}")
            for name, loop in loops.items()
        ]
        if isinstance(runtime.clock, TravellingClock):
            # It listens until somebody turns the calendar, which is no silence.
            follow = partial(runtime.clock.follow, runtime.redis)
            tasks.append(asyncio.create_task(self._forever("clock", follow), name=f"{runtime.service} clock"))
        try:
            await asyncio.gather(*tasks)
        finally:
            await end_tasks(tasks)

    async def _watched(self, name: str, loop: Task) -> None:
        self.heartbeats.watch(name)
        try:
            await self._forever(name, loop)
        finally:
            self.heartbeats.release(name)

    async def _forever(self, name: str, loop: Task) -> None:
        while True:
            try:
                await loop()
            except Exception:  # a defect in one loop must not stop the others.
                log.exception("worker_loop_failed", service=self.runtime.service, loop=name)
            else:
                return
            await rest(1)

    async def _publish(self) -> None:
        while True:
            try:
                published = await self.relay.publish(self.runtime.clock.now())
            except (RedisError, SQLAlchemyError, OSError) as error:
                log.warning("relay_waits", service=self.runtime.service, error=str(error))
                published = 0
                await asyncio.sleep(0.5)
            await rest(BUSY_PAUSE if published else IDLE_PAUSE)

    async def _keep_house(self) -> None:
        while True:
            now = self.runtime.clock.now()
            await self.relay.purge(now)
            await self.consumer.purge(now)
            await self._purge_idempotency(now)
            await rest(HOUSEKEEPING_SECONDS)

    async def _measure(self) -> None:
        runtime = self.runtime
        while True:
            try:
                await measure(runtime.database, runtime.redis, self.relay, runtime.clock.now(), self.counts)
            except (RedisError, SQLAlchemyError, UnavailableError, OSError) as error:
                log.warning("gauges_wait", service=runtime.service, error=str(error))
            await rest(MEASURING_SECONDS)

    async def _purge_idempotency(self, now: datetime) -> None:
        async with self.runtime.database.worker.begin() as connection:
            await connection.execute(
                text(f"DELETE FROM {self.runtime.service}.idempotency WHERE created_at < :before"),
                {"before": now - IDEMPOTENCY_KEPT},
            )


def run_worker(build: Callable[[], Worker]) -> None:
    """Run a worker as a process of its own until SIGTERM or SIGINT."""

    async def main() -> None:
        worker = build()
        configure_logging(worker.runtime.settings.log_level)
        configure_tracing(f"{worker.runtime.service}-worker", worker.runtime.settings.otlp_endpoint)
        serve_metrics(worker.runtime.settings.metrics_address, stuck=worker.heartbeats.stuck)
        task = asyncio.create_task(worker.run())
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await worker.runtime.close()

    asyncio.run(main())
