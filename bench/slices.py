"""Processor time a request costs, counted while the machine had its cores.

A virtual machine loses its cores for moments, and what it loses is booked to whoever was running: work of 30 ms has been seen to take
650 ms of "its own" processor time. The kernel tells how much was taken ("steal" in /proc/stat), so a measurement is cut into slices,
and those count in which nothing was taken.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from pathlib import Path

SECONDS = 0.25
LEAST_SHARE = 0.25
"""Where fewer slices were calm, this share of them counts: those from which least was taken."""


@dataclass(frozen=True)
class Slice:
    """Answers, seconds of processor time, and ticks stolen: since the beginning where it is read, else between two readings."""

    answers: int
    cpu_seconds: float
    stolen: int

    def since(self, before: "Slice") -> "Slice":
        """Return what came between a reading and this one."""
        return Slice(self.answers - before.answers, self.cpu_seconds - before.cpu_seconds, self.stolen - before.stolen)


class Meter:
    """Reads what some processes have used and what was stolen from the cores they may run on."""

    def __init__(self, pids: Iterable[int]) -> None:
        self._pids = list(pids)
        self._cores = {core for pid in self._pids for core in os.sched_getaffinity(pid)}
        self._readings: list[Slice] = []

    def read(self, answers: int) -> None:
        """Note how things stand after so many answers."""
        self._readings.append(Slice(answers, sum(map(_cpu_seconds, self._pids)), _stolen(self._cores)))

    def slices(self) -> Iterator[Slice]:
        """Yield what lies between the readings, idle stretches left out."""
        for before, after in pairwise(self._readings):
            if after.answers > before.answers:
                yield after.since(before)


def calm(slices: Sequence[Slice]) -> list[Slice]:
    """Return the slices from which nothing was stolen, or, where these are few, those from which least was."""
    ordered = sorted(slices, key=lambda one: one.stolen)
    few = ceil(LEAST_SHARE * len(ordered))
    return ordered[: max(few, sum(one.stolen == 0 for one in ordered))]


def cpu_us(slices: Sequence[Slice]) -> float:
    """Return the microseconds of processor time an answer cost in the calm ones of these slices."""
    counted = calm(slices)
    return 1e6 * sum(one.cpu_seconds for one in counted) / sum(one.answers for one in counted)


def _cpu_seconds(pid: int) -> float:
    used = 0
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(FileNotFoundError, ProcessLookupError):  # It ended meanwhile.
            used += int((thread / "schedstat").read_text().split()[0])
    return used / 1e9


def _stolen(cores: set[int]) -> int:
    lines = (line.split() for line in Path("/proc/stat").read_text().splitlines())
    return sum(int(line[8]) for line in lines if line[0].removeprefix("cpu") in {str(core) for core in cores})
