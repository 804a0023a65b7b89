"""Runs ASGI applications on real sockets of the loopback interface, inside the loop of the test."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from gateway.asgi import AsgiApp
from gateway.main import SERVER_OPTIONS

SECONDS_TO_END = 60
"""A server that does not end by then has a defect, which is told instead of waited for."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def serve(app: AsgiApp, *, lifespan: str = "on", **options: Any) -> AsyncIterator[str]:
    """Serve an application and give its base URL; connections still open at the end are cut."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        lifespan=lifespan,  # type: ignore[arg-type]  # a literal type
        log_config=None,
        timeout_graceful_shutdown=1,
        **{**SERVER_OPTIONS, **options},
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve(sockets=[listening]))
    while not server.started and not serving.done():  # noqa: ASYNC110  # the server offers nothing to wait for
        await asyncio.sleep(0.005)
    if serving.done():
        serving.result()
        msg = "the server did not start"
        raise RuntimeError(msg)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        async with asyncio.timeout(SECONDS_TO_END):
            await serving
        listening.close()


async def talk(base_url: str, request: bytes, *, until_closed: bool = True) -> bytes:
    """Send raw bytes and return raw bytes."""
    port = int(base_url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        await writer.drain()
        if until_closed:
            return await asyncio.wait_for(reader.read(), 30)
        return await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
    finally:
        writer.close()
