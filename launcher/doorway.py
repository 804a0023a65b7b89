"""The public address: bound before anything else starts, so that a taken port is told at once."""

import errno
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import uvicorn

from launcher.embedded.process import LOOPBACK
from launcher.errors import Exit, LauncherError

GRACE_SECONDS = 5


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
