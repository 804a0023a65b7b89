"""One process of the split system: `python -m launcher.child service identity 7`, where 7 is the bound socket it inherits.

The launcher starts these and restarts them; each reads its settings from the environment like a container would.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from launcher import wechat
from launcher.doorway import Server, end_streams
from launcher.garbage import built_to_stay

SERVICE_OPTIONS: Mapping[str, Any] = {
    "server_header": False,
    "access_log": False,
    "proxy_headers": False,
    "http": "httptools",
}


def main(arguments: list[str]) -> None:
    """Run the part that the arguments name until SIGTERM."""
    kind, name, *rest = arguments
    if kind == "worker":
        from shared.worker import run_worker

        with built_to_stay():
            module = import_module(f"services.{name}.worker")
        run_worker(lambda: module.create_worker(_runtime(name)))
        return
    door = socket.socket(fileno=int(rest[0]))
    if kind == "gateway":
        from gateway.main import SERVER_OPTIONS, create_app
        from gateway.settings import GatewaySettings

        asyncio.run(_serve(create_app(GatewaySettings()), SERVER_OPTIONS, door))
    elif kind == "wechat":
        asyncio.run(_wechat(door))
    else:
        with built_to_stay():
            app = import_module(f"services.{name}.main").create_app(_runtime(name))
        asyncio.run(_serve(app, SERVICE_OPTIONS, door))


def _runtime(name: str) -> Any:
    return import_module(f"services.{name}.main").build_runtime()


async def _wechat(door: socket.socket) -> None:
    """Serve the local WeChat, on the calendar that the story turns."""
    from shared.clock import TravellingClock
    from shared.runtime import connect_redis
    from shared.tasks import end_tasks

    clock, redis = TravellingClock(), connect_redis(os.environ["REDIS_URL"])
    following = asyncio.create_task(clock.follow(redis), name="clock")
    try:
        await _serve(wechat.local_app(clock), wechat.OPTIONS, door)
    finally:
        await end_tasks([following])
        await redis.aclose()


async def _serve(app: Any, options: Mapping[str, Any], door: socket.socket) -> None:
    server = Server(app, options)

    def stop() -> None:
        server.force_exit = server.should_exit
        server.should_exit = True
        end_streams(app)

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    await server.run_on(door)


if __name__ == "__main__":
    main(sys.argv[1:])
