"""A trace begins at the door, or goes on there, and reaches the service."""

from typing import Any

import httpx2
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gateway.main import create_app
from tests.gateway.conftest import TEST_ROUTES
from tests.gateway.serving import serve
from tests.gateway.upstream import Upstream

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr("shared.telemetry.tracer", provider.get_tracer("test"))
    return exporter


@pytest.mark.parametrize("given", [None, GIVEN, "rubbish"])
async def test_the_service_continues_the_doors_span(
    make_settings: Any, spans: InMemorySpanExporter, given: str | None
) -> None:
    app = create_app(make_settings(), {"points": Upstream()}, routes=TEST_ROUTES)
    app._is_traced = True
    headers = {} if given is None else {"traceparent": given}
    async with serve(app) as url, httpx2.AsyncClient(base_url=url) as client:
        answer = await client.get("/api/v1/points/echo", headers=headers)
    (span,) = spans.get_finished_spans()
    assert span.name == "GET /api/v1/points"
    assert span.attributes == {"request_id": answer.headers["x-request-id"]}
    received = [value for name, value in answer.json()["headers"] if name == "traceparent"]
    assert received == [f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}-{span.context.trace_flags:02x}"]
    assert (span.context.trace_id == int(GIVEN[3:35], 16)) is (given == GIVEN)


async def test_without_a_collector_a_given_trace_passes_untouched(make_settings: Any) -> None:
    app = create_app(make_settings(), {"points": Upstream()}, routes=TEST_ROUTES)
    async with serve(app) as url, httpx2.AsyncClient(base_url=url) as client:
        answer = await client.get("/api/v1/points/echo", headers={"traceparent": GIVEN})
    assert ["traceparent", GIVEN] in answer.json()["headers"]
