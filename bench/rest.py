"""`make up` after the first time: how long until everything answers, and how large the one process is that then waits."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measure import rss_mb
from bench.stage import Stage
from bench.trials import Finding, Trial

READY = "(ready)"
REST_SECONDS = 5.0
"""Long enough for every worker to have looked once at what is due."""
STARTS = 3


def _started(data_dir: str) -> tuple[float, float]:
    """Start the system in one process, let it rest, end it, and return its seconds to ready and its memory at rest."""
    settings = {"DATA_DIR": data_dir, "PORT": "0", "DEMO": "0", "SPLIT": "0"}
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "launcher.cli", "up"], env=kept | settings, stdout=subprocess.PIPE, encoding="utf-8"
    )
    with process:
        try:
            if not any(READY in line for line in process.stdout or ()):
                msg = f"make up ended with {process.wait()}"
                raise RuntimeError(msg)
            seconds = time.perf_counter() - began
            time.sleep(REST_SECONDS)
            return seconds, rss_mb(process.pid)
        finally:
            process.send_signal(signal.SIGINT)


def _rest(_stage: Stage, _seconds: float) -> Iterator[Finding]:
    """Start for the first time, which makes the database, then again."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        first, _ = _started(directory)
        again = sorted(_started(directory) for _ in range(STARTS))
    yield Finding("one process", "make up, the first time, without the demo community", f"{first:.1f} s")
    yield Finding("one process", f"make up after the first, median of {STARTS}", f"{again[STARTS // 2][0]:.1f} s")
    yield Finding("one process", "RSS at rest, all services and workers", f"{max(mb for _, mb in again):.0f} MB")


REST = Trial("one process", _rest)
