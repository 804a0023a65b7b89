"""The resident's word: confirming, disputing, rating, silence, and the published rates."""

from datetime import timedelta

import pytest

from tests.property.conftest import RATING, ROOT, Case, Community


async def test_a_rating_is_read_with_its_words(case: Case, facts_of) -> None:
    await case.until("closed")

    (rating,) = await case.community.get(case.worker, f"{case.path}/ratings")

    assert {name: rating[name] for name in RATING} == RATING
    assert rating["attempt"] == 1
    fact = (await facts_of("property", case.community.id))[-1]
    assert (fact.is_satisfied, fact.worker_account_id) == (True, case.worker.account_id)


@pytest.mark.parametrize("over", [{"quality": 0}, {"hygiene": 6}, {"charges": True}, {"attitude": "5"}, {"extra": 1}])
async def test_scores_are_whole_numbers_from_one_to_five(case: Case, over: dict) -> None:
    await case.until("awaiting_rating")

    refused = await case.community.post(case.resident, f"{case.path}/ratings", RATING | over, expect=422)

    assert refused["code"] == "validation_failed"


async def test_another_member_of_the_household_may_rate(case: Case) -> None:
    await case.until("awaiting_rating")
    member = await case.community.resident(case.resident.household_id)

    rated = await case.community.post(member, f"{case.path}/ratings", RATING, expect=201)

    assert rated["state"] == "closed"


async def test_nobody_rates_a_worker_of_their_own_household(case: Case, hear) -> None:
    """T8: the worker moved in after the job was given."""
    from shared.contracts.events import AccountBound

    await case.until("awaiting_rating")
    moved_in = AccountBound(
        account_id=case.worker.account_id,
        kind="staff",
        resident_id=None,
        household_id=case.resident.household_id,
        name="李师傅",
    )
    await hear("property", case.community.id, moved_in)

    refused = await case.community.post(case.resident, f"{case.path}/ratings", RATING, expect=403)

    assert refused["code"] == "property.same_household"
    assert (await case.community.get(case.resident, case.path))["state"] == "awaiting_rating"


@pytest.mark.parametrize("state", ["done_pending_check", "awaiting_rating"])
async def test_silence_closes_after_seven_days_and_is_never_satisfied(case: Case, clock, sweep, state: str) -> None:
    await case.until(state)
    clock.advance(timedelta(days=7) - timedelta(seconds=1))
    await sweep("property", "close_silent_tickets")
    case.community._clients.clear()
    assert (await case.community.get(case.resident, case.path))["state"] == state

    clock.advance(timedelta(seconds=1))
    await sweep("property", "close_silent_tickets")

    closed = await case.community.get(case.resident, case.path)
    assert (closed["state"], closed["outcome"], closed["rated_at"]) == ("closed", "fixed", None)
    rates = await case.community.get(case.resident, "/statistics")
    assert rates["satisfaction"] == {"part": 0, "n": 0, "left_out": 1, "per_mille": None}


async def test_rework_is_rated_as_an_attempt_of_its_own(case: Case, clock) -> None:
    await case.until("closed")
    case.ticket = await case.community.post(
        case.resident, f"{case.path}/reopenings", {"reason": "broken_again"}, expect=200
    )
    await case.until("closed")

    ratings = await case.community.get(case.resident, f"{case.path}/ratings")

    assert [one["attempt"] for one in ratings] == [1, 2]


async def test_the_rates_name_their_denominators(community: Community, clock, sweep) -> None:
    worker = await community.worker()
    worker_id = await community.worker_id(worker)

    async def fresh() -> Case:
        resident = await community.resident()
        return Case(community, resident, community.agent(), worker, worker_id, await community.submit(resident))

    happy, unhappy, silent, refused, waiting = [await fresh() for _ in range(5)]
    await happy.until("closed")
    await unhappy.until("awaiting_rating")
    low = {name: 1 for name in RATING if name != "comment"}
    await community.post(unhappy.resident, f"{unhappy.path}/ratings", low, expect=201)
    await silent.until("done_pending_check")
    body = {"outcome": "invalid", "reason": "误报"}
    await community.post(refused.agent, f"{refused.path}/rejections", body, expect=200)
    clock.advance(timedelta(days=7))
    await sweep("property", "close_silent_tickets")
    community._clients.clear()

    rates = await community.get(waiting.resident, "/statistics", from_on="2026-05-01", until_on="2026-05-31")
    engineering = await community.get(waiting.resident, "/statistics", department="engineering")
    cleaning = await community.get(waiting.resident, "/statistics", department="cleaning")

    assert rates["satisfaction"] == {"part": 1, "n": 2, "left_out": 1, "per_mille": 500}
    # Three accepted in time; the refused one does not count, the one nobody answered is late and does.
    assert (rates["response"]["part"], rates["response"]["n"]) == (3, 4)
    assert (rates["resolution"]["part"], rates["resolution"]["n"]) == (3, 4)
    assert rates["outcomes"] == {"fixed": 3, "invalid": 1}
    assert rates["axis_means_milli"]["quality"] == 3_000
    assert engineering["satisfaction"]["n"] == 2
    assert cleaning["satisfaction"] == {"part": 0, "n": 0, "left_out": 0, "per_mille": None}


@pytest.mark.parametrize(
    "span", [{"from_on": "2026-05-02", "until_on": "2026-05-01"}, {"from_on": "2020-01-01", "until_on": "2026-05-01"}]
)
async def test_a_span_that_is_none_is_refused(community: Community, span: dict) -> None:
    response = await community.client(community.people.resident()).get(f"{ROOT}/statistics", params=span)

    assert (response.status_code, response.json()["code"]) == (422, "property.period_invalid")


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-13-01", "x"])
async def test_days_beyond_the_calendar_are_refused(community: Community, day: str) -> None:
    response = await community.client(community.people.resident()).get(f"{ROOT}/statistics", params={"until_on": day})

    assert (response.status_code, response.json()["code"]) == (422, "validation_failed")
