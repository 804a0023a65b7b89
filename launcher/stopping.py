"""Stopping in the middle of whatever is being done, at Ctrl-C or SIGTERM, until an event loop listens for them."""

import logging
import signal
import sys
import warnings
from types import FrameType
from typing import Final

from launcher.errors import Exit


class StoppedError(SystemExit):
    """Somebody asked this process to stop; everything unwinds, so that the servers are stopped in order.

    Not KeyboardInterrupt: should that come up while the text of an `exec` runs, as it does in most imports, Python kills itself at its end,
    however it was caught. An exit passes through event loops and the database's library just like it.
    """


class Stopping:
    """What happens at a signal."""

    def __init__(self) -> None:
        self.was_asked = False

    def listen(self) -> None:
        """Stop at Ctrl-C too: whoever was started in the background inherits it ignored."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def go_on(self) -> None:
        """Pass when nobody asked to stop: what is raised while Python tidies up, as after every import, is dropped by it.

        Errors: StoppedError.
        """
        if self.was_asked:
            raise StoppedError(Exit.STOPPED)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.was_asked = True
        # What is torn from its work complains of it on the way out; nobody can do anything about that.
        sys.unraisablehook = lambda _: None
        warnings.simplefilter("ignore")
        logging.disable()
        self.go_on()


STOPPING: Final = Stopping()
"""Signals are the process's, and so is this."""


def ignore_signals() -> None:
    """Let nothing disturb the clean-up: a second Ctrl-C must not leave the database running."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
