"""The system as it runs on many machines, on one: a process per service, a process per worker, the gateway over HTTP."""

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack

from launcher.doorway import address_of, bind
from launcher.errors import Exit, LauncherError
from launcher.home import Home
from launcher.one_process import Then
from launcher.supervisor import Child, Supervisor

READY_WITHIN_SECONDS = 60.0


class Doors:
    """A bound socket per service. The launcher keeps them, so an address stays when its process is replaced."""

    def __init__(self, services: Sequence[str], stack: ExitStack) -> None:
        self.sockets = {name: stack.enter_context(bind(0)) for name in services}

    def addresses(self) -> dict[str, str]:
        """Return the settings that tell the programs where each service answers."""
        urls = {name: address_of(door) for name, door in self.sockets.items()}
        upstreams = json.dumps({name: [url] for name, url in urls.items()})
        return {f"{name}_url": url for name, url in urls.items()} | {"upstreams": upstreams}


async def run(
    *,
    door: socket.socket,
    doors: Doors,
    wechat_door: socket.socket | None,
    home: Home,
    stopping: asyncio.Event,
    then: Then,
) -> None:
    """Keep every process alive until told to stop. The environment holds every setting.

    Errors: LauncherError when one keeps dying, the whole does not get ready, or `then` fails.
    """
    children = [_part("service", name, socket_) for name, socket_ in doors.sockets.items()]
    children += [_part("worker", name) for name in doors.sockets]
    if wechat_door is not None:
        children.append(_part("wechat", "wechat", wechat_door))
    children.append(_part("gateway", "gateway", door))
    supervisor = Supervisor(children, os.environ, home)
    waiting = asyncio.create_task(stopping.wait())
    failing = asyncio.create_task(supervisor.failed.wait())
    following = asyncio.create_task(_when_ready(address_of(door), then, home))
    try:
        await supervisor.start()
        done, _ = await asyncio.wait({waiting, failing, following}, return_when=asyncio.FIRST_COMPLETED)
        if following in done:
            await following
            await asyncio.wait({waiting, failing}, return_when=asyncio.FIRST_COMPLETED)
        if supervisor.failure is not None:
            raise supervisor.failure
    finally:
        for task in (waiting, failing, following):
            task.cancel()
        await asyncio.gather(waiting, failing, following, return_exceptions=True)
        await supervisor.stop()


def _part(kind: str, name: str, door: socket.socket | None = None) -> Child:
    command = [sys.executable, "-m", "launcher.child", kind, name]
    label = name if kind == name else f"{kind} {name}"
    if door is None:
        return Child(label, command)
    return Child(label, [*command, str(door.fileno())], door.fileno())


async def _when_ready(url: str, then: Then, home: Home) -> None:
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
