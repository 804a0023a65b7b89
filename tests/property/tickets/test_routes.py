"""Tickets over HTTP: the whole journey, who may do what, lists, and the log."""

from dataclasses import replace
from uuid import UUID

import pytest

from shared.ids import new_id
from shared.kernel.principal import Principal, Role, RoleGrant, ScopeKind
from shared.testing.clients import ClientFor, People
from tests.property.conftest import FINISH, RATING, ROOT, Case, Community

COMMANDS = {
    "acceptances": {"category": "stair_lamp"},
    "rejections": {"outcome": "invalid", "reason": "重复"},
    "reclassifications": {"category": "stair_lamp", "reason": "更正"},
    "withdrawals": {},
    "dispatches": {"worker_id": str(UUID(int=1))},
    "recalls": {"reason": "换人"},
    "takes": None,
    "declines": {"reason": "走不开"},
    "arrivals": {},
    "starts": None,
    "holds": {"reason": "weather", "until": "2026-05-12T01:00:00Z"},
    "resumptions": None,
    "finishes": FINISH,
    "confirmations": None,
    "disputes": {"reason": "still_broken"},
    "ratings": RATING,
    "reopenings": {"reason": "broken_again"},
}
READS = ("", "/actions", "/events", "/escalations", "/ratings", "/dispatches", "/candidates")


async def test_a_lamp_is_reported_repaired_and_rated(case: Case, facts_of) -> None:
    closed = await case.until("closed")

    assert (closed["state"], closed["outcome"], closed["attempt"]) == ("closed", "fixed", 1)
    assert closed["rated_at"] is not None
    assert [clock["state"] for clock in closed["clocks"]] == ["met", "met"]
    log = await case.community.get(case.resident, f"{case.path}/events")
    actions = [line["action"] for line in log["lines"]]
    assert actions == ["submit", "accept", "offer", "take", "arrive", "start", "finish", "confirm", "rate"]
    assert (log["is_sound"], log["broken_seq"]) == (True, None)
    facts = [type(fact).__name__ for fact in await facts_of("property", case.community.id)]
    assert facts == ["TicketSubmitted", *["TicketMoved"] * 8, "TicketClosed", "TicketRated"]


async def test_photos_are_kept_as_they_were_named(community: Community) -> None:
    """Media alone knows what an id shows, and need not be there when a fault is reported."""
    resident = await community.resident()
    named = [str(new_id()), str(new_id())]
    ticket = await community.submit(resident, photo_ids=[*named, named[0]])
    assert (await community.get(resident, f"/tickets/{ticket['id']}"))["photo_ids"] == named


async def test_every_step_tells_what_comes_next(case: Case) -> None:
    expected = {
        "accepted": (case.agent, ["offer", "reclassify", "reject"]),
        "offered": (case.worker, ["take", "decline"]),
        "taken": (case.worker, ["arrive", "decline"]),
        "on_site": (case.worker, ["start", "hold"]),
        "working": (case.worker, ["finish", "hold"]),
        "done_pending_check": (case.resident, ["confirm", "dispute"]),
        "awaiting_rating": (case.resident, ["rate", "dispute"]),
        "closed": (case.resident, ["reopen"]),
    }
    for state, (who, actions) in expected.items():
        await case.until(state)
        assert await case.community.get(who, f"{case.path}/actions") == {"state": state, "actions": actions}


async def test_the_first_answer_already_knows_its_due_times(community: Community) -> None:
    """Monday 09:00, the desk's calendar: two hours to answer, 24 hours of work to repair."""
    ticket = await community.submit(await community.resident())

    due = {clock["kind"]: clock["due_at"] for clock in ticket["clocks"]}
    assert due["respond"] == "2026-05-11T03:00:00Z"
    assert ticket["place"] == "1栋1单元201"
    assert ticket["state_name"] == "已提交，等客服受理"


async def test_danger_is_urgent_from_the_first_second(community: Community) -> None:
    ticket = await community.submit(await community.resident(), description="配电箱冒烟，有火花")

    assert ticket["priority"] == "urgent"
    assert {clock["calendar"] for clock in ticket["clocks"]} == {"always"}
    assert {clock["kind"]: clock["target_seconds"] for clock in ticket["clocks"]} == {"respond": 600, "resolve": 7_200}


