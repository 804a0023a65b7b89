"""The audit names what a hand in the database did to the money: a line, a balance, a payment, the goods it was for."""

from typing import Any

import asyncpg
import httpx2
import pytest

from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.damage import damaged
from tests.points.store_kit import StoreKit

ROOT = "/api/v1/points"
TABLES = ("fund_account", "fund_transfer", "fund_entry", "batch")
SPENT = "transfer_id IN (SELECT id FROM points.fund_transfer WHERE community_id = $1 AND kind = 'spending')"
DAMAGE = {
    "a line is gone": f"DELETE FROM points.fund_entry WHERE community_id = $1 AND amount_fen > 0 AND {SPENT}",
    "a line is another": f"UPDATE points.fund_entry SET amount_fen = amount_fen + 1 WHERE community_id = $1 AND {SPENT}",
    "a balance is not what came of it": "UPDATE points.fund_account SET balance_fen = balance_fen + 1 WHERE community_id = $1",
    "more was spent than had come in": "UPDATE points.fund_entry SET balance_after_fen = -1 WHERE community_id = $1",
    "a reversal is more than the original": (
        "UPDATE points.fund_transfer SET amount_fen = amount_fen + 1 WHERE community_id = $1 AND reverses_id IS NOT NULL"
    ),
    "the goods cost more": "UPDATE points.batch SET unit_cost_fen = unit_cost_fen + 1 WHERE community_id = $1 AND fund_id IS NOT NULL",
    "fewer came": "UPDATE points.batch SET quantity = quantity - 1 WHERE community_id = $1 AND fund_id IS NOT NULL",
    "another fund is said to have paid": (
        "UPDATE points.batch SET fund_id = gen_random_uuid() WHERE community_id = $1 AND fund_id IS NOT NULL"
    ),
    "there were no goods": "UPDATE points.fund_transfer SET source_id = id WHERE community_id = $1 AND kind = 'spending'",
}


@pytest.mark.breaks_books
async def test_a_hand_in_the_till_is_named(
    client_for: ClientFor, people: People, store: StoreKit, database_url: str
) -> None:
    treasurer = client_for("points", people.staff(Role.COMMUNITY_ADMIN))
    await _book(treasurer, store)
    supervisor = client_for("points", people.staff(Role.SUPERVISOR))
    assert (await supervisor.get(f"{ROOT}/audit")).json()["breaches"] == [], "an honest book"

    superuser: Any = await asyncpg.connect(database_url)
    for name, damage in DAMAGE.items():
        async with damaged(superuser, people.community_id, TABLES, damage):
            audit = (await supervisor.get(f"{ROOT}/audit")).json()
        assert "I17" in {breach["code"] for breach in audit["breaches"]}, name
    assert (await supervisor.get(f"{ROOT}/audit")).json()["is_clean"]
    await superuser.close()


async def _book(treasurer: httpx2.AsyncClient, store: StoreKit) -> None:
    """Income, goods bought with it, goods that cost nothing, goods no fund paid for, and a wrong booking put right."""
    opened = await treasurer.post(f"{ROOT}/funds", json={"name": "积分超市捐赠资金", "source": "donation"})
    fund = opened.json()["id"]
    income = {"amount_fen": 100_000, "donor": "匿名", "summary": "捐赠", "happened_on": "2026-05-08"}
    for _ in range(2):
        booked = await treasurer.post(f"{ROOT}/funds/{fund}/incomes", json=income)
        assert booked.status_code == 201, booked.text
    wrong = await treasurer.post(f"{ROOT}/funds/transfers/{booked.json()['id']}/reversals", json={"reason": "记了两遍"})
    assert wrong.status_code == 201, wrong.text
    product = await store.stock(quantity=0)
    await store.receive(product, 10, fund_id=fund)
    await store.receive(product, 3, fund_id=fund, unit_cost_fen=0)
    await store.receive(product, 3)
