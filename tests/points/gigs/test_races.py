"""Many hands at one gig: one place is one job, one job is one payment."""

import asyncio
import collections
from typing import Any

import pytest

from tests.points.gigs.conftest import GIGS, JOBS, Market
from tests.points.store_kit import spendable


def codes_of(responses: list[Any]) -> collections.Counter[str]:
    return collections.Counter("ok" if r.is_success else r.json()["code"] for r in responses)


@pytest.mark.parametrize("places", [1, 3])
async def test_fifty_takers_one_place_each(market: Market, places: int) -> None:
    poster = await market.resident()
    takers = [await market.resident() for _ in range(50)]
    gig = await market.post(poster, points=10, places=places)

    outcomes = codes_of(await asyncio.gather(*(c.post(JOBS, json={"gig_id": gig["id"]}) for c in takers)))

    assert outcomes == {"ok": places, "points.gig_full": 50 - places}
    details = (await poster.get(f"{GIGS}/{gig['id']}")).json()
    assert [share["state"] for share in details["shares"]] == ["claimed"] * places


async def test_one_household_on_many_phones_takes_one(market: Market) -> None:
    poster = await market.resident()
    household = await market.open_household()
    phones = [await market.resident(household) for _ in range(6)]
    gig = await market.post(poster, points=5, places=4)

    outcomes = codes_of(await asyncio.gather(*(p.post(JOBS, json={"gig_id": gig["id"]}) for p in phones)))

    assert outcomes == {"ok": 1, "points.gig_already_taken": 5}
    assert (await poster.get(f"{GIGS}/{gig['id']}")).json()["free_places"] == 3


async def test_the_limit_of_jobs_in_hand_holds_across_gigs(market: Market) -> None:
    poster = await market.resident()
    household = await market.open_household()
    phones = [await market.resident(household) for _ in range(8)]
    gigs = [await market.post(poster, points=1) for _ in phones]

    outcomes = codes_of(
        await asyncio.gather(*(p.post(JOBS, json={"gig_id": g["id"]}) for p, g in zip(phones, gigs, strict=True)))
    )

    assert outcomes == {"ok": 3, "points.gig_too_many_taken": 5}


async def test_verified_twice_and_disputed_at_once_pays_once(market: Market) -> None:
    for _ in range(3):
        begin = market.clock.now()
        poster, worker = await market.resident(), await market.resident()
        job = await market.work(worker, await market.take(worker, await market.post(poster)))
        path = f"{JOBS}/{job['id']}"

        responses = await asyncio.gather(
            *(poster.post(f"{path}/verifications", json={}) for _ in range(4)),
            poster.post(f"{path}/disputes", json={"reason": "等等"}),
        )

        assert codes_of(responses) == {"ok": 1, "wrong_state": 4}
        state = (await worker.get(path)).json()["state"]
        assert await spendable(worker) == ((130, 0) if state == "paid" else (100, 0))
        market.clock.set(begin)


async def test_cancelled_while_it_is_taken(market: Market) -> None:
    for _ in range(5):
        poster, worker = await market.resident(), await market.resident()
        gig = await market.post(poster)

        taken, cancelled = await asyncio.gather(
            worker.post(JOBS, json={"gig_id": gig["id"]}),
            poster.post(f"{GIGS}/{gig['id']}/cancellations", json={"reason": "不用了"}),
        )

        assert cancelled.status_code == 200
        assert taken.is_success or taken.json()["code"] in {"points.gig_full", "points.gig_closed"}
        assert (await poster.get(f"{GIGS}/{gig['id']}")).json()["state"] == "cancelled"
        assert await spendable(poster) == (100, 0)
