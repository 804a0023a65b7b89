"""A points service in processes of its own, on servers of its own that may be killed."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
from redis.asyncio import Redis

from launcher.embedded import EmbeddedPostgres, EmbeddedValkey
from services.points.constraints import CONSTRAINTS
from services.points.settings import Settings
from shared.clock import SystemClock
from shared.contracts.events import ClaimPosted, HouseholdRegistered
from shared.ids import new_id
from shared.migrations import migrate_all
from shared.outbox import seal, stream_of
from shared.runtime import Runtime
from shared.testing.clients import TEST_INDEX_KEY, TEST_KEYS, Signer
from shared.uow import UnitOfWork, unit_of_work

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

HEARD = (
    "CREATE TABLE points.heard (community_id uuid NOT NULL, claim_id uuid NOT NULL)",
    "GRANT SELECT, INSERT ON points.heard TO points_app, points_worker",
)
"""An effect that may happen twice if the plumbing lets it: nothing in this table objects."""


@dataclass
class House:
    """The servers, and the processes started on them."""

    postgres: EmbeddedPostgres
    valkey: EmbeddedValkey
    signer: Signer
    identity_url: str
    community_id: UUID = field(default_factory=new_id)
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What a deployable of this house reads."""
        return {
            "ENVIRONMENT": "development",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "FIELD_KEYS": json.dumps(TEST_KEYS),
            "INDEX_KEY": TEST_INDEX_KEY,
            "IDENTITY_URL": self.identity_url,
            "LOG_LEVEL": "ERROR",
        }

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a Python process of this house; it is ended with the house."""
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, **self.environment, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
        )
        self._processes.append(process)
        return process

    def start_app(self) -> str:
        """Start the points app and return its address."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.start(
            "-m", "uvicorn", "services.points.main:build", "--factory", "--port", str(port), "--log-level", "critical"
        )
        return f"http://127.0.0.1:{port}"

    def runtime(self) -> Runtime[Settings]:
        """Return the points service's runtime in this process."""
        settings = Settings(
            environment="development",
            database_url=self.postgres.url,
            redis_url=self.valkey.url,
            field_keys=TEST_KEYS,
            index_key=TEST_INDEX_KEY,
            log_level="ERROR",
        )
        return Runtime.build(
            "points", settings, constraints=CONSTRAINTS, clock=SystemClock(), fetch_jwks=self.signer.jwks
        )

    async def ask(self, query: str, *arguments: object) -> list[Any]:
        """Ask the database as its owner, past every fence."""
        connection = await asyncpg.connect(self.postgres.url)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    async def register_households(self, redis: Redis, number: int) -> list[UUID]:
        """Put facts about new households on identity's stream."""
        ids = [new_id() for _ in range(number)]
        for count, household_id in enumerate(ids):
            event = HouseholdRegistered(
                household_id=household_id,
                household_number=f"QLQ-{count:04d}",
                grid_id=new_id(),
                grid_name="第一网格",
                building_id=new_id(),
                building_name="1栋",
                householder_name="王**",
                area_cm2e2=8_800,
                resident_count=3,
            )
            envelope = seal(
                event,
                id=new_id(),
                community_id=self.community_id,
                key=str(household_id),
                occurred_at=SystemClock().now(),
                trace=None,
            )
            await redis.xadd(stream_of("identity"), envelope.to_fields())
        return ids

    async def tell(self, runtime: Runtime[Settings]) -> UUID:
        """Commit a fact to the outbox of points."""
        claim_id = new_id()
        now = runtime.clock.now()
        async with unit_of_work(runtime.database, runtime.clock, self.community_id) as uow:
            posted = ClaimPosted(
                claim_id=claim_id, household_id=new_id(), item_code="a", item_name="一", points=1, posted_at=now
            )
            uow.announce(claim_id, posted)
        return claim_id

    async def heard(self) -> list[UUID]:
        """Return every effect of a told fact."""
        return [row["claim_id"] for row in await self.ask("SELECT claim_id FROM points.heard")]

    async def empty(self) -> None:
        """Forget every fact, so that the next test begins with silence in a community of its own."""
        self.community_id = new_id()
        await self.ask("TRUNCATE points.outbox, points.inbox, points.heard")
        redis = Redis.from_url(self.valkey.url)
        await redis.flushall()
        await redis.aclose()

    def end_processes(self) -> None:
        """End what was started and is still running."""
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()


async def hear(uow: UnitOfWork, posted: ClaimPosted) -> None:
    """Write a fact down, once for every time it takes effect."""
    from sqlalchemy import text

    statement = text("INSERT INTO points.heard (community_id, claim_id) VALUES (:c, :id)")
    await uow.session.execute(statement, {"c": uow.community_id, "id": posted.claim_id})


async def until(condition: Callable[[], Awaitable[bool]], seconds: float, what: str) -> None:
    """Wait for something that can be asked."""
    try:
        async with asyncio.timeout(seconds):
            while not await condition():  # noqa: ASYNC110 - another process makes it true.
                await asyncio.sleep(0.1)
    except TimeoutError:
        message = f"after {seconds} seconds still not: {what}"
        raise AssertionError(message) from None


@contextmanager
def published_keys(signer: Signer) -> Iterator[str]:
    """Serve the key set as identity does, on loopback."""
    document = json.dumps({"keys": [signer.key.as_dict(private=False)]}).encode()

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(document)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def built_house(signer: Signer) -> Iterator[House]:
    """Start servers that keep what they acknowledged even when they are killed, and build the schema."""
    folder = Path(tempfile.mkdtemp(prefix="diyuan-faults-"))
    folder.chmod(0o755)
    postgres, valkey = EmbeddedPostgres(folder / "postgres"), EmbeddedValkey(folder / "valkey")
    try:
        with published_keys(signer) as identity_url, postgres, valkey:
            house = House(postgres, valkey, signer, identity_url)
            asyncio.run(migrate_all(postgres.url, ["points"]))
            for statement in HEARD:
                postgres.execute(statement, database="diyuan")
            yield house
            house.end_processes()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
