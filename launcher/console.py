"""What the launcher says in the terminal: Chinese first, short English after; the programs' own logs go to files."""

import contextlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO


def say(text: str, english: str = "") -> None:
    """Print one line for people; a terminal that was closed is no reason to stop the system."""
    with contextlib.suppress(OSError):
        print(f"{text}  ({english})" if english else text, flush=True)


def complain(text: str, english: str = "") -> None:
    """Print one line about a failure where failures are looked for."""
    with contextlib.suppress(OSError):
        print(f"{text}  ({english})" if english else text, file=sys.stderr, flush=True)


@contextmanager
def stderr_to(log: IO[bytes]) -> Iterator[None]:
    """Send everything written to standard error, by any library, into a log file while the block lasts."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        os.dup2(log.fileno(), 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
