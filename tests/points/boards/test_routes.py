"""The boards over HTTP: an honour, a warning with its time to put things right, and those who are never warned."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.contracts.events import BoardEntryMoved
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn
from tests.points.conftest import OpenHousehold

PATH = "/api/v1/points/boards"


class Kit:
    """Proposes and votes."""

    def __init__(self, client_for: ClientFor, people: People) -> None:
        self.client_for = client_for
        self.people = people

    def as_(self, *roles: Role, household_id: UUID | None = None) -> Any:
        """Return a staff member's client."""
        return self.client_for("points", self.people.staff(*roles, household_id=household_id))

    async def propose(self, household: UUID, board: str = "warning", **body: Any) -> Any:
        """Propose a household as its grid worker."""
        facts = {"board": board, "household_id": str(household), "title": "楼道堆物", "reason": "楼道长期堆放杂物"}
        return await self.as_(Role.GRID_WORKER).post(f"{PATH}/entries", json=facts | body)

    async def pass_(self, path: str) -> Any:
        """Let the panel approve."""
        for _ in range(3):
            answer = await self.as_(Role.ASSESSOR).post(f"{path}/votes", json={"is_approved": True})
            assert answer.status_code == 200, answer.text
        return answer.json()

    async def warned(self, household: UUID) -> str:
        """Return the path of a warning its household has been told of."""
        proposed = await self.propose(household)
        assert proposed.status_code == 201, proposed.text
        path = f"{PATH}/entries/{proposed.json()['id']}"
        assert (await self.pass_(path))["state"] == "notified"
        return path


@pytest.fixture
def kit(client_for: ClientFor, people: People) -> Kit:
    return Kit(client_for, people)


async def test_a_warning_is_told_then_hangs_then_comes_down(
    kit: Kit, people: People, open_household: OpenHousehold, clock: Any, sweep: Any, facts_of: Any
) -> None:
    household = await open_household()
    path = await kit.warned(household)
    told = (await kit.client_for("points", people.resident(household)).get(path)).json()
    assert (told["state"], told["cure_until"], told["tone_words"]) == ("notified", "2026-05-25", "需要帮助")
    neighbour = people.resident(await open_household())
    assert (await kit.client_for("points", neighbour).get(path)).status_code == 404

    clock.advance(timedelta(days=14))
    await sweep("points", "move_board_entries")
    assert (await kit.as_(Role.SUPERVISOR).get(path)).json()["state"] == "notified", "its last day counts"
    clock.advance(timedelta(days=1))
    await sweep("points", "move_board_entries")
    await sweep("points", "move_board_entries")
    hanging = (await kit.as_(Role.SUPERVISOR).get(path)).json()
    assert (hanging["state"], hanging["removal_on"]) == ("listed", "2026-07-25")
    assert (await kit.client_for("points", neighbour).get(path)).status_code == 404, "not before the policy says so"
    clock.advance(timedelta(days=60))
    await sweep("points", "move_board_entries")

    assert (await kit.as_(Role.SUPERVISOR).get(path)).json()["state"] == "removed"
    told = (await kit.client_for("points", people.resident(household)).get(f"{path}/steps")).json()["items"]
    assert [(step["action"], step["account_id"] is None) for step in told] == [
        ("propose", False),
        ("approve", False),
        ("list", True),
        ("remove", True),
    ]
    facts = [f for f in await facts_of("points", people.community_id) if isinstance(f, BoardEntryMoved)]
    assert [(f.state, f.tone) for f in facts] == [
        ("notified", "needs_help"),
        ("listed", "needs_help"),
        ("removed", "needs_help"),
    ]


async def test_what_was_put_right_never_hangs(kit: Kit, open_household: OpenHousehold, clock: Any, sweep: Any) -> None:
    path = await kit.warned(await open_household())
    cured = await kit.as_(Role.GRID_WORKER).post(f"{path}/cures", json={"reason": "杂物已清走"})
    assert cured.json()["state"] == "cured"
    clock.advance(timedelta(days=30))
    await sweep("points", "move_board_entries")

    assert (await kit.as_(Role.SUPERVISOR).get(path)).json()["state"] == "cured"


