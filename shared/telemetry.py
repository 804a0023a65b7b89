"""What the system says of itself: JSON logs with request and trace ids, metrics, and traces across services and events."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, TextIO

import structlog
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import REGISTRY, Counter, Gauge, start_http_server

from shared.meters import Meters

if TYPE_CHECKING:
    from wsgiref.simple_server import WSGIServer
    from wsgiref.types import StartResponse, WSGIEnvironment

    from structlog.typing import EventDict, Processor, WrappedLogger

log = structlog.get_logger(__name__)

METERS: Final = Meters("diyuan", ("service", "route", "method"), timed=3)
REGISTRY.register(METERS)
EVENTS: Final = Counter("diyuan_events_total", "Events handled.", ["service", "type", "outcome"])
OUTBOX_WAITING: Final = Gauge("diyuan_outbox_waiting", "Facts committed and not yet published.", ["service"])
OUTBOX_LAG: Final = Gauge("diyuan_outbox_lag_seconds", "Age of the oldest fact not yet published.", ["service"])
DEAD_LETTERS: Final = Gauge("diyuan_dead_letters", "Events set aside after repeated failure.", ["service"])
SWEPT: Final = Counter("diyuan_swept_total", "Deadlines acted on.", ["service", "sweep", "outcome"])
OVERDUE: Final = Gauge("diyuan_overdue", "Deadlines past and not yet acted on.", ["service", "sweep"])
LOOP_SILENT: Final = Gauge(
    "diyuan_loop_silent_seconds", "How long a worker's loop has been at one piece of work.", ["service", "loop"]
)
HOLDS_OPEN: Final = Gauge("diyuan_holds_open", "Points set aside for what is not finished.", ["service", "purpose"])
WAITING: Final = Gauge("diyuan_waiting", "What residents wait for somebody to do.", ["service", "what"])
SLA_AT_RISK: Final = Gauge("diyuan_sla_at_risk", "Promised times nearly used up.", ["service", "clock"])
SLA_LATE: Final = Gauge("diyuan_sla_late", "Promised times used up, and the work not done.", ["service", "clock"])
AUDIT_BREACHES: Final = Gauge(
    "diyuan_audit_breaches", "Breaches in the communities' last nightly audits.", ["service", "invariant"]
)

current_request: Final[ContextVar[tuple[str, str] | None]] = ContextVar("request", default=None)
"""Id and service of the request being answered; they are put on every line that is logged meanwhile."""

_is_informative = True
_PROPAGATOR: Final = TraceContextTextMapPropagator()
tracer: Final = trace.get_tracer("diyuan")


def _add_request(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if (request := current_request.get()) is not None:
        event.setdefault("request_id", request[0])
        event.setdefault("service", request[1])
    return event


def _add_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        event["trace_id"] = format(span.trace_id, "032x")
    return event


_SHARED_PROCESSORS: Final[list[Processor]] = [
    _add_request,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _add_trace,
    structlog.processors.format_exc_info,
]
_RENDERER: Final = structlog.processors.JSONRenderer(ensure_ascii=False)


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes where standard error is now, not where it was when logging was configured."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def configure_logging(level: str = "INFO") -> None:
    """Send structured JSON lines to standard error, those of the libraries' own loggers included. Safe to call again."""
    global _is_informative  # noqa: PLW0603 - as logging itself, one for the process.
    number = logging.getLevelNamesMapping()[level.upper()]
    _is_informative = number <= logging.INFO
    structlog.configure(
        processors=[*_SHARED_PROCESSORS, _RENDERER],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    # Libraries tell every request they send, with addresses that may hold a token; their warnings are enough.
    root.setLevel(max(number, logging.WARNING))
    if not any(isinstance(handler, _StandardError) for handler in root.handlers):
        handler = _StandardError()
        handler.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=_SHARED_PROCESSORS,
                processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _RENDERER],
            )
        )
        root.addHandler(handler)


def is_informative() -> bool:
    """Tell whether lines of level info are written: on the hottest paths making one costs more than asking."""
    return _is_informative


def configure_tracing(service: str, endpoint: str | None) -> None:
    """Send spans to an OTLP endpoint; without one, spans cost almost nothing and go nowhere."""
    if endpoint is None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": f"diyuan-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    trace.set_tracer_provider(provider)


def serve_metrics(address: str | None, *, stuck: Callable[[], Sequence[str]] = tuple) -> WSGIServer | None:
    """Answer `/metrics` on an address of its own, for processes without a door inside; without an address nothing listens.

    `/healthz` there is 200 while nothing is `stuck`, else 503 with the names of what is.

    Errors: OSError when the address is taken.
    """
    if address is None:
        return None
    host, _, port = address.rpartition(":")
    server, _ = start_http_server(int(port), addr=host)
    tell_metrics = server.get_app()
    assert tell_metrics is not None

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/healthz":
            return tell_metrics(environ, start_response)
        silent = stuck()
        if silent:
            log.error("loops_stuck", loops=list(silent))
        status = "503 Service Unavailable" if silent else "200 OK"
        start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [(", ".join(silent) or "ok").encode()]

    server.set_app(answer)
    return server


def current_trace() -> str | None:
    """Return the W3C `traceparent` of the running span, for a header or an outbox row."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def span(name: str, *, parent: str | None = None, **attributes: str) -> Iterator[None]:
    """Run the block as a span, continuing the trace a `traceparent` names."""
    context = _PROPAGATOR.extract({"traceparent": parent}) if parent else None
    with tracer.start_as_current_span(name, context=context, attributes=attributes):
        yield
