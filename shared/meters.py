"""Counts and times answers for Prometheus.

The library's own metrics lock and look up on every observation; answers are given in one thread, so plain numbers do, and they are put
into the library's shape only when somebody asks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""


class Meters(Collector):
    """Requests answered, by where they went and by status, and how long they took, by the first `timed` parts of where."""

    def __init__(self, prefix: str, labels: tuple[str, ...], *, timed: int) -> None:
        self._prefix = prefix
        self._labels = labels
        self._timed = timed
        self._answers: dict[tuple[tuple[str, ...], int], int] = {}
        self._seconds: dict[tuple[str, ...], tuple[list[int], list[float]]] = {}

    def observe(self, where: tuple[str, ...], status: int, seconds: float) -> None:
        """Count one answer; `where` has a value for each label."""
        key = (where, status)
        self._answers[key] = self._answers.get(key, 0) + 1
        timed = where[: self._timed]
        known = self._seconds.get(timed)
        if known is None:
            known = self._seconds[timed] = ([0] * (len(BUCKETS) + 1), [0.0])
        known[0][bisect_left(BUCKETS, seconds)] += 1
        known[1][0] += seconds

    def collect(self) -> Iterable[Metric]:
        """Return what was counted, for a scrape."""
        answers = CounterMetricFamily(
            f"{self._prefix}_requests", "Requests answered.", labels=[*self._labels, "status"]
        )
        for (where, status), number in self._answers.items():
            answers.add_metric([*where, str(status)], number)
        seconds = HistogramMetricFamily(
            f"{self._prefix}_request_seconds",
            "Time from first byte in to last byte out.",
            labels=self._labels[: self._timed],
        )
        for timed, (counts, total) in self._seconds.items():
            reached, buckets = 0, []
            for bound, count in zip([*map(str, BUCKETS), "+Inf"], counts, strict=True):
                reached += count
                buckets.append((bound, reached))
            seconds.add_metric(timed, buckets, total[0])
        return [answers, seconds]
