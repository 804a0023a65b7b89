"""Who may use which route of points: `roles.txt` lists them all, and every line is tried.

A community is seeded once, and whatever a request changes is rolled back before the next one. Roles only ever add to what somebody may do, so
one caller who holds all roles a line does not name stands for each of them: it comes once as staff without a household and once as a
resident of another household. Each role that is named is tried alone.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select
from sqlmodel import col

from services.points.installations.models import Installation
from services.points.registry import registry
from services.points.statements.models import StatementTotal
from shared import idempotency
from shared.db import Database
from shared.ids import new_id
from shared.kernel.clock import Clock, FixedClock
from shared.kernel.principal import Principal, Role
from shared.testing.clients import Apps, ClientFor, People, Signer
from shared.uow import UnitOfWork, unit_of_work
from tests.architecture.walk import Step, made
from tests.points.conftest import OpenHousehold
from tests.points.seeds import seed

ROOT = "/api/v1/points"
TABLE = Path(__file__).parent / "roles.txt"
ANYBODY, SIGNED_IN, HOUSEHOLD, OWN, PARTY = "anybody", "signed_in", "household", "own", "party"
SCOPES = ("points:read", "points:write")
WORDS = {ANYBODY, SIGNED_IN, HOUSEHOLD, OWN, PARTY, *Role}
NAMES = {
    "boards/entries/{entry_id}": {"entry_id": "board_entry_id"},
    "adoption-assets/{asset_id}": {"asset_id": "adoption_asset_id"},
    "appeals/{appeal_id}": {"appeal_id": "claim_appeal_id"},
    "claim_sheets/{sheet_id}": {"sheet_id": "claim_sheet_id"},
    "rulebook_drafts/{draft_id}": {"draft_id": "rulebook_draft_id"},
    "jobs/{place_id}": {"place_id": "gig_place_id"},
    "requests/{request_id}": {"request_id": "help_request_id"},
    "objections/{objection_id}": {"objection_id": "period_objection_id"},
    "conflicts/{pickup_id}": {"pickup_id": "offline_pickup_id"},
    "/installations/{redemption_id}": {"redemption_id": "fitted_id"},
    "funds/{fund_id}": {"fund_id": "fund_account_id"},
    "funds/transfers/{transfer_id}": {"transfer_id": "fund_transfer_id"},
}
"""By part of a path: under which table's name the community keeps what the path asks for under another."""
BODIES: Mapping[str, Any] = {
    "POST /redemptions/pickups": {"code": "123456"},
    "POST /baskets/pickups": {"code": "123456"},
    "POST /vouchers/verifications": {"code": "12345678"},
    "POST /claim_sheets": {"name": "双月考评", "assessed_on": "2026-05-11"},
}
"""What a request says where its schema alone does not tell what it needs."""


@dataclass(frozen=True)
class Line:
    """One route of the table: who may, and what all others are told."""

    route: str
    who: frozenset[str]
    refusal: int

    @property
    def roles(self) -> list[Role]:
        """The roles that may, whatever else opens the route."""
        return [role for role in Role if role in self.who]


def read_table(text: str) -> dict[str, Line]:
    """Return the lines of the table by route.

    Errors: AssertionError for a line that says nothing or says it twice.
    """
    lines = {}
    for written in text.splitlines():
        told = written.partition("#")[0].strip()
        if told:
            route, who, *refusal = (" ".join(part.split()) for part in told.split("|"))
            names = frozenset(who.split())
            assert names, f"nobody: {written}"
            assert names <= WORDS, f"unknown: {written}"
            assert route not in lines, f"twice: {route}"
            lines[route] = Line(route, names, int(*refusal or ["403"]))
    return lines


def short(step: Step) -> str:
    """Return a step as the table writes it."""
    return f"{step.method.upper()} {step.path.removeprefix(ROOT)}"


@asynccontextmanager
async def forgetful(database: Database, clock: Clock, community_id: UUID) -> AsyncIterator[UnitOfWork]:
    """Open a unit of work, and roll back what it did however well it ended."""
    async with unit_of_work(database, clock, community_id) as uow:
        yield uow
        await uow.flush()
        await uow.session.rollback()


async def first_ids(database: Database, community_id: UUID) -> dict[str, UUID]:
    """Return the oldest thing of every kind that a community has, by the name a path would ask for it under."""
    found = {}
    tables = [
        table for table in registry.metadata.tables.values() if {"community_id", "id"} <= set(table.columns.keys())
    ]
    named = {f"{table.name}_id": (table.c.community_id, table.c.id) for table in tables}
    named["subject_id"] = (col(StatementTotal.community_id), col(StatementTotal.subject_id))
    named["fitted_id"] = (col(Installation.community_id), col(Installation.redemption_id))
    async with database.worker.connect() as connection:
        for name, (community, key) in named.items():
            oldest = select(key).where(community == community_id).order_by(key).limit(1)
            if (value := (await connection.execute(oldest)).scalar()) is not None:
                found[name] = value
    return found


