"""Processes over HTTP: in order, with evidence, sent back with a reason, ended with a reason."""

from datetime import timedelta

import pytest

from shared.kernel.principal import Role
from tests.proposals.conftest import Neighbourhood, RefusedError, problem_of


async def ready(place: Neighbourhood) -> dict:
    proposal = await place.open_proposal()
    await place.endorse(proposal)
    return proposal


async def test_a_process_starts_when_enough_households_endorse(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    proposal = await place.open_proposal()
    body = {"proposal_id": proposal["id"], "rules_signed_off_by": "王主任"}
    short = await place.try_post(place.secretary, "/processes", body)
    assert problem_of(short) == (409, "proposals.endorsements_short")
    assert (short.json()["needed"], short.json()["have"]) == (2, 0)
    await place.endorse(proposal)
    unsigned = await place.try_post(place.secretary, "/processes", {"proposal_id": proposal["id"]})
    assert problem_of(unsigned) == (409, "proposals.rule_needs_signature")
    assert problem_of(await place.try_post(place.residents[0], "/processes", body)) == (403, "forbidden")
    process = await place.post(place.secretary, "/processes", body)
    assert (process["state"], process["open_step_title"], process["rules_signed_off_by"]) == (
        "running",
        "党支部提议",
        "王主任",
    )
    assert problem_of(await place.try_post(place.secretary, "/processes", body)) == (409, "proposals.process_running")


async def test_no_step_is_skipped(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    process = await place.start_process(await ready(place))
    meeting = {"title": "x", "place": "y", "names": ["甲"]}
    for step in ("committees_discuss", "party_deliberates", "residents_decide"):
        kind = "rounds" if step == "residents_decide" else "meetings"
        body = (
            meeting
            if kind == "meetings"
            else {"roll_id": process["id"], "question": "?", "closes_at": "2026-06-01T00:00:00Z"}
        )
        refused = await place.try_post(place.secretary, f"/processes/{process['id']}/steps/{step}/{kind}", body)
        assert problem_of(refused) == (409, "proposals.step_out_of_order"), step
    unknown = await place.try_post(place.secretary, f"/processes/{process['id']}/steps/tea_break/meetings", meeting)
    assert problem_of(unknown) == (404, "proposals.step_unknown")
    wrong = await place.try_post(
        place.secretary,
        f"/processes/{process['id']}/steps/branch_proposes/notices",
        {"title": "x", "body": "y", "places": ["z"], "contact": "w"},
    )
    assert problem_of(wrong) == (409, "proposals.wrong_step_kind")


async def test_no_meeting_lies_before_its_step(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    process = await place.start_process(await ready(place))
    body = {"title": "x", "place": "y", "names": ["甲"]}
    earlier = (place.clock.now() - timedelta(minutes=1)).isoformat()
    refused = await place.try_post(
        place.secretary, f"/processes/{process['id']}/steps/branch_proposes/meetings", body | {"held_at": earlier}
    )
    assert problem_of(refused) == (409, "proposals.step_back_dated")
    ahead = (place.clock.now() + timedelta(days=1)).isoformat()
    meeting = await place.post(
        place.secretary, f"/processes/{process['id']}/steps/branch_proposes/meetings", body | {"held_at": ahead}
    )
    early = await place.try_post(place.secretary, f"/meetings/{meeting['id']}/check-ins", {"numbers": [1]})
    assert problem_of(early) == (409, "proposals.meeting_ahead")


async def test_evidence_and_opinions_are_complete_before_a_step_closes(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    proposal = await ready(place)
    process = await place.start_process(proposal)
    await place.pass_meeting(process, "branch_proposes")
    with pytest.raises(RefusedError, match=r"proposals\.opinions_short"):
        await place.pass_meeting(process, "committees_discuss")
    await place.hear_opinions(proposal)
    *_, held = await place.get(place.secretary, f"/processes/{process['id']}/meetings")
    completions = f"/processes/{process['id']}/steps/committees_discuss/completions"
    await place.post(place.secretary, completions, {"meeting_id": held["id"]})
    with pytest.raises(RefusedError, match=r"proposals\.evidence_missing"):
        await place.pass_meeting(process, "party_deliberates", names=30, present=20, yes=15)
    own = await place.try_post(
        place.secretary,
        f"/processes/{process['id']}/steps/party_deliberates/evidence",
        {"kind": "township_sign_off", "note": "我替街道签"},
    )
    assert problem_of(own) == (403, "forbidden")


@pytest.mark.parametrize(("present", "yes"), [(4, 4), (7, 3)], ids=["not held", "not decided"])
async def test_a_step_whose_rule_is_not_met_does_not_pass(neighbourhood: Neighbourhood, present: int, yes: int) -> None:
    place = neighbourhood
    process = await place.start_process(await ready(place))
    with pytest.raises(RefusedError, match=r"proposals\.rule_not_met"):
        await place.pass_meeting(process, "branch_proposes", names=9, present=present, yes=yes)
    (meeting,) = await place.get(place.secretary, f"/processes/{process['id']}/meetings")
    assert (meeting["due"], meeting["present"], meeting["is_held"]) == (9, present, present > 4)
    assert "到会人数占应到（全体）的超过半数：基数 9 人，需要 5 人" in meeting["derivation_text"]


async def test_a_returned_step_says_why_and_starts_again(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    _, process = await place.reach_residents()
    path = f"/processes/{process['id']}/steps/residents_decide"
    silent = await place.try_post(place.secretary, f"{path}/returns", {"to": "branch_proposes", "reason": " "})
    assert problem_of(silent) == (422, "validation_failed")
    forward = await place.try_post(place.secretary, f"{path}/returns", {"to": "decision_published", "reason": "快点"})
    assert problem_of(forward) == (409, "proposals.return_target")
    back = await place.post(place.secretary, f"{path}/returns", {"to": "committees_discuss", "reason": "费用不清"})
    assert back["open_step"] == "committees_discuss"
    assert [(s["code"], s["attempt"], s["state"], s["reason"]) for s in back["steps"]][-2:] == [
        ("residents_decide", 1, "returned", "费用不清"),
        ("committees_discuss", 2, "open", ""),
    ]
    again = await place.pass_meeting(process, "committees_discuss")
    assert again["open_step"] == "party_deliberates"
    with pytest.raises(RefusedError, match=r"proposals\.evidence_missing"):
        # The evidence of the first attempt proves nothing for the second.
        await place.pass_meeting(process, "party_deliberates", names=30, present=20, yes=15)


async def test_a_return_to_the_author_lets_the_text_be_changed(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    proposal = await ready(place)
    process = await place.start_process(proposal)
    change = {"title": "12 栋加装电梯", "body": "新方案。", "changes": "改方案"}
    refused = await place.try_post(place.secretary, f"/proposals/{proposal['id']}/versions", change)
    assert problem_of(refused) == (409, "wrong_state")
    ended = await place.post(
        place.secretary, f"/processes/{process['id']}/steps/branch_proposes/returns", {"reason": "方案要大改"}
    )
    assert (ended["state"], ended["end_reason"], ended["open_step"]) == ("returned", "方案要大改", None)
    revised = await place.post(place.secretary, f"/proposals/{proposal['id']}/versions", change)
    assert (revised["state"], revised["version_no"]) == ("gathering", 2)
    await place.endorse(revised)
    assert (await place.start_process(revised))["text_hash"] == revised["text_hash"]


async def test_a_rejection_ends_the_matter_with_a_reason(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    proposal = await ready(place)
    process = await place.start_process(proposal)
    path = f"/processes/{process['id']}/steps/branch_proposes"
    refused = await place.try_post(place.residents[0], f"{path}/rejections", {"reason": "不好"})
    assert problem_of(refused) == (403, "forbidden")
    ended = await place.post(place.secretary, f"{path}/rejections", {"reason": "支部没有通过"})
    assert (ended["state"], ended["steps"][0]["state"]) == ("rejected", "rejected")
    assert (await place.get(place.residents[0], f"/proposals/{proposal['id']}"))["state"] == "rejected"
    after = await place.try_post(place.secretary, f"{path}/rejections", {"reason": "再来"})
    assert problem_of(after) == (409, "proposals.step_out_of_order")


async def test_who_may_run_the_first_step(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    process = await place.start_process(await ready(place))
    path = f"/processes/{process['id']}"
    body = {"title": "x", "place": "y", "names": ["甲", "乙"]}
    for role in Role:
        who = place.people.staff(role)
        allowed = role in {Role.BRANCH_SECRETARY, Role.COMMUNITY_ADMIN}
        answer = await place.try_post(who, f"{path}/steps/branch_proposes/meetings", body)
        assert problem_of(answer) == ((201, "") if allowed else (403, "forbidden")), role
        assert bool((await place.get(who, f"{path}/actions"))["actions"]) is allowed, role


async def test_meetings_count_who_came_and_hands_of_those_alone(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    process = await place.start_process(await ready(place))
    base = f"/processes/{process['id']}/steps/branch_proposes/meetings"
    body = {"title": "x", "place": "y"}
    twins = await place.try_post(place.secretary, base, body | {"names": ["张三", "张三"]})
    assert problem_of(twins) == (422, "proposals.nobody_due")
    meeting = await place.post(place.secretary, base, body | {"names": ["张三", "李四", "王五"]})
    path = f"/meetings/{meeting['id']}"
    absent = await place.try_post(place.secretary, f"{path}/check-ins", {"numbers": [1, 4]})
    assert problem_of(absent) == (404, "proposals.attendee_not_found")
    for _ in range(2):
        came = await place.post(place.secretary, f"{path}/check-ins", {"numbers": [1, 2]})
    assert (came["due"], came["present"]) == (3, 2)
    close = {"yes": 2, "no": 1, "abstain": 0, "minutes": "会议记录"}
    too_many = await place.try_post(place.secretary, f"{path}/closings", close)
    assert problem_of(too_many) == (409, "proposals.hands_exceed_present")
    closed = await place.post(place.secretary, f"{path}/closings", close | {"no": 0})
    assert (closed["is_held"], closed["is_decided"], closed["state"]) == (True, True, "closed")
    assert (await place.get(place.secretary, f"{path}/actions")) == {"state": "closed", "actions": []}
    early = await place.try_post(place.residents[0], f"{path}/closings", close)
    assert problem_of(early) == (403, "forbidden")


async def test_templates_and_rules_are_published(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    templates = await place.get(place.residents[0], "/templates")
    assert [step["title"] for step in templates[0]["steps"]] == [
        "党支部提议", "两委商议", "党员大会审议", "居民会议决议", "决议公开", "实施结果公开",
    ]  # fmt: skip
    rules = {rule["code"]: rule for rule in await place.get(place.residents[0], "/rules")}
    assert rules["owners_ordinary"]["badge"] == ""
    assert "未核对" in rules["residents_meeting"]["badge"]
