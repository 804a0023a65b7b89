"""Keeps what a process builds at its start, and needs until its end, out of the garbage collector's sight."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def built_to_stay() -> Iterator[None]:
    """Build without looking for garbage, and never look through what was built.

    A process of all services has more than a million such objects: the searches while they are made take a quarter of the start, and
    each full one later would make every request wait for a third of a second.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def settle() -> None:
    """Once everything has run for the first time, throw away what only the start needed and give its memory back."""
    gc.collect()
    gc.freeze()
    # What Python frees stays in the hands of the C library; only glibc can be asked to let go of it.
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
