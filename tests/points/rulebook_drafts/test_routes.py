"""A list from its draft to its adoption, by the vote itself or by somebody with the minutes."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.events import DecisionPublished, ResultPublished, RulebookAdopted
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.claims_kit import CLEAN_HOME, PARKING, RULEBOOKS, SWEEP, ClaimsKit

DRAFTS = "/api/v1/points/rulebook_drafts"


def draft(*items: dict[str, Any], **change: Any) -> dict[str, Any]:
    body = {"title": "下半年细则（草案）", "effective_on": "2026-05-20", "items": list(items) or [SWEEP, PARKING]}
    return body | change


def decision(proposal_id: Any, **change: Any) -> DecisionPublished:
    facts: dict[str, Any] = {
        "proposal_id": proposal_id,
        "process_id": new_id(),
        "round_id": new_id(),
        "title": "关于下半年积分细则的提案",
        "text_hash": "a" * 64,
        "result_hash": "b" * 64,
        "scope_kind": "community",
        "scope_id": None,
        "scope_name": "青龙泉社区",
    }
    return DecisionPublished(**facts | change)


@pytest.fixture
def kit(client_for: ClientFor, people: People, hear: Any) -> ClaimsKit:
    return ClaimsKit(client_for, people, hear)


async def test_a_decision_adopts_the_draft_it_is_about(kit: ClaimsKit, hear: Any, facts_of: Any, clock: Any) -> None:
    committee = kit.staff(Role.COMMITTEE_MEMBER)
    made = (await committee.post(DRAFTS, json=draft(household_cap_points=60))).json()
    proposal = new_id()
    linked = await committee.post(f"{DRAFTS}/{made['id']}/proposals", json={"proposal_id": str(proposal)})
    assert linked.json()["state"] == "draft"
    clock.advance(timedelta(days=14))

    event_id = new_id()
    for _ in range(2):
        await hear("points", kit.people.community_id, decision(proposal), event_id=event_id)
    await hear("points", kit.people.community_id, decision(proposal))
    result = ResultPublished(proposal_id=proposal, process_id=new_id(), title="细则")
    await hear("points", kit.people.community_id, result)

    resident = kit.home(new_id())
    book = (await resident.get(f"{RULEBOOKS}/current")).json()
    assert (book["version"], book["decision_id"], book["household_cap_points"]) == (1, str(proposal), 60)
    assert book["effective_on"] == "2026-05-25", "not before it was decided"
    adopted = (await resident.get(f"{DRAFTS}/{made['id']}")).json()
    assert (adopted["state"], adopted["adopted_version"]) == ("adopted", 1)
    assert len([f for f in await facts_of("points", kit.people.community_id) if isinstance(f, RulebookAdopted)]) == 1
    steps = (await resident.get(f"{DRAFTS}/{made['id']}/steps")).json()["items"]
    assert [(step["action"], step["account_id"] is None) for step in steps] == [
        ("write", False),
        ("propose", False),
        ("adopt", True),
    ], "nobody's hand adopted it"


async def test_a_proposal_decided_before_it_was_named_adopts_at_once(kit: ClaimsKit, hear: Any) -> None:
    committee = kit.staff(Role.COMMITTEE_MEMBER)
    proposal = new_id()
    await hear("points", kit.people.community_id, decision(proposal))
    made = (await committee.post(DRAFTS, json=draft())).json()
    linked = await committee.post(f"{DRAFTS}/{made['id']}/proposals", json={"proposal_id": str(proposal)})

    assert (linked.json()["state"], linked.json()["adopted_version"]) == ("adopted", 1)
    other = (await committee.post(DRAFTS, json=draft())).json()
    again = await committee.post(
        f"{DRAFTS}/{other['id']}/adoptions", json={"decision": "表决", "decision_id": str(proposal)}
    )
    assert (again.status_code, again.json()["code"]) == (409, "points.decision_used")


async def test_a_grid_decides_for_nobody_else(kit: ClaimsKit, hear: Any) -> None:
    committee = kit.staff(Role.COMMITTEE_MEMBER)
    proposal = new_id()
    made = (await committee.post(DRAFTS, json=draft())).json()
    await committee.post(f"{DRAFTS}/{made['id']}/proposals", json={"proposal_id": str(proposal)})
    await hear("points", kit.people.community_id, decision(proposal, scope_kind="grid", scope_id=new_id()))

    assert (await committee.get(f"{DRAFTS}/{made['id']}")).json()["state"] == "draft"
    named = await committee.post(
        f"{DRAFTS}/{made['id']}/adoptions", json={"decision": "表决", "decision_id": str(proposal)}
    )
    assert (named.status_code, named.json()["code"]) == (404, "points.decision_not_found")


async def test_a_committee_member_enters_the_adoption_with_the_minutes(kit: ClaimsKit) -> None:
    committee = kit.staff(Role.COMMITTEE_MEMBER)
    made = (await committee.post(DRAFTS, json=draft())).json()
    path = f"{DRAFTS}/{made['id']}"
    bare = await committee.post(f"{path}/adoptions", json={"decision": "居民代表会议"})
    assert (bare.status_code, bare.json()["code"]) == (422, "points.minutes_missing")
    made_up = {"decision": "居民代表会议", "minutes_asset_id": str(new_id())}
    early = await committee.post(f"{path}/adoptions", json=made_up)
    assert (early.status_code, early.json()["code"]) == (409, "points.minutes_not_arrived")
    minutes = await kit.minutes()
    adopted = await committee.post(f"{path}/adoptions", json={"decision": "居民代表会议", "minutes_asset_id": minutes})
    assert (adopted.status_code, adopted.json()["minutes_asset_id"]) == (201, minutes)
    assert adopted.json()["effective_on"] == "2026-05-20"
    twice = await committee.post(f"{path}/adoptions", json={"decision": "居民代表会议", "minutes_asset_id": minutes})
    assert twice.json()["code"] == "wrong_state"
    direct = await committee.post(RULEBOOKS, json=draft(decision="会议") | {"title": None})
    assert direct.json()["code"] == "validation_failed"


async def test_lists_are_compared_side_by_side(kit: ClaimsKit) -> None:
    await kit.adopt(SWEEP, PARKING)
    committee = kit.staff(Role.COMMITTEE_MEMBER)
    changed = SWEEP | {"points": 6, "cap_count": 3, "photos_required": 0}
    made = (await committee.post(DRAFTS, json=draft(changed, CLEAN_HOME, notice_days=5))).json()

    beside = (await kit.home(new_id()).get(f"{DRAFTS}/{made['id']}/comparison")).json()
    rows = [(row["code"], row["change"], row["fields"]) for row in beside["items"]]
    assert rows == [
        ("stairwell_cleaning", "changed", ["points", "cap_count"]),
        ("clean_home", "added", []),
        ("chaotic_parking", "removed", []),
    ]
    assert (beside["items"][0]["before"]["points"], beside["items"][0]["after"]["points"]) == (5, 6)
    assert beside["policy"] == [{"field": "notice_days", "before": 3, "after": 5}]
    other = (await committee.post(DRAFTS, json=draft(changed, CLEAN_HOME, notice_days=5))).json()
    same = await committee.get(f"{DRAFTS}/{other['id']}/comparison", params={"against": made["id"]})
    assert same.json() == {"items": [], "policy": []}

    await committee.post(
        f"{DRAFTS}/{made['id']}/adoptions", json={"decision": "会议", "minutes_asset_id": await kit.minutes()}
    )
    to_previous = (await committee.get(f"{RULEBOOKS}/2/comparison")).json()
    assert to_previous == beside
    back = (await committee.get(f"{RULEBOOKS}/1/comparison", params={"against": 2, "is_complete": True})).json()
    assert [row["change"] for row in back["items"]] == ["changed", "added", "removed"]
    first = (await committee.get(f"{RULEBOOKS}/1/comparison")).json()
    assert {row["change"] for row in first["items"]} == {"added"}
    versions = (await committee.get(RULEBOOKS)).json()["items"]
    assert [row["version"] for row in versions] == [2, 1]


async def test_a_draft_before_the_vote_is_taken_off_it_when_it_changes(kit: ClaimsKit) -> None:
    committee = kit.staff(Role.COMMITTEE_MEMBER)
    made = await committee.post(DRAFTS, json=draft())
    path, proposal = f"{DRAFTS}/{made.json()['id']}", str(new_id())
    await committee.post(f"{path}/proposals", json={"proposal_id": proposal})
    other = (await committee.post(DRAFTS, json=draft())).json()
    taken = await committee.post(f"{DRAFTS}/{other['id']}/proposals", json={"proposal_id": proposal})
    assert (taken.status_code, taken.json()["code"]) == (409, "points.proposal_taken")
    stale = await committee.put(path, json=draft(SWEEP), headers={"If-Match": made.headers["ETag"]})
    assert stale.json()["code"] == "precondition_failed"
    seen = {"If-Match": (await committee.get(path)).headers["ETag"]}
    changed = await committee.put(path, json=draft(SWEEP), headers=seen)
    assert (changed.json()["proposal_id"], len(changed.json()["items"])) == (None, 1)
    assert (await committee.put(path, json=draft(SWEEP))).json()["code"] == "if_match_missing"

    assert (await committee.post(f"{path}/discards")).json()["state"] == "discarded"
    assert (await committee.get(f"{path}/actions")).json() == {"state": "discarded", "actions": []}
    assert [row["id"] for row in (await committee.get(DRAFTS, params={"state": "draft"})).json()["items"]] == [
        other["id"]
    ]


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([SWEEP, SWEEP], "points.item_code_repeated"),
        ([PARKING | {"claimants": ["household"]}], "points.claimant_invalid"),
        ([CLEAN_HOME | {"claimants": ["grid_worker"]}], "points.claimant_invalid"),
        ([SWEEP | {"claimants": []}], "points.claimant_invalid"),
        ([SWEEP | {"cap_count": 2, "max_quantity": 3}], "points.quantity_cap_invalid"),
        ([SWEEP | {"cap_count": 5, "community_cap_count": 2, "max_quantity": 3}], "points.quantity_cap_invalid"),
        ([SWEEP | {"verifier": "storekeeper"}], "validation_failed"),
        ([SWEEP | {"code": "清扫"}], "validation_failed"),
        ([SWEEP | {"points": 10**9}], "validation_failed"),
    ],
)
async def test_lists_that_contradict_themselves(kit: ClaimsKit, items: list[dict[str, Any]], code: str) -> None:
    response = await kit.staff(Role.COMMITTEE_MEMBER).post(DRAFTS, json=draft(*items))

    assert (response.status_code, response.json()["code"]) == (422, code)


async def test_everybody_reads_what_is_discussed_and_the_committee_writes(kit: ClaimsKit, strangers: People) -> None:
    assert (await kit.staff(Role.SUPERVISOR).post(DRAFTS, json=draft())).status_code == 403
    made = (await kit.staff(Role.COMMUNITY_ADMIN).post(DRAFTS, json=draft())).json()
    assert (await kit.home(new_id()).get(f"{DRAFTS}/{made['id']}")).status_code == 200
    assert (await kit.home(new_id()).post(f"{DRAFTS}/{made['id']}/discards")).status_code == 403
    assert (await kit.client(strangers.staff(Role.COMMITTEE_MEMBER)).get(f"{DRAFTS}/{made['id']}")).status_code == 404
