"""How the loading of the model community is shown while people wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class Shows(Protocol):
    """Told which step is at work and how far it is."""

    def step(self, name: str, done: int, total: int) -> None: ...


class Silent:
    """Shows nothing."""

    def step(self, name: str, done: int, total: int) -> None:
        """Take note of nothing."""


class Bars:
    """One bar per step."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bars: dict[str, TaskID] = {}

    def step(self, name: str, done: int, total: int) -> None:
        """Move the bar of a step, or begin it."""
        if name not in self._bars:
            self._bars[name] = self._progress.add_task(name, total=total)
        self._progress.update(self._bars[name], completed=done, total=total)


@contextmanager
def progress_bars(console: Console | None = None) -> Iterator[Bars]:
    """Show bars in the terminal while the block lasts."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        yield Bars(progress)
