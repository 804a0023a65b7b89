"""The table of a run: ratios first, because absolute numbers belong to the machine."""

import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.measure import CONNECTIONS, Row
from bench.trials import Finding

REPORT = Path(__file__).with_name("REPORT.md")
BIG_REPORT = Path(__file__).with_name("REPORT-BIG.md")


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0))


def write(rows: Sequence[Row], findings: Sequence[Finding], seconds: float, *, to: Path | None) -> str:
    """Return the report as markdown and keep it in a file, if one is named."""
    lines = [
        "# Measurements",
        "",
        (
            f"`make bench` on {datetime.now(UTC):%Y-%m-%d}, commit `{_commit()}`, {_cores()} cores of {_processor()}, "
            f"Python {platform.python_version()}, private PostgreSQL with fsync on, {CONNECTIONS} connections, {seconds:g} s each."
        ),
    ]
    if rows:
        lines += [
            "",
            "Ratios compare requests a second: every mode takes its turn several times, and the middle one of the turns' ratios is told. *To",
            "SQL*: the identical statement by pgbench is 1.0. *To direct*: the service without the gateway is 1.0. Database, load and service",
            "share the machine's cores, so ratios say more than absolute numbers. CPU is that of the serving processes per request, the",
            "database's left out, in the quarter seconds in which the hypervisor took no core away, and measured twice: on a core of their own,",
            "with database and load on the others, and beside them, where every turn begins with caches that a neighbour has filled. Whoever",
            "redeems or votes has looked before, so every token is known when a measurement begins; what a new one costs is told below.",
            "",
            "| scenario | mode | requests/s | to SQL | to direct | CPU µs/request | beside the load | p50 ms | p99 ms | RSS MB | errors |",
            "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        ]
    for row in rows:
        same = [other for other in rows if other.scenario == row.scenario]
        sql = next(other for other in same if other.beside_us is None)
        direct = next(other for other in same if other.mode == "service direct")
        to_sql = f"{row.against(sql):.2f}"
        to_direct = "–" if row.beside_us is None else f"{row.against(direct):.2f}"
        alone, beside = ("–" if us is None else f"{us:.0f}" for us in (row.alone_us, row.beside_us))
        rss = "–" if row.rss_mb is None else f"{row.rss_mb:.0f}"
        p99 = "–" if row.p99_ms != row.p99_ms else f"{row.p99_ms:.1f}"
        lines.append(
            f"| {row.scenario} | {row.mode} | {row.per_second:.0f} | {to_sql} | {to_direct} | {alone} | {beside} |"
            f" {row.p50_ms:.1f} | {p99} | {rss} | {row.errors} |"
        )
    if findings:
        lines += ["", "Done once, on the same servers:", "", "| trial | what | figure |", "|---|---|---:|"]
        lines += [f"| {finding.trial} | {finding.what} | {finding.value} |" for finding in findings]
    table = "\n".join(lines) + "\n"
    if to is not None:
        to.write_text(table, encoding="utf-8")
    return table
