"""Rounds over HTTP: what a voter relies on is fixed before anybody votes."""

from datetime import timedelta

import pytest

from services.proposals.rounds.domain import Method, RoundState
from shared.contracts.events import RoundClosed, RoundOpened, RoundTallied
from shared.kernel.principal import Role
from tests.proposals.conftest import Neighbourhood, RefusedError, problem_of


async def residents_step(place: Neighbourhood) -> str:
    """Return the path of an open residents' step without a round."""
    round_ = await place.open_round_at_once(state=RoundState.DRAFTED)
    await place.post(place.secretary, f"/rounds/{round_['id']}/voidings")
    return f"/processes/{round_['process_id']}/steps/residents_decide/rounds"


async def roll(place: Neighbourhood, **changes) -> dict:
    body = {"title": "名册", "scope_kind": "building", "scope_id": str(place.building_id)}
    return await place.post(place.secretary, "/rolls", body | changes)


async def test_a_roll_is_frozen_and_published_before_the_vote(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    frozen = await roll(place)
    assert (frozen["units"], frozen["heads"], frozen["area_cm2e2"]) == (12, 12, 12 * 8_900 + 78)
    assert (await roll(place))["roll_hash"] == frozen["roll_hash"], "the same households, the same hash"
    units = await place.get(place.residents[0], f"/rolls/{frozen['id']}/units?limit=100")
    assert {unit["unit_id"] for unit in units["items"]} == {str(r.household_id) for r in place.residents}
    assert set(units["items"][0]) == {"unit_id", "label", "heads"}, "no names, and no area: it identifies a flat"
    assert problem_of(
        await place.try_post(place.residents[0], "/rolls", {"title": "x", "scope_kind": "community"})
    ) == (
        403,
        "forbidden",
    )


async def test_a_household_that_moves_changes_no_frozen_roll(neighbourhood: Neighbourhood, hear) -> None:
    from shared.contracts.events import HouseholdChanged, ResidentLeft

    place = neighbourhood
    round_ = await place.open_round_at_once()
    leaving = place.residents[2]
    await hear(
        "proposals",
        place.people.community_id,
        ResidentLeft(resident_id=leaving.resident_id, household_id=leaving.household_id, reason="搬走"),
    )
    assert (await place.vote(leaving, round_, "yes")).status_code == 201
    await hear(
        "proposals",
        place.people.community_id,
        HouseholdChanged(
            household_id=leaving.household_id,
            household_number="QLQ-12-0003",
            grid_id=place.building_id,
            grid_name="第三网格",
            building_id=place.building_id,
            building_name="12栋",
            householder_name="王**",
            area_cm2e2=1,
            resident_count=0,
            status="moved_out",
        ),
    )
    assert (await roll(place))["units"] == 11
    assert (await place.get(leaving, f"/rounds/{round_['id']}/turnout"))["units"] == 12


async def test_who_lives_nowhere_is_on_no_roll_but_may_be_an_actor_later(neighbourhood: Neighbourhood, hear) -> None:
    from tests.proposals.conftest import join

    place = neighbourhood
    child = place.seconds[1]
    assert problem_of(await place.vote(child, await place.open_round_at_once(), "yes")) == (
        403,
        "proposals.may_not_act",
    )
    await join(hear, child, is_adult=True)
    assert (await place.vote(child, await place.open_round_at_once(), "yes")).status_code == 201


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"closes_in": 0}, (422, "proposals.window_invalid")),
        ({"closes_in": -1}, (422, "proposals.window_invalid")),
        ({"opens_in": 8}, (422, "proposals.window_invalid")),
        ({"grade": "secret"}, (409, "proposals.grade_not_offered")),
        ({"grade": "named_public"}, (409, "proposals.area_needs_named")),
        ({"method": "single"}, (422, "proposals.options_invalid")),
        ({"options": [{"code": "a", "label": "甲"}, {"code": "b", "label": "乙"}]}, (422, "proposals.options_invalid")),
        (
            {"method": "single", "options": [{"code": "a", "label": "甲"}, {"code": "abstain", "label": "乙"}]},
            (422, "proposals.options_invalid"),
        ),
        ({"question": ""}, (422, "validation_failed")),
        ({"closes_at": "9999-12-31T23:59:59-12:00"}, (422, "validation_failed")),
        ({"closes_at": "2026-06-01T00:00:00"}, (422, "validation_failed")),
    ],
)
async def test_what_a_round_may_not_be(neighbourhood: Neighbourhood, changes: dict, problem: tuple[int, str]) -> None:
    place = neighbourhood
    path = await residents_step(place)
    now = place.clock.now()
    body = {
        "roll_id": (await roll(place))["id"],
        "question": "是否同意？",
        "opens_at": (now + timedelta(days=changes.pop("opens_in", 0))).isoformat(),
        "closes_at": (now + timedelta(days=changes.pop("closes_in", 7))).isoformat(),
    }
    assert problem_of(await place.try_post(place.secretary, path, body | changes)) == problem


