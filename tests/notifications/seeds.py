"""What a community has in this service, for proofs that nobody else can reach it."""

from typing import Any

from shared.testing.clients import ClientFor, People
from tests.notifications import samples


async def seed(client_for: ClientFor, people: People, hear: Any) -> None:
    """Tell a resident two facts, one of them to be sent through WeChat."""
    resident = people.resident()
    await hear("notifications", people.community_id, samples.bound(resident, "openid-of-a-seed"))
    client = client_for("notifications", resident)
    answer = {"answers": [{"template": "points_result", "answer": "accept"}]}
    assert (await client.post("/api/v1/notifications/grants", json=answer)).status_code == 200
    for event in (samples.posted(resident.household_id), samples.round_opened()):
        await hear("notifications", people.community_id, event)
    assert (await client.get("/api/v1/notifications/inbox/unread")).json()["total"] == 2
