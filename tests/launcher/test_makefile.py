"""The Makefile below a path with spaces and Chinese characters, with a stand-in for Python that writes down what it is asked."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAND_IN = """#!/bin/sh
{ printf '%s|' "$@"; printf '%sPORT=%s|DATA_DIR=%s\\n' "$PYTHONDONTWRITEBYTECODE" "$PORT" "$DATA_DIR"; } >> "$DIARY"
case "$*" in *"$FAIL_ON"*) exit 7;; esac
"""


@pytest.fixture
def make(tmp_path):
    checkout = tmp_path / "缔园 的 代码"
    (checkout / ".venv" / "bin").mkdir(parents=True)
    for name in ("Makefile", "requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, checkout)
    python = checkout / ".venv" / "bin" / "python"
    python.write_text(STAND_IN)
    python.chmod(0o755)
    diary = tmp_path / "diary"

    def run(*arguments, fail_on="never"):
        diary.write_text("")
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "PORT", "DATA_DIR"))
        }
        done = subprocess.run(
            ["make", *arguments],
            cwd=checkout,
            env=environment | {"DIARY": str(diary), "FAIL_ON": fail_on},
            capture_output=True,
            text=True,
            check=False,
        )
        return done, diary.read_text().splitlines()

    run.checkout = checkout
    return run


def test_help_names_every_target_and_variable(make):
    done, asked = make()
    assert (done.returncode, asked) == (0, [])
    for target in ("up", "check", "fmt", "test", "bench", "story", "migrate", "reset", "openapi", "lock"):
        assert f"\n  {target} " in done.stdout
    for variable in ("PORT", "DATA_DIR", "SPLIT", "DATABASE_URL", "REDIS_URL", "PG_BIN"):
        assert f"\n  {variable}" in done.stdout


def test_up_installs_the_lock_once_and_again_when_it_changes(make):
    _, asked = make("up", "PORT=8123", "DATA_DIR=/数 据")
    assert [line.split("|")[:3] for line in asked] == [["-m", "pip", "install"]] * 2 + [["-m", "launcher.cli", "up"]]
    assert "--require-hashes|-r|requirements.lock" in asked[0]
    assert "--no-deps|--no-build-isolation|-e|." in asked[1]
    assert asked[2].endswith("PORT=8123|DATA_DIR=/数 据")
    assert len(make("up")[1]) == 1
    later = time.time() + 5
    os.utime(make.checkout / "requirements.lock", (later, later))
    os.utime(make.checkout / ".venv" / "bin" / "python", (later, later))
    assert len(make("up")[1]) == 3


def test_what_is_compiled_is_kept_whatever_the_shell_says(make, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "forbidden")
    _, asked = make("up")
    assert asked[-1].startswith("-m|launcher.cli|up|PORT=")


def test_an_interrupted_install_is_done_again(make):
    done, asked = make("up", fail_on="require-hashes")
    assert done.returncode != 0
    assert len(asked) == 1
    assert len(make("up")[1]) == 3


def test_check_runs_every_check_in_order_and_stops_at_the_first_failure(make):
    _, asked = make("check")
    tools = [line.split("|")[1] for line in asked if "pip" not in line]
    assert [tool for tool in tools if tool in {"ruff", "mypy", "pytest"}] == ["ruff", "ruff", "mypy", "pytest"]
    assert any("lint_imports" in line for line in asked)
    assert "requirements-dev.lock" in "".join(asked)
    done, asked = make("check", fail_on="ruff|check")
    done, asked = make("check", fail_on="mypy")
    assert done.returncode != 0
    assert not any("pytest" in line for line in asked)


def test_the_server_runs_what_we_run():
    script = (ROOT / ".ci" / "run").read_text()
    assert script.splitlines()[-1] == "exec make check"
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
