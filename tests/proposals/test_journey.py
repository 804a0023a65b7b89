"""From a neighbour's concern to a decision everybody can check, over HTTP alone."""

from services.proposals.ballots.merkle import verify_consistency, verify_inclusion
from services.proposals.exports.verifier import is_signed
from shared.contracts.events import (
    DecisionPublished,
    NoticeCompleted,
    NoticeStarted,
    ProposalOpened,
    ResultPublished,
    RoundClosed,
    RoundOpened,
    RoundTallied,
)
from tests.proposals.conftest import Neighbourhood, problem_of


async def test_a_concern_becomes_a_published_decision(neighbourhood: Neighbourhood, facts_of) -> None:
    place = neighbourhood
    author, *others = place.residents

    concern = await place.post(author, "/concerns", {"title": "没有电梯", "body": "老人上下楼难", "place": "12 栋"})
    assert concern["state"] == "filed"
    sorted_ = await place.post(
        place.grid_worker, f"/concerns/{concern['id']}/triages", {"level": "major", "reason": "涉及全楼住户"}
    )
    assert (sorted_["state"], sorted_["level"]) == ("triaged", "major")

    proposal = await place.post(
        place.secretary,
        "/proposals",
        {
            "concern_id": concern["id"],
            "template": "four_and_two_owners",
            "scope_kind": "building",
            "scope_id": str(place.building_id),
            "title": "12 栋加装电梯",
            "body": "在 12 栋北侧加装电梯一部。",
        },
    )
    assert (proposal["state"], proposal["scope_name"], proposal["endorsements_needed"]) == ("gathering", "12栋", 2)
    assert (await place.get(author, f"/concerns/{concern['id']}"))["state"] == "proposed"
    await place.endorse(proposal)
    assert (await place.get(author, f"/proposals/{proposal['id']}"))["state"] == "endorsed"
    await place.hear_opinions(proposal)

    process = await place.start_process(proposal)
    assert process["open_step"] == "branch_proposes"
    await place.pass_meeting(process, "branch_proposes")
    await place.pass_meeting(process, "committees_discuss")
    await place.file(place.township, process, "party_deliberates", "township_sign_off")
    process = await place.pass_meeting(process, "party_deliberates", names=30, present=20, yes=15)
    assert process["open_step"] == "residents_decide"

    drafted = await place.draft_round(process)
    frozen = await place.post(place.secretary, f"/rounds/{drafted['id']}/freezes")
    assert len(frozen["frozen_hash"]) == 64
    await place.sweep("proposals", "open_rounds")
    round_ = await place.get(author, f"/rounds/{drafted['id']}")
    assert round_["state"] == "open"
    assert [r["id"] for r in await place.get(author, "/ballots/open")] == [round_["id"]]

    cast = await place.vote(author, round_, "no")
    assert cast.status_code == 201
    receipt = cast.json()
    for voter in others[:8]:
        assert (await place.vote(voter, round_, "yes")).status_code == 201
    assert await place.get(author, "/ballots/open") == []
    assert (await place.get(author, f"/rounds/{round_['id']}/turnout"))["voted_units"] == 9
    for reader in (author, place.secretary, place.supervisor):
        assert problem_of(await place.try_get(reader, f"/rounds/{round_['id']}/tally")) == (
            403,
            "proposals.interim_result",
        )

    # The receipt holds: the ballot is in the log, and the log only grows.
    early = await place.get(author, f"/rounds/{round_['id']}/log/head")
    await place.sweep("proposals", "sequence_ballots")
    proof = await place.get(author, f"/rounds/{round_['id']}/log/inclusion/{receipt['leaf_hash']}")
    head = proof["head"]
    assert verify_inclusion(
        bytes.fromhex(receipt["leaf_hash"]),
        proof["position"],
        head["size"],
        [bytes.fromhex(node) for node in proof["path"]],
        bytes.fromhex(head["root"]),
    )
    grown = await place.get(author, f"/rounds/{round_['id']}/log/consistency?old_size={early['size']}")
    assert verify_consistency(
        early["size"],
        bytes.fromhex(early["root"]),
        grown["head"]["size"],
        bytes.fromhex(grown["head"]["root"]),
        [bytes.fromhex(node) for node in grown["path"]],
    )

    await place.close(round_)
    tally = await place.get(author, f"/rounds/{round_['id']}/tally")
    assert (tally["is_held"], tally["is_passed"], tally["ballots"], tally["state"]) == (True, True, 9, "tallied")
    assert "√ 同意人数占参与表决的超过半数：基数 9 人，需要 5 人，实际 8 人" in tally["derivation_text"]

    for who, kind in ((place.township, "township_sign_off"), (place.supervisor, "supervision_opinion")):
        await place.file(who, process, "residents_decide", kind)
    process = await place.post(
        place.secretary, f"/processes/{process['id']}/steps/residents_decide/completions", {"round_id": round_["id"]}
    )
    assert process["open_step"] == "decision_published"

    notice = await place.post(
        place.secretary,
        f"/processes/{process['id']}/steps/decision_published/notices",
        {"title": "表决结果公示", "body": tally["derivation_text"], "places": ["12 栋大厅"], "contact": "王主任"},
    )
    objection = await place.post(author, f"/notices/{notice['id']}/objections", {"body": "采光怎么办"})
    place.later(days=9)
    await place.sweep("proposals", "complete_notices")
    assert (await place.get(author, f"/notices/{notice['id']}"))["state"] == "running", "an objection is open"
    await place.post(place.secretary, f"/objections/{objection['id']}/answers", {"answer": "已退让一米"})
    await place.sweep("proposals", "complete_notices")
    assert (await place.get(author, f"/notices/{notice['id']}"))["state"] == "completed"
    assert (await place.get(author, f"/rounds/{round_['id']}/tally"))["state"] == "final"
    assert (await place.get(author, f"/proposals/{proposal['id']}"))["state"] == "decided"

    for who, kind in ((place.secretary, "implementation_report"), (place.supervisor, "supervision_opinion")):
        await place.file(who, process, "result_published", kind)
    await place.post(
        place.secretary,
        f"/processes/{process['id']}/steps/result_published/notices",
        {"title": "实施结果公示", "body": "电梯已装好。", "places": ["12 栋大厅"], "contact": "王主任"},
    )
    place.later(days=9)
    await place.sweep("proposals", "complete_notices")
    process = await place.get(author, f"/processes/{process['id']}")
    assert (process["state"], process["open_step"]) == ("completed", None)
    assert [step["state"] for step in process["steps"]] == ["passed"] * 6
    assert (await place.get(author, f"/proposals/{proposal['id']}"))["state"] == "carried_out"

    told = await facts_of("proposals", place.people.community_id)
    assert [type(fact) for fact in told] == [
        ProposalOpened,
        RoundOpened,
        RoundClosed,
        RoundTallied,
        NoticeStarted,
        *[type(fact) for fact in told if type(fact).__name__ == "ObjectionAnswered"],
        NoticeCompleted,
        DecisionPublished,
        NoticeStarted,
        NoticeCompleted,
        ResultPublished,
    ]
    (decision,) = [fact for fact in told if isinstance(fact, DecisionPublished)]
    assert (str(decision.round_id), decision.result_hash) == (round_["id"], tally["result_hash"])
    log = await place.get(author, f"/rounds/{round_['id']}/log?limit=100")
    assert [entry["kind"] for entry in log["items"]] == ["freeze", "open", *["cast"] * 9, "close", "tally", "publish"]
    assert is_signed(bytes.fromhex(receipt["public_key"]), b"x", bytes.fromhex(receipt["signature"])) is False
