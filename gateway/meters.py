"""Counts and times the door's answers for Prometheus.

The library's own metrics lock and look up on every observation; the door runs in one thread, so plain numbers do, and they
are put into the library's shape only when somebody asks.
"""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Meters(Collector):
    """Requests answered by the door and how long they took, by route, method and status."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str, int], int] = {}
        self._seconds: dict[str, tuple[list[int], list[float]]] = {}

    def observe(self, label: str, method: str, status: int, seconds: float) -> None:
        """Count one answer."""
        key = (label, method, status)
        self._answers[key] = self._answers.get(key, 0) + 1
        known = self._seconds.get(label)
        if known is None:
            known = self._seconds[label] = ([0] * (len(BUCKETS) + 1), [0.0])
        known[0][bisect_left(BUCKETS, seconds)] += 1
        known[1][0] += seconds

    def collect(self) -> Iterable[Metric]:
        """Return what was counted, for a scrape."""
        answers = CounterMetricFamily(
            "diyuan_gateway_requests", "Requests answered by the door.", labels=["route", "method", "status"]
        )
        for (label, method, status), number in self._answers.items():
            answers.add_metric([label, method, str(status)], number)
        seconds = HistogramMetricFamily(
            "diyuan_gateway_request_seconds", "Time from first byte in to last byte out.", labels=["route"]
        )
        for label, (counts, total) in self._seconds.items():
            reached, buckets = 0, []
            for bound, count in zip([*map(str, BUCKETS), "+Inf"], counts, strict=True):
                reached += count
                buckets.append((bound, reached))
            seconds.add_metric([label], buckets, total[0])
        return [answers, seconds]


METERS: Final = Meters()
REGISTRY.register(METERS)
