"""`make up`: from nothing to a running community, and back to nothing in the right order."""

import asyncio
import os
import signal
import socket
import time
from contextlib import ExitStack
from dataclasses import replace

from launcher import first_load, split, wechat
from launcher.config import LaunchConfig
from launcher.console import say, stderr_to
from launcher.doorway import Then, address_of, bind
from launcher.home import Home
from launcher.servers import Servers, known_servers, running_servers
from launcher.stopping import STOPPING, ignore_signals


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
        stack.callback(ignore_signals)
        if first_load.is_needed(config, home):
            first_load.in_its_own_process(home, door)
            began = time.monotonic()
        with home.log("launcher") as log, stderr_to(log):
            _Launch(config, home, door, stack, began).run(servers)
        say("正在停止……", "stopping")
    say("已停止。", "stopped")


def load_demo(config: LaunchConfig, door: socket.socket) -> None:
    """Serve in one process at the door of a launcher that waits, until the demo community is loaded.

    Errors: LauncherError.
    """
    home = Home(config.data_dir)
    with ExitStack() as stack, home.log("launcher") as log, stderr_to(log):
        launch = _Launch(replace(config, is_split=False), home, door, stack, time.monotonic(), is_loading=True)
        launch.run(known_servers(config))


class _Launch:
    """What happens once the servers answer."""

    def __init__(
        self,
        config: LaunchConfig,
        home: Home,
        door: socket.socket,
        stack: ExitStack,
        began: float,
        *,
        is_loading: bool = False,
    ) -> None:
        self._config = config
        self._home = home
        self._door = door
        self._stack = stack
        self._began = began
        self._is_loading = is_loading

    def run(self, servers: Servers) -> None:
        """Migrate, found the first community, serve."""
        from launcher.environment import environment_of, present_services
        from launcher.schema import upgrade

        services = present_services()
        STOPPING.go_on()
        taken = upgrade(servers.database_url, services)
        if any(taken.values()):
            say(f"数据库已升级（{sum(map(len, taken.values()))} 步）。", "database migrated")
        doors = split.Doors(services, self._stack) if self._config.is_split else None
        wechat_door = self._stack.enter_context(bind(0)) if wechat.is_wanted() else None
        plain = doors.addresses() if doors else {f"{name}_url": address_of(self._door) for name in services}
        plain["media_dir"] = str(self._home.directory / "files")
        plain["public_url"] = address_of(self._door)
        if wechat_door is not None:
            plain |= wechat.settings_for(wechat_door)
        os.environ.update(environment_of(self._home, servers, plain))
        import uvloop

        runner = self._stack.enter_context(asyncio.Runner(loop_factory=uvloop.new_event_loop))
        if self._config.has_demo:
            from launcher.first_community import found

            runner.run(found(self._home, is_upgraded=any(taken.values())))
        with self._home.log("diyuan") as log, stderr_to(log):
            runner.run(self._serve(services, doors, wechat_door))

    async def _serve(
        self, services: tuple[str, ...], doors: split.Doors | None, wechat_door: socket.socket | None
    ) -> None:
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        STOPPING.go_on()
        then = self._then(address_of(wechat_door) if wechat_door else None, stopping)
        if doors is not None:
            await split.run(
                door=self._door, doors=doors, wechat_door=wechat_door, home=self._home, stopping=stopping, then=then
            )
        else:
            from launcher import one_process

            await one_process.run(self._door, services, wechat_door, home=self._home, stopping=stopping, then=then)

    def _then(self, wechat_url: str | None, stopping: asyncio.Event) -> Then:
        async def then(url: str) -> None:
            from launcher.welcome import load_demo, welcome

            seconds = time.monotonic() - self._began
            self._home.note_running(url, wechat_url)
            if self._is_loading:
                told = f"程序已就绪（{seconds:.1f} 秒）。第一次启动，正在导入示范社区……"
                say(told, "ready; loading the demo community once")
                await load_demo(self._home, url)
                stopping.set()
            else:
                await welcome(self._home, url, seconds)

        return then
