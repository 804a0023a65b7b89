"""Everybody at once: buyers, those who give up, the clock that ends what nobody fetched."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.points.redemptions import usecases as redemptions
from shared.testing.clients import People
from shared.testing.factories import WorkIn
from tests.points.conftest import OpenHousehold
from tests.points.store_kit import StoreKit, redeem, stock_of

PATH = "/api/v1/points/redemptions"
BUYERS, UNITS = 8, 5


@pytest.mark.parametrize("buckets", [1, 4])
async def test_exactly_what_is_there_is_sold_while_others_give_up_and_run_out_of_time(
    store: StoreKit, open_household: OpenHousehold, people: People, work_in: WorkIn, clock: Any, buckets: int
) -> None:
    """All units are taken by people who will not come; half of them give up and half run out of time while new buyers keep trying."""
    product = await store.stock(price=1, quantity=UNITS, buckets=buckets, hold_hours=1)
    early = [store.household(await open_household()) for _ in range(UNITS)]
    taken = [(await redeem(client, product)).json()["id"] for client in early]
    clock.advance(timedelta(hours=1) - timedelta(microseconds=1))
    late = [store.household(await open_household()) for _ in range(BUYERS)]
    leaving = [store.household(client_household) for client_household in await _owners(work_in, people, taken[:2])]

    async def keep_trying(client: Any) -> Any:
        for _ in range(200):
            response = await redeem(client, product)
            if response.is_success or is_settled.is_set():
                return response
            assert response.json()["code"] == "points.sold_out"
        return response

    async def expire(redemption_id: str) -> None:
        async with work_in("points", people.community_id) as uow:
            await redemptions.expire_redemption(uow=uow, redemption_id=UUID(redemption_id))

    async def settle() -> None:
        given_up = await asyncio.gather(
            *(
                client.post(f"{PATH}/{one}/cancellations", json={})
                for client, one in zip(leaving, taken[:2], strict=True)
            )
        )
        assert {response.status_code for response in given_up} == {200}
        clock.advance(timedelta(microseconds=1))
        await asyncio.gather(*(expire(one) for one in taken[2:] for _ in range(2)))
        is_settled.set()

    is_settled = asyncio.Event()
    *_, answers = await asyncio.gather(settle(), asyncio.gather(*(keep_trying(client) for client in late)))
    last = await asyncio.gather(*(redeem(client, product) for client in late))

    sold = sum(response.is_success for response in (*answers, *last))
    assert sold == UNITS
    counter = StoreKit(store.client_for, people)
    assert await stock_of(counter.keeper, product) == (0, UNITS)
    async with work_in("points", people.community_id) as uow:
        states = await _states(uow, product)
    assert states == {"cancelled": 2, "expired": UNITS - 2, "reserved": UNITS}


async def _owners(work_in: WorkIn, people: People, ids: list[str]) -> list[Any]:
    async with work_in("points", people.community_id) as uow:
        rows = await uow.session.execute(
            text("SELECT id::text, household_id FROM points.redemption WHERE id = ANY (CAST(:ids AS uuid[]))"),
            {"ids": ids},
        )
        owners = {row.id: row.household_id for row in rows}
    return [owners[one] for one in ids]


async def _states(uow: Any, product: Any) -> Counter[str]:
    rows = await uow.session.execute(
        text("SELECT state FROM points.redemption WHERE product_id = :id"), {"id": product}
    )
    return Counter(rows.scalars())
