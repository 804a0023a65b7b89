"""From a fact of another service to the inbox of those it concerns, and nobody else's."""

import asyncio

import pytest

from shared.contracts import events as facts
from shared.ids import new_id
from shared.kernel.principal import AccountKind, Role
from tests.notifications import samples

INBOX = "/api/v1/notifications/inbox"


@pytest.fixture
def tell(hear, people):
    async def say(event, **options):
        return await hear("notifications", people.community_id, event, **options)

    return say


async def titles(client, **params) -> list[str]:
    return [item["title"] for item in (await client.get(INBOX, params=params)).json()["items"]]


async def test_every_account_of_the_household_is_told_once(client_for, people, tell):
    mother, neighbour = people.resident(), people.resident()
    father = people.resident(mother.household_id)
    for person in (mother, father, neighbour):
        await tell(samples.bound(person))
    event = samples.posted(mother.household_id)
    assert await tell(event)
    assert await tell(event), "the same fact, published anew under another id"
    for person, told in [(mother, ["积分增加 5 分"]), (father, ["积分增加 5 分"]), (neighbour, [])]:
        assert await titles(client_for("notifications", person)) == told
    (item,) = (await client_for("notifications", mother).get(INBOX)).json()["items"]
    assert item["sequence"] == 1
    assert item["target_kind"] == "claim"
    assert item["target_id"] == str(event.claim_id)
    assert item["read_at"] is None


async def test_the_same_event_id_is_heard_once(people, tell):
    event, event_id = samples.posted(new_id()), new_id()
    assert await tell(event, event_id=event_id)
    assert not await tell(event, event_id=event_id)


async def test_reading_one_and_reading_all(client_for, people, tell):
    reader = people.resident()
    await tell(samples.bound(reader))
    for event in (samples.posted(reader.household_id), samples.posted(reader.household_id), samples.round_opened()):
        await tell(event)
    client = client_for("notifications", reader)
    assert (await client.get(f"{INBOX}/unread")).json() == {"total": 3, "by_topic": {"points": 2, "votes": 1}}
    vote, second, first = (await client.get(INBOX)).json()["items"]
    read = await client.post(f"{INBOX}/{first['id']}/reads")
    assert read.status_code == 200
    again = await client.post(f"{INBOX}/{first['id']}/reads")
    assert again.json()["read_at"] == read.json()["read_at"] is not None
    assert await titles(client, unread=True) == [vote["title"], second["title"]]
    assert await titles(client, topic="votes") == ["请您家投票"]
    left = await client.post(f"{INBOX}/reads", json={"up_to": second["sequence"]})
    assert left.json() == {"total": 1, "by_topic": {"votes": 1}}
    assert (await client.post(f"{INBOX}/reads", json={})).json() == {"total": 0, "by_topic": {}}


async def test_reading_all_is_remembered_under_its_key(client_for, people, tell):
    reader = people.resident()
    await tell(samples.bound(reader))
    await tell(samples.posted(reader.household_id))
    client = client_for("notifications", reader)
    key = {"Idempotency-Key": "read-all-0001"}
    assert (await client.post(f"{INBOX}/reads", json={}, headers=key)).json()["total"] == 0
    await tell(samples.posted(reader.household_id))
    replay = await client.post(f"{INBOX}/reads", json={}, headers=key)
    assert replay.headers["idempotency-replayed"] == "true"
    assert (await client.get(f"{INBOX}/unread")).json()["total"] == 1


async def test_an_inbox_has_one_reader(client_for, people, strangers, tell):
    owner = people.resident()
    await tell(samples.bound(owner))
    await tell(samples.posted(owner.household_id))
    (item,) = (await client_for("notifications", owner).get(INBOX)).json()["items"]
    others = [
        people.resident(owner.household_id),
        people.staff(Role.COMMUNITY_ADMIN),
        strangers.resident(),
        strangers.staff(Role.COMMUNITY_ADMIN),
    ]
    for other in others:
        client = client_for("notifications", other)
        refused = await client.post(f"{INBOX}/{item['id']}/reads")
        assert (refused.status_code, refused.json()["code"]) == (404, "notifications.item_not_found")
        assert await titles(client) == []
        assert (await client.get(f"{INBOX}/unread")).json()["total"] == 0
        await client.post(f"{INBOX}/reads", json={})
    assert (await client_for("notifications", owner).get(f"{INBOX}/unread")).json()["total"] == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("get", "/unread"),
        ("post", "/reads"),
        ("post", "/0198c0de-0000-7000-8000-000000000001/reads"),
    ],
)
async def test_visitors_are_sent_to_sign_in(client_for, method, path):
    assert (await getattr(client_for("notifications"), method)(INBOX + path)).status_code == 401


