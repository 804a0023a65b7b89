"""A deadline that moves often and seldom passes."""

import asyncio
from types import TracebackType
from typing import Any, Self


class Deadline:
    """Cancels the work of this task when its time is up, and turns the cancellation into TimeoutError.

    Like `asyncio.timeout`, but moving it costs one assignment: the timer set at the beginning looks, when it fires, whether
    the deadline has moved on meanwhile. Every request of every resident passes here.
    """

    __slots__ = ("_expires_at", "_has_passed", "_loop", "_timer", "_working")

    def __init__(self, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._expires_at: float | None = self._loop.time() + seconds
        self._timer: asyncio.TimerHandle | None = None
        self._working: asyncio.Task[Any] | None = None
        self._has_passed = False

    def suspend(self) -> None:
        """Wait for ever, until told otherwise."""
        self._expires_at = None

    def restart(self, seconds: float) -> None:
        """Wait for so long from now."""
        self._expires_at = self._loop.time() + seconds
        if self._timer is None:
            self._timer = self._loop.call_at(self._expires_at, self._look)

    def __enter__(self) -> Self:
        self._working = asyncio.current_task()
        if self._expires_at is not None:
            self._timer = self._loop.call_at(self._expires_at, self._look)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._expires_at = None
        if self._has_passed and self._working is not None:
            # Somebody else may want this task to end as well; then the cancellation stays one.
            still_wanted = self._working.uncancel()
            if kind is asyncio.CancelledError and not still_wanted:
                raise TimeoutError from error

    def _look(self) -> None:
        self._timer = None
        if self._expires_at is None or self._working is None:
            return
        if self._loop.time() < self._expires_at:
            self._timer = self._loop.call_at(self._expires_at, self._look)
        else:
            self._has_passed = True
            self._expires_at = None
            self._working.cancel()
