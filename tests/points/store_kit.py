"""Puts goods on the shelf and redeems them, as storekeepers and households do over HTTP."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2

from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People


@dataclass
class StoreKit:
    """A storekeeper of the test's community and what can be done with one."""

    client_for: ClientFor
    people: People

    def __post_init__(self) -> None:
        self.keeper = self.client_for("points", self.people.staff(Role.STOREKEEPER))

    async def stock(self, *, price: int = 30, quantity: int = 10, **facts: Any) -> UUID:
        """Put a product with one batch on the shelf and return it."""
        product = {
            "code": new_id().hex[:12],
            "name": "食用油 1.8 升",
            "category": "粮油",
            "price_points": price,
            "household_limit": 100,
        }
        created = await self.keeper.post("/api/v1/points/products", json=product | facts)
        assert created.status_code == 201, created.text
        product_id = created.json()["id"]
        if quantity:
            await self.receive(product_id, quantity)
        return UUID(product_id)

    async def receive(self, product: UUID, quantity: int, **facts: Any) -> dict[str, Any]:
        """Put a further batch of a product on the shelf and return it."""
        batch = {"quantity": quantity, "unit_cost_fen": 2590, "fund_source": "donation", "supplier": "城关粮油店"}
        received = await self.keeper.post(f"/api/v1/points/products/{product}/batches", json=batch | facts)
        assert received.status_code == 201, received.text
        answer: dict[str, Any] = received.json()
        return answer

    async def batches(self, product: UUID) -> list[dict[str, Any]]:
        """Return where the pieces of a product's batches are, oldest first."""
        response = await self.keeper.get(f"/api/v1/points/products/{product}/batches", params={"limit": 200})
        assert response.status_code == 200, response.text
        answer: list[dict[str, Any]] = response.json()["items"]
        return answer[::-1]

    async def pick_up(self, code: str, **facts: Any) -> httpx2.Response:
        """Hand over by a code at the counter."""
        return await self.keeper.post("/api/v1/points/redemptions/pickups", json={"code": code} | facts)

    def household(self, household_id: UUID) -> httpx2.AsyncClient:
        """Return a client of an adult of a household."""
        return self.client_for("points", self.people.resident(household_id))


async def redeem(
    client: httpx2.AsyncClient, product: UUID, /, *, key: str | None = None, **body: Any
) -> httpx2.Response:
    """Redeem a product."""
    headers = {"Idempotency-Key": key} if key is not None else {}
    return await client.post("/api/v1/points/redemptions", json={"product_id": str(product)} | body, headers=headers)


async def spendable(client: httpx2.AsyncClient) -> tuple[int, int]:
    """Return the household's free and held points."""
    account = (await client.get("/api/v1/points/account")).json()
    (balance,) = [b for b in account["balances"] if b["asset"] == "spendable"]
    return balance["available"], balance["held"]


async def stock_of(keeper: httpx2.AsyncClient, product_id: UUID) -> tuple[int, int]:
    """Return the free and reserved pieces of a product."""
    product = (await keeper.get(f"/api/v1/points/products/{product_id}")).json()
    return product["available"], product["reserved"]
