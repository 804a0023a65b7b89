"""Real processes of the points service, which can be killed and started again."""

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from shared.testing.clients import TEST_INDEX_KEY, TEST_KEYS

ROOT = Path(__file__).parents[3]
READY_SECONDS = 120


def environment(database_url: str, redis_url: str, keys: object) -> dict[str, str]:
    """Return what such a process is told; `keys` are those that tokens are signed with."""
    return os.environ | {
        "ENVIRONMENT": "development",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "FIELD_KEYS": json.dumps(TEST_KEYS),
        "INDEX_KEY": TEST_INDEX_KEY,
        "LOG_LEVEL": "ERROR",
        "BENCH_JWKS": json.dumps(keys),
        "PYTHONUTF8": "1",
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
    return port


@dataclass
class Process:
    """One process of the service; what it says is kept in a file."""

    environment: Mapping[str, str]
    log: Path
    port: int = field(default_factory=_free_port)
    starts: int = 0
    _running: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as said:
            self._running = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bench.serve", "direct", str(self.port), "points"),
                cwd=ROOT,
                env=self.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=said,
                stderr=asyncio.subprocess.STDOUT,
            )
        self.starts += 1
        async with asyncio.timeout(READY_SECONDS), httpx2.AsyncClient(base_url=self.url, trust_env=False) as client:
            while not await self._is_ready(client):
                assert self._running.returncode is None, self.log.read_text(encoding="utf-8")
                await asyncio.sleep(0.05)

    async def _is_ready(self, client: httpx2.AsyncClient) -> bool:
        try:
            return (await client.get("/readyz")).is_success
        except httpx2.TransportError:
            return False

    async def kill(self) -> None:
        """End it as a power cut would."""
        if self._running is not None:
            with contextlib.suppress(ProcessLookupError):
                self._running.kill()
            await self._running.wait()
            self._running = None
