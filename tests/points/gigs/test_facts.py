"""What others are told of a gig: each step once, from where it came, whose hand it was, and until when to act."""

from datetime import timedelta
from typing import Any

from shared.contracts.events import GigPlaceMoved
from shared.testing.clients import People
from tests.points.gigs.conftest import Market


async def test_each_step_says_where_it_came_from_and_until_when(market: Market, people: People, facts_of: Any) -> None:
    poster, first, second = [await market.resident() for _ in range(3)]
    gig = await market.post(poster)
    given_up = await market.take(first, gig)
    await market.step(first, given_up, "releases", reason="孙子病了")
    market.clock.advance(timedelta(minutes=1))
    job = await market.take(second, gig)
    await market.work(second, job)
    await market.step(poster, job, "verifications")

    told = [fact for fact in await facts_of("points", people.community_id) if isinstance(fact, GigPlaceMoved)]
    assert [(fact.before, fact.state) for fact in told] == [
        ("open", "claimed"),
        ("claimed", "open"),
        ("open", "claimed"),
        ("claimed", "claimed"),
        ("claimed", "done"),
        ("done", "verified"),
        ("verified", "paid"),
    ]
    homes = [poster.principal.household_id, first.principal.household_id, second.principal.household_id]
    assert [homes.index(fact.acting_household_id) for fact in told] == [1, 1, 2, 2, 2, 0, 0]
    assert [fact.due_at is not None for fact in told] == [True, False, True, True, True, True, False]
    assert len({(fact.before, fact.state, fact.moved_at) for fact in told}) == len(told)
    assert {str(fact.grid_id) for fact in told} == {gig["grid_id"]}
