"""What the door costs: `python -m tests.gateway.measure_overhead`.

Each arrangement runs in processes of its own; the figures are the CPU time of all its server processes per request, and
requests a second under a closed loop of clients. `direct` is the service alone. The service is either the least an ASGI
application can do, or a FastAPI handler that computes for as long as a hot path of the system takes.
"""

import asyncio
import os
import subprocess
import sys
import time
from typing import Any

import psutil
from fastapi import FastAPI
from pydantic import BaseModel

from tests.gateway.serving import free_port

CLIENTS = 16
WARM_UP = 300
REQUESTS = 6000
WORK_MICROSECONDS = 300
BODY = b'{"product_id":"0197c1a0-0000-7000-8000-000000000000","quantity":1}'


class Redemption(BaseModel):
    product_id: str
    quantity: int


def working() -> FastAPI:
    """Build a service with a handler about as dear as redeem."""
    app = FastAPI()

    @app.post("/api/v1/points/redemptions")
    async def redeem(command: Redemption) -> Redemption:
        until = time.thread_time_ns() + WORK_MICROSECONDS * 1000
        while time.thread_time_ns() < until:
            pass
        return command

    return app


def door() -> Any:
    """Build the door as the environment says: over `SERVICE` in this process, or over `UPSTREAMS`."""
    from gateway.main import create_app
    from gateway.routes_table import Auth, Route
    from gateway.settings import GatewaySettings

    settings = GatewaySettings(address_limit_per_minute=100_000_000)
    apps = None if settings.upstreams else {"points": service()}
    return create_app(settings, apps, routes=(Route("/api/v1/points", "points", Auth.OPTIONAL),))


def service() -> Any:
    """Build the service named by `SERVICE`."""
    from tests.gateway.upstream import trivial

    return working() if os.environ["SERVICE"] == "working" else trivial


def start(factory: str, port: int, environment: dict[str, str]) -> psutil.Process:
    code = (
        "import uvicorn; from gateway.main import SERVER_OPTIONS; "
        f"uvicorn.run('tests.gateway.measure_overhead:{factory}', factory=True, port={port}, log_level='error', "
        "loop='uvloop', **SERVER_OPTIONS)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, **environment})
    return psutil.Process(process.pid)


async def load(port: int, requests: int) -> None:
    """Send requests from several clients, each over one kept connection."""
    head = b"POST /api/v1/points/redemptions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    request = head % len(BODY) + BODY
    left = requests

    async def one_client() -> None:
        nonlocal left
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while left > 0:
            left -= 1
            writer.write(request)
            answer = await reader.readuntil(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(answer.decode())
            length = answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
        writer.close()

    await asyncio.gather(*(one_client() for _ in range(CLIENTS)))


async def wait_for(port: int) -> None:
    for _ in range(400):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    msg = "a server did not start"
    raise RuntimeError(msg)


def cpu_seconds(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


async def measure(arrangement: str, kind: str, redis_url: str) -> tuple[float, float]:
    """Return requests a second and CPU µs per request."""
    environment = {"SERVICE": kind, "ENVIRONMENT": "development", "REDIS_URL": redis_url, "LOG_LEVEL": "ERROR"}
    processes, port = [], free_port()
    if arrangement == "direct":
        processes.append(start("service", port, environment))
    elif arrangement == "in_process":
        processes.append(start("door", port, environment))
    else:
        behind = free_port()
        processes.append(start("service", behind, environment))
        upstreams = f'{{"points": ["http://127.0.0.1:{behind}"]}}'
        processes.append(start("door", port, {**environment, "UPSTREAMS": upstreams}))
        await wait_for(behind)
    try:
        await wait_for(port)
        await load(port, WARM_UP)
        before, started = cpu_seconds(processes), time.perf_counter()
        await load(port, REQUESTS)
        seconds = time.perf_counter() - started
        return REQUESTS / seconds, (cpu_seconds(processes) - before) / REQUESTS * 1e6
    finally:
        for process in processes:
            process.terminate()
        psutil.wait_procs(processes)


def main() -> None:
    from launcher.embedded import EmbeddedValkey

    with EmbeddedValkey.temporary() as server:
        for kind in ("trivial", "working"):
            figures: dict[str, list[tuple[float, float]]] = {}
            for _ in range(3):
                for arrangement in ("direct", "in_process", "remote"):
                    figure = asyncio.run(measure(arrangement, kind, server.url))
                    figures.setdefault(arrangement, []).append(figure)
            direct_rate, direct_cpu = max(r for r, _ in figures["direct"]), min(c for _, c in figures["direct"])
            for arrangement, runs in figures.items():
                rate, cpu = max(r for r, _ in runs), min(c for _, c in runs)
                print(
                    f"{kind:8} {arrangement:11} {rate:7.0f} requests/s (x{rate / direct_rate:.2f})"
                    f"  {cpu:6.0f} µs CPU (+{cpu - direct_cpu:.0f})"
                )


if __name__ == "__main__":
    main()
