"""What operators look at and are called by asks only for numbers that the programs tell: every name is held to a real scrape."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from gateway.main import create_app
from gateway.settings import GatewaySettings
from shared.contracts.events import HouseholdRegistered
from shared.gauges import measure
from shared.heartbeats import Heartbeats
from shared.ids import new_id
from shared.inbox import Consumer
from shared.kernel.clock import FixedClock
from shared.kernel.principal import Role
from shared.outbox import seal, stream_of
from shared.sweeps import sweep_once
from shared.testing.clients import Apps, ClientFor, People
from shared.uow import UnitOfWork
from shared.worker import Worker
from tests.deploy.test_manifests import PARTS, SERVICES, deployments
from tests.gateway.serving import serve
from tests.gateway.upstream import Upstream
from tests.shared.trial import NoteWritten

FOLDER = Path(__file__).parents[2] / "deploy/dashboards"
OF_PROMETHEUS = {"up": frozenset({"job", "instance"})}
"""What Prometheus itself adds."""
ENUMERATED = frozenset({"service", "sweep", "what", "purpose", "clock", "invariant"})
"""Labels whose every value is told from the start; a status or an outcome is told when it happens."""

Told = Mapping[str, Mapping[str, set[str]]]
"""metric → label → values."""


def worker_of(apps: Apps, service: str) -> Worker:
    worker: Worker = import_module(f"services.{service}.worker").create_worker(apps.runtime(service))
    return worker


async def leave(_uow: UnitOfWork, _what: object) -> None:
    """Do nothing about it."""


@pytest.fixture
async def told(apps: Apps, client_for: ClientFor, people: People, clock: FixedClock, hear: Any, redis_url: str) -> Told:
    """Have every service answer a request, hear a fact, sweep and read its gauges, behind the gateway; return what a scrape finds."""
    fact = HouseholdRegistered(
        household_id=new_id(),
        household_number="QLQ-0009",
        grid_id=new_id(),
        grid_name="第三网格",
        building_id=new_id(),
        building_name="12栋",
        householder_name="王**",
        area_cm2e2=880_000,
        resident_count=2,
    )
    assert await hear("points", people.community_id, fact)
    runtime = apps.runtime("points")
    note = NoteWritten(note_id=new_id(), words="有人听")
    envelope = seal(note, id=new_id(), community_id=people.community_id, key="n", occurred_at=clock.now(), trace=None)
    consumer = Consumer(runtime.database, runtime.redis, clock, {NoteWritten: leave}, name="dashboards")
    await consumer.prepare()
    await runtime.redis.xadd(stream_of("trial"), envelope.to_fields())
    while await consumer.read(block_ms=10):
        pass
    clock.advance(timedelta(days=2))
    for service in SERVICES:
        worker = worker_of(apps, service)
        await measure(worker.runtime.database, worker.runtime.redis, worker.relay, clock.now(), worker.counts)
        for sweep in worker.sweeps:
            # Found but left alone: other tests' communities are due as well.
            await sweep_once(worker.runtime.database, clock, replace(sweep, act=leave), limit=1)
    settings = GatewaySettings(environment="development", redis_url=redis_url, log_level="CRITICAL")
    door = create_app(settings, {"points": Upstream()}, clock=clock)
    async with serve(door) as url, httpx2.AsyncClient(base_url=url) as client:
        await client.get("/api/v1/points/account")
    supervisor = client_for("points", people.staff(Role.SUPERVISOR))
    await supervisor.get("/api/v1/points/account")
    heartbeats = Heartbeats("points")
    heartbeats.watch("relay")
    answer = await supervisor.get("/metrics")
    heartbeats.release("relay")
    values: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            for label, value in sample.labels.items():
                values[sample.name][label].add(value)
    return values


def dashboards() -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def alerts() -> list[dict[str, Any]]:
    document = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def expressions() -> Iterator[tuple[str, str, str]]:
    """Yield (where, expression, text that names its labels)."""
    for name, board in dashboards().items():
        for panel in board["panels"]:
            for target in panel["targets"]:
                yield f"{name}: {panel['title']}", target["expr"], target["legendFormat"]
    for rule in alerts():
        yield rule["alert"], rule["expr"], "".join(rule["annotations"].values())


WORDS = re.compile(r"[a-zA-Z_]\w*")
FUNCTIONS = frozenset(
    "sum max count rate increase topk histogram_quantile min_over_time vector by or".split()  # noqa: SIM905 - read as a sentence.
)
STRINGS = re.compile(r'"[^"]*"')
SELECTORS = re.compile(r"(\w+)\s*\{([^}]*)\}")
MATCHERS = re.compile(r'(\w+)\s*(=~|!=|!~|=)\s*"([^"]*)"')
GROUPINGS = re.compile(r"\bby\s*\(([^)]*)\)")
LEGENDS = re.compile(r"\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}")
SPANS = re.compile(r"\[\w+\]")


def untold(expression: str, legend: str, told: Told) -> list[str]:
    """Return what an expression names and no program tells."""
    bare = SPANS.sub("", GROUPINGS.sub("", re.sub(r"\{[^}]*\}", "", STRINGS.sub("", expression))))
    metrics = set(WORDS.findall(bare)) - FUNCTIONS
    wrong = [metric for metric in metrics if metric not in told and metric not in OF_PROMETHEUS]
    if wrong or not metrics:
        return wrong or ["no metric at all"]
    labels = set.union(*(set(told.get(metric, OF_PROMETHEUS.get(metric, ()))) for metric in metrics))
    grouped = {label.strip() for group in GROUPINGS.findall(expression) for label in group.split(",")}
    wrong += [f"label {label}" for label in grouped if label not in labels]
    kept = grouped or labels
    wrong += [f"legend {label}" for label in LEGENDS.findall(legend) if label not in kept]
    for metric, selector in SELECTORS.findall(expression):
        for label, sign, value in MATCHERS.findall(selector):
            known = told.get(metric, {}).get(label)
            if known is None:
                wrong += [] if label in OF_PROMETHEUS.get(metric, ()) else [f"{metric} has no {label}"]
            elif label in ENUMERATED and sign in {"=", "=~"}:
                wrong += [f"{label} is never {one}" for one in value.split("|") if one not in known]
    return wrong


async def test_every_number_that_is_asked_for_is_told(told: Told) -> None:
    wrong = [(where, untold(expression, legend, told)) for where, expression, legend in expressions()]
    assert [one for one in wrong if one[1]] == []
    assert {"diyuan_gateway_requests_total", "diyuan_events_total", "diyuan_swept_total"} <= set(told)


@pytest.mark.parametrize(
    ("expression", "legend", "found"),
    [
        ("sum(diyuan_outbox)", "", ["diyuan_outbox"]),
        ("max by (shop) (diyuan_waiting)", "", ["label shop"]),
        ("max by (what) (diyuan_waiting)", "{{service}}", ["legend service"]),
        ('diyuan_waiting{where="x"}', "", ["diyuan_waiting has no where"]),
        ('diyuan_waiting{what="bus"}', "", ["what is never bus"]),
        ('diyuan_waiting{what=~"claim|bus"}', "", ["what is never bus"]),
        ('up{place="x"}', "", ["up has no place"]),
        ("vector(0)", "", ["no metric at all"]),
        ('count(up{job="diyuan"} == 0) or vector(0)', "", []),
        ('sum by (what) (rate(diyuan_waiting{what="claim"}[5m]))', "{{what}}", []),
    ],
)
def test_a_name_that_nobody_tells_is_seen(expression: str, legend: str, found: list[str]) -> None:
    told = {"diyuan_waiting": {"service": {"points"}, "what": {"claim"}}}
    assert untold(expression, legend, told) == found


def test_each_question_has_its_dashboard() -> None:
    boards = dashboards()
    assert set(boards) == {"up", "queue", "residents", "books"}
    for name, board in boards.items():
        assert board["uid"] == f"diyuan-{name}"
        assert [variable["name"] for variable in board["templating"]["list"]] == ["datasource"]
        ids = [panel["id"] for panel in board["panels"]]
        assert len(ids) == len(set(ids)) > 3
        places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]}
        assert len(places) == len(ids), "one panel hides another"
        assert all(panel["datasource"]["uid"] == "${datasource}" for panel in board["panels"])


def test_somebody_is_called_for_what_must_not_wait() -> None:
    rules = {rule["alert"]: rule for rule in alerts()}
    assert set(rules) == {
        "DiyuanPartDown",
        "DiyuanDeadLetters",
        "DiyuanRelayStuck",
        "DiyuanLoopStuck",
        "DiyuanSweepOverdue",
        "DiyuanSweepFails",
        "DiyuanAuditBreach",
        "DiyuanErrors",
        "DiyuanSlow",
    }
    for rule in rules.values():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert all(re.search("[\u4e00-\u9fff]", rule["annotations"][part]) for part in ("summary", "description"))


def test_every_part_is_asked_where_it_answers() -> None:
    """The addresses are those of docker-compose.yml; the ports those that start.sh and the manifests open."""
    document = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    (job,) = document["scrape_configs"]
    (listed,) = job["static_configs"]
    ports = {part: 9000 if part.endswith("-worker") else 8000 for part in PARTS}
    ports |= {"gateway-1": 9000, "gateway-2": 9000}
    assert job["job_name"] == "diyuan"
    assert sorted(listed["targets"]) == sorted(f"{part}:{port}" for part, port in ports.items())
    assert document["rule_files"] == ["alerts.yml"]
    start = (FOLDER.parent / "start.sh").read_text(encoding="utf-8")
    assert 'gateway | *-worker) export METRICS_ADDRESS="${METRICS_ADDRESS:-0.0.0.0:9000}"' in start
    for name, deployment in deployments().items():
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        opened = {port["name"]: port["containerPort"] for port in container["ports"]}
        assert opened.get("metrics") == (9000 if name == "gateway" or name.endswith("-worker") else None)


def test_the_readme_names_every_file() -> None:
    text = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    assert all(f"`{path.name}`" in text for path in FOLDER.iterdir())
