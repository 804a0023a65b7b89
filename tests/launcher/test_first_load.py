"""The launcher waits for the process that loads the demo community, with a stand-in that ends in every way one can end."""

import subprocess
import sys
import time

import pytest

from launcher import first_load
from launcher.config import LaunchConfig
from launcher.doorway import bind
from launcher.errors import Exit, LauncherError
from launcher.home import Home


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


@pytest.fixture
def load(tmp_path, monkeypatch, home):
    """Return a loading by a shell script instead of a system; `$4` is the number of the door."""

    def run(script):
        program = tmp_path / "stand-in"
        program.write_text(f"#!/bin/sh\ncd '{tmp_path}'\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))
        with bind(0) as door:
            first_load.in_its_own_process(home, door)

    return run


def test_it_is_needed_until_the_community_is_there(home):
    wanted = LaunchConfig.read({"DATA_DIR": str(home.directory)})
    assert first_load.is_needed(wanted, home)
    assert not first_load.is_needed(LaunchConfig.read({"DATA_DIR": str(home.directory), "DEMO": "0"}), home)
    home.write(first_load.DEMO_FILE, "{}")
    assert not first_load.is_needed(wanted, home)


def test_it_is_asked_to_load_at_the_door_of_the_launcher(load, tmp_path):
    load('echo "$1 $2 $3" > asked; test -S "/dev/fd/$4" && echo {} > demo.json')
    assert (tmp_path / "asked").read_text() == "-m launcher.cli load-demo\n"


def test_a_failure_that_it_told_is_not_told_again(load):
    with pytest.raises(SystemExit) as end:
        load("exit 20")
    assert end.value.code == Exit.DEMO_FAILED


def test_one_that_was_stopped_before_the_end_is_a_failure(load):
    with pytest.raises(LauncherError) as failure:
        load("exit 0")
    assert failure.value.exit_code == Exit.DEMO_FAILED


def test_an_interrupted_launcher_stops_it_first(load, tmp_path, monkeypatch):
    wait = subprocess.Popen.wait

    def interrupted(process):
        """Wait until the stand-in would hear that it shall stop; then be interrupted."""
        monkeypatch.setattr(subprocess.Popen, "wait", wait)
        while not (tmp_path / "listens").exists():
            assert process.poll() is None
            time.sleep(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load("trap 'echo > stopped; exit 0' TERM\necho > listens\nwhile :; do sleep 0.05; done")
    assert (tmp_path / "stopped").exists()
