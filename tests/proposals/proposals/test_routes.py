"""Proposals over HTTP: texts that never change, and support that belongs to the text that was shown."""

import asyncio

from shared.ids import new_id
from shared.kernel.principal import Role
from tests.proposals.conftest import Neighbourhood, problem_of


async def test_support_belongs_to_the_text_that_was_shown(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    proposal = await place.open_proposal()
    path = f"/proposals/{proposal['id']}"
    await place.endorse(proposal)
    await place.hear_opinions(proposal)
    before = await place.get(place.residents[0], path)
    assert (before["state"], before["endorsements"], before["opinions"]) == ("endorsed", 2, 6)
    changed = await place.post(
        place.secretary,
        f"{path}/versions",
        {"title": "12 栋加装电梯", "body": "改到南侧加装。", "changes": "改到南侧"},
    )
    assert (changed["state"], changed["version_no"], changed["endorsements"], changed["opinions"]) == (
        "gathering",
        2,
        0,
        0,
    )
    stale = await place.try_post(place.residents[0], f"{path}/endorsements", {"text_hash": proposal["text_hash"]})
    assert problem_of(stale) == (412, "proposals.text_changed")
    assert stale.json()["text_hash"] == changed["text_hash"]
    await place.endorse(changed)
    versions = await place.get(place.residents[0], f"{path}/versions")
    assert [(v["version_no"], v["body"]) for v in versions] == [
        (2, "改到南侧加装。"),
        (1, "在 12 栋北侧加装电梯一部，费用按楼层分摊。"),
    ]
    same = {"title": "12 栋加装电梯", "body": "改到南侧加装。", "changes": "没变"}
    assert problem_of(await place.try_post(place.secretary, f"{path}/versions", same)) == (
        409,
        "proposals.text_unchanged",
    )


async def test_a_household_endorses_once_whoever_does_it(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    proposal = await place.open_proposal()
    path, body = f"/proposals/{proposal['id']}/endorsements", {"text_hash": proposal["text_hash"]}
    answers = await asyncio.gather(
        *(place.try_post(who, path, body) for who in (place.residents[0], place.seconds[0]) for _ in range(2))
    )
    assert sorted(problem_of(a) for a in answers) == [(200, ""), *[(409, "proposals.already_endorsed")] * 3]
    assert (await place.get(place.residents[0], f"/proposals/{proposal['id']}"))["endorsements"] == 1


async def test_only_households_in_scope_have_a_say(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    proposal = await place.open_proposal()
    stranger = place.people.resident()
    body = {"text_hash": proposal["text_hash"]}
    refused = await place.try_post(stranger, f"/proposals/{proposal['id']}/endorsements", body)
    assert problem_of(refused) == (409, "proposals.not_in_scope")
    refused = await place.try_post(place.secretary, f"/proposals/{proposal['id']}/endorsements", body)
    assert problem_of(refused) == (403, "no_household")
    opinion = body | {"stance": "for", "household_id": str(place.residents[1].household_id)}
    refused = await place.try_post(place.residents[0], f"/proposals/{proposal['id']}/opinions", opinion)
    assert problem_of(refused) == (403, "forbidden")


async def test_an_opinion_counts_once_per_household_and_is_answered(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    proposal = await place.open_proposal()
    path = f"/proposals/{proposal['id']}/opinions"
    body = {"text_hash": proposal["text_hash"], "stance": "suggestion", "body": "一楼少出点"}
    first = await place.post(place.residents[0], path, body)
    second = await place.post(place.seconds[0], path, body | {"body": "一楼不出"})
    assert first["id"] == second["id"]
    assert (await place.get(place.residents[0], f"/proposals/{proposal['id']}"))["opinions"] == 1
    answered = await place.post(
        place.secretary, f"/opinions/{first['id']}/answers", {"is_adopted": True, "answer": "已写入"}
    )
    assert (answered["is_adopted"], answered["answered_by"], answered["body"]) == (True, "李**", "一楼不出")
    after = await place.post(place.residents[0], path, body | {"body": "再改一次"})
    assert after["body"] == "一楼不出", "what was answered stays as it was answered"
    missing = await place.try_post(
        place.secretary, f"/opinions/{new_id()}/answers", {"is_adopted": True, "answer": "x"}
    )
    assert problem_of(missing) == (404, "proposals.opinion_not_found")


async def test_a_proposal_needs_a_scope_with_people_and_a_known_template(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    body = {"scope_kind": "building", "scope_id": str(new_id()), "title": "x", "body": "y"}
    assert problem_of(await place.try_post(place.secretary, "/proposals", body)) == (409, "proposals.roll_empty")
    body |= {"scope_kind": "community", "scope_id": None, "template": "by_lot"}
    assert problem_of(await place.try_post(place.secretary, "/proposals", body)) == (
        404,
        "proposals.template_not_found",
    )
    opened = await place.post(place.secretary, "/proposals", body | {"template": "four_and_two_owners"})
    assert (opened["scope_name"], opened["households_in_scope"]) == ("全社区", 12)


async def test_a_minor_concern_is_no_proposal(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    concern = await place.post(place.residents[0], "/concerns", {"title": "灯", "body": "坏了"})
    body = {"concern_id": concern["id"], "scope_kind": "community", "title": "灯", "body": "换灯"}
    assert problem_of(await place.try_post(place.secretary, "/proposals", body)) == (409, "wrong_state")
    await place.post(place.secretary, f"/concerns/{concern['id']}/triages", {"level": "minor", "reason": "小事"})
    assert problem_of(await place.try_post(place.secretary, "/proposals", body)) == (409, "proposals.concern_not_major")


async def test_who_may_open_a_proposal(neighbourhood: Neighbourhood) -> None:
    body = {"scope_kind": "community", "title": "x", "body": "y"}
    for role in Role:
        allowed = role in {Role.BRANCH_SECRETARY, Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN}
        answer = await neighbourhood.try_post(neighbourhood.people.staff(role), "/proposals", body)
        assert problem_of(answer) == ((201, "") if allowed else (403, "forbidden")), role


async def test_a_proposal_can_be_withdrawn_before_it_is_discussed(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    proposal = await place.open_proposal()
    path = f"/proposals/{proposal['id']}"
    assert "withdraw" in (await place.get(place.secretary, f"{path}/actions"))["actions"]
    assert (await place.get(place.residents[0], f"{path}/actions"))["actions"] == ["endorse"]
    assert problem_of(await place.try_post(place.residents[0], f"{path}/withdrawals")) == (403, "forbidden")
    assert (await place.post(place.secretary, f"{path}/withdrawals"))["state"] == "withdrawn"
    listed = await place.get(place.residents[0], "/proposals?state=withdrawn")
    assert [p["id"] for p in listed["items"]] == [proposal["id"]]
    assert (await place.get(place.residents[0], "/proposals?state=gathering"))["items"] == []
