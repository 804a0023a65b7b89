"""Ballots in a race: one per household whatever happens, and none between the close and the count."""

import asyncio
from collections import Counter
from uuid import UUID

import httpx2
from sqlalchemy import text

from services.proposals.ballots import usecases as ballots
from shared.testing.clients import Apps, Signer
from tests.proposals.conftest import Neighbourhood, problem_of


async def sequenced(place: Neighbourhood, round_: dict) -> list[tuple[int, str]]:
    async with place.apps.runtime("proposals").database.worker.connect() as connection:
        rows = await connection.execute(
            text("SELECT position, subject_id FROM proposals.log_entry WHERE round_id = :id ORDER BY position"),
            {"id": UUID(round_["id"])},
        )
        return [(row.position, str(row.subject_id)) for row in rows]


async def test_two_phones_of_one_household_cast_one_ballot(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    first, second = place.residents[0], place.seconds[0]
    for attempt in range(10):
        round_ = await place.open_round_at_once()
        answers = await asyncio.gather(
            *(place.vote(who, round_, choice) for who in (first, second) for choice in ("yes", "no"))
        )
        outcomes = Counter("cast" if answer.status_code == 201 else answer.json()["code"] for answer in answers)
        assert outcomes == {"cast": 1, "proposals.already_voted": 3}, attempt
        assert (await place.get(first, f"/rounds/{round_['id']}/turnout"))["voted_units"] == 1


async def test_one_key_sent_many_times_at_once_votes_once(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    answers = await asyncio.gather(*(place.vote(place.residents[0], round_, "yes", key="k") for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["ballot_id"] for answer in answers}) == 1


async def test_a_ballot_with_a_receipt_is_counted_and_one_refused_is_not(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    for _ in range(5):
        round_ = await place.open_round_at_once()
        voters = place.residents

        async def close(round_: dict = round_) -> None:
            async with place.work_in("proposals", place.people.community_id) as uow:
                row = await ballots.rounds.lock_for_closing(uow=uow, round_id=UUID(round_["id"]), is_sweep=True)
                assert row is not None
                # Everybody has voted as far as this close is told, so that it may come before its time.
                ballots.rounds.close_round(uow=uow, principal=None, row=row, units=0, voted=0)
                while await ballots.sequence_ballots(uow=uow, round_id=row.id, signer=place.signer, is_patient=True):
                    pass

        half = len(voters) // 2
        answers, *_ = await asyncio.gather(
            asyncio.gather(*(place.vote(voter, round_, "yes") for voter in voters[:half])), close()
        )
        late = await asyncio.gather(*(place.vote(voter, round_, "yes") for voter in voters[half:]))
        assert {problem_of(answer) for answer in late} == {(410, "proposals.round_closed")}
        accepted = {answer.json()["ballot_id"] for answer in answers if answer.status_code == 201}
        refused = {problem_of(answer) for answer in answers if answer.status_code != 201}
        assert refused <= {(410, "proposals.round_closed")}
        in_log = {subject for _, subject in await sequenced(place, round_) if subject != "None"}
        assert in_log == accepted, "a receipt is a promise, and a refusal leaves nothing behind"
        await place.sweep("proposals", "tally_rounds")
        tally = await place.get(place.residents[0], f"/rounds/{round_['id']}/tally")
        assert tally["ballots"] == len(accepted)


async def test_two_sequencers_log_every_ballot_once(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    cast = [(await place.vote(voter, round_, "yes")).json()["ballot_id"] for voter in place.residents]
    await asyncio.gather(*(place.sweep("proposals", "sequence_ballots") for _ in range(4)))
    log = await sequenced(place, round_)
    assert [position for position, _ in log] == list(range(2 + len(cast))), "freeze, open and the ballots, no gaps"
    assert Counter(subject for _, subject in log[2:]) == Counter(cast)
    assert [subject for _, subject in log[2:]] == cast, "the log keeps the order in which they were cast"


async def test_a_close_waits_for_a_sequencer_at_work(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    cast = [(await place.vote(voter, round_, "no")).json()["ballot_id"] for voter in place.residents[:4]]
    place.later(days=8)
    holding, go_on = asyncio.Event(), asyncio.Event()

    async def sequence_slowly() -> None:
        async with place.work_in("proposals", place.people.community_id) as uow:
            await ballots.sequence_ballots(uow=uow, round_id=UUID(round_["id"]), signer=place.signer)
            holding.set()
            await go_on.wait()

    slow = asyncio.create_task(sequence_slowly())
    await holding.wait()
    closing = asyncio.create_task(place.sweep("proposals", "close_rounds"))
    done, _ = await asyncio.wait({closing}, timeout=0.3)
    assert not done, "the close must not overtake ballots that are on their way into the log"
    go_on.set()
    await asyncio.gather(slow, closing)
    log = await place.get(place.residents[0], f"/rounds/{round_['id']}/log")
    assert [entry["kind"] for entry in log["items"]] == ["freeze", "open", *["cast"] * len(cast), "close"]


async def test_a_box_held_shut_asks_to_try_again(
    neighbourhood: Neighbourhood, database_url: str, redis_url: str, signer: Signer
) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    usual = Apps(database_url, redis_url, signer, is_patient=False)
    async with place.work_in("proposals", place.people.community_id) as uow:
        await ballots.rounds.lock_for_closing(uow=uow, round_id=UUID(round_["id"]), is_sweep=True)
        hasty = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(usual.app("proposals")),
            base_url="http://proposals.test",
            headers={"Authorization": f"Bearer {signer.token(place.residents[0])}", "Idempotency-Key": "k"},
        )
        async with hasty:
            body = {"choice": ["yes"], "frozen_hash": round_["frozen_hash"]}
            refused = await hasty.post(f"/api/v1/proposals/rounds/{round_['id']}/ballots", json=body)
        assert refused.status_code == 503
        assert refused.headers["Retry-After"]
    await usual.close()
    again = await place.vote(place.residents[0], round_, "yes", key="k")
    assert again.status_code == 201, "what could not be done is not remembered as refused"