async def test_pages_go_by_sequence(client_for, people, tell):
    reader = people.resident()
    await tell(samples.bound(reader))
    for points in range(1, 6):
        await tell(samples.posted(reader.household_id, points=points))
    client = client_for("notifications", reader)
    seen, params = [], {"limit": 2}
    while True:
        page = (await client.get(INBOX, params=params)).json()
        seen += [item["sequence"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        params = {"limit": 2, "cursor": page["next_cursor"]}
    assert seen == [5, 4, 3, 2, 1]
    for cursor in ("WyJ4Il0", "W10", "!"):
        assert (await client.get(INBOX, params={"cursor": cursor})).json()["code"] == "cursor_invalid"


async def test_a_vote_reaches_the_residents_of_its_grid_or_building_only(client_for, people, tell):
    here, there, staff = people.resident(), people.resident(), people.staff(Role.GRID_WORKER)
    grid, building = new_id(), new_id()
    await tell(samples.registered(here.household_id, grid, building))
    await tell(samples.registered(there.household_id, new_id(), new_id()))
    for person in (here, there, staff):
        await tell(samples.bound(person))
    for event in (samples.round_opened("grid", grid), samples.round_opened("building", building)):
        await tell(event)
    assert len(await titles(client_for("notifications", here))) == 2
    assert await titles(client_for("notifications", there)) == []
    await tell(samples.round_opened())
    assert len(await titles(client_for("notifications", here))) == 3
    assert len(await titles(client_for("notifications", there))) == 1
    assert await titles(client_for("notifications", staff)) == []


async def test_staff_are_told_by_role_scope_and_period(client_for, people, tell, clock):
    agent, head, other_head = (people.staff(role) for role in (Role.PROPERTY_AGENT, *[Role.DEPARTMENT_HEAD] * 2))
    await tell(samples.granted(agent, "property_agent"))
    await tell(samples.granted(head, "department_head", "department", "engineering"))
    await tell(samples.granted(other_head, "department_head", "department", "cleaning"))
    await tell(samples.moved(new_id(), "decline", new_id()))
    assert await titles(client_for("notifications", agent)) == ["师傅没有接单", "您担任物业客服"]
    escalated = facts.TicketEscalated(
        ticket_id=new_id(),
        number="WX1",
        clock="resolve",
        attempt=1,
        percent=75,
        tells="department_head",
        department="engineering",
        worker_account_id=None,
        priority="normal",
        due_at=None,
    )
    await tell(escalated)
    assert await titles(client_for("notifications", head), topic="tickets") == ["报修单 WX1 快到期了"]
    assert await titles(client_for("notifications", other_head), topic="tickets") == []
    await tell(
        facts.RoleRevoked(
            account_id=agent.account_id,
            role="property_agent",
            scope_kind="community",
            scope_id=str(people.community_id),
        )
    )
    await tell(samples.moved(new_id(), "decline", new_id()))
    assert (await titles(client_for("notifications", agent)))[0] == "您不再担任物业客服"
    assert len(await titles(client_for("notifications", agent), topic="tickets")) == 1


async def test_who_has_left_the_household_hears_no_more_of_it(client_for, people, tell):
    person = people.resident()
    await tell(samples.bound(person))
    await tell(facts.ResidentLeft(resident_id=person.resident_id, household_id=person.household_id, reason="moved_out"))
    await tell(samples.posted(person.household_id))
    assert await titles(client_for("notifications", person)) == []


async def test_a_deleted_account_leaves_nothing_behind(client_for, people, tell):
    person = people.resident()
    await tell(samples.bound(person))
    await tell(samples.posted(person.household_id))
    await tell(
        facts.AccountDeleted(
            account_id=person.account_id, resident_id=person.resident_id, household_id=person.household_id
        )
    )
    assert await titles(client_for("notifications", person)) == []
    await tell(samples.posted(person.household_id))
    assert await titles(client_for("notifications", person)) == []


async def test_many_facts_at_once_give_each_account_its_own_unbroken_sequence(client_for, people, hear):
    """Deliveries to the same crowd from many transactions neither block each other nor share a sequence."""
    crowd = [people.resident() for _ in range(12)]
    for person in crowd:
        await hear("notifications", people.community_id, samples.bound(person))
    events = [samples.round_opened() for _ in range(8)]
    await asyncio.gather(*(hear("notifications", people.community_id, event) for event in events))
    for person in crowd:
        items = (await client_for("notifications", person).get(INBOX)).json()["items"]
        assert [item["sequence"] for item in items] == list(range(8, 0, -1))
        assert {item["target_id"] for item in items} == {str(event.round_id) for event in events}


async def test_a_client_has_an_inbox_like_anybody(client_for, people):
    client = people.client("notifications:read")
    assert client.kind is AccountKind.CLIENT
    assert await titles(client_for("notifications", client)) == []
