"""The system as it runs on many machines, on one: a process per service, a process per worker, the gateway over HTTP."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack

from launcher.doorway import Then, address_of, bind, when_ready
from launcher.home import Home
from launcher.supervisor import Child, Supervisor
from shared.tasks import end_tasks

WITH_STREAMS = frozenset({"notifications"})


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
    # Who keeps streams open stops together with the gateway, which would otherwise wait for streams that do not end.
    children = [
        _part("service", name, socket_, tier=1 if name in WITH_STREAMS else 0)
        for name, socket_ in doors.sockets.items()
    ]
    children += [_part("worker", name) for name in doors.sockets]
    if wechat_door is not None:
        children.append(_part("wechat", "wechat", wechat_door))
    children.append(_part("gateway", "gateway", door, tier=1))
    supervisor = Supervisor(children, os.environ, home)
    waiting = asyncio.create_task(stopping.wait())
    failing = asyncio.create_task(supervisor.failed.wait())
    following = asyncio.create_task(when_ready(address_of(door), then, home))
    try:
        await supervisor.start()
        done, _ = await asyncio.wait({waiting, failing, following}, return_when=asyncio.FIRST_COMPLETED)
        if following in done:
            await following
            await asyncio.wait({waiting, failing}, return_when=asyncio.FIRST_COMPLETED)
        if supervisor.failure is not None:
            raise supervisor.failure
    finally:
        await end_tasks([waiting, failing, following])
        await supervisor.stop()


def _part(kind: str, name: str, door: socket.socket | None = None, *, tier: int = 0) -> Child:
    command = [sys.executable, "-m", "launcher.child", kind, name]
    label = name if kind == name else f"{kind} {name}"
    if door is None:
        return Child(label, command, tier=tier)
    return Child(label, [*command, str(door.fileno())], door.fileno(), tier)
