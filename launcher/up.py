"""`make up`: from nothing to a running community, and back to nothing in the right order."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Mapping
from contextlib import ExitStack

from launcher import split
from launcher.config import LaunchConfig
from launcher.console import say, stderr_to
from launcher.doorway import address_of, bind
from launcher.home import Home
from launcher.servers import running_servers


def up(config: LaunchConfig) -> None:
    """Bring the system up, tell how to use it, and keep it up until Ctrl-C or SIGTERM.

    Errors: LauncherError; everything started is stopped before it is raised.
    """
    began = time.monotonic()
    with ExitStack() as stack:
        home = stack.enter_context(Home.hold(config.data_dir))
        door = stack.enter_context(bind(config.port))
        say("正在启动缔园……", "starting")
        servers = stack.enter_context(running_servers(config, home))
        # From here on a second Ctrl-C during the clean-up must not leave the database running.
        stack.callback(_deaf_to_signals)
        from launcher.environment import environment_of, present_services
        from launcher.schema import upgrade

        services = present_services()
        with home.log("launcher") as log, stderr_to(log):
            taken = upgrade(servers.database_url, services)
        if any(taken.values()):
            say(f"数据库已升级（{sum(map(len, taken.values()))} 步）。", "database migrated")
        doors = split.Doors(services, stack) if config.is_split else None
        public = address_of(door)
        addresses = doors.addresses() if doors else {f"{name}_url": public for name in services}
        environment = environment_of(home, servers, addresses, {"media_dir": str(home.directory / "files")})
        runner = stack.enter_context(_runner())
        with home.log("diyuan") as log, stderr_to(log):
            runner.run(
                _serve(
                    config=config,
                    home=home,
                    door=door,
                    doors=doors,
                    services=services,
                    environment=environment,
                    began=began,
                )
            )
        say("正在停止……", "stopping")
    say("已停止。", "stopped")


async def _serve(
    *,
    config: LaunchConfig,
    home: Home,
    door: socket.socket,
    doors: split.Doors | None,
    services: tuple[str, ...],
    environment: Mapping[str, str],
    began: float,
) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)

    async def then(url: str) -> None:
        from launcher.welcome import welcome

        home.note_running(url)
        await welcome(config, home, url, began)

    if doors is not None:
        await split.run(door=door, doors=doors, environment=environment, home=home, stopping=stopping, then=then)
    else:
        from launcher import one_process

        os.environ.update(environment)
        await one_process.run(door, services, stopping, then)


def _runner() -> asyncio.Runner:
    import uvloop

    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


def _deaf_to_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
