"""Deadlines that move often and seldom pass."""

import asyncio
from types import TracebackType
from typing import Any, Final, Self

LOOKED_AT_EVERY_SECONDS: Final = 0.1


class Deadlines:
    """All deadlines of one door, looked at together ten times a second while there are any.

    A timer per request would cost each request of every resident what only a stuck one needs.
    """

    __slots__ = ("_is_looking", "_loop", "_open")

    def __init__(self) -> None:
        self._open: set[Deadline] = set()
        self._is_looking = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self, seconds: float) -> "Deadline":
        """Return a deadline so many seconds from now, to be entered as a context."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        deadline = Deadline(self, self._loop, seconds)
        self._open.add(deadline)
        if not self._is_looking:
            self._is_looking = True
            self._loop.call_later(LOOKED_AT_EVERY_SECONDS, self._look)
        return deadline

    def close(self, deadline: "Deadline") -> None:
        """Forget a deadline."""
        self._open.discard(deadline)

    def _look(self) -> None:
        if not self._open or self._loop is None:
            self._is_looking = False
            return
        now = self._loop.time()
        for deadline in [deadline for deadline in self._open if deadline.expires_at <= now]:
            deadline.pass_now()
        self._loop.call_later(LOOKED_AT_EVERY_SECONDS, self._look)


class Deadline:
    """Cancels the work of this task when its time is up, and turns the cancellation into TimeoutError."""

    __slots__ = ("_all", "_has_passed", "_loop", "_working", "expires_at")

    def __init__(self, deadlines: Deadlines, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self.expires_at = loop.time() + seconds
        self._all = deadlines
        self._loop = loop
        self._working: asyncio.Task[Any] | None = None
        self._has_passed = False

    def suspend(self) -> None:
        """Wait for ever, until told otherwise."""
        self.expires_at = float("inf")

    def restart(self, seconds: float) -> None:
        """Wait for so long from now."""
        self.expires_at = self._loop.time() + seconds

    def pass_now(self) -> None:
        """End the work."""
        self.expires_at = float("inf")
        if self._working is not None:
            self._has_passed = True
            self._working.cancel()

    def __enter__(self) -> Self:
        self._working = asyncio.current_task()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._all.close(self)
        if self._has_passed and self._working is not None:
            # Somebody else may want this task to end as well; then the cancellation stays one.
            still_wanted = self._working.uncancel()
            if kind is asyncio.CancelledError and not still_wanted:
                raise TimeoutError from error
