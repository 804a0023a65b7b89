"""Child processes: started together, restarted when one dies, stopped in the reverse order of their tiers.

A child that ends by itself is told of and started again after 0.5, 1, 2, 4 … at most 15 seconds. One that lives less than
a minute five times in a row has a lasting reason: everything is stopped in good order and the launcher ends with CHILD_FAILED.
"""

import asyncio
import contextlib
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from launcher.console import say
from launcher.embedded.binaries import parent_death_prefix
from launcher.errors import Exit, LauncherError
from launcher.home import Home
from shared.tasks import end_tasks

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0
DEATHS_ALLOWED = 5
SHORT_LIFE_SECONDS = 60.0
PATIENCE_SECONDS = 12.0


@dataclass
class Child:
    """A process to keep alive; it inherits `fd`, the bound socket it serves, if it serves one.

    Children of one `tier` stop together, those of a higher one before those of a lower one.
    """

    label: str
    command: Sequence[str]
    fd: int | None = None
    tier: int = 0
    started_at: float = 0.0
    early_deaths: int = 0
    process: asyncio.subprocess.Process | None = None


class Supervisor:
    """Keeps children alive until `stop`."""

    def __init__(self, children: Sequence[Child], environment: Mapping[str, str], home: Home) -> None:
        self._children = list(children)
        self._environment = dict(environment)
        self._home = home
        self._keepers: list[asyncio.Task[None]] = []
        self._is_stopping = False
        self.failed = asyncio.Event()
        self.failure: LauncherError | None = None

    async def start(self) -> None:
        """Start every child."""
        for child in self._children:
            await self._spawn(child)
        self._keepers = [asyncio.create_task(self._keep(child), name=child.label) for child in self._children]

    async def stop(self) -> None:
        """Stop every child, the highest tier first, and wait for each; one that does not listen is killed."""
        self._is_stopping = True
        for tier in sorted({child.tier for child in self._children}, reverse=True):
            await asyncio.gather(*(_end(child.process) for child in self._children if child.tier == tier))
        await end_tasks(self._keepers)

    async def _spawn(self, child: Child) -> None:
        child.started_at = time.monotonic()
        log = self._home.log(child.label.replace(" ", "-"))
        try:
            child.process = await asyncio.create_subprocess_exec(
                *parent_death_prefix("TERM"),
                *child.command,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[] if child.fd is None else [child.fd],
                # Ctrl-C in the terminal is for the launcher alone, which stops the children in order.
                start_new_session=True,
            )
        finally:
            log.close()

    async def _keep(self, child: Child) -> None:
        while child.process is not None:
            code = await child.process.wait()
            if self._is_stopping:
                return
            has_lived = time.monotonic() - child.started_at >= SHORT_LIFE_SECONDS
            child.early_deaths = 1 if has_lived else child.early_deaths + 1
            if child.early_deaths >= DEATHS_ALLOWED:
                self.failure = LauncherError(
                    f"{child.label} 连续 {DEATHS_ALLOWED} 次刚启动就退出（{_reason(code)}），已停止全部程序；原因写在“{self._log_of(child)}”。",
                    Exit.CHILD_FAILED,
                    f"{child.label} keeps dying",
                )
                self.failed.set()
                return
            pause = min(FIRST_PAUSE_SECONDS * 2 ** (child.early_deaths - 1), LONGEST_PAUSE_SECONDS)
            say(
                f"{child.label} 意外退出（{_reason(code)}），{pause:g} 秒后重新启动。",
                f"{child.label} died, restarting",
            )
            await asyncio.sleep(pause)
            if not self._is_stopping:
                await self._spawn(child)

    def _log_of(self, child: Child) -> str:
        return str(self._home.directory / "logs" / f"{child.label.replace(' ', '-')}.log")


async def _end(process: asyncio.subprocess.Process | None) -> None:
    if process is None or process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), PATIENCE_SECONDS)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _reason(code: int) -> str:
    return f"信号 {signal.Signals(-code).name}" if code < 0 else f"退出码 {code}"
