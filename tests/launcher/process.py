"""The launcher as a process of its own, on a directory of its own."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Launch:
    """A launcher in a process of its own."""

    def __init__(self, command, base, prefix=(), **settings):
        self.base = base
        self.data_dir = base / "数据 目录"
        environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        environment |= {"DATA_DIR": str(self.data_dir), "PORT": "0", "DEMO": "0", "PYTHONUTF8": "1"} | settings
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "launcher.cli", *command],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    @property
    def said(self):
        """Everything it said so far."""
        return "".join(self._lines)

    def _listen(self):
        # A thread, because a read from a silent process cannot be given up.
        for line in self.process.stdout:
            self._lines.append(line)

    def wait_for(self, words, seconds=240):
        """Wait until it says the words."""
        deadline = time.monotonic() + seconds
        while True:
            has_ended = not self._reader.is_alive()
            if words in self.said:
                return self.said
            assert not has_ended, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def stop(self, number=signal.SIGINT):
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.end()

    def end(self, seconds=120):
        """Wait for the end and return the exit code."""
        self.process.wait(seconds)
        self._reader.join(seconds)
        if not self._reader.is_alive():
            self.process.stdout.close()
        return self.process.returncode

    def make_sure_it_ended(self):
        """End it, politely at first, so that a test that failed leaves nothing running."""
        try:
            self.process.terminate()
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process.stdout.close()