@pytest.mark.parametrize(("is_upheld", "state"), [(True, "dismissed"), (False, "notified")])
async def test_a_household_objects_and_is_answered(
    kit: Kit, people: People, open_household: OpenHousehold, clock: Any, sweep: Any, is_upheld: bool, state: str
) -> None:
    household = await open_household()
    path = await kit.warned(household)
    resident = kit.client_for("points", people.resident(household))
    disputed = await resident.post(f"{path}/objections", json={"reason": "杂物不是我家的"})
    assert disputed.json()["state"] == "disputed"
    clock.advance(timedelta(days=30))
    await sweep("points", "move_board_entries")
    own = kit.as_(Role.SUPERVISOR, household_id=household)
    refused = await own.post(f"{path}/answers", json={"is_upheld": True, "reason": "我说不是"})
    assert (refused.status_code, refused.json()["code"]) == (403, "points.board_recused")

    answered = await kit.as_(Role.SUPERVISOR).post(f"{path}/answers", json={"is_upheld": is_upheld, "reason": "已核实"})

    assert answered.json()["state"] == state
    assert (state == "dismissed") or answered.json()["cure_until"] == "2026-06-24", "the days begin anew"


async def test_children_and_the_ill_are_never_warned(kit: Kit, people: People, open_household: OpenHousehold) -> None:
    household = await open_household()
    for concerns in ("minor", "ill"):
        refused = await kit.propose(household, concerns=concerns)
        assert (refused.status_code, refused.json()["code"]) == (409, "points.board_exempt")
    path = await kit.warned(household)
    body = {"kind": "ill", "until": "2026-12-31", "note": "住院"}
    exempted = await kit.as_(Role.GRID_WORKER).put(f"{PATH}/exemptions/{household}", json=body)
    assert exempted.status_code == 200, exempted.text

    assert (await kit.as_(Role.SUPERVISOR).get(path)).json()["state"] == "dismissed"
    assert (await kit.propose(household)).json()["code"] == "points.board_exempt"
    listed = (await kit.as_(Role.SUPERVISOR).get(f"{PATH}/exemptions")).json()["items"]
    assert [(row["household_id"], row["kind"]) for row in listed] == [(str(household), "ill")]
    resident = kit.client_for("points", people.resident(household))
    assert (await resident.get(f"{PATH}/exemptions")).status_code == 403
    assert (await kit.propose(household, "honour")).status_code == 201, "an honour may always be"


async def test_who_exempted_a_household_stays_on_record(
    kit: Kit, people: People, open_household: OpenHousehold
) -> None:
    """A second word replaces the first, but not who gave it; and one that takes an exemption back takes no warning down."""
    household = await open_household()
    path = f"{PATH}/exemptions/{household}"
    first, second = people.staff(Role.SUPERVISOR), people.staff(Role.SUPERVISOR)
    for who, until in ((first, "2026-12-31"), (second, "2026-05-10")):
        body = {"kind": "ill", "until": until, "note": "住院"}
        assert (await kit.client_for("points", who).put(path, json=body)).status_code == 200
    warned = await kit.warned(household)
    assert (await kit.client_for("points", second).put(path, json=body)).status_code == 200

    told = (await kit.as_(Role.ASSESSOR).get(f"{path}/steps")).json()["items"]

    assert [(one["action"], one["state"], one["account_id"], one["reason"]) for one in told] == [
        ("exempt", "重病，到 2026-12-31", str(first.account_id), ""),
        ("end", "重病，到 2026-05-10", str(second.account_id), ""),
        ("end", "重病，到 2026-05-10", str(second.account_id), ""),
    ]
    assert (await kit.as_(Role.SUPERVISOR).get(warned)).json()["state"] == "notified"
    resident = kit.client_for("points", people.resident(household))
    assert (await resident.get(f"{path}/steps")).status_code == 403
    nobody = await kit.as_(Role.SUPERVISOR).get(f"{PATH}/exemptions/{new_id()}/steps")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "points.account_not_found")