async def test_nobody_votes_again_until_the_result_pleases(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    process = {"id": round_["process_id"]}
    for _ in range(2):
        with pytest.raises(RefusedError, match=r"proposals\.round_already_held"):
            await place.draft_round(process)
        voided = await place.try_post(place.secretary, f"/rounds/{round_['id']}/voidings")
        assert problem_of(voided) == (409, "wrong_state")
        await place.close(round_)
    back = {"to": "committees_discuss", "reason": "参与的户数不够，重新商议"}
    await place.post(place.secretary, f"/processes/{process['id']}/steps/residents_decide/returns", back)
    assert (await place.get(place.secretary, f"/rounds/{round_['id']}"))["state"] == "void"


async def test_a_step_sent_back_closes_its_box(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    await place.vote(place.residents[0], round_, "yes")
    path = f"/processes/{round_['process_id']}/steps/residents_decide/returns"
    await place.post(place.secretary, path, {"to": "committees_discuss", "reason": "方案有变"})
    assert problem_of(await place.vote(place.residents[1], round_, "yes")) == (410, "proposals.round_closed")
    log = await place.get(place.residents[0], f"/rounds/{round_['id']}/log")
    assert [entry["kind"] for entry in log["items"]] == ["freeze", "open", "cast", "annul"], "a receipt holds even so"
    for who in (place.residents[0], place.supervisor):
        for part in ("tally", "export"):
            answer = await place.try_get(who, f"/rounds/{round_['id']}/{part}")
            assert answer.status_code in (403, 409), "what was never counted is never opened"


async def test_a_no_that_was_counted_stands(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    for voter in place.residents[:9]:
        await place.vote(voter, round_, "no")
    await place.close(round_)
    path = f"/processes/{round_['process_id']}/steps/residents_decide/rejections"
    ended = await place.post(place.secretary, path, {"reason": "表决没有通过"})
    assert ended["state"] == "rejected"
    tally = await place.get(place.residents[0], f"/rounds/{round_['id']}/tally")
    assert (tally["state"], tally["is_held"], tally["is_passed"]) == ("final", True, False)


async def test_a_draft_may_be_given_up(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once(state=RoundState.FROZEN)
    assert (await place.post(place.secretary, f"/rounds/{round_['id']}/voidings"))["state"] == "void"
    assert (await place.draft_round({"id": round_["process_id"]}))["state"] == "drafted"


async def test_a_roll_of_another_scope_is_refused(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    path = await residents_step(place)
    other = await roll(place, scope_kind="community", scope_id=None)
    closes_at = (place.clock.now() + timedelta(days=7)).isoformat()
    body = {"roll_id": other["id"], "question": "是否同意？", "closes_at": closes_at}
    assert problem_of(await place.try_post(place.secretary, path, body)) == (409, "proposals.roll_of_another_scope")


async def test_times_are_told_in_utc_whatever_was_sent(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    path = await residents_step(place)
    body = {
        "roll_id": (await roll(place))["id"],
        "question": "是否同意？",
        "opens_at": "2026-05-20T08:00:00+08:00",
        "closes_at": "2026-05-27T20:00:00+08:00",
    }
    drafted = await place.post(place.secretary, path, body)
    assert (drafted["opens_at"], drafted["closes_at"]) == ("2026-05-20T00:00:00Z", "2026-05-27T12:00:00Z")
    frozen = await place.post(place.secretary, f"/rounds/{drafted['id']}/freezes")
    assert (frozen["opens_at"], frozen["closes_at"]) == ("2026-05-20T00:00:00Z", "2026-05-27T12:00:00Z")
    early = await place.try_post(place.secretary, f"/rounds/{drafted['id']}/openings")
    assert problem_of(early) == (409, "proposals.round_not_due")


async def test_a_round_lives_by_the_clock(neighbourhood: Neighbourhood, facts_of) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    path = f"/rounds/{round_['id']}"
    early = await place.try_post(place.secretary, f"{path}/closings")
    assert problem_of(early) == (409, "proposals.round_not_due")
    for voter in place.residents:
        await place.vote(voter, round_, "yes")
    closed = await place.post(place.secretary, f"{path}/closings")
    assert closed["state"] == "closed", "everybody has voted, so it may close before its time"
    await place.sweep("proposals", "tally_rounds")
    await place.sweep("proposals", "tally_rounds")
    told = await facts_of("proposals", place.people.community_id)
    assert [type(fact) for fact in told if type(fact).__name__.startswith("Round")] == [
        RoundOpened,
        RoundClosed,
        RoundTallied,
    ]
    tally = await place.get(place.residents[0], f"{path}/tally")
    recounted = await place.get(place.supervisor, f"{path}/recount")
    assert (recounted["agrees"], recounted["recounted_hash"]) == (True, tally["result_hash"])
    assert problem_of(await place.try_get(place.residents[0], f"{path}/recount")) == (403, "forbidden")


async def test_too_few_taking_part_is_no_decision(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    for voter in place.residents[:7]:
        await place.vote(voter, round_, "yes")
    await place.close(round_)
    tally = await place.get(place.residents[0], f"/rounds/{round_['id']}/tally")
    assert (tally["is_held"], tally["is_decided"], tally["is_passed"]) == (False, True, False)
    assert "× 参与表决人数占应到（全体）的三分之二以上：基数 12 人，需要 8 人，实际 7 人" in tally["derivation_text"]
    refused = await place.try_post(
        place.secretary,
        f"/processes/{round_['process_id']}/steps/residents_decide/completions",
        {"round_id": round_["id"]},
    )
    assert problem_of(refused) == (409, "proposals.evidence_missing")
    for who, kind in ((place.township, "township_sign_off"), (place.supervisor, "supervision_opinion")):
        await place.file(who, {"id": round_["process_id"]}, "residents_decide", kind)
    refused = await place.try_post(
        place.secretary,
        f"/processes/{round_['process_id']}/steps/residents_decide/completions",
        {"round_id": round_["id"]},
    )
    assert problem_of(refused) == (409, "proposals.rule_not_met")


async def test_a_vote_nobody_took_part_in_is_counted(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    await place.close(round_)
    tally = await place.get(place.residents[0], f"/rounds/{round_['id']}/tally")
    assert (tally["ballots"], tally["is_passed"]) == (0, False)
    assert "总数为 0，按没有达到处理" in tally["derivation_text"]


async def test_a_round_of_another_step_closes_nothing(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    one, two = await place.open_round_at_once(), await place.open_round_at_once()
    path = f"/processes/{one['process_id']}/steps/residents_decide/completions"
    assert problem_of(await place.try_post(place.secretary, path, {"round_id": two["id"]})) == (
        409,
        "proposals.result_of_another_step",
    )
    assert problem_of(await place.try_post(place.secretary, path, {"round_id": one["id"]})) == (
        409,
        "proposals.result_not_ready",
    )
    assert problem_of(await place.try_post(place.secretary, path, {})) == (422, "validation_failed")


async def test_who_may_freeze(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once(state=RoundState.DRAFTED)
    allowed = set()
    for role in Role:
        who = place.people.staff(role)
        if (await place.get(who, f"/rounds/{round_['id']}/actions"))["actions"] == ["freeze", "void"]:
            allowed.add(role)
        elif role not in allowed:
            assert problem_of(await place.try_post(who, f"/rounds/{round_['id']}/freezes")) == (403, "forbidden")
    assert allowed == {Role.BRANCH_SECRETARY, Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN}
    assert (await place.post(place.people.staff(*allowed), f"/rounds/{round_['id']}/freezes"))["state"] == "frozen"


async def test_the_votes_that_wait_for_me(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    later = await place.open_round_at_once(days=9)
    sooner = await place.open_round_at_once(days=2)
    await place.open_round_at_once(state=RoundState.FROZEN)

    async def waiting(who) -> list[str]:
        return [round_["id"] for round_ in await place.get(who, "/ballots/open")]

    assert await waiting(place.residents[0]) == [sooner["id"], later["id"]]
    await place.vote(place.seconds[0], sooner, "yes")
    assert await waiting(place.residents[0]) == [later["id"]]
    assert await waiting(place.seconds[1]) == [], "a child has no vote"
    assert await waiting(place.secretary) == []
    place.later(days=9)
    assert await waiting(place.residents[1]) == []


async def test_an_altered_ballot_stops_the_count(neighbourhood: Neighbourhood, database_url: str) -> None:
    import asyncpg

    place = neighbourhood
    round_ = await place.open_round_at_once()
    await place.vote(place.residents[0], round_, "yes")
    owner = await asyncpg.connect(database_url)
    try:
        await owner.execute("ALTER TABLE proposals.ballot DISABLE TRIGGER USER")
        await owner.execute(
            "UPDATE proposals.ballot SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) WHERE round_id = $1",
            round_["id"],
        )
        await owner.execute("ALTER TABLE proposals.ballot ENABLE TRIGGER USER")
    finally:
        await owner.close()
    await place.close(round_)
    assert (await place.get(place.residents[0], f"/rounds/{round_['id']}"))["state"] == "closed"
    assert problem_of(await place.try_get(place.supervisor, f"/rounds/{round_['id']}/tally")) == (
        403,
        "proposals.interim_result",
    )


OPTIONS = {"method": "approve", "options": [("a", "亭子"), ("b", "停车位"), ("c", "花坛")], "max_choices": 2}


async def count_votes(place: Neighbourhood, round_: dict, *choices: tuple[str, ...]) -> dict:
    for voter, choice in zip(place.residents, choices, strict=False):
        assert (await place.vote(voter, round_, *choice)).status_code == 201
    await place.close(round_)
    return await place.get(place.residents[0], f"/rounds/{round_['id']}/tally")


async def level(place: Neighbourhood, *choices: tuple[str, ...]) -> tuple[dict, dict]:
    """Return a round by heads and its count."""
    asked = OPTIONS | {"method": Method.APPROVE}
    round_ = await place.open_round_at_once(template="four_and_two_residents", **asked)
    for voter in place.residents:
        await place.post(voter, f"/rounds/{round_['id']}/check-ins")
    return round_, await count_votes(place, round_, *choices)


async def test_a_tie_decides_nothing_and_leads_to_a_run_off(neighbourhood: Neighbourhood, facts_of) -> None:
    place = neighbourhood
    round_, tally = await level(place, *[("c", "b")] * 7, ("a",))
    assert (tally["winner"], tally["tied"], tally["needs_runoff"]) == (None, ["b", "c"], True)
    assert (tally["is_held"], tally["is_passed"]) == (True, False)
    assert "停车位、花坛并列，各得 7 户" in tally["derivation_text"]
    told = await facts_of("proposals", place.people.community_id)
    assert [fact.needs_runoff for fact in told if isinstance(fact, RoundTallied)] == [True]
    assert (await place.get(place.supervisor, f"/rounds/{round_['id']}/recount"))["agrees"]
    step = f"/processes/{round_['process_id']}/steps/residents_decide"
    for who, kind in ((place.township, "township_sign_off"), (place.supervisor, "supervision_opinion")):
        await place.file(who, {"id": round_["process_id"]}, "residents_decide", kind)
    refused = await place.try_post(place.secretary, f"{step}/completions", {"round_id": round_["id"]})
    assert problem_of(refused) == (409, "proposals.rule_not_met")
    assert "得票最多的选项只有一个" in refused.json()["detail"]

    path, body = f"/rounds/{round_['id']}/runoffs", {"closes_at": (place.clock.now() + timedelta(days=7)).isoformat()}
    assert problem_of(await place.try_post(place.residents[0], path, body)) == (403, "forbidden")
    late = await place.try_post(place.secretary, path, {"closes_at": place.clock.now().isoformat()})
    assert problem_of(late) == (422, "proposals.window_invalid")
    runoff = await place.post(place.secretary, path, body)
    assert [option["code"] for option in runoff["options"]] == ["b", "c", "abstain"]
    assert (runoff["method"], runoff["max_choices"], runoff["runoff_of"]) == ("single", 1, round_["id"])
    assert all(runoff[name] == round_[name] for name in ("roll_id", "rule", "grade", "text_hash", "needs_presence"))
    assert problem_of(await place.try_post(place.secretary, path, body)) == (409, "proposals.round_already_held")

    await place.post(place.secretary, f"/rounds/{runoff['id']}/freezes")
    runoff = await place.post(place.secretary, f"/rounds/{runoff['id']}/openings")
    for voter in place.residents:
        await place.post(voter, f"/rounds/{runoff['id']}/check-ins")
    assert (await count_votes(place, runoff, *[("c",)] * 7, ("b",)))["winner"] == "c"
    passed = await place.post(place.secretary, f"{step}/completions", {"round_id": runoff["id"]})
    assert passed["open_step"] == "decision_published"


async def test_only_a_tie_is_put_again(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    body = {"closes_at": (place.clock.now() + timedelta(days=30)).isoformat()}
    clear, tally = await level(place, *[("c",)] * 8)
    assert (tally["winner"], tally["tied"], tally["needs_runoff"]) == ("c", [], False)
    nothing, tally = await level(place, *[("abstain",)] * 8)
    assert (tally["winner"], tally["needs_runoff"]) == (None, False), "nobody chose anything"
    for round_ in (clear, nothing):
        path = f"/rounds/{round_['id']}/runoffs"
        assert problem_of(await place.try_post(place.secretary, path, body)) == (409, "proposals.no_tie")
    early = await place.open_round_at_once()
    early_path = f"/rounds/{early['id']}/runoffs"
    assert problem_of(await place.try_post(place.secretary, early_path, body)) == (403, "proposals.interim_result")


async def test_a_tie_whose_step_was_sent_back_is_not_put_again(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_, _ = await level(place, *[("c", "b")] * 8)
    back = {"to": "committees_discuss", "reason": "方案有变"}
    await place.post(place.secretary, f"/processes/{round_['process_id']}/steps/residents_decide/returns", back)
    body = {"closes_at": (place.clock.now() + timedelta(days=7)).isoformat()}
    refused = await place.try_post(place.secretary, f"/rounds/{round_['id']}/runoffs", body)
    assert problem_of(refused) == (409, "proposals.step_out_of_order")
