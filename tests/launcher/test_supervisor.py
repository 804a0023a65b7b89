"""Child processes are kept alive, given up with a reason, and stopped in reverse order."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from launcher import supervisor as module
from launcher.errors import Exit
from launcher.home import Home
from launcher.supervisor import Child, Supervisor

LOYAL = (
    "import pathlib, signal, sys\n"
    "def end(*_):\n"
    "    print(sys.argv[1], file=open(sys.argv[2], 'a')); sys.exit()\n"
    "signal.signal(signal.SIGTERM, end)\n"
    "pathlib.Path(sys.argv[2] + '.' + sys.argv[1]).touch()\n"
    "signal.pause()\n"
)
DEAF = "import pathlib, signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); pathlib.Path(sys.argv[2] + '.' + sys.argv[1]).touch(); signal.pause()"


@pytest.fixture
def make(tmp_path):
    with Home.hold(tmp_path) as home:

        def build(**programs):
            diary = tmp_path / "diary"
            children = [
                Child(label, [sys.executable, "-c", text, label, str(diary)]) for label, text in programs.items()
            ]
            return children, Supervisor(children, os.environ, home), diary

        yield build


async def until(told, seconds=120):
    async with asyncio.timeout(seconds):
        while not told():  # noqa: ASYNC110 - processes tell nothing when their state changes.
            await asyncio.sleep(0.02)


def is_up(diary, label):
    return Path(f"{diary}.{label}").exists()


async def test_the_door_stops_before_what_is_behind_it(make):
    (first, second, _), supervisor, diary = make(first=LOYAL, second=LOYAL, third=LOYAL)
    first.tier, second.tier = 2, 1
    await supervisor.start()
    await until(lambda: all(is_up(diary, label) for label in ("first", "second", "third")))
    await supervisor.stop()
    assert diary.read_text().split() == ["first", "second", "third"]


async def test_a_dead_child_comes_back_and_it_is_said(make, monkeypatch, capsys):
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.01)
    (child, _), supervisor, diary = make(first=LOYAL, second=LOYAL)
    await supervisor.start()
    await until(lambda: is_up(diary, "first"))
    before = child.process
    before.kill()
    await until(lambda: child.process is not before)
    await supervisor.stop()
    assert "first 意外退出（信号 SIGKILL）" in capsys.readouterr().out
    assert not supervisor.failed.is_set()


async def test_a_child_that_keeps_dying_is_given_up(make, monkeypatch):
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.001)
    (child,), supervisor, diary = make(first="print('bad luck'); raise SystemExit(9)")
    await supervisor.start()
    async with asyncio.timeout(120):
        await supervisor.failed.wait()
    await supervisor.stop()
    assert supervisor.failure.exit_code == Exit.CHILD_FAILED
    assert "first 连续 5 次刚启动就退出（退出码 9）" in supervisor.failure.message_zh
    log = diary.parent / "logs" / "first.log"
    assert str(log) in supervisor.failure.message_zh
    assert log.read_text().split("\n")[:2] == ["bad luck", "bad luck"]
    assert child.process.returncode == 9


async def test_a_child_that_lived_for_a_while_is_always_started_again(make, monkeypatch, capsys):
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(module, "SHORT_LIFE_SECONDS", 0.0)
    _, supervisor, _ = make(first="raise SystemExit(9)")
    await supervisor.start()
    told = ""

    def has_died_often():
        nonlocal told
        told += capsys.readouterr().out
        return told.count("first 意外退出") > module.DEATHS_ALLOWED

    await until(has_died_often)
    await supervisor.stop()
    assert not supervisor.failed.is_set()


async def test_a_deaf_child_is_killed(make, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.1)
    (child,), supervisor, diary = make(first=DEAF)
    await supervisor.start()
    await until(lambda: is_up(diary, "first"))
    await supervisor.stop()
    assert child.process.returncode == -9