async def test_nobody_exempts_the_own_household_or_kin(kit: Kit, people: People, open_household: OpenHousehold) -> None:
    household = await open_household()
    warning, path = await kit.warned(household), f"{PATH}/exemptions/{household}"
    kin = people.staff(Role.SUPERVISOR)
    declared = {"household_id": str(household), "relation": "父母"}
    assert (await kit.client_for("points", kin).post("/api/v1/points/kinships", json=declared)).status_code == 201
    worker = kit.as_(Role.GRID_WORKER, household_id=household)

    for client in (worker, kit.client_for("points", kin)):
        refused = await client.put(path, json={"kind": "ill", "until": "2026-12-31"})
        assert (refused.status_code, refused.json()["code"]) == (403, "points.board_recused")
        cured = await client.post(f"{warning}/cures", json={"reason": "已清走"})
        assert cured.json()["code"] == "points.board_recused"
        assert "cure" not in (await client.get(f"{warning}/actions")).json()["actions"]
    assert (await kit.as_(Role.SUPERVISOR).get(warning)).json()["state"] == "notified"


async def test_who_proposes_does_not_vote(kit: Kit, open_household: OpenHousehold) -> None:
    assessor = kit.as_(Role.ASSESSOR)
    facts = {"board": "honour", "household_id": str(await open_household()), "title": "互助邻居", "reason": "照顾老人"}
    path = f"{PATH}/entries/{(await assessor.post(f'{PATH}/entries', json=facts)).json()['id']}"

    refused = await assessor.post(f"{path}/votes", json={"is_approved": True})

    assert (refused.status_code, refused.json()["code"]) == (403, "points.board_recused")
    assert (await assessor.get(f"{path}/actions")).json()["actions"] == []
    assert (await kit.pass_(path))["state"] == "listed"


async def test_exemptions_that_hold_are_told_from_those_that_ended(
    kit: Kit, open_household: OpenHousehold, clock: Any
) -> None:
    homes = [str(await open_household()) for _ in range(2)]
    for home, until in zip(homes, ("2026-05-11", "2026-05-12"), strict=True):
        body = {"kind": "ill", "until": until}
        assert (await kit.as_(Role.SUPERVISOR).put(f"{PATH}/exemptions/{home}", json=body)).status_code == 200
    clock.advance(timedelta(days=1))

    for filters, found in (
        ({"is_current": True}, homes[1:]),
        ({"is_current": False}, homes[:1]),
        ({"household_id": homes[0]}, homes[:1]),
        ({}, sorted(homes)),
    ):
        listed = await kit.as_(Role.SUPERVISOR).get(f"{PATH}/exemptions", params=filters)
        assert [row["household_id"] for row in listed.json()["items"]] == found


async def test_an_honour_hangs_at_once_for_everybody(kit: Kit, people: People, open_household: OpenHousehold) -> None:
    proposed = (await kit.propose(await open_household(), "honour", title="互助邻居", reason="照顾老人")).json()
    path = f"{PATH}/entries/{proposed['id']}"
    assert (await kit.pass_(path))["state"] == "listed"
    neighbour = kit.client_for("points", people.resident(await open_household()))

    seen = (await neighbour.get(f"{PATH}/entries", params={"board": "honour", "state": "listed"})).json()["items"]
    assert (await neighbour.get(f"{path}/steps")).json()["code"] == "forbidden", (
        "who proposed it is for those it concerns"
    )

    assert [(row["title"], row["tone_words"], row["removal_on"]) for row in seen] == [
        ("互助邻居", "光荣榜", "2026-07-10")
    ]
    early = await kit.as_(Role.SUPERVISOR).post(f"{path}/removals", json={"reason": "搬走了"})
    assert (early.json()["state"], early.json()["answer"]) == ("removed", "搬走了")


async def test_only_those_in_charge_and_each_once(kit: Kit, people: People, open_household: OpenHousehold) -> None:
    household = await open_household()
    resident = kit.client_for("points", people.resident(household))
    body = {"board": "honour", "household_id": str(household), "title": "自荐", "reason": "我最好"}
    assert (await resident.post(f"{PATH}/entries", json=body)).status_code == 403
    proposed = (await kit.propose(household)).json()
    path = f"{PATH}/entries/{proposed['id']}"
    twice = await kit.propose(household)
    assert (twice.status_code, twice.json()["code"]) == (409, "points.board_entry_open")
    own = kit.as_(Role.ASSESSOR, household_id=household)
    assert (await own.post(f"{path}/votes", json={"is_approved": True})).json()["code"] == "points.board_recused"
    assessor = kit.as_(Role.ASSESSOR)
    silent = await assessor.post(f"{path}/votes", json={"is_approved": False})
    assert (silent.status_code, silent.json()["code"]) == (422, "points.board_reason_missing")
    assert (await assessor.post(f"{path}/votes", json={"is_approved": True})).status_code == 200
    again = await assessor.post(f"{path}/votes", json={"is_approved": True})
    assert (again.status_code, again.json()["code"]) == (409, "points.board_already_voted")
    assert (await assessor.get(f"{path}/actions")).json()["actions"] == ["approve", "reject"]
    assert (await kit.as_(Role.SUPERVISOR).post(f"{path}/removals", json={"reason": "x"})).json()["code"] == (
        "wrong_state"
    )


