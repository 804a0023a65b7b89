"""What people accept, and what the community decides about its nights."""

import asyncio

import pytest

from services.notifications.messages.templates import TemplateKey
from shared.kernel.principal import Role

GRANTS = "/api/v1/notifications/grants"
TEMPLATES = "/api/v1/notifications/templates"
QUIET = "/api/v1/notifications/quiet-hours"


def dialogue(**answers: str) -> dict:
    return {"answers": [{"template": template, "answer": answer} for template, answer in answers.items()]}


async def grants(client) -> dict[str, int]:
    return {row["template"]: row["grants"] for row in (await client.get(TEMPLATES)).json() if row["grants"]}


async def test_every_acceptance_counts_for_its_own_template(client_for, people):
    client = client_for("notifications", people.resident())
    assert [row["template"] for row in (await client.get(TEMPLATES)).json()] == [key.value for key in TemplateKey]
    await client.post(GRANTS, json=dialogue(vote_open="accept", public_notice="reject"))
    response = await client.post(GRANTS, json=dialogue(vote_open="accept", store_pickup="accept"))
    assert response.status_code == 200
    assert {row["template"]: row["grants"] for row in response.json() if row["grants"]} == {
        "vote_open": 2,
        "store_pickup": 1,
    }
    await client.post(GRANTS, json=dialogue(vote_open="ban"))
    assert await grants(client) == {"store_pickup": 1}


async def test_a_dialogue_sent_twice_under_its_key_counts_once(client_for, people):
    client = client_for("notifications", people.resident())
    for _ in range(3):
        await client.post(GRANTS, json=dialogue(vote_open="accept"), headers={"Idempotency-Key": "dialogue-0001"})
    assert await grants(client) == {"vote_open": 1}


async def test_acceptances_at_the_same_time_all_count(client_for, people):
    client = client_for("notifications", people.resident())
    await asyncio.gather(
        *(client.post(GRANTS, json=dialogue(vote_open="accept", store_pickup="accept")) for _ in range(8))
    )
    assert await grants(client) == {"vote_open": 8, "store_pickup": 8}


async def test_a_wallet_belongs_to_its_account(client_for, people, strangers):
    owner = people.resident()
    await client_for("notifications", owner).post(GRANTS, json=dialogue(vote_open="accept"))
    for other in (people.resident(owner.household_id), people.staff(Role.COMMUNITY_ADMIN), strangers.resident()):
        assert await grants(client_for("notifications", other)) == {}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"answers": []},
        dialogue(vote_open="maybe"),
        dialogue(of_our_own="accept"),
        {"answers": [{"template": "vote_open", "answer": "accept"}] * 6},
        {"answers": [{"template": "vote_open", "answer": "accept", "grants": 99}]},
    ],
)
async def test_what_is_no_dialogue_is_refused(client_for, people, body):
    response = await client_for("notifications", people.resident()).post(GRANTS, json=body)
    assert (response.status_code, response.json()["code"]) == (422, "validation_failed")


async def test_the_community_decides_about_its_nights(client_for, people, strangers, clock):
    admin, resident = people.staff(Role.COMMUNITY_ADMIN), people.resident()
    assert (await client_for("notifications", resident).get(QUIET)).json() == {"start": "21:00:00", "end": "08:00:00"}
    decided = {"start": "22:30:00", "end": "07:00:00", "decision": "2026年5月10日居民代表会议"}
    refused = await client_for("notifications", resident).post(QUIET, json=decided)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert (await client_for("notifications", admin).post(QUIET, json=decided)).status_code == 201
    assert (await client_for("notifications", resident).get(QUIET)).json() == {"start": "22:30:00", "end": "07:00:00"}
    other = client_for("notifications", strangers.resident())
    assert (await other.get(QUIET)).json() == {"start": "21:00:00", "end": "08:00:00"}


@pytest.mark.parametrize(("method", "path"), [("get", TEMPLATES), ("post", GRANTS), ("get", QUIET), ("post", QUIET)])
async def test_visitors_are_sent_to_sign_in(client_for, method, path):
    assert (await getattr(client_for("notifications"), method)(path)).status_code == 401
