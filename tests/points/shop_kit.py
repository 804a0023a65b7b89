"""Shops, offers and vouchers, opened and used over HTTP as people do."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2

from shared.ids import new_id
from shared.kernel.principal import Principal, Role
from shared.testing.clients import ClientFor, People

ROOT = "/api/v1/points"
OFFER = {
    "kind": "points",
    "title": "粮油代金券 20 元",
    "points": 20,
    "value_fen": 2000,
    "household_limit": 10,
    "valid_from": "2026-05-01T00:00:00Z",
    "valid_until": "2099-01-01T00:00:00Z",
    "voucher_days": 30,
}
DISCOUNT = OFFER | {"kind": "discount", "title": "九折券", "points": 0, "value_fen": 0, "discount_percent": 90}


@dataclass
class Shop:
    """An allied shop and the account that stands for it."""

    id: UUID
    owner: Principal
    kit: "ShopKit"

    @property
    def client(self) -> httpx2.AsyncClient:
        """The shop's client."""
        return self.kit.client_for("points", self.owner)

    async def offer(self, **facts: Any) -> UUID:
        """Propose an offer and have it opened."""
        proposed = await self.client.post(f"{ROOT}/offers", json=OFFER | facts)
        assert proposed.status_code == 201, proposed.text
        opened = await self.kit.admin.post(f"{ROOT}/offers/{proposed.json()['id']}/openings", json={})
        assert opened.status_code == 200, opened.text
        return UUID(proposed.json()["id"])

    async def verify(self, voucher: dict[str, Any], **facts: Any) -> httpx2.Response:
        """Verify a voucher by its digits."""
        return await self.client.post(f"{ROOT}/vouchers/verifications", json={"code": voucher["code"]} | facts)


@dataclass
class ShopKit:
    """The alliance of the test's community."""

    client_for: ClientFor
    people: People

    @property
    def admin(self) -> httpx2.AsyncClient:
        """An administrator."""
        return self.client_for("points", self.people.staff(Role.COMMUNITY_ADMIN))

    def staff(self, *roles: Role) -> httpx2.AsyncClient:
        """Somebody on the staff."""
        return self.client_for("points", self.people.staff(*roles))

    async def apply(self, owner: Principal) -> httpx2.Response:
        """Apply as a shop."""
        body = {"name": "城关粮油店", "category": "粮油", "address": "青龙路18号"}
        return await self.client_for("points", owner).post(f"{ROOT}/merchants", json=body)

    async def open(self, owner: Principal | None = None) -> Shop:
        """Open a shop; its owner lives elsewhere unless given."""
        owner = owner or self.people.resident(new_id())
        applied = await self.apply(owner)
        assert applied.status_code == 201, applied.text
        shop = UUID(applied.json()["id"])
        approved = await self.admin.post(f"{ROOT}/merchants/{shop}/approvals", json={})
        assert approved.status_code == 200, approved.text
        return Shop(shop, owner, self)


async def take(client: httpx2.AsyncClient, offer: UUID, key: str | None = None) -> httpx2.Response:
    """Take a voucher of an offer."""
    headers = {"Idempotency-Key": key} if key is not None else {}
    return await client.post(f"{ROOT}/vouchers", json={"offer_id": str(offer)}, headers=headers)
