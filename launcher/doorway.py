"""The public address: bound before anything else starts, so that a taken port is told at once."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import uvicorn

from launcher.embedded.process import LOOPBACK
from launcher.errors import Exit, LauncherError
from launcher.home import Home

GRACE_SECONDS = 5
READY_WITHIN_SECONDS = 180.0

Then = Callable[[str], Coroutine[Any, Any, None]]
"""What to do when the system answers, given its address."""


def bind(port: int) -> socket.socket:
    """Take the port on loopback without listening yet; 0 takes any free one.

    Errors: LauncherError PORT_TAKEN.
    """
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((LOOPBACK, port))
    except OSError as error:
        door.close()
        if error.errno == errno.EACCES:
            raise LauncherError(
                f"没有权限使用端口 {port}；请用 PORT=1024 以上的端口，例如 make up PORT=8080。",
                Exit.PORT_TAKEN,
                f"no permission for port {port}",
            ) from None
        raise LauncherError(
            f"端口 {port} 已被别的程序占用；请换一个，例如 make up PORT={port + 1 if port < 65535 else 8080}。",
            Exit.PORT_TAKEN,
            f"port {port} is taken",
        ) from None
    return door


def address_of(door: socket.socket) -> str:
    """Return the base URL of a bound socket."""
    return f"http://{LOOPBACK}:{door.getsockname()[1]}"


class Server(uvicorn.Server):
    """A uvicorn server that leaves the signals to its owner, who knows the order in which things must stop."""

    def __init__(self, app: Any, options: Mapping[str, Any]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                **options,
                lifespan="on",
                log_config=None,
                log_level="warning",
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    async def run_on(self, door: socket.socket) -> None:
        """Serve until `should_exit` is set.

        Errors: LauncherError when the application does not start.
        """
        try:
            await self.serve(sockets=[door])
        except SystemExit:
            raise LauncherError(
                "程序没有启动成功，原因写在日志里。", Exit.UNEXPECTED, "the application did not start"
            ) from None


def end_streams(app: Any) -> None:
    """Let an application that keeps streams open end them now, each with a proper end; the pages come back by themselves."""
    end = getattr(getattr(app, "state", None), "end_streams", None)
    if end is not None:
        end()


async def when_ready(url: str, then: Then, home: Home) -> None:
    """Do what comes next once the whole system says that it is ready.

    Errors: LauncherError when it does not get ready, or from `then`.
    """
    try:
        async with asyncio.timeout(READY_WITHIN_SECONDS):
            await _until_ready(url)
    except TimeoutError:
        raise LauncherError(
            f"程序在 {READY_WITHIN_SECONDS:.0f} 秒内没有准备好；原因写在“{home.directory / 'logs'}”里的日志中。",
            Exit.UNEXPECTED,
            "not ready in time, see the logs",
        ) from None
    await then(url)


async def _until_ready(url: str) -> None:
    import httpx2

    async with httpx2.AsyncClient(base_url=url, timeout=5) as client:
        while True:
            with contextlib.suppress(httpx2.HTTPError, OSError):
                if (await client.get("/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
