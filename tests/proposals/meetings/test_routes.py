"""Meetings over HTTP: what was decided at one stands."""

import asyncio
from collections import Counter

import pytest

from tests.proposals.conftest import Neighbourhood, RefusedError, problem_of

STEP = "branch_proposes"


async def started(place: Neighbourhood) -> dict:
    proposal = await place.open_proposal()
    await place.endorse(proposal)
    return await place.start_process(proposal)


async def called(place: Neighbourhood, process: dict, *, present: int) -> dict:
    """Call a meeting of nine and let some of them check in."""
    body = {"title": "会议", "place": "党群服务中心", "names": [f"党员 {n}" for n in range(9)]}
    meeting = await place.post(place.secretary, f"/processes/{process['id']}/steps/{STEP}/meetings", body)
    return await place.post(
        place.secretary, f"/meetings/{meeting['id']}/check-ins", {"numbers": list(range(1, present + 1))}
    )


def hands(yes: int, no: int) -> dict:
    return {"yes": yes, "no": no, "abstain": 0, "minutes": "会议记录"}


@pytest.mark.parametrize(("yes", "no"), [(0, 7), (3, 4), (3, 3), (6, 1)], ids=["no", "most against", "level", "yes"])
async def test_a_meeting_that_was_held_is_not_held_again(neighbourhood: Neighbourhood, yes: int, no: int) -> None:
    place = neighbourhood
    process = await started(place)
    meeting = await called(place, process, present=7)
    closed = await place.post(place.secretary, f"/meetings/{meeting['id']}/closings", hands(yes, no))
    assert (closed["attempt"], closed["is_held"], closed["is_decided"]) == (1, True, yes > no)
    with pytest.raises(RefusedError, match=r"proposals\.meeting_already_held"):
        await called(place, process, present=9)
    completion = f"/processes/{process['id']}/steps/{STEP}/completions"
    answer = await place.try_post(place.secretary, completion, {"meeting_id": meeting["id"]})
    assert problem_of(answer) == ((200, "") if yes > no else (409, "proposals.rule_not_met"))


async def test_a_meeting_called_beforehand_does_not_undo_a_no(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    process = await started(place)
    first, second = [await called(place, process, present=7) for _ in range(2)]
    await place.post(place.secretary, f"/meetings/{first['id']}/closings", hands(0, 7))
    again = await place.try_post(place.secretary, f"/meetings/{second['id']}/closings", hands(7, 0))
    assert problem_of(again) == (409, "proposals.meeting_already_held")
    assert (await place.get(place.secretary, f"/meetings/{second['id']}"))["state"] == "called"


async def test_of_meetings_closed_at_once_one_counts(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    process = await started(place)
    meetings = [await called(place, process, present=7) for _ in range(4)]
    answers = await asyncio.gather(
        *(place.try_post(place.secretary, f"/meetings/{m['id']}/closings", hands(7, 0)) for m in meetings)
    )
    outcomes = Counter(problem_of(answer) for answer in answers)
    assert outcomes == {(200, ""): 1, (409, "proposals.meeting_already_held"): 3}


async def test_a_meeting_too_few_came_to_is_called_again(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    process = await started(place)
    for present in (1, 4):
        meeting = await called(place, process, present=present)
        closed = await place.post(place.secretary, f"/meetings/{meeting['id']}/closings", hands(0, present))
        assert closed["is_held"] is False
    passed = await place.pass_meeting(process, STEP)
    assert passed["open_step"] == "committees_discuss"


async def test_a_step_sent_back_is_held_anew_and_an_old_meeting_closes_nothing(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    process = await started(place)
    await place.pass_meeting(process, STEP)
    steps = f"/processes/{process['id']}/steps"
    (old,) = await place.get(place.secretary, f"/processes/{process['id']}/meetings")
    await place.post(place.secretary, f"{steps}/committees_discuss/returns", {"to": STEP, "reason": "费用不清"})
    stale = await place.try_post(place.secretary, f"{steps}/{STEP}/completions", {"meeting_id": old["id"]})
    assert problem_of(stale) == (409, "proposals.result_of_another_step")
    await place.pass_meeting(process, STEP)
    meetings = await place.get(place.secretary, f"/processes/{process['id']}/meetings")
    assert [(meeting["attempt"], meeting["is_held"]) for meeting in meetings] == [(1, True), (2, True)]
