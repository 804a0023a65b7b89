"""The machine's cores handed out: what is measured gets one to itself, everything around it the others.

Beside others a process pays for what they do: each of its turns begins with caches that a neighbour has filled. That is the machine's
price, not the program's, and it changes from hour to hour.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def a_core_apart(pids: Iterable[int]) -> Iterator[bool]:
    """Keep these processes on one core and everything else this one has started on the others; yield whether there are others."""
    apart = set(pids)
    cores = os.sched_getaffinity(0)
    first, *others = sorted(cores)
    everything = {os.getpid(), *_descendants(os.getpid())}
    if others:
        for pid in everything:
            _keep_on(pid, {first} if pid in apart else set(others))
    try:
        yield bool(others)
    finally:
        for pid in everything:
            _keep_on(pid, cores)


def _keep_on(pid: int, cores: set[int]) -> None:
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        try:
            os.sched_setaffinity(int(thread.name), cores)
        except ProcessLookupError:
            continue  # It ended meanwhile, as a connection's process does.


def _descendants(pid: int) -> Iterator[int]:
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield int(child)
            yield from _descendants(int(child))
