"""What the system says of itself: one JSON line per thing, counted, traced."""

import json
import logging
from typing import Any

import pytest
import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import REGISTRY

from shared.telemetry import configure_logging, current_trace, span
from shared.testing.clients import People
from tests.shared.conftest import NoteClient

NOTES = "/api/v1/trial/notes"


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Any:
    """Log everything; return a reader of the JSON lines written so far."""
    configure_logging("INFO")

    def read() -> list[dict[str, Any]]:
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    yield read
    configure_logging("ERROR")


def test_line_is_json_with_level_and_time(lines: Any) -> None:
    structlog.get_logger("x").info("hello", 数="三")
    (line,) = lines()
    assert (line["event"], line["level"], line["数"]) == ("hello", "info", "三")
    assert line["timestamp"].endswith("Z")


def test_level_is_obeyed(lines: Any) -> None:
    configure_logging("WARNING")
    structlog.get_logger("x").info("too quiet")
    structlog.get_logger("x").warning("loud enough")
    assert [line["event"] for line in lines()] == ["loud enough"]


def test_unknown_level_is_refused() -> None:
    with pytest.raises(KeyError):
        configure_logging("chatty")


def test_libraries_write_the_same_lines(lines: Any) -> None:
    for _ in range(2):
        configure_logging("INFO")
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        logging.getLogger("some.library").exception("it broke: %s", "here")
    (line,) = lines()
    assert (line["event"], line["level"]) == ("it broke: here", "error")
    assert "ZeroDivisionError" in line["exception"]


async def test_request_is_logged_once_with_its_id(notes_for: NoteClient, people: People, lines: Any) -> None:
    client = notes_for(people.staff())
    lines()
    await client.get(f"{NOTES}?limit=5", headers={"X-Request-Id": "abcdefgh-1"})
    (line,) = [one for one in lines() if one["event"] == "request"]
    assert line["request_id"] == "abcdefgh-1"
    assert line["service"] == "trial"
    assert (line["method"], line["path"], line["status"]) == ("GET", NOTES, 200)
    assert line["ms"] > 0


async def test_log_holds_no_token_and_no_body(notes_for: NoteClient, people: People, lines: Any) -> None:
    client = notes_for(people.staff())
    lines()
    await client.post(NOTES, json={"words": "私事一件"})
    told = json.dumps(lines(), ensure_ascii=False)
    assert "request" in told
    assert "私事" not in told
    assert client.headers["Authorization"].split()[1] not in told


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
async def test_probes_are_not_logged(notes_for: NoteClient, lines: Any, path: str) -> None:
    client = notes_for()
    lines()
    assert (await client.get(path)).status_code == 200
    assert lines() == []


def count(route: str, status: str, method: str = "GET") -> float:
    labels = {"service": "trial", "route": route, "method": method, "status": status}
    return REGISTRY.get_sample_value("diyuan_requests_total", labels) or 0


async def test_requests_are_counted_by_route_and_not_by_address(notes_for: NoteClient, people: People) -> None:
    client = notes_for(people.staff())
    found, lost = count(f"{NOTES}/{{note_id}}", "404"), count("unrouted", "404")
    for number in range(3):
        await client.get(f"{NOTES}/00000000-0000-7000-8000-00000000000{number}")
        await client.get(f"/nowhere/{number}")
    assert count(f"{NOTES}/{{note_id}}", "404") - found == 3
    assert count("unrouted", "404") - lost == 3


async def test_defects_are_counted(notes_for: NoteClient, people: People) -> None:
    before = count(NOTES, "500", "POST")
    await notes_for(people.staff()).post(NOTES, json={"words": "出错"})
    assert count(NOTES, "500", "POST") - before == 1


async def test_metrics_are_told(notes_for: NoteClient, people: People) -> None:
    await notes_for(people.staff()).get(NOTES)
    response = await notes_for().get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    for name in ("diyuan_requests_total", "diyuan_request_seconds_bucket", "diyuan_outbox_waiting", "diyuan_overdue"):
        assert name in response.text


@pytest.fixture(scope="module")
def _traced() -> None:
    trace.set_tracer_provider(TracerProvider())


PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.usefixtures("_traced")
def test_span_continues_the_trace_it_is_given() -> None:
    assert current_trace() is None
    with span("inner", parent=PARENT):
        told = current_trace()
    assert told is not None
    assert told.split("-")[1] == PARENT.split("-")[1]
    assert told.split("-")[2] != PARENT.split("-")[2]


@pytest.mark.usefixtures("_traced")
async def test_trace_of_a_request_reaches_the_fact_and_the_log(
    notes_for: NoteClient, people: People, in_database: Any, lines: Any
) -> None:
    await notes_for(people.staff()).post(NOTES, json={"words": "有踪可循"}, headers={"traceparent": PARENT})
    (fact,) = await in_database("SELECT trace FROM trial.outbox WHERE community_id = :c", c=people.community_id)
    assert fact.trace.split("-")[1] == PARENT.split("-")[1]
    assert [line["trace_id"] for line in lines() if line["event"] == "request"] == [PARENT.split("-")[1]]


@pytest.mark.usefixtures("_traced")
@pytest.mark.parametrize("parent", ["", "nonsense", "00-0-0-00", "é"])
async def test_trace_that_makes_no_sense_is_ignored(notes_for: NoteClient, people: People, parent: str) -> None:
    response = await notes_for(people.staff()).get(NOTES, headers={"traceparent": parent.encode("latin-1")})
    assert response.status_code == 200
