"""People with passbooks, help between them, and the way from asking to credit."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.events import ResidentJoined
from shared.kernel.principal import Principal, Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.gigs.conftest import Person
from tests.points.minutes_kit import minutes_arrive

BANK = "/api/v1/points/time-bank"
REQUESTS = f"{BANK}/requests"


@dataclass
class Bank:
    """The time bank of the test's community."""

    client_for: ClientFor
    people: People
    open_household: OpenHousehold
    hear: Any
    clock: Any

    def staff(self, *roles: Role, household_id: UUID | None = None) -> Any:
        """Return a staff member."""
        return Person(self.client_for, self.people.staff(*roles, household_id=household_id))

    async def resident(
        self, household_id: UUID | None = None, *, minutes: int = 0, roles: tuple[Role, ...] = ()
    ) -> Any:
        """Return a person of a household, by default a new one, with minutes granted by the community."""
        principal = self.people.resident(household_id or await self.open_household(), *roles)
        await self.join(principal)
        if minutes:
            official = self.staff(Role.COMMUNITY_ADMIN)
            await self.fill_pool(official, minutes)
            await self.ok(official, "grants", to_resident_id=str(principal.resident_id), minutes=minutes, reason="起步")
        return Person(self.client_for, principal)

    async def fill_pool(self, official: Any, minutes: int) -> dict[str, Any]:
        """Put minutes into the pool by the minutes of a meeting."""
        evidence = await minutes_arrive(self.hear, self.people.community_id)
        return await self.ok(official, "pool/issues", minutes=minutes, reason="居民代表会议", minutes_asset_id=evidence)

    async def join(self, principal: Principal) -> None:
        """Tell points that a person lives in a household."""
        assert principal.resident_id is not None
        assert principal.household_id is not None
        event = ResidentJoined(
            resident_id=principal.resident_id,
            household_id=principal.household_id,
            name=principal.name,
            is_householder=False,
            is_adult=True,
        )
        await self.hear("points", self.people.community_id, event)

    async def ok(self, who: Any, path: str, **body: Any) -> dict[str, Any]:
        """Do something that succeeds."""
        response = await who.post(f"{BANK}/{path}", json=body)
        assert response.is_success, response.text
        return dict(response.json())

    async def kind(self, rate_percent: int = 100, code: str = "escort") -> None:
        """Publish a kind of help."""
        official = self.staff(Role.COMMUNITY_ADMIN)
        await self.ok(official, "kinds", code=code, name="陪同就医", rate_percent=rate_percent, decision="居民代表会议")

    def body(self, **facts: Any) -> dict[str, Any]:
        """Return a request for two hours now."""
        now = self.clock.now()
        times = {"wanted_from": now.isoformat(), "wanted_until": (now + timedelta(hours=4)).isoformat()}
        return {"kind_code": "escort", "location": "3栋2单元502", "minutes": 120} | times | facts

    async def ask(self, who: Any, **facts: Any) -> dict[str, Any]:
        """Ask for help."""
        return await self.ok(who, "requests", **self.body(**facts))

    async def step(self, who: Any, asked: dict[str, Any], path: str, **body: Any) -> dict[str, Any]:
        """Take one step with a request."""
        return await self.ok(who, f"requests/{asked['id']}/{path}", **body)

    async def show(self, shower: Any, reader: Any, asked: dict[str, Any]) -> dict[str, Any]:
        """Let one person show their code and another enter it."""
        shown = (await shower.get(f"{REQUESTS}/{asked['id']}/code")).json()
        return await self.step(reader, asked, "codes", phase=shown["phase"], code=shown["code"])

    async def help(self, helper: Any, helped: Any, asked: dict[str, Any], **spent: int) -> dict[str, Any]:
        """Begin and end help with the codes of both sides; `spent` is how long it took."""
        await self.show(helper, helped, asked)
        await self.show(helped, helper, asked)
        self.clock.advance(timedelta(**spent))
        await self.show(helper, helped, asked)
        return await self.show(helped, helper, asked)

    async def minutes(self, who: Any) -> int:
        """Return what stands in a passbook."""
        return int((await who.get(f"{BANK}/passbook")).json()["minutes"])


@pytest.fixture
def bank(client_for: ClientFor, people: People, open_household: OpenHousehold, hear: Any, clock: Any, apps: Any) -> Any:
    """The time bank, with the calendar put back afterwards."""
    # Written once and slowly; in the middle of a race it would let locks time out.
    apps.app("points").openapi()
    begin = clock.now()
    yield Bank(client_for, people, open_household, hear, clock)
    clock.set(begin)
