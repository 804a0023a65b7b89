"""Signs of life of a worker's loops, so that one which hangs is told from one which has nothing to do.

A loop beats each time it comes round, and with each piece of a longer work; before it sleeps it tells for how long. Whoever asks
whether the process lives is told which loops have been silent for too long.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final

from shared.telemetry import LOOP_SILENT

PATIENCE_SECONDS: Final = 900.0
"""How long one piece of work may take. A roster of fifteen thousand people takes minutes, on a slow machine several; nothing takes this long."""

_beat: Final[ContextVar[Callable[[float], None] | None]] = ContextVar("beat", default=None)


class Heartbeats:
    """The loops of one worker and when each has to come round at the latest. Read by other threads."""

    def __init__(self, service: str, now: Callable[[], float] = time.monotonic) -> None:
        self._service = service
        self._now = now
        self._due: dict[str, float] = {}

    def watch(self, loop: str) -> None:
        """Expect beats of the task that calls this, and of those it starts, as this loop's."""

        def note(resting: float) -> None:
            self._due[loop] = self._now() + resting

        note(0)
        _beat.set(note)
        LOOP_SILENT.labels(self._service, loop).set_function(lambda: self.silence(loop))

    def release(self, loop: str) -> None:
        """Expect nothing more of a loop that has ended."""
        if self._due.pop(loop, None) is not None:
            LOOP_SILENT.remove(self._service, loop)

    def silence(self, loop: str) -> float:
        """Return for how many seconds a loop has been at the same piece of work; none while it sleeps."""
        return max(0.0, self._now() - self._due.get(loop, float("inf")))

    def stuck(self) -> list[str]:
        """Return the loops that have been silent for too long."""
        return [loop for loop in sorted(self._due.copy()) if self.silence(loop) > PATIENCE_SECONDS]


def beat() -> None:
    """Tell that the loop this runs in has come round or done a piece of its work; outside of a worker's loop this does nothing."""
    if (note := _beat.get()) is not None:
        note(0)


async def rest(seconds: float) -> None:
    """Sleep between two rounds of a loop; the time counts as no silence."""
    if (note := _beat.get()) is not None:
        note(seconds)
    await asyncio.sleep(seconds)
