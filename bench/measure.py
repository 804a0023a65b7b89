"""One measurement: every way to a service, in turns on the same data, its answers, its CPU and its memory.

In turns, because a shared machine is fast in one second and slow in the next: what is compared has to meet the same seconds.
"""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from math import nan
from pathlib import Path
from statistics import median

from bench.cores import a_core_apart
from bench.load import Result, run, send_once
from bench.people import RESIDENTS
from bench.scenarios import Scenario
from bench.slices import Meter, Slice, cpu_us
from bench.stage import Stage, pgbench, tps_of

CONNECTIONS = 16
TURNS = 4


@dataclass(frozen=True)
class Row:
    """A line of the report; CPU times are of the serving processes, a request's share, on a core of their own and beside the load."""

    scenario: str
    mode: str
    turns: list[float]
    """Requests a second in each turn."""
    alone_us: float | None
    beside_us: float | None
    p50_ms: float
    p99_ms: float
    rss_mb: float | None
    errors: int

    @property
    def per_second(self) -> float:
        """Requests a second in the middle turn."""
        return median(self.turns)

    def against(self, other: "Row") -> float:
        """Return the middle one of the turns' ratios to another row's; a turn in which the disk stood still tells nothing."""
        ratios = [mine / its for mine, its in zip(self.turns, other.turns, strict=True) if its]
        return median(ratios) if ratios else nan


@dataclass
class Way:
    """A way to a service that is running; `pids` are all processes whose CPU it costs, the database's left out."""

    mode: str
    port: int
    pids: list[int]
    results: list[Result] = field(default_factory=list)
    beside: list[Slice] = field(default_factory=list)
    alone: list[Slice] = field(default_factory=list)
    refused: int = 0

    def warm_up(self, requests: Iterator[bytes]) -> None:
        """Let everybody look once, so that every token is known."""
        send_once(self.port, list(islice(requests, RESIDENTS)), connections=CONNECTIONS)

    def take_turn(self, requests: Iterator[bytes], seconds: float) -> None:
        """Measure beside the load, then on a core apart, if there are two."""
        self.results.append(self._under_load(requests, seconds, self.beside))
        with a_core_apart(self.pids) as is_apart:
            if is_apart:
                self._under_load(requests, seconds, self.alone)

    def _under_load(self, requests: Iterator[bytes], seconds: float, slices: list[Slice]) -> Result:
        meter = Meter(self.pids)
        result = run(self.port, requests, connections=CONNECTIONS, seconds=seconds, meter=meter)
        slices += meter.slices()
        self.refused += sum(n for status, n in result.statuses.items() if status >= 400)
        return result

    def row(self, scenario: str) -> Row:
        """Return the line of the report."""
        together = Result(0, times=[taken for result in self.results for taken in result.times])
        return Row(
            scenario,
            self.mode,
            [result.per_second for result in self.results],
            cpu_us(self.alone) if self.alone else None,
            cpu_us(self.beside),
            together.percentile_ms(0.5),
            together.percentile_ms(0.99),
            max(rss_mb(pid) for pid in self.pids),
            self.refused,
        )


def free_port() -> int:
    """Return a loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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


@dataclass
class SqlAlone:
    """The identical SQL by pgbench: the ground everything else is compared with."""

    stage: Stage
    script: str
    turns: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    failed: int = 0

    def take_turn(self, seconds: float) -> None:
        """Measure once; pgbench counts in whole seconds."""
        out = pgbench(self.stage, self.script, clients=CONNECTIONS, seconds=max(1, round(seconds)))
        self.turns.append(tps_of(out))
        if latency := re.search(r"latency average = ([\d.]+)", out):
            self.latencies.append(float(latency[1]))
        failed = re.search(r"number of failed transactions: (\d+)", out)
        self.failed += int(failed[1]) if failed else 0

    def row(self, scenario: str) -> Row:
        """Return the line of the report."""
        latency = median(self.latencies) if self.latencies else nan
        return Row(scenario, "SQL alone (pgbench)", self.turns, None, None, latency, nan, None, self.failed)


def measure(stage: Stage, scenario: Scenario, seconds: float, advance: Callable[[], None]) -> list[Row]:
    """Measure a scenario in every mode, `seconds` each, in turns."""
    scenario.seed(stage)
    stage.run_sql("CHECKPOINT")  # What seeding left to be written is not the first measurement's to pay.
    pgbench(stage, scenario.pgbench(stage), clients=CONNECTIONS, seconds=2)
    requests = scenario.requests(stage)
    with ExitStack() as running:

        def start(mode: str, *services: str) -> tuple[int, int]:
            return running.enter_context(serving(stage, mode, *services))

        keys, _ = start("keys")
        direct, direct_pid = start("direct", scenario.service)
        one, one_pid = start("one", scenario.service)
        inner, inner_pid = start("direct", scenario.service)
        upstreams = (f"{scenario.service}=http://127.0.0.1:{inner}", f"identity=http://127.0.0.1:{keys}")
        split, split_pid = start("gateway", *upstreams)
        sql = SqlAlone(stage, scenario.pgbench(stage))
        ways = [
            Way("service direct", direct, [direct_pid]),
            Way("one-process gateway", one, [one_pid]),
            Way("split gateway", split, [split_pid, inner_pid]),
        ]
        for way in ways:
            way.warm_up(requests)
        for _ in range(TURNS):
            sql.take_turn(seconds / TURNS)
            for way in ways:
                way.take_turn(requests, seconds / TURNS)
            advance()
        return [sql.row(scenario.name), *(way.row(scenario.name) for way in ways)]
