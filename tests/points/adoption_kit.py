"""Things to adopt and adoptions, brought to life over HTTP as people do."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2

from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People

ROOT = "/api/v1/points"
TREE = {"kind": "tree", "name": "南门口的香樟树", "place": "南门花坛东侧", "duty": "每周浇一次水", "duty_days": 7}
TERMS = {"agreement": "每周浇水一次", "plaque": "王家认领", "starts_on": "2026-05-11", "ends_on": "2026-06-10"}


@dataclass
class AdoptionKit:
    """The committee of the test's community and what can be done with one."""

    client_for: ClientFor
    people: People

    def staff(self, *roles: Role) -> httpx2.AsyncClient:
        """Somebody on the staff."""
        return self.client_for("points", self.people.staff(*roles))

    def household(self, household_id: UUID) -> httpx2.AsyncClient:
        """An adult of a household."""
        return self.client_for("points", self.people.resident(household_id))

    async def offer(self, **facts: Any) -> str:
        """Offer a tree."""
        offered = await self.staff(Role.COMMITTEE_MEMBER).post(f"{ROOT}/adoption-assets", json=TREE | facts)
        assert offered.status_code == 201, offered.text
        return str(offered.json()["id"])

    async def apply(self, client: httpx2.AsyncClient, asset: str, **facts: Any) -> httpx2.Response:
        """Ask to take charge of a thing."""
        return await client.post(
            f"{ROOT}/adoption-assets/{asset}/applications", json={"adopter_kind": "household"} | facts
        )

    async def active(self, client: httpx2.AsyncClient, asset: str, **facts: Any) -> str:
        """Apply, agree and sign."""
        applied = await self.apply(client, asset, **facts)
        assert applied.status_code == 201, applied.text
        path = f"{ROOT}/adoptions/{applied.json()['id']}"
        agreed = await self.staff(Role.COMMITTEE_MEMBER).post(f"{path}/agreements", json=TERMS)
        assert agreed.status_code == 200, agreed.text
        signed = await client.post(f"{path}/signatures")
        assert (signed.status_code, signed.json()["state"]) == (200, "active"), signed.text
        return str(applied.json()["id"])
