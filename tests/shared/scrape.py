"""Reads what a program tells Prometheus."""

from collections.abc import Mapping

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from shared.gauges import measure
from shared.worker import Worker

Samples = Mapping[tuple[str, str], float]
"""(name, value of the label beside the service) → number, of one service."""


async def scrape(client: httpx2.AsyncClient, service: str) -> Samples:
    """Return the gauges that `/metrics` tells of a service."""
    response = await client.get("/metrics")
    assert response.status_code == 200, response.text
    return {
        (sample.name, " ".join(value for label, value in sample.labels.items() if label != "service")): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
        if family.type == "gauge" and sample.labels.get("service") == service
    }


async def measured(worker: Worker, client: httpx2.AsyncClient) -> Samples:
    """Have a worker read its gauges now and return what a scrape then finds."""
    runtime = worker.runtime
    await measure(runtime.database, runtime.redis, worker.relay, runtime.clock.now(), worker.counts)
    return await scrape(client, runtime.service)
