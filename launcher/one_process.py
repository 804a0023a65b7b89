"""The whole system in one process: the gateway calls the services' applications, their workers run as tasks beside them."""

import asyncio
import contextlib
import socket
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from launcher import wechat
from launcher.doorway import Server, Then, address_of, end_streams, when_ready
from launcher.garbage import built_to_stay, settle
from launcher.home import Home


async def run(
    door: socket.socket,
    services: Sequence[str],
    wechat_door: socket.socket | None,
    *,
    home: Home,
    stopping: asyncio.Event,
    then: Then,
) -> None:
    """Serve until told to stop. The environment holds every setting.

    Errors: LauncherError when the system does not start or `then` fails.
    """
    with built_to_stay():
        from gateway.main import SERVER_OPTIONS, create_app
        from gateway.settings import GatewaySettings
        from shared.clock import SystemClock, TravellingClock
        from shared.runtime import connect_redis
        from shared.tasks import end_tasks

        settings = GatewaySettings()
        clock = TravellingClock() if settings.is_development else None
        apps: dict[str, Any] = {}
        runtimes = {name: _runtime(name, clock, apps) for name in services}
        for name, runtime in runtimes.items():
            apps[name] = import_module(f"services.{name}.main").create_app(runtime)
        workers = {name: import_module(f"services.{name}.worker").create_worker(runtimes[name]) for name in services}
        server = Server(create_app(settings, apps, clock=clock), SERVER_OPTIONS)
    redis = connect_redis(settings.redis_url.get_secret_value())
    if clock is not None:
        await clock.load(redis)
    serving = asyncio.create_task(server.run_on(door), name="server")
    background: set[asyncio.Task[Any]] = set()
    beside = Server(wechat.local_app(clock or SystemClock()), wechat.OPTIONS) if wechat_door is not None else None
    chatting = asyncio.create_task(beside.run_on(wechat_door), name="wechat") if beside and wechat_door else None
    try:
        await _until_started(server, serving)
        for name, worker in workers.items():
            background.add(asyncio.create_task(worker.run(), name=f"worker {name}"))
        following = asyncio.create_task(when_ready(address_of(door), then, home), name="then")
        waiting = asyncio.create_task(stopping.wait(), name="stop")
        try:
            await asyncio.wait({following, waiting, serving}, return_when=asyncio.FIRST_COMPLETED)
            if following.done():
                await following
                settle()
                await asyncio.wait({waiting, serving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end_tasks([following, waiting])
    finally:
        # Open pages would keep the server waiting: their streams end by themselves only after a quarter of an hour.
        for app in apps.values():
            end_streams(app)
        # Then the workers: what they would do next waits in the database, while requests under way are still answered.
        await end_tasks(background, again_seconds=2)
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await serving
        if beside is not None and chatting is not None:
            beside.should_exit = True
            await chatting
        await redis.aclose()


def _runtime(name: str, clock: Any, apps: Mapping[str, Any]) -> Any:
    async def fetch_jwks() -> dict[str, Any]:
        import httpx2

        from shared.runtime import fetch_jwks_over_http

        return await fetch_jwks_over_http("http://identity", httpx2.ASGITransport(app=apps["identity"]))()

    return import_module(f"services.{name}.main").build_runtime(clock=clock, fetch_jwks=fetch_jwks)


async def _until_started(server: Server, serving: asyncio.Task[None]) -> None:
    while not server.started:
        if serving.done():
            await serving
            return
        await asyncio.sleep(0.01)
