"""Processes that die at the worst moment: `python -m tests.faults.dying consumer|relay`."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from services.points.main import build_runtime
from services.points.worker import create_worker


def die_after(work: Callable[..., Awaitable[Any]] | None, times: int) -> Callable[..., Awaitable[Any]]:
    """Return a step that does its work and, the last of `times`, is killed before anybody learns of it."""
    left = times

    async def step(*arguments: Any) -> Any:
        nonlocal left
        left -= 1
        if work is not None and (left > 0 or work.__name__ == "_write"):
            result = await work(*arguments)
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return step


async def main(part: str) -> None:
    """Run the points worker with one part that dies."""
    worker = create_worker(build_runtime())
    if part == "consumer":
        # The third effect is committed and its entry is never acknowledged.
        worker.consumer._settle = die_after(worker.consumer._settle, 3)  # type: ignore[method-assign]  # what a crash replaces.
        await worker.consumer.run()
    else:
        worker.relay._write = die_after(worker.relay._write, 1)  # type: ignore[method-assign]  # what a crash replaces.
        while True:
            await worker.relay.publish(worker.runtime.clock.now())
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
