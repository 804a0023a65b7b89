"""A community with households, a desk, and workers, shared by every property test that reaches the database."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from shared.contracts.events import AccountBound, HouseholdRegistered, ResidentJoined, RoleGranted
from shared.ids import new_id
from shared.kernel.principal import Principal, Role, RoleGrant, ScopeKind
from shared.testing.clients import ClientFor, People

ROOT = "/api/v1/property"


@dataclass
class Community:
    """The people of the test's community, and what they do over HTTP."""

    people: People
    client_for: ClientFor
    hear: Callable[..., Awaitable[bool]]
    grid_id: UUID = field(default_factory=new_id)
    building_id: UUID = field(default_factory=new_id)
    _clients: dict[UUID, httpx2.AsyncClient] = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        """The community."""
        return self.people.community_id

    def client(self, principal: Principal) -> httpx2.AsyncClient:
        """Return this person's client."""
        if principal.account_id not in self._clients:
            self._clients[principal.account_id] = self.client_for("property", principal)
        return self._clients[principal.account_id]

    async def resident(self, household_id: UUID | None = None, grid_id: UUID | None = None) -> Principal:
        """Enter a household with one resident and return the resident."""
        principal = self.people.resident(household_id)
        assert principal.household_id is not None
        assert principal.resident_id is not None
        await self.hear(
            "property",
            self.id,
            HouseholdRegistered(
                household_id=principal.household_id,
                household_number="QLQ-0001",
                grid_id=grid_id or self.grid_id,
                grid_name="第一网格",
                building_id=self.building_id,
                building_name="1栋",
                householder_name="王**",
                area_cm2e2=880_000,
                resident_count=1,
                address="1栋1单元201",
            ),
        )
        await self.hear(
            "property",
            self.id,
            ResidentJoined(
                resident_id=principal.resident_id,
                household_id=principal.household_id,
                name="王**",
                is_householder=True,
                is_adult=True,
            ),
        )
        return principal

    def agent(self) -> Principal:
        """Return somebody of the customer service desk."""
        return self.people.staff(Role.PROPERTY_AGENT)

    def head(self, department: str = "engineering") -> Principal:
        """Return the head of a department."""
        grant = RoleGrant(Role.DEPARTMENT_HEAD, ScopeKind.DEPARTMENT, department)
        return replace(self.people.staff(), roles=frozenset({grant}))

    async def worker(
        self, department: str = "engineering", name: str = "李师傅", household_id: UUID | None = None
    ) -> Principal:
        """Enter a worker as identity would and return them."""
        grant = RoleGrant(Role.PROPERTY_WORKER, ScopeKind.DEPARTMENT, department)
        principal = replace(self.people.staff(household_id=household_id), roles=frozenset({grant}))
        await self.hear(
            "property",
            self.id,
            RoleGranted(
                account_id=principal.account_id,
                role=Role.PROPERTY_WORKER,
                scope_kind=ScopeKind.DEPARTMENT,
                scope_id=department,
                from_on=date(2026, 1, 1),
                until_on=None,
                name=name,
            ),
        )
        if household_id is not None:
            await self.hear(
                "property",
                self.id,
                AccountBound(
                    account_id=principal.account_id,
                    kind="staff",
                    resident_id=None,
                    household_id=household_id,
                    name=name,
                ),
            )
        return principal

    async def worker_id(self, worker: Principal) -> UUID:
        """Return the id a worker is dispatched by."""
        manager = self.people.staff(Role.PROPERTY_MANAGER)
        page = (await self.client(manager).get(f"{ROOT}/workers", params={"limit": 200})).json()
        return next(UUID(one["id"]) for one in page["items"] if one["account_id"] == str(worker.account_id))

    async def post(
        self, principal: Principal, path: str, body: Any = None, *, expect: int | None = None
    ) -> dict[str, Any]:
        """POST as somebody and return the answer, which must have the expected status when one is named."""
        response = await self.client(principal).post(ROOT + path, json=body)
        if expect is not None:
            assert response.status_code == expect, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def get(self, principal: Principal, path: str, **params: Any) -> Any:
        """GET as somebody; the answer must be 200."""
        response = await self.client(principal).get(ROOT + path, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    async def submit(self, resident: Principal, **over: Any) -> dict[str, Any]:
        """Report a broken stairwell lamp."""
        return await self.post(resident, "/tickets", {"description": "三单元二楼的楼道灯不亮了"} | over, expect=201)


@dataclass
class Case:
    """One ticket with the people around it, led along the happy path as far as a test needs."""

    community: Community
    resident: Principal
    agent: Principal
    worker: Principal
    worker_id: UUID
    ticket: dict[str, Any]

    @property
    def path(self) -> str:
        """The ticket's path."""
        return f"/tickets/{self.ticket['id']}"

    STEPS = ("accepted", "offered", "taken", "on_site", "working", "done_pending_check", "awaiting_rating", "closed")

    async def until(self, state: str) -> dict[str, Any]:
        """Lead the ticket to a state of the happy path and return it."""
        done = 0 if self.ticket["state"] == "submitted" else self.STEPS.index(self.ticket["state"]) + 1
        for step in self.STEPS[done : self.STEPS.index(state) + 1]:
            who, action, body, status = self._step(step)
            self.ticket = await self.community.post(who, f"{self.path}/{action}", body, expect=status)
        return self.ticket

    def _step(self, state: str) -> tuple[Principal, str, Any, int]:
        return {
            "accepted": (self.agent, "acceptances", {"category": "stair_lamp"}, 200),
            "offered": (self.agent, "dispatches", {"worker_id": str(self.worker_id)}, 201),
            "taken": (self.worker, "takes", None, 200),
            "on_site": (self.worker, "arrivals", {}, 200),
            "working": (self.worker, "starts", None, 200),
            "done_pending_check": (self.worker, "finishes", FINISH, 200),
            "awaiting_rating": (self.resident, "confirmations", None, 200),
            "closed": (self.resident, "ratings", RATING, 201),
        }[state]


FINISH = {"outcome": "fixed", "summary": "更换灯泡和声控开关", "photo_ids": [str(UUID(int=7))]}
RATING = {"quality": 5, "attitude": 5, "charges": 5, "security": 5, "hygiene": 4, "comment": "来得快"}


@pytest.fixture
def community(people: People, client_for: ClientFor, hear: Any) -> Community:
    """The test's own community."""
    return Community(people, client_for, hear)


@pytest.fixture
async def case(community: Community) -> Case:
    """A fresh report with a desk and one worker."""
    return await open_case(community)


async def open_case(community: Community) -> Case:
    """Return a fresh report with a desk and one worker."""
    resident = await community.resident()
    worker = await community.worker()
    ticket = await community.submit(resident)
    return Case(community, resident, community.agent(), worker, await community.worker_id(worker), ticket)


@pytest.fixture
def postgres_admin(database_url: str) -> Callable[..., Awaitable[None]]:
    """Return a hand with the rights of the database's owner: `await postgres_admin("UPDATE …")`, row-level security set aside."""

    async def run(*statements: str) -> None:
        connection = await asyncpg.connect(database_url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    return run
