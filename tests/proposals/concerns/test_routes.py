"""Concerns over HTTP: who sees what, who sorts, and the answer the author gets."""

import pytest

from shared.contracts.events import ConcernAnswered
from shared.ids import new_id
from shared.kernel.principal import Role
from tests.proposals.conftest import Neighbourhood, problem_of

CONCERN = {"title": "路灯不亮", "body": "3 单元门口的路灯坏了一周"}


async def test_an_answer_reaches_its_author(neighbourhood: Neighbourhood, facts_of) -> None:
    place = neighbourhood
    author = place.residents[0]
    concern = await place.post(author, "/concerns", CONCERN)
    path = f"/concerns/{concern['id']}"
    assert (await place.get(author, f"{path}/actions")) == {"state": "filed", "actions": []}
    assert (await place.get(place.grid_worker, f"{path}/actions"))["actions"] == ["triage", "merge"]
    sorted_ = await place.post(place.grid_worker, f"{path}/triages", {"level": "minor", "reason": "本楼协商即可"})
    assert sorted_["answer_due_at"] == "2026-05-18T01:00:00Z"
    answered = await place.post(place.grid_worker, f"{path}/answers", {"text": "已换灯泡"})
    assert (answered["state"], answered["answer"]) == ("answered", "已换灯泡")
    (told,) = await facts_of("proposals", place.people.community_id)
    assert told == ConcernAnswered(
        concern_id=told.concern_id,
        account_id=author.account_id,
        household_id=author.household_id,
        title="路灯不亮",
        answer="已换灯泡",
    )
    assert (await place.post(author, f"{path}/reopenings"))["state"] == "triaged"
    await place.post(place.grid_worker, f"{path}/answers", {"text": "又换了一次"})
    assert (await place.post(author, f"{path}/closures"))["state"] == "closed"
    assert problem_of(await place.try_post(author, f"{path}/closures")) == (409, "wrong_state")


async def test_what_is_private_or_unsorted_is_seen_by_the_household_and_staff_alone(
    neighbourhood: Neighbourhood,
) -> None:
    place = neighbourhood
    author, neighbour, family = place.residents[0], place.residents[1], place.seconds[0]
    concern = await place.post(author, "/concerns", CONCERN)
    path = f"/concerns/{concern['id']}"

    async def seen_by() -> set[str]:
        readers = {"author": author, "family": family, "neighbour": neighbour, "staff": place.grid_worker}
        return {name for name, who in readers.items() if (await place.try_get(who, path)).status_code == 200}

    assert await seen_by() == {"author", "family", "staff"}
    await place.post(place.grid_worker, f"{path}/triages", {"level": "private", "reason": "邻里纠纷"})
    assert await seen_by() == {"author", "family", "staff"}
    assert (await place.get(neighbour, "/concerns"))["items"] == []
    await place.post(place.grid_worker, f"{path}/triages", {"level": "minor", "reason": "其实是公共的灯"})
    assert await seen_by() == {"author", "family", "neighbour", "staff"}
    (listed,) = (await place.get(neighbour, "/concerns"))["items"]
    assert (listed["id"], listed["household_id"]) == (concern["id"], None), "neighbours read what, not who"
    assert (await place.get(family, path))["household_id"] == str(author.household_id)
    assert (await place.get(neighbour, "/concerns?mine=true"))["items"] == []


async def test_staff_enter_what_they_heard_and_nobody_else_does(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    heard = CONCERN | {"channel": "home_visit", "household_id": str(place.residents[4].household_id)}
    concern = await place.post(place.grid_worker, "/concerns", heard)
    assert concern["household_id"] == str(place.residents[4].household_id)
    assert (await place.try_get(place.residents[4], f"/concerns/{concern['id']}")).status_code == 200
    assert problem_of(await place.try_post(place.residents[0], "/concerns", heard)) == (403, "forbidden")
    unknown = await place.try_post(place.grid_worker, "/concerns", heard | {"household_id": str(new_id())})
    assert problem_of(unknown) == (404, "proposals.household_not_found"), "an answer would reach nobody"
    await place.post(place.grid_worker, "/concerns", CONCERN | {"channel": "mailbox"})
    assert (await place.get(place.grid_worker, "/concerns?mine=true"))["items"] == [], "nobody's is not everybody's"


async def test_neighbours_say_the_same_once_each(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    concern = await place.post(place.grid_worker, "/concerns", CONCERN | {"channel": "meeting"})
    path = f"/concerns/{concern['id']}"
    await place.post(place.grid_worker, f"{path}/triages", {"level": "minor", "reason": "公共照明"})
    for who in (place.residents[0], place.residents[1], place.seconds[0], place.residents[1]):
        after = await place.post(who, f"{path}/supports")
    assert after["supporters"] == 2
    assert problem_of(await place.try_post(place.secretary, f"{path}/supports")) == (403, "no_household")
    again = await place.post(place.grid_worker, "/concerns", CONCERN | {"channel": "hotline"})
    merged = await place.post(place.grid_worker, f"/concerns/{again['id']}/mergers", {"into_id": concern["id"]})
    assert (merged["state"], merged["merged_into"]) == ("merged", concern["id"])
    itself = await place.try_post(place.grid_worker, f"{path}/mergers", {"into_id": concern["id"]})
    assert problem_of(itself) == (409, "proposals.concern_merge_into_itself")


async def test_who_may_triage(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    concern = await place.post(place.residents[0], "/concerns", CONCERN)
    body = {"level": "private", "reason": "协商"}
    for role in Role:
        allowed = role in {Role.GRID_WORKER, Role.COMMITTEE_MEMBER, Role.BRANCH_SECRETARY, Role.COMMUNITY_ADMIN}
        answer = await place.try_post(place.people.staff(role), f"/concerns/{concern['id']}/triages", body)
        # To everybody else a concern that is private or not yet sorted does not exist.
        assert answer.status_code == (200 if allowed else 404), role


async def test_pages_follow_each_other_without_repeats(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    filed = [(await place.post(place.residents[0], "/concerns", CONCERN))["id"] for _ in range(5)]
    seen, path = [], "/concerns?limit=2"
    while path:
        page = await place.get(place.residents[0], path)
        seen += [item["id"] for item in page["items"]]
        path = page["next_cursor"] and f"/concerns?limit=2&cursor={page['next_cursor']}"
    assert sorted(seen) == sorted(filed)
    assert len(seen) == 5
    assert problem_of(await place.try_get(place.residents[0], "/concerns?cursor=x")) == (422, "cursor_invalid")


async def test_one_key_files_one_concern(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    first = await place.post(place.residents[0], "/concerns", CONCERN, key="k")
    again = await place.post(place.residents[0], "/concerns", CONCERN, key="k")
    assert first == again
    assert len((await place.get(place.residents[0], "/concerns"))["items"]) == 1


@pytest.mark.parametrize(
    "body", [{}, {"title": "", "body": "x"}, CONCERN | {"channel": "dream"}, CONCERN | {"who": "me"}]
)
async def test_malformed_concerns_are_refused(neighbourhood: Neighbourhood, body: dict) -> None:
    answer = await neighbourhood.try_post(neighbourhood.residents[0], "/concerns", body)
    assert problem_of(answer) == (422, "validation_failed")


async def test_what_is_not_there_is_not_found(neighbourhood: Neighbourhood) -> None:
    answer = await neighbourhood.try_get(neighbourhood.residents[0], f"/concerns/{new_id()}")
    assert problem_of(answer) == (404, "proposals.concern_not_found")