async def test_the_same_report_sent_twice_is_one_ticket(community: Community) -> None:
    client = community.client(await community.resident())
    headers = {"Idempotency-Key": new_id().hex}
    body = {"description": "水管漏水"}

    first = await client.post(f"{ROOT}/tickets", json=body, headers=headers)
    second = await client.post(f"{ROOT}/tickets", json=body, headers=headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json()["id"] == first.json()["id"]
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["location"] == f"{ROOT}/tickets/{first.json()['id']}"


async def test_the_desk_reports_for_a_resident_who_then_rates(community: Community) -> None:
    resident, agent = await community.resident(), community.agent()

    ticket = await community.submit(agent, resident_id=str(resident.resident_id), channel="hotline")

    assert ticket["reporter"] == {
        "household_id": str(resident.household_id),
        "resident_id": str(resident.resident_id),
    }
    mine = await community.get(resident, "/tickets")
    assert [one["id"] for one in mine["items"]] == [ticket["id"]]


@pytest.mark.parametrize(
    ("principal_of", "over", "status", "code"),
    [
        (lambda p: p.staff(), {}, 403, "no_household"),
        (lambda p: p.resident(), {"resident_id": str(UUID(int=5))}, 403, "forbidden"),
        (lambda p: p.staff(Role.PROPERTY_AGENT), {"resident_id": str(UUID(int=5))}, 403, "property.stranger"),
        (lambda p: p.resident(), {"category": "no_such"}, 404, "property.category_not_found"),
        (lambda p: p.resident(), {"category": "electrical"}, 409, "property.category_not_usable"),
        (lambda p: p.resident(), {"description": ""}, 422, "validation_failed"),
        (lambda p: p.resident(), {"description": "字" * 2_001}, 422, "validation_failed"),
        (lambda p: p.resident(), {"photo_ids": [str(new_id()) for _ in range(10)]}, 422, "validation_failed"),
        (lambda p: p.resident(), {"state": "closed"}, 422, "validation_failed"),
    ],
)
async def test_reports_that_are_refused(
    people: People, client_for: ClientFor, principal_of, over: dict, status: int, code: str
) -> None:
    client = client_for("property", principal_of(people))

    response = await client.post(f"{ROOT}/tickets", json={"description": "灯不亮"} | over)

    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_a_neighbour_cannot_find_the_ticket(case: Case) -> None:
    neighbour = case.community.client(case.community.people.resident())

    for action, body in COMMANDS.items():
        response = await neighbour.post(f"{ROOT}{case.path}/{action}", json=body)
        assert (response.status_code, response.json()["code"]) == (404, "property.ticket_not_found"), action


async def test_other_communities_do_not_exist(case: Case, strangers: People, client_for: ClientFor) -> None:
    everything = (Role.PROPERTY_AGENT, Role.PROPERTY_MANAGER, Role.COMMUNITY_ADMIN)
    outsider = client_for("property", strangers.staff(*everything))

    for read in READS:
        response = await outsider.get(f"{ROOT}{case.path}{read}")
        assert (response.status_code, response.json()["code"]) == (404, "property.ticket_not_found"), read
    for action, body in COMMANDS.items():
        response = await outsider.post(f"{ROOT}{case.path}/{action}", json=body)
        assert (response.status_code, response.json()["code"]) == (404, "property.ticket_not_found"), action


REPORTER_ONLY = {"withdrawals", "confirmations", "disputes", "ratings"}
AGENT_ONLY = {"acceptances", "rejections", "reclassifications"}
WORKER_ONLY = {"takes", "declines", "arrivals", "starts", "holds", "resumptions", "finishes"}
DISPATCHER_ONLY = {"dispatches", "recalls"}


def meant_for(action: str) -> set[str]:
    if action in REPORTER_ONLY:
        return {"reporter"}
    if action in AGENT_ONLY:
        return {"agent"}
    if action in WORKER_ONLY:
        return {"worker"}
    return {"agent", "head"} if action in DISPATCHER_ONLY else {"reporter", "agent"}


async def test_who_sees_a_ticket_may_still_not_do_everything(case: Case) -> None:
    """Role × route: everyone who sees the ticket and is not meant is told so, whatever its state."""
    community = case.community
    await case.until("taken")
    who = {
        "reporter": case.resident,
        "agent": case.agent,
        "worker": case.worker,
        "head": community.head(),
        "supervisor": community.people.staff(Role.SUPERVISOR),
    }
    for action, body in COMMANDS.items():
        for name in set(who) - meant_for(action):
            response = await community.client(who[name]).post(f"{ROOT}{case.path}/{action}", json=body)
            told = (response.status_code, response.json()["code"])
            assert told == (403, "property.not_your_ticket"), (name, action)


async def test_a_step_out_of_order_is_refused_with_what_would_work(case: Case) -> None:
    await case.until("accepted")

    refused = await case.community.post(case.agent, f"{case.path}/acceptances", {"category": "tap_repair"}, expect=409)

    assert refused["code"] == "property.wrong_state"
    assert (refused["state"], refused["allowed"]) == ("accepted", ["offer", "reclassify", "reject"])
    assert refused["detail"] == "工单现在是“已受理，等派工”，不能“受理”；可能别人刚办过，请刷新后再看。"


async def test_visitors_are_told_to_sign_in(client_for: ClientFor) -> None:
    for path in ("/tickets", "/public-tickets", "/statistics", "/categories", "/calendars", "/workers"):
        response = await client_for("property").get(ROOT + path)
        assert (response.status_code, response.json()["code"]) == (401, "unauthenticated"), path


async def test_an_anonymous_reporter_is_known_to_the_desk_alone(community: Community) -> None:
    resident, worker, agent = await community.resident(), await community.worker(), community.agent()
    ticket = await community.submit(resident, is_anonymous=True)
    case = Case(community, resident, agent, worker, await community.worker_id(worker), ticket)
    await case.until("taken")

    seen = {
        name: await community.get(who, case.path)
        for name, who in {"resident": resident, "agent": agent, "worker": worker, "head": community.head()}.items()
    }

    assert {name for name, one in seen.items() if one["reporter"] is not None} == {"resident", "agent"}
    assert seen["worker"]["place"] == "1栋"
    log = await community.get(worker, f"{case.path}/events")
    assert str(resident.household_id) not in str(log)


async def test_neighbours_see_what_is_done_and_nobodys_name(community: Community) -> None:
    resident, agent = await community.resident(), community.agent()
    named, hidden = await community.submit(resident), await community.submit(resident, is_anonymous=True)
    waiting = await community.submit(resident)
    for ticket in (named, hidden):
        await community.post(agent, f"/tickets/{ticket['id']}/acceptances", {"category": "stair_lamp"}, expect=200)

    page = await community.get(community.people.resident(), "/public-tickets")

    assert [one["number"] for one in page["items"]] == [hidden["number"], named["number"]]
    assert waiting["number"] not in str(page)
    assert [one["building_id"] for one in page["items"]] == [None, str(community.building_id)]
    private = {str(resident.household_id), str(resident.resident_id), named["id"], "楼道灯不亮", "1单元201"}
    assert not any(one in str(page) for one in private)


async def test_lists_hold_what_each_may_see(community: Community) -> None:
    resident, other = await community.resident(), await community.resident(grid_id=new_id())
    worker = await community.worker()
    mine, theirs = await community.submit(resident), await community.submit(other)
    await Case(community, resident, community.agent(), worker, await community.worker_id(worker), mine).until("taken")

    def scoped(role: Role, kind: ScopeKind, scope_id: object) -> Principal:
        return replace(community.people.staff(), roles=frozenset({RoleGrant(role, kind, str(scope_id))}))

    async def seen(who: Principal) -> set[str]:
        return {one["id"] for one in (await community.get(who, "/tickets"))["items"]}

    both = {mine["id"], theirs["id"]}
    assert await seen(resident) == {mine["id"]}
    assert await seen(worker) == {mine["id"]}
    assert await seen(community.head()) == {mine["id"]}
    assert await seen(community.head("cleaning")) == set()
    assert await seen(scoped(Role.GRID_WORKER, ScopeKind.GRID, community.grid_id)) == {mine["id"]}
    assert await seen(scoped(Role.GRID_WORKER, ScopeKind.COMMUNITY, community.id)) == both
    assert await seen(community.agent()) == both
    assert await seen(community.people.staff(Role.COMMUNITY_ADMIN)) == both
    assert await seen(community.people.staff(Role.STOREKEEPER)) == set()
    assert await seen(community.people.client("property:read")) == set()


async def test_lists_are_narrowed_and_paged_without_gaps(community: Community) -> None:
    resident, agent = await community.resident(), community.agent()
    tickets = [await community.submit(resident, description=f"第{n}件") for n in range(5)]
    await community.post(agent, f"/tickets/{tickets[2]['id']}/acceptances", {"category": "sewer_blocked"}, expect=200)

    async def ids(**narrowed: str) -> list[str]:
        return [one["id"] for one in (await community.get(agent, "/tickets", **narrowed))["items"]]

    newest_first = [ticket["id"] for ticket in reversed(tickets)]
    assert await ids() == newest_first
    for narrowed in (
        {"state": "accepted"},
        {"category": "sewer_blocked"},
        {"department": "engineering"},
        {"priority": "high"},
        {"number": tickets[2]["number"]},
    ):
        assert await ids(**narrowed) == [tickets[2]["id"]], narrowed
    walked, cursor = [], None
    while True:
        page = await community.get(agent, "/tickets", limit=2, **({"cursor": cursor} if cursor else {}))
        walked += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert walked == newest_first
    response = await community.client(agent).get(f"{ROOT}/tickets", params={"cursor": "???"})
    assert (response.status_code, response.json()["code"]) == (422, "cursor_invalid")


async def test_refused_at_the_desk_is_closed_with_its_outcome(case: Case) -> None:
    body = {"outcome": "out_of_scope", "reason": "户内水表归自来水公司"}

    closed = await case.community.post(case.agent, f"{case.path}/rejections", body, expect=200)

    assert (closed["state"], closed["outcome"], closed["rated_at"]) == ("closed", "out_of_scope", None)
    again = await case.community.post(case.resident, f"{case.path}/reopenings", {"reason": "other"}, expect=422)
    assert again["code"] == "property.wrong_outcome"


async def test_withdrawing_frees_the_worker(case: Case) -> None:
    await case.until("offered")

    closed = await case.community.post(case.resident, f"{case.path}/withdrawals", {"note": "自己修好了"}, expect=200)

    assert (closed["state"], closed["outcome"], closed["worker"]) == ("closed", "withdrawn", None)
    (sent,) = await case.community.get(case.agent, f"{case.path}/dispatches")
    assert sent["state"] == "withdrawn"


async def test_what_was_taken_cannot_be_withdrawn(case: Case) -> None:
    await case.until("taken")

    refused = await case.community.post(case.resident, f"{case.path}/withdrawals", {}, expect=409)

    assert refused["code"] == "property.wrong_state"


async def test_finishing_some_work_needs_a_photo(case: Case) -> None:
    await case.until("working")

    refused = await case.community.post(case.worker, f"{case.path}/finishes", FINISH | {"photo_ids": []}, expect=422)

    assert refused["code"] == "property.after_photo_missing"
    assert (await case.until("done_pending_check"))["after_photo_ids"] == FINISH["photo_ids"]


async def test_the_version_of_a_ticket_is_its_etag(case: Case) -> None:
    await case.until("accepted")

    response = await case.community.client(case.resident).get(ROOT + case.path)

    assert response.headers["etag"] == '"2"'
    assert response.json()["version"] == 2


async def test_asking_for_a_household_does_not_unmask_the_unnamed(community: Community) -> None:
    resident = await community.resident()
    hidden, named = await community.submit(resident, is_anonymous=True), await community.submit(resident)

    async def found(who: Principal) -> set[str]:
        page = await community.get(who, "/tickets", household_id=str(resident.household_id))
        return {one["id"] for one in page["items"]}

    assert await found(community.people.staff(Role.INSPECTOR)) == {named["id"]}
    assert await found(resident) == await found(community.agent()) == {named["id"], hidden["id"]}
