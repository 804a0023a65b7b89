"""The launcher is tried as people use it: as a process of its own, on a directory of its own."""

import tempfile
from pathlib import Path

import pytest

from tests.launcher.process import Launch


@pytest.fixture
def base():
    # Not below pytest's own directory, which is closed to the user that root runs the servers as.
    with tempfile.TemporaryDirectory(prefix="缔园 数据 ") as directory:
        Path(directory).chmod(0o755)
        yield Path(directory)


@pytest.fixture
def launch(base):
    started = []

    def start(*command, at=base, prefix=(), **settings):
        started.append(Launch(command, at, prefix, **settings))
        return started[-1]

    yield start
    for one in started:
        one.make_sure_it_ended()
