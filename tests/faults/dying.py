"""Processes that die at the worst moment: `python -m tests.faults.dying consumer|relay`."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from services.points.main import build_runtime
from services.points.worker import create_worker


def killed_after(work: Callable[..., Awaitable[Any]] | None) -> Callable[..., Awaitable[Any]]:
    """Return a step that does its work, if any, and is killed before anybody learns of it."""

    async def step(*arguments: Any) -> None:
        if work is not None:
            await work(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    return step


async def main(part: str) -> None:
    """Run the points worker with one part that dies."""
    worker = create_worker(build_runtime())
    if part == "consumer":
        # Its first effects are committed and never acknowledged.
        worker.runtime.redis.xack = killed_after(None)  # type: ignore[method-assign]  # what a crash replaces.
        await worker.consumer.run()
    else:
        worker.relay._write = killed_after(worker.relay._write)  # type: ignore[method-assign]  # what a crash replaces.
        while True:
            await worker.relay.publish(worker.runtime.clock.now())
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
