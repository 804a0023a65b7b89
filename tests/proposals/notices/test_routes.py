"""Notices over HTTP: complete only by rule, restarted by a change, stopped by an objection that is upheld."""

import pytest
from sqlalchemy import text

from shared.contracts.events import DecisionPublished, NoticeStarted, ObjectionAnswered
from shared.ids import new_id
from shared.kernel.principal import Role
from tests.proposals.conftest import Neighbourhood, problem_of

NOTICE = {"title": "结果公示", "body": "表决通过。", "places": ["12 栋大厅"], "contact": "王主任"}


async def decided(place: Neighbourhood) -> dict:
    """Bring a vote to its publication; return the round."""
    round_ = await place.open_round_at_once()
    for voter in place.residents[:10]:
        await place.vote(voter, round_, "yes")
    await place.close(round_)
    process = {"id": round_["process_id"]}
    for who, kind in ((place.township, "township_sign_off"), (place.supervisor, "supervision_opinion")):
        await place.file(who, process, "residents_decide", kind)
    path = f"/processes/{round_['process_id']}/steps"
    await place.post(place.secretary, f"{path}/residents_decide/completions", {"round_id": round_["id"]})
    return round_


async def publish(place: Neighbourhood, round_: dict, **changes) -> dict:
    path = f"/processes/{round_['process_id']}/steps/decision_published/notices"
    return await place.post(place.secretary, path, NOTICE | changes)


async def test_a_notice_is_complete_when_its_time_has_run(neighbourhood: Neighbourhood, facts_of) -> None:
    place = neighbourhood
    round_ = await decided(place)
    path = f"/processes/{round_['process_id']}/steps/decision_published/notices"
    short = await place.try_post(place.secretary, path, NOTICE | {"days": 6})
    assert problem_of(short) == (409, "proposals.notice_too_short")
    notice = await publish(place, round_)
    assert notice["due_at"] == "2026-05-26T16:00:00Z", "published on the 19th, shown through the 26th"
    second = await place.try_post(place.secretary, path, NOTICE)
    assert problem_of(second) == (409, "proposals.notice_already_running")
    place.later(days=7, hours=14)
    await place.sweep("proposals", "complete_notices")
    assert (await place.get(place.residents[0], f"/notices/{notice['id']}"))["state"] == "running"
    place.later(hours=1)
    await place.sweep("proposals", "complete_notices")
    assert (await place.get(place.residents[0], f"/notices/{notice['id']}"))["state"] == "completed"
    await place.sweep("proposals", "complete_notices")
    told = await facts_of("proposals", place.people.community_id)
    assert len([fact for fact in told if isinstance(fact, DecisionPublished)]) == 1
    late = await place.try_post(place.residents[0], f"/notices/{notice['id']}/objections", {"body": "晚了"})
    assert problem_of(late) == (409, "wrong_state")


async def test_a_change_starts_the_clock_again(neighbourhood: Neighbourhood, facts_of) -> None:
    place = neighbourhood
    notice = await publish(place, await decided(place))
    place.later(days=5)
    amended = await place.post(
        place.secretary, f"/notices/{notice['id']}/amendments", {"title": "结果公示", "body": "更正：同意 10 户。"}
    )
    assert (amended["restarts"], amended["due_at"]) == (1, "2026-05-31T16:00:00Z")
    assert amended["content_hash"] != notice["content_hash"]
    same = await place.post(
        place.secretary, f"/notices/{notice['id']}/amendments", {"title": "结果公示", "body": "更正：同意 10 户。"}
    )
    assert same["restarts"] == 1
    place.later(days=4)
    await place.sweep("proposals", "complete_notices")
    assert (await place.get(place.residents[0], f"/notices/{notice['id']}"))["state"] == "running"
    told = await facts_of("proposals", place.people.community_id)
    assert len([fact for fact in told if isinstance(fact, NoticeStarted)]) == 2


async def test_each_objection_has_a_named_answer(neighbourhood: Neighbourhood, facts_of) -> None:
    place = neighbourhood
    notice = await publish(place, await decided(place))
    path = f"/notices/{notice['id']}/objections"
    objections = [await place.post(who, path, {"body": "不同意"}) for who in place.residents[:2]]
    assert problem_of(await place.try_post(place.secretary, path, {"body": "x"})) == (403, "no_household")
    place.later(days=9)
    for number, objection in enumerate(objections, start=1):
        await place.sweep("proposals", "complete_notices")
        assert (await place.get(place.secretary, f"/notices/{notice['id']}"))["state"] == "running", number
        answer = f"/objections/{objection['id']}/answers"
        refused = await place.try_post(place.residents[0], answer, {"answer": "自己答"})
        assert problem_of(refused) == (403, "forbidden")
        answered = await place.post(place.supervisor, answer, {"answer": "已核实"})
        assert (answered["answered_by_name"], answered["is_upheld"]) == ("李**", False)
        again = await place.try_post(place.supervisor, answer, {"answer": "再答"})
        assert problem_of(again) == (409, "proposals.objection_answered")
    await place.sweep("proposals", "complete_notices")
    assert (await place.get(place.secretary, f"/notices/{notice['id']}"))["state"] == "completed"
    told = [f for f in await facts_of("proposals", place.people.community_id) if isinstance(f, ObjectionAnswered)]
    assert {fact.household_id for fact in told} == {r.household_id for r in place.residents[:2]}
    listed = await place.get(place.residents[5], path)
    assert [item["answer"] for item in listed["items"]] == ["已核实", "已核实"]
    assert "household_id" not in listed["items"][0]


