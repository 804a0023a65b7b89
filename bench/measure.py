"""One measurement: a process under load, its answers, its CPU and its memory, read from the operating system."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bench.cores import a_core_apart
from bench.load import Result, run, send_once
from bench.people import RESIDENTS
from bench.scenarios import Scenario
from bench.stage import Stage, pgbench

CONNECTIONS = 16
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Row:
    """A line of the report; CPU times are of the serving processes, a request's share, on a core of their own and beside the load."""

    scenario: str
    mode: str
    per_second: float
    alone_us: float | None
    beside_us: float | None
    p50_ms: float
    p99_ms: float
    rss_mb: float | None
    errors: int


def free_port() -> int:
    """Return a loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def rss_mb(pid: int) -> float:
    """Return the resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


@contextmanager
def serving(stage: Stage, mode: str, *services: str) -> Iterator[tuple[int, int]]:
    """Run `bench.serve` and yield its port and process id."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.serve", mode, str(port), *services], env=stage.environment)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    msg = f"{mode} did not start"
                    raise RuntimeError(msg) from None
                time.sleep(0.05)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


def measure_sql(stage: Stage, name: str, script: str, seconds: float) -> Row:
    """Measure the identical SQL alone: the ground everything else is compared with."""
    pgbench(stage, script, clients=CONNECTIONS, seconds=2)
    out = pgbench(stage, script, clients=CONNECTIONS, seconds=int(seconds))
    tps = float(re.search(r"tps = ([\d.]+)", out)[1])  # type: ignore[index]  # pgbench always prints it.
    latency = float(re.search(r"latency average = ([\d.]+)", out)[1])  # type: ignore[index]
    failed = re.search(r"number of failed transactions: (\d+)", out)
    return Row(
        name, "SQL alone (pgbench)", tps, None, None, latency, float("nan"), None, int(failed[1]) if failed else 0
    )


def measure_http(stage: Stage, scenario: Scenario, mode: str, port: int, pids: list[int], seconds: float) -> Row:
    """Measure a process that answers over HTTP; `pids` are all processes whose CPU it costs, the database's left out."""
    requests = scenario.requests(stage)
    send_once(port, list(islice(requests, RESIDENTS)), connections=CONNECTIONS)
    result, beside_us = _under_load(port, requests, pids, seconds)
    statuses, alone_us = result.statuses, None
    with a_core_apart(pids) as is_apart:
        if is_apart:
            apart, alone_us = _under_load(port, requests, pids, seconds)
            statuses = statuses + apart.statuses
    errors = sum(n for status, n in statuses.items() if status >= 400)
    return Row(
        scenario.name,
        mode,
        result.per_second,
        alone_us,
        beside_us,
        result.percentile_ms(0.5),
        result.percentile_ms(0.99),
        max(rss_mb(pid) for pid in pids),
        errors,
    )


def _under_load(port: int, requests: Iterator[bytes], pids: list[int], seconds: float) -> tuple[Result, float]:
    """Return what came of a load, and the CPU time a request cost these processes, in microseconds."""
    before = sum(_cpu_seconds(pid) for pid in pids)
    result = run(port, requests, connections=CONNECTIONS, seconds=seconds)
    cpu = sum(_cpu_seconds(pid) for pid in pids) - before
    return result, 1e6 * cpu / len(result.times)


def measure(stage: Stage, scenario: Scenario, seconds: float) -> Iterator[Row]:
    """Measure a scenario in every mode, one after the other on the same data."""
    scenario.seed(stage)
    stage.run_sql("CHECKPOINT")  # What seeding left to be written is not the first measurement's to pay.
    yield measure_sql(stage, scenario.name, scenario.pgbench(stage), seconds)
    with serving(stage, "direct", scenario.service) as (port, pid):
        yield measure_http(stage, scenario, "service direct", port, [pid], seconds)
    with serving(stage, "one", scenario.service) as (port, pid):
        yield measure_http(stage, scenario, "one-process gateway", port, [pid], seconds)
    with (
        serving(stage, "keys") as (keys, _),
        serving(stage, "direct", scenario.service) as (inner, inner_pid),
        serving(
            stage, "gateway", f"{scenario.service}=http://127.0.0.1:{inner}", f"identity=http://127.0.0.1:{keys}"
        ) as (port, pid),
    ):
        yield measure_http(stage, scenario, "split gateway", port, [pid, inner_pid], seconds)