@dataclass
class Town:
    """The seeded community, and a way to ask as anybody."""

    http: httpx2.AsyncClient
    document: Mapping[str, Any]
    people: People
    signer: Signer
    ids: Mapping[str, UUID]

    @property
    def steps(self) -> list[Step]:
        """Every operation of points."""
        return [
            Step(method, path, operation)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
        ]

    def _id(self, step: Step, name: str) -> UUID:
        other = next((names[name] for part, names in NAMES.items() if part in step.path and name in names), name)
        return self.ids.get(other) or new_id()

    def _body(self, step: Step) -> Any:
        if short(step) in BODIES:
            return BODIES[short(step)]
        content = step.operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return None
        body = made(self.document, content["application/json"]["schema"])
        return {key: str(self._id(step, key)) if key.endswith("_id") else value for key, value in body.items()}

    async def ask(self, step: Step, who: Principal | None) -> tuple[int, str]:
        """Ask as somebody, or as a visitor, and return the status and the problem's code."""
        path = step.path
        for name, value in {**step.others(self.document), **{n: self._id(step, n) for n in step.id_names}}.items():
            path = path.replace(f"{{{name}}}", str(value))
        queries = {
            p["name"]: made(self.document, p["schema"])
            for p in step.operation.get("parameters", [])
            if p["in"] == "query" and p.get("required")
        }
        headers = {} if who is None else {"Authorization": f"Bearer {self.signer.token(who)}"}
        if step.method in {"put", "delete"}:
            headers["If-Match"] = '"1"'
        is_file = "multipart/form-data" in step.operation.get("requestBody", {}).get("content", {})
        said: dict[str, Any] = {"json": self._body(step)}
        if is_file:
            said = {"data": self._body(step), "files": {"file": ("表.xlsx", b"PK", "application/octet-stream")}}
        answer = await self.http.request(step.method.upper(), path, params=queries, headers=headers, **said)
        is_problem = answer.headers.get("content-type", "").startswith("application/problem+json")
        return answer.status_code, str(answer.json()["code"]) if is_problem else ""

    async def wrongs(self, step: Step, line: Line) -> list[str]:
        """Try a line, and return where the route does otherwise than it says."""
        people, others = self.people, [role for role in Role if role not in line.who]
        stranger, nobody = people.resident(None, *others), people.staff(*others)
        callers: list[tuple[str, Principal | None, set[int]]] = [
            ("a visitor", None, {401}),
            ("a system without the scope", people.client(), {403}),
        ]
        if not line.who & {SIGNED_IN, ANYBODY}:
            callers.append(("staff of all other roles", nobody, {403, line.refusal}))
            if HOUSEHOLD not in line.who:
                callers.append(("a resident of all other roles", stranger, {403, line.refusal}))
                if line.refusal == 404:
                    callers.append(("another household", people.resident(), {404}))
        told = [(name, await self.ask(step, who), refusals) for name, who, refusals in callers]
        if ANYBODY in line.who:
            return [f"{step}: refuses {name}: {answer}" for name, answer, refusals in told if answer[0] in refusals]
        wrong = [f"{step}: tells {name} {answer}" for name, answer, refusals in told if answer[0] not in refusals]
        refused = {answer for _, answer, _ in told}
        for name, who in self._invited(line):
            answer = await self.ask(step, who)
            if answer[0] in {401, 403} or (answer in refused and line.refusal == answer[0]):
                wrong.append(f"{step}: refuses {name}: {answer}")
        return wrong

    def _invited(self, line: Line) -> list[tuple[str, Principal]]:
        found = [(str(role), self.people.staff(role)) for role in line.roles]
        if SIGNED_IN in line.who:
            found += [("anybody signed in", self.people.staff()), ("a system", self.people.client(*SCOPES))]
        if HOUSEHOLD in line.who:
            found.append(("a household", self.people.resident()))
        if OWN in line.who:
            found.append(("the household", self.people.resident(self.ids["household_id"])))
        return found


@pytest.fixture
async def town(
    apps: Apps,
    client_for: ClientFor,
    people: People,
    signer: Signer,
    hear: Any,
    clock: FixedClock,
    sweep: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Town]:
    """A community with something of everything, in which nothing that is asked stays done."""
    app = apps.app("points")
    await seed(client_for, people, hear, clock, sweep)
    ids = await first_ids(apps.runtime("points").database, people.community_id)
    monkeypatch.setattr(idempotency, "unit_of_work", forgetful)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://points.test") as http:
        yield Town(http, app.openapi(), people, signer, ids)


async def test_every_route_is_open_to_whom_the_table_says_and_to_nobody_else(town: Town) -> None:
    table = read_table(TABLE.read_text("utf-8"))
    steps = {short(step): step for step in town.steps}
    assert sorted(steps.keys() - table.keys()) == [], "a route without a line in roles.txt"
    assert sorted(table.keys() - steps.keys()) == [], "a line in roles.txt without a route"

    wrong = [told for route, line in table.items() for told in await town.wrongs(steps[route], line)]

    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize(
    ("route", "who"),
    [
        ("GET /audit", "supervisor"),
        ("GET /audit", "supervisor community_admin storekeeper"),
        ("GET /audit", "signed_in"),
        ("GET /redemptions", "supervisor"),
        ("GET /account", "signed_in"),
        ("GET /policy", "anybody"),
        ("POST /baskets/pickups", "household storekeeper"),
    ],
)
async def test_a_wrong_line_is_told(
    route: str, who: str, apps: Apps, people: People, signer: Signer, open_household: OpenHousehold
) -> None:
    ids = {"household_id": await open_household()}
    transport = httpx2.ASGITransport(app=apps.app("points"), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://points.test") as http:
        town = Town(http, apps.app("points").openapi(), people, signer, ids)
        (step,) = [step for step in town.steps if short(step) == route]

        assert await town.wrongs(step, Line(route, frozenset(who.split()), 403)) != []


@pytest.mark.parametrize("text", ["GET /a |", "GET /a | nobody_known", "GET /a | own\nGET /a | own"])
def test_a_table_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(AssertionError):
        read_table(text)
