"""Ballots over HTTP: who may vote, once, with a receipt that holds; who may not, and why."""

from uuid import UUID

import pytest
from sqlalchemy import text

from services.proposals.ballots.merkle import Receipt
from services.proposals.exports.verifier import is_signed
from services.proposals.rounds.domain import Grade, Method, RoundState
from shared.kernel.principal import Principal
from tests.proposals.conftest import Neighbourhood, problem_of


async def eligibility(place: Neighbourhood, who: Principal, round_: dict) -> tuple[bool, str]:
    found = await place.get(who, f"/rounds/{round_['id']}/eligibility")
    return found["can_vote"], found["reason"]


async def test_a_receipt_is_signed_at_once_and_never_tells_the_choice(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    response = await place.vote(place.residents[0], round_, "yes")
    assert response.status_code == 201
    given = response.json()
    cast_at = place.clock.now()
    receipt = Receipt(given["round_id"], given["ballot_id"], bytes.fromhex(given["leaf_hash"]), cast_at)
    key, signature = bytes.fromhex(given["public_key"]), bytes.fromhex(given["signature"])
    assert is_signed(key, receipt.signing_bytes(), signature)
    assert not is_signed(key, receipt.signing_bytes() + b" ", signature)
    assert "yes" not in response.text


async def test_the_same_key_gives_the_same_receipt_and_another_body_is_refused(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    first = await place.vote(place.residents[0], round_, "yes", key="a-key")
    again = await place.vote(place.residents[0], round_, "yes", key="a-key")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    other = await place.vote(place.residents[0], round_, "no", key="a-key")
    assert problem_of(other) == (422, "idempotency_key_reused")


async def test_a_refusal_is_remembered_under_its_key(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    await place.vote(place.residents[0], round_, "yes")
    second = place.seconds[0]
    refused = await place.vote(second, round_, "no", key="k")
    assert problem_of(refused) == (409, "proposals.already_voted")
    assert problem_of(await place.vote(second, round_, "no", key="k")) == (409, "proposals.already_voted")


async def test_a_second_member_sees_who_voted_and_cannot_overwrite(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    second = place.seconds[0]
    assert await eligibility(place, second, round_) == (True, "none")
    await place.vote(place.residents[0], round_, "yes")
    assert await eligibility(place, second, round_) == (False, "already_voted")
    seen = await place.get(second, f"/rounds/{round_['id']}/eligibility")
    assert seen["voted_by"] == "王**"
    refused = await place.vote(second, round_, "no")
    assert problem_of(refused) == (409, "proposals.already_voted")
    assert "王** 在 2026-05-11 09:00 投出" in refused.json()["detail"]
    assert (await place.get(second, f"/rounds/{round_['id']}/turnout"))["voted_units"] == 1


async def test_why_somebody_cannot_vote(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    stranger, child, staff = place.people.resident(), place.seconds[1], place.secretary
    for who, reason, problem in (
        (stranger, "not_on_roll", (403, "proposals.not_on_roll")),
        (child, "may_not_act", (403, "proposals.may_not_act")),
        (staff, "no_household", (403, "no_household")),
    ):
        assert await eligibility(place, who, round_) == (False, reason)
        assert problem_of(await place.vote(who, round_, "yes")) == problem


async def test_somebody_who_joined_after_the_freeze_cannot_vote(neighbourhood: Neighbourhood, hear) -> None:
    from tests.proposals.conftest import join

    place = neighbourhood
    round_ = await place.open_round_at_once()
    late = place.people.resident(place.residents[3].household_id)
    await join(hear, late)
    assert problem_of(await place.vote(late, round_, "yes")) == (403, "proposals.may_not_act")
    assert (await place.vote(place.residents[3], round_, "yes")).status_code == 201


async def test_the_box_opens_and_closes_by_the_clock(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once(state=RoundState.FROZEN)
    voter = place.residents[0]
    assert await eligibility(place, voter, round_) == (False, "not_open_yet")
    assert problem_of(await place.vote(voter, round_, "yes")) == (409, "proposals.round_not_open")
    await place.sweep("proposals", "open_rounds")
    assert await eligibility(place, voter, round_) == (True, "none")
    place.later(days=7)
    # The sweep has not come yet, and still nobody votes.
    assert await eligibility(place, voter, round_) == (False, "closed")
    assert problem_of(await place.vote(voter, round_, "yes")) == (410, "proposals.round_closed")
    await place.sweep("proposals", "close_rounds")
    assert (await place.get(voter, f"/rounds/{round_['id']}"))["state"] == "closed"
    assert problem_of(await place.vote(voter, round_, "yes")) == (410, "proposals.round_closed")


async def test_a_draft_has_no_box(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once(state=RoundState.DRAFTED)
    round_ |= {"frozen_hash": "0" * 64}
    assert problem_of(await place.vote(place.residents[0], round_, "yes")) == (404, "proposals.round_not_found")


@pytest.mark.parametrize(
    ("choice", "problem"),
    [
        ([], (422, "validation_failed")),
        (["maybe"], (422, "proposals.choice_invalid")),
        (["yes", "no"], (422, "proposals.choice_invalid")),
        (["yes", "yes"], (422, "proposals.choice_invalid")),
    ],
)
async def test_a_ballot_that_is_no_choice_is_refused(
    neighbourhood: Neighbourhood, choice: list[str], problem: tuple[int, str]
) -> None:
    round_ = await neighbourhood.open_round_at_once()
    assert problem_of(await neighbourhood.vote(neighbourhood.residents[0], round_, *choice)) == problem


async def test_a_vote_binds_to_what_was_shown(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    stale = round_ | {"frozen_hash": "f" * 64}
    assert problem_of(await place.vote(place.residents[0], stale, "yes")) == (412, "proposals.ballot_text_changed")


async def test_where_presence_counts_one_checks_in_first(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once(template="four_and_two_residents", grade=Grade.NAMED_PUBLIC)
    voter, neighbour = place.residents[:2]
    assert await eligibility(place, voter, round_) == (False, "check_in_first")
    assert problem_of(await place.vote(voter, round_, "yes")) == (409, "proposals.check_in_first")
    await place.post(voter, f"/rounds/{round_['id']}/check-ins")
    assert (await place.vote(voter, round_, "yes")).status_code == 201
    present = await place.post(
        place.secretary, f"/rounds/{round_['id']}/check-ins", {"unit_id": str(neighbour.household_id)}
    )
    assert present == {"present_units": 2}
    refused = await place.try_post(voter, f"/rounds/{round_['id']}/check-ins", {"unit_id": str(neighbour.household_id)})
    assert problem_of(refused) == (403, "forbidden")


async def test_several_may_be_approved_of(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    options = [("east", "东门"), ("west", "西门"), ("south", "南门")]
    round_ = await place.open_round_at_once(method=Method.APPROVE, options=options, max_choices=2)
    for voter in place.residents[:7]:
        assert (await place.vote(voter, round_, "west", "east")).status_code == 201
    assert (await place.vote(place.residents[7], round_, "west")).status_code == 201
    assert (await place.vote(place.residents[8], round_, "abstain")).status_code == 201
    await place.close(round_)
    tally = await place.get(place.residents[0], f"/rounds/{round_['id']}/tally")
    assert {c["code"]: c["units"] for c in tally["result"]["counts"]} == {
        "east": 7,
        "west": 8,
        "south": 0,
        "abstain": 1,
    }
    assert (tally["winner"], tally["is_passed"]) == ("west", True)


async def test_nothing_in_the_database_shows_a_choice_before_the_close(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    for voter, choice in zip(place.residents, ["yes", "no", "abstain"], strict=False):
        await place.vote(voter, round_, choice)
    await place.sweep("proposals", "sequence_ballots")
    async with place.apps.runtime("proposals").database.worker.connect() as connection:
        tables = await connection.execute(
            text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'proposals'")
        )
        sealed = await connection.execute(
            text("SELECT octet_length(sealed) FROM proposals.ballot WHERE round_id = :id"), {"id": UUID(round_["id"])}
        )
        assert len(set(sealed.scalars())) == 1, "the length of a sealed choice must not tell it"
        found = []
        for table in tables.scalars():
            rows = await connection.execute(text(f"SELECT row_to_json(t)::text FROM proposals.{table} AS t"))
            found += [table for row in rows.scalars() if '["yes"]' in row or '["no"]' in row or '["abstain"]' in row]
        assert found == []


@pytest.mark.parametrize(
    "change",
    ["UPDATE proposals.ballot SET sealed = ''", "DELETE FROM proposals.ballot", "TRUNCATE proposals.log_entry"],
)
async def test_ballots_and_log_are_never_changed(neighbourhood: Neighbourhood, database_url: str, change: str) -> None:
    import asyncpg

    round_ = await neighbourhood.open_round_at_once()
    await neighbourhood.vote(neighbourhood.residents[0], round_, "yes")
    owner = await asyncpg.connect(database_url)
    try:
        with pytest.raises(asyncpg.PostgresError, match="never changed"):
            await owner.execute(change)
        with pytest.raises(asyncpg.PostgresError, match="frozen round"):
            await owner.execute("UPDATE proposals.round SET closes_at = closes_at + interval '1 day'")
    finally:
        await owner.close()


async def test_another_community_sees_nothing(neighbourhood: Neighbourhood, strangers) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    stranger = strangers.resident()
    for path in ("", "/turnout", "/eligibility", "/log", "/log/head", "/tally", "/actions"):
        assert (await place.try_get(stranger, f"/rounds/{round_['id']}{path}")).status_code == 404, path
    assert problem_of(await place.vote(stranger, round_, "yes")) == (404, "proposals.round_not_found")
    assert problem_of(await place.try_get(stranger, f"/processes/{round_['process_id']}"))[0] == 404
    assert problem_of(await place.try_get(stranger, f"/proposals/{round_['proposal_id']}"))[0] == 404
    assert problem_of(await place.try_get(stranger, f"/rolls/{round_['roll_id']}"))[0] == 404
    assert problem_of(await place.try_get(stranger, f"/processes/{round_['process_id']}/meetings"))[0] == 404


async def test_a_visitor_is_asked_to_sign_in(neighbourhood: Neighbourhood) -> None:
    round_ = await neighbourhood.open_round_at_once()
    visitor = neighbourhood.clients("proposals")
    response = await visitor.post(
        f"/api/v1/proposals/rounds/{round_['id']}/ballots", json={"choice": ["yes"], "frozen_hash": "0" * 64}
    )
    assert problem_of(response) == (401, "unauthenticated")
