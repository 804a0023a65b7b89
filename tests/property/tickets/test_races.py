"""Many at once on real connections: one active assignment, one taker, one end, one ticket per key."""

import asyncio
import collections
from datetime import timedelta
from typing import Any

from shared.ids import new_id
from tests.property.conftest import RATING, ROOT, Case, Community

ROUNDS = 8


def codes_of(responses: list[Any]) -> collections.Counter[str]:
    return collections.Counter("ok" if r.is_success else r.json()["code"] for r in responses)


async def fresh(community: Community, *workers_ids: Any) -> Case:
    resident = await community.resident()
    worker, worker_id = workers_ids
    return Case(community, resident, community.agent(), worker, worker_id, await community.submit(resident))


async def test_two_dispatchers_send_one_worker(community: Community) -> None:
    """T2: whoever comes second is refused, and exactly one assignment is active."""
    first, second = await community.worker(name="李师傅"), await community.worker(name="赵师傅")
    ids = [await community.worker_id(first), await community.worker_id(second)]
    for _ in range(ROUNDS):
        case = await fresh(community, first, ids[0])
        await case.until("accepted")
        clients = [community.client(who) for who in (community.agent(), community.head())]

        outcomes = codes_of(
            await asyncio.gather(
                *(
                    client.post(f"{ROOT}{case.path}/dispatches", json={"worker_id": str(worker_id)})
                    for client in clients
                    for worker_id in ids
                )
            )
        )

        assert outcomes == {"ok": 1, "property.wrong_state": 3}
        sent = await community.get(case.agent, f"{case.path}/dispatches")
        assert [one["state"] for one in sent] == ["offered"]


async def test_one_worker_on_two_phones_takes_once(community: Community) -> None:
    worker = await community.worker()
    worker_id = await community.worker_id(worker)
    for _ in range(ROUNDS):
        case = await fresh(community, worker, worker_id)
        await case.until("offered")
        phones = [community.client_for("property", worker) for _ in range(3)]

        outcomes = codes_of(await asyncio.gather(*(phone.post(f"{ROOT}{case.path}/takes") for phone in phones)))

        assert outcomes == {"ok": 1, "property.wrong_state": 2}


async def test_taking_while_it_is_called_off_ends_one_way(community: Community) -> None:
    worker = await community.worker()
    worker_id = await community.worker_id(worker)
    for _ in range(ROUNDS):
        case = await fresh(community, worker, worker_id)
        await case.until("offered")

        take, recall = await asyncio.gather(
            community.client(worker).post(f"{ROOT}{case.path}/takes"),
            community.client(case.agent).post(f"{ROOT}{case.path}/recalls", json={"reason": "换人"}),
        )

        assert recall.status_code == 200, recall.text
        # Called off first, the worker no longer sees the job; taken first, it was called off afterwards.
        assert take.status_code in {200, 404}
        (sent,) = await community.get(case.agent, f"{case.path}/dispatches")
        assert sent["state"] == "recalled"
        assert (await community.get(case.agent, case.path))["state"] == "accepted"


async def test_rating_and_the_closing_sweep_end_a_ticket_once(community: Community, clock, sweep) -> None:
    worker = await community.worker()
    worker_id = await community.worker_id(worker)
    for _ in range(ROUNDS):
        case = await fresh(community, worker, worker_id)
        await case.until("awaiting_rating")
        clock.advance(timedelta(days=7))
        resident = community.client_for("property", case.resident)

        rated, _ = await asyncio.gather(
            resident.post(f"{ROOT}{case.path}/ratings", json=RATING), sweep("property", "close_silent_tickets")
        )
        await sweep("property", "close_silent_tickets")

        log = await community.get(resident_of(community, case), f"{case.path}/events")
        ends = [line["action"] for line in log["lines"] if line["action"] in {"rate", "close_silently"}]
        assert ends == (["rate"] if rated.is_success else ["close_silently"])
        ratings = await community.get(resident_of(community, case), f"{case.path}/ratings")
        assert len(ratings) == (1 if rated.is_success else 0)
        clock.advance(timedelta(days=-7))


def resident_of(community: Community, case: Case) -> Any:
    """Return the agent, whose token is as old as the clock of the round."""
    return community.people.staff(*{grant.role for grant in case.agent.roles})


async def test_two_members_of_the_household_rate_once(community: Community) -> None:
    worker = await community.worker()
    worker_id = await community.worker_id(worker)
    for _ in range(ROUNDS):
        case = await fresh(community, worker, worker_id)
        await case.until("awaiting_rating")
        members = [case.resident, await community.resident(case.resident.household_id)]

        outcomes = codes_of(
            await asyncio.gather(
                *(community.client(one).post(f"{ROOT}{case.path}/ratings", json=RATING) for one in members)
            )
        )

        assert outcomes == {"ok": 1, "property.wrong_state": 1}


async def test_one_key_many_times_is_one_ticket(community: Community) -> None:
    resident = await community.resident()
    for _ in range(ROUNDS):
        headers = {"Idempotency-Key": new_id().hex}

        responses = await asyncio.gather(
            *(
                community.client(resident).post(f"{ROOT}/tickets", json={"description": "漏水"}, headers=headers)
                for _ in range(5)
            )
        )

        assert {response.status_code for response in responses} == {201}
        assert len({response.json()["id"] for response in responses}) == 1


async def test_the_first_reports_of_a_new_community_come_together(community: Community) -> None:
    """The default calendars are entered by whoever comes first; nobody is refused and nothing is entered twice."""
    residents = [await community.resident() for _ in range(6)]

    responses = await asyncio.gather(
        *(community.client(one).post(f"{ROOT}/tickets", json={"description": "漏水"}) for one in residents)
    )

    assert {response.status_code for response in responses} == {201}
    assert len({response.json()["clocks"][0]["due_at"] for response in responses}) == 1


async def test_many_sweepers_tell_a_rung_once(community: Community, clock, sweep, facts_of) -> None:
    await community.submit(await community.resident())
    clock.advance(timedelta(days=30))

    await asyncio.gather(*(sweep("property", "escalate_clocks") for _ in range(4)))

    told = [
        (fact.clock, fact.percent)
        for fact in await facts_of("property", community.id)
        if type(fact).__name__ == "TicketEscalated"
    ]
    assert sorted(told) == [(kind, percent) for kind in ("resolve", "respond") for percent in (50, 80, 100, 150)]
