"""The list, the people and the way of a claim, shared by the tests of everything around claims."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2

from shared.ids import new_id
from shared.kernel.principal import Principal, Role
from shared.testing.clients import ClientFor, People
from tests.points.minutes_kit import minutes_arrive

CLAIMS = "/api/v1/points/claims"
RULEBOOKS = "/api/v1/points/rulebooks"
SWEEP = {"code": "stairwell_cleaning", "name": "清扫楼道", "points": 5, "cap_count": 2, "cap_days": 60}
CLEAN_HOME = {
    "code": "clean_home",
    "name": "家庭卫生整洁",
    "group": "panel",
    "points": 10,
    "cap_count": 2,
    "photos_required": 0,
}
PARKING = {"code": "chaotic_parking", "name": "车辆乱停", "group": "minus", "points": 3, "max_quantity": 4}


def rulebook(*items: dict[str, Any], **change: Any) -> dict[str, Any]:
    """Return a list as the API takes it, without the minutes it needs; claims need no photos unless an item says so."""
    body = {"decision": "居民代表会议", "effective_on": "2026-05-11"}
    listed = [{"photos_required": 0} | item for item in items or (SWEEP, CLEAN_HOME, PARKING)]
    return body | {"items": listed} | change


@dataclass
class ClaimsKit:
    """Everybody who has to do with claims in the test's community."""

    client_for: ClientFor
    people: People
    hear: Any

    def client(self, principal: Principal) -> httpx2.AsyncClient:
        """Return somebody's client."""
        return self.client_for("points", principal)

    def staff(self, *roles: Role, household_id: UUID | None = None) -> httpx2.AsyncClient:
        """Return a client of an official."""
        return self.client(self.people.staff(*roles, household_id=household_id))

    def home(self, household_id: UUID) -> httpx2.AsyncClient:
        """Return a client of an adult of a household."""
        return self.client(self.people.resident(household_id))

    async def adopt(self, *items: dict[str, Any], **change: Any) -> dict[str, Any]:
        """Put a list in force by the minutes of a meeting."""
        body = rulebook(*items, **change) | {"minutes_asset_id": await self.minutes()}
        response = await self.staff(Role.COMMITTEE_MEMBER).post(RULEBOOKS, json=body)
        assert response.status_code == 201, response.text
        return dict(response.json())

    async def minutes(self) -> str:
        """Return the minutes of a meeting, which have arrived."""
        return await minutes_arrive(self.hear, self.people.community_id)

    async def enter(self, client: httpx2.AsyncClient, code: str = "stairwell_cleaning", **body: Any) -> httpx2.Response:
        """Enter a claim with a photo of its own."""
        plain = {"item_code": code, "happened_on": "2026-05-10", "place": "3栋2单元", "photo_ids": [str(new_id())]}
        return await client.post(CLAIMS, json=plain | body)

    async def publicise(self, claim_id: str) -> dict[str, Any]:
        """Take a submitted claim through verification and the panel."""
        verified = await self.staff(Role.GRID_WORKER).post(
            f"{CLAIMS}/{claim_id}/verifications", json={"is_confirmed": True}
        )
        assert verified.status_code == 200, verified.text
        for _ in range(3):
            last = await self.staff(Role.ASSESSOR).post(f"{CLAIMS}/{claim_id}/votes", json={"is_approved": True})
            assert last.status_code == 200, last.text
        return dict(last.json())

    async def post(self, claim_id: str, clock: Any, sweep: Any) -> None:
        """Take a submitted claim all the way to the account."""
        await self.publicise(claim_id)
        clock.advance(timedelta(days=3))
        await sweep("points", "post_claims")


async def balances(client: httpx2.AsyncClient) -> dict[str, int]:
    """Return what the household has available in each asset."""
    account = (await client.get("/api/v1/points/account")).json()
    return {row["asset"]: row["available"] for row in account["balances"]}
