"""Two households, a gig between them, and the way from posting to payment."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from shared.ids import new_id
from shared.kernel.principal import Principal, Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold

GIGS = "/api/v1/points/gigs"
JOBS = "/api/v1/points/jobs"


@dataclass
class Person:
    """Somebody who signs in anew for every request, because a story lasts longer than a token."""

    client_for: ClientFor
    principal: Principal

    async def get(self, url: str, **options: Any) -> httpx2.Response:
        """Ask."""
        return await self.client_for("points", self.principal).get(url, **options)

    async def post(self, url: str, **options: Any) -> httpx2.Response:
        """Do."""
        return await self.client_for("points", self.principal).post(url, **options)


@dataclass
class Market:
    """The gig market of the test's community."""

    client_for: ClientFor
    people: People
    open_household: OpenHousehold
    clock: Any

    async def resident(self, household_id: UUID | None = None) -> Any:
        """Return an adult of a household, by default a new one, which has 100 points."""
        return Person(self.client_for, self.people.resident(household_id or await self.open_household()))

    def staff(self, *roles: Role, household_id: UUID | None = None) -> Any:
        """Return a staff member."""
        return Person(self.client_for, self.people.staff(*roles, household_id=household_id))

    def body(self, **facts: Any) -> dict[str, Any]:
        """Return a gig for tomorrow morning."""
        now = self.clock.now()
        times = {"apply_until": now + timedelta(days=1), "work_from": now + timedelta(days=1)}
        times["work_until"] = now + timedelta(days=1, hours=3)
        text = {name: moment.isoformat() for name, moment in times.items()}
        return {"title": "帮李奶奶擦玻璃", "location": "3栋2单元502", "points": 30} | text | facts

    async def post(self, client: Any, **facts: Any) -> dict[str, Any]:
        """Post a gig and return it."""
        response = await client.post(GIGS, json=self.body(**facts))
        assert response.status_code == 201, response.text
        return dict(response.json())

    async def take(self, client: Any, gig: dict[str, Any]) -> dict[str, Any]:
        """Take a place and return the job."""
        response = await client.post(JOBS, json={"gig_id": gig["id"]})
        assert response.status_code == 201, response.text
        return dict(response.json())

    async def step(self, client: Any, job: dict[str, Any], path: str, **body: Any) -> dict[str, Any]:
        """Take one step with a job and return what it became."""
        response = await client.post(f"{JOBS}/{job['id']}/{path}", json=body)
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def work(self, client: Any, job: dict[str, Any]) -> dict[str, Any]:
        """Come on time, do the work and report it."""
        self.clock.advance(timedelta(days=1))
        await self.step(client, job, "check-ins")
        return await self.step(client, job, "completions", photo_ids=[str(new_id())])


@pytest.fixture
def market(client_for: ClientFor, people: People, open_household: OpenHousehold, clock: Any, apps: Any) -> Any:
    """The gig market, with the calendar put back afterwards."""
    # Written once and slowly; in the middle of a race it would let locks time out.
    apps.app("points").openapi()
    begin = clock.now()
    yield Market(client_for, people, open_household, clock)
    clock.set(begin)
