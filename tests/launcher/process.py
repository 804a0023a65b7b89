"""The launcher as a process of its own, on a directory of its own."""

import os
import signal
import subprocess
import sys
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
        self.said = ""

    def wait_for(self, words, seconds=240):
        """Read what it says until the words come."""
        deadline = time.monotonic() + seconds
        while words not in self.said:
            assert time.monotonic() < deadline, self.said
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line
        return self.said

    def stop(self, number=signal.SIGINT):
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.end()

    def end(self, seconds=120):
        """Wait for the end and return the exit code."""
        said, _ = self.process.communicate(timeout=seconds)
        self.said += said
        return self.process.returncode
