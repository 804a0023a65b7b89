"""A fund with money in it, for tests in which points are issued under a budget."""

from typing import Any

import httpx2

FUNDS = "/api/v1/points/funds"


async def backing(
    treasurer: httpx2.AsyncClient, fen: int = 1_000_000, *, point_value_fen: int = 10, name: str = "积分额度资金"
) -> dict[str, Any]:
    """Open a fund with so much money and return what a budget says of it."""
    opened = await treasurer.post(FUNDS, json={"name": name, "source": "donation"})
    assert opened.status_code == 201, opened.text
    fund_id = opened.json()["id"]
    income = {"amount_fen": fen, "donor": "郧阳区财政局", "summary": "补助", "happened_on": "2026-05-08"}
    booked = await treasurer.post(f"{FUNDS}/{fund_id}/incomes", json=income)
    assert booked.status_code == 201, booked.text
    return {"fund_id": fund_id, "point_value_fen": point_value_fen}