async def test_an_upheld_objection_stops_what_was_published(neighbourhood: Neighbourhood, facts_of) -> None:
    place = neighbourhood
    round_ = await decided(place)
    notice = await publish(place, round_)
    objection = await place.post(place.residents[0], f"/notices/{notice['id']}/objections", {"body": "名册漏了我家"})
    await place.post(
        place.secretary, f"/objections/{objection['id']}/answers", {"answer": "确实漏了", "is_upheld": True}
    )
    place.later(days=30)
    await place.sweep("proposals", "complete_notices")
    assert (await place.get(place.residents[0], f"/notices/{notice['id']}"))["state"] == "stopped"
    assert (await place.get(place.residents[0], f"/rounds/{round_['id']}"))["state"] == "tallied"
    assert not [f for f in await facts_of("proposals", place.people.community_id) if isinstance(f, DecisionPublished)]
    back = await place.post(
        place.secretary,
        f"/processes/{round_['process_id']}/steps/decision_published/returns",
        {"to": "residents_decide", "reason": "名册有误，重新表决"},
    )
    assert back["open_step"] == "residents_decide"
    assert (await place.get(place.residents[0], f"/rounds/{round_['id']}"))["state"] == "void"
    kept = await place.get(place.residents[0], f"/rounds/{round_['id']}/log?limit=100")
    assert kept["items"][-1]["kind"] == "annul"
    assert "名册有误，重新表决" in kept["items"][-1]["leaf"], "the log keeps what was annulled, and why"
    assert (await place.get(place.residents[0], f"/rounds/{round_['id']}/tally"))["state"] == "void"
    assert (await place.try_get(place.supervisor, f"/rounds/{round_['id']}/export")).status_code == 200
    second = await place.draft_round({"id": round_["process_id"]})
    assert second["state"] == "drafted"


async def test_a_step_sent_back_takes_its_notice_down(neighbourhood: Neighbourhood, facts_of) -> None:
    place = neighbourhood
    round_ = await decided(place)
    notice = await publish(place, round_)
    path = f"/processes/{round_['process_id']}/steps/decision_published/returns"
    await place.post(place.secretary, path, {"to": "residents_decide", "reason": "结果有误"})
    assert (await place.get(place.residents[0], f"/notices/{notice['id']}"))["state"] == "stopped"
    place.later(days=30)
    await place.sweep("proposals", "complete_notices")
    assert (await place.get(place.residents[0], f"/notices/{notice['id']}"))["state"] == "stopped"
    assert not [f for f in await facts_of("proposals", place.people.community_id) if isinstance(f, DecisionPublished)]


async def test_the_database_itself_refuses_an_early_end(neighbourhood: Neighbourhood) -> None:
    from sqlalchemy.exc import IntegrityError

    place = neighbourhood
    notice = await publish(place, await decided(place))
    async with place.apps.runtime("proposals").database.worker.connect() as connection:
        with pytest.raises(IntegrityError, match="complete_by_rule"):
            await connection.execute(
                text("UPDATE proposals.notice SET state = 'completed', completed_at = started_at WHERE id = :id"),
                {"id": notice["id"]},
            )


async def test_a_result_notice_waits_for_report_and_supervisors(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await decided(place)
    await publish(place, round_)
    place.later(days=9)
    await place.sweep("proposals", "complete_notices")
    path = f"/processes/{round_['process_id']}/steps/result_published/notices"
    refused = await place.try_post(place.secretary, path, NOTICE)
    assert problem_of(refused) == (409, "proposals.evidence_missing")
    assert refused.json()["missing"] == ["implementation_report", "supervision_opinion"]


async def test_who_may_publish(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await decided(place)
    path = f"/processes/{round_['process_id']}/steps/decision_published/notices"
    allowed = []
    for role in Role:
        answer = problem_of(await place.try_post(place.people.staff(role), path, NOTICE))
        if answer != (403, "forbidden"):
            assert answer in {(201, ""), (409, "proposals.notice_already_running")}
            allowed.append(role)
    assert set(allowed) == {Role.BRANCH_SECRETARY, Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN}


async def test_what_is_not_there_is_not_found(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    for path in (f"/notices/{new_id()}", f"/notices/{new_id()}/objections", f"/notices/{new_id()}/actions"):
        assert problem_of(await place.try_get(place.residents[0], path)) == (404, "proposals.notice_not_found")
    answer = await place.try_post(place.secretary, f"/objections/{new_id()}/answers", {"answer": "x"})
    assert problem_of(answer) == (404, "proposals.objection_not_found")
