"""Many hands at one gig: one place is one job, one job is one payment."""

import asyncio
import collections
from datetime import timedelta
from typing import Any

import pytest

from shared.ids import new_id
from shared.kernel.principal import Role
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


async def test_reported_done_twice_and_paid_by_the_clock_twice(market: Market, sweep: Any) -> None:
    """Two phones report the same work, and two workers of the clock find it due."""
    poster, worker = await market.resident(), await market.resident()
    job = await market.take(worker, await market.post(poster))
    market.clock.advance(timedelta(days=1))
    await market.step(worker, job, "check-ins")
    done = {"photo_ids": [str(new_id())]}

    outcomes = codes_of(
        await asyncio.gather(*(worker.post(f"{JOBS}/{job['id']}/completions", json=done) for _ in range(4)))
    )
    assert outcomes == {"ok": 1, "wrong_state": 3}

    for _ in range(2):
        market.clock.advance(timedelta(hours=72))
        await asyncio.gather(*(sweep("points", "move_jobs") for _ in range(3)))
    assert (await worker.get(f"{JOBS}/{job['id']}")).json()["state"] == "paid"
    assert (await spendable(worker), await spendable(poster)) == ((130, 0), (70, 0))


async def test_a_dispute_divided_by_two_supervisors_is_divided_once(market: Market) -> None:
    for _ in range(2):
        begin = market.clock.now()
        poster, worker = await market.resident(), await market.resident()
        job = await market.work(worker, await market.take(worker, await market.post(poster)))
        await market.step(poster, job, "disputes", reason="没擦干净")
        splits = [(30, 0), (0, 30), (20, 10)]

        answers = await asyncio.gather(
            *(
                market.staff(Role.SUPERVISOR).post(
                    f"{JOBS}/{job['id']}/settlements",
                    json={"worker_points": paid, "poster_points": back, "reason": "看过了"},
                )
                for paid, back in splits
            )
        )

        assert codes_of(answers) == {"ok": 1, "wrong_state": 2}
        (paid, back) = next(split for split, answer in zip(splits, answers, strict=True) if answer.is_success)
        assert (await spendable(worker), await spendable(poster)) == ((100 + paid, 0), (70 + back, 0))
        market.clock.set(begin)


async def test_cancelled_while_the_worker_checks_in(market: Market) -> None:
    """Whoever has come is not sent home unpaid; whoever was too late finds the gig cancelled, and the points are back."""
    for _ in range(3):
        begin = market.clock.now()
        poster, worker = await market.resident(), await market.resident()
        gig = await market.post(poster)
        job = await market.take(worker, gig)
        market.clock.advance(timedelta(days=1))

        arrived, cancelled = await asyncio.gather(
            worker.post(f"{JOBS}/{job['id']}/check-ins", json={}),
            poster.post(f"{GIGS}/{gig['id']}/cancellations", json={"reason": "不用了"}),
        )

        assert cancelled.status_code == 200, cancelled.text
        state = (await worker.get(f"{JOBS}/{job['id']}")).json()["state"]
        assert (arrived.is_success, state) in {(True, "claimed"), (False, "cancelled")}
        assert await spendable(poster) == ((70, 0) if arrived.is_success else (100, 0))
        market.clock.set(begin)


async def test_what_nobody_took_goes_back_while_the_rest_is_paid(market: Market, sweep: Any) -> None:
    """The clock gives one place back to the poster while the poster's word pays the other out of the same escrow."""
    poster, worker = await market.resident(), await market.resident()
    gig = await market.post(poster, points=10, places=2)
    job = await market.work(worker, await market.take(worker, gig))

    paid, _ = await asyncio.gather(
        poster.post(f"{JOBS}/{job['id']}/verifications", json={}), sweep("points", "close_gigs")
    )
    await sweep("points", "close_gigs")

    assert paid.status_code == 200, paid.text
    assert (await spendable(worker), await spendable(poster)) == ((110, 0), (90, 0))
    assert (await poster.get(f"{GIGS}/{gig['id']}")).json()["state"] in {"finished", "expired"}
