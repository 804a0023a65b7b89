"""`shared/` plus one service directory starts alone, as in its container."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from shared.testing.clients import TEST_INDEX_KEY, TEST_KEYS

ROOT = Path(__file__).parents[2]
SERVICES = ("identity", "points", "proposals", "property", "media", "notifications")
SECONDS_TO_START = 240


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_with_nothing_but_itself_and_shared(
    service: str, tmp_path: Path, database_url: str, redis_url: str
) -> None:
    for folder in ("shared", f"services/{service}"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "services/__init__.py").touch()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV_"))} | {
        "ENVIRONMENT": "development",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "FIELD_KEYS": json.dumps(TEST_KEYS),
        "INDEX_KEY": TEST_INDEX_KEY,
        "PYTHONSAFEPATH": "1",
        "PYTHONPATH": str(tmp_path),
        "MEDIA_DIR": str(tmp_path / "files"),
    }
    # -S would drop the editable install, but also the libraries; a path entry of our own comes first either way.
    code = (
        "import sys; sys.path[:] = [p for p in sys.path if p != sys.argv[2]];"
        "sys.meta_path[:] = [f for f in sys.meta_path if 'editable' not in type(f).__module__ + repr(f)];"
        f"import uvicorn; uvicorn.run('services.{service}.main:build', factory=True, host='127.0.0.1', port=int(sys.argv[1]),"
        " log_config=None)"
    )
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(port), str(ROOT)], cwd=tmp_path, env=environment, stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + SECONDS_TO_START
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as response:
                    assert json.load(response)["status"] == "ready"
                break
            except OSError:
                assert process.poll() is None, (tmp_path / "log").read_text()[-3000:]
                assert time.monotonic() < deadline, (tmp_path / "log").read_text()[-3000:]
                time.sleep(0.2)
    finally:
        process.terminate()
        process.wait(timeout=120)


def test_a_worker_answers_its_probe_whatever_it_finds(tmp_path: Path, empty_database_url: str, redis_url: str) -> None:
    """Without a single table every loop fails and comes round, which is no reason to start the worker anew."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "ENVIRONMENT": "development",
        "DATABASE_URL": empty_database_url,
        "REDIS_URL": redis_url,
        "FIELD_KEYS": json.dumps(TEST_KEYS),
        "INDEX_KEY": TEST_INDEX_KEY,
        "MEDIA_DIR": str(tmp_path / "files"),
        "METRICS_ADDRESS": f"127.0.0.1:{port}",
    }
    expected = {"relay", "housekeeping", "gauges", "sweep time_out_checks", "extra 0"}
    command = [sys.executable, "-m", "services.media.worker"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + SECONDS_TO_START
        while not expected <= set(re.findall(r'loop="([^"]+)"', told_by(port, "/metrics"))):
            assert process.poll() is None, (tmp_path / "log").read_text()[-3000:]
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()[-3000:]
            time.sleep(0.2)
        assert told_by(port, "/healthz") == "ok"
    finally:
        process.terminate()
        process.wait(timeout=120)
    assert process.returncode == 0, (tmp_path / "log").read_text()[-3000:]


def told_by(port: int, path: str) -> str:
    """Return what an address answers; nothing while nobody listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
            return str(response.read().decode())
    except OSError:
        return ""
