"""The launcher is tried as people use it: as a process of its own, on a directory of its own."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def base():
    # Not below pytest's own directory, which is closed to the user that root runs the servers as.
    with tempfile.TemporaryDirectory(prefix="缔园 数据 ") as directory:
        Path(directory).chmod(0o755)
        yield Path(directory)


class Launch:
    """A launcher in a process of its own."""

    def __init__(self, command, base, prefix=(), **settings):
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

    def wait_for(self, words, seconds=90):
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

    def end(self, seconds=90):
        """Wait for the end and return the exit code."""
        said, _ = self.process.communicate(timeout=seconds)
        self.said += said
        return self.process.returncode


@pytest.fixture
def launch(base):
    started = []

    def start(*command, at=base, prefix=(), **settings):
        started.append(Launch(command, at, prefix, **settings))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.terminate()
        with one.process:
            pass