async def test_nobody_votes_after_others_and_supervisors_watch(
    kit: Kit, people: People, open_household: OpenHousehold
) -> None:
    household = await open_household()
    path = f"{PATH}/entries/{(await kit.propose(household)).json()['id']}/votes"
    first, second = kit.as_(Role.ASSESSOR), kit.as_(Role.ASSESSOR)
    assert (await second.get(path)).json() == []
    await first.post(path, json={"is_approved": False, "reason": "已经清走"})

    async def read(client: Any) -> list[tuple[bool, str]]:
        return [(vote["is_approved"], vote["reason"]) for vote in (await client.get(path)).json()]

    assert await read(first) == await read(kit.as_(Role.SUPERVISOR)) == [(False, "已经清走")]
    assert await read(second) == await read(kit.as_(Role.COMMITTEE_MEMBER)) == []
    own = await kit.client_for("points", people.resident(household)).get(path)
    assert own.status_code in {403, 404}
    for client in (second, kit.as_(Role.ASSESSOR)):
        await client.post(path, json={"is_approved": True})
    assert await read(first) == [(False, "已经清走"), (True, ""), (True, "")]


async def test_the_last_votes_at_once_decide_once(kit: Kit, open_household: OpenHousehold) -> None:
    proposed = (await kit.propose(await open_household())).json()
    path = f"{PATH}/entries/{proposed['id']}"

    votes = await asyncio.gather(
        *(kit.as_(Role.ASSESSOR).post(f"{path}/votes", json={"is_approved": True}) for _ in range(6))
    )

    assert sorted(vote.status_code for vote in votes) == [200] * 3 + [409] * 3


async def test_a_community_adopts_its_own_rules(kit: Kit, people: People, open_household: OpenHousehold) -> None:
    resident = kit.client_for("points", people.resident())
    assert (await resident.get(f"{PATH}/policies/current")).json()["version"] == 0
    committee = kit.as_(Role.COMMITTEE_MEMBER)
    past = await committee.post(f"{PATH}/policies", json={"decision": "会议", "effective_on": "2026-05-10"})
    assert (past.status_code, past.json()["code"]) == (422, "points.board_policy_date")
    assert (await resident.post(f"{PATH}/policies", json={"decision": "会议"})).status_code == 403

    adopted = await committee.post(
        f"{PATH}/policies", json={"decision": "居民代表会议", "cure_days": 7, "is_warning_public": True}
    )

    assert (adopted.status_code, adopted.json()["version"]) == (201, 1)
    path = await kit.warned(await open_household())
    assert (await kit.as_(Role.SUPERVISOR).get(path)).json()["cure_until"] == "2026-05-18"


async def test_the_database_lets_no_warning_hang_without_its_days(
    kit: Kit, people: People, open_household: OpenHousehold, work_in: WorkIn
) -> None:
    await kit.propose(await open_household())

    with pytest.raises(DBAPIError):
        async with work_in("points", people.community_id) as uow:
            await uow.session.execute(text("UPDATE points.board_entry SET state = 'listed'"))


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"board": "black"}, 422, "validation_failed"),
        ({"household_id": str(new_id())}, 404, "points.account_not_found"),
        ({"household_id": "甲"}, 422, "validation_failed"),
        ({"reason": ""}, 422, "validation_failed"),
        ({"title": "长" * 101}, 422, "validation_failed"),
        ({"state": "listed"}, 422, "validation_failed"),
    ],
)
async def test_bad_proposals_are_told_what_is_wrong(
    kit: Kit, open_household: OpenHousehold, body: dict[str, Any], status: int, code: str
) -> None:
    facts = {"household_id": str(await open_household())} | body
    refused = await kit.propose(UUID(int=0), **facts)

    assert (refused.status_code, refused.json()["code"]) == (status, code)
