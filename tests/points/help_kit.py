"""One gig and one request for help, as two households make them over HTTP."""

from typing import Any
from uuid import UUID

from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.minutes_kit import minutes_arrive

ROOT = "/api/v1/points"
FAR = {"work_from": "2099-05-12T01:00:00Z", "work_until": "2099-05-12T04:00:00Z"}


async def ask_each_other_for_help(client_for: ClientFor, people: People, household_id: UUID, hear: Any) -> None:
    """Post a gig, publish a kind of help, fill the pool and ask it for help that a neighbour offers."""
    client = client_for("points", people.resident(household_id))
    gig = {"title": "帮李奶奶擦玻璃", "location": "3栋2单元502", "points": 5, "apply_until": "2099-05-12T01:00:00Z"}
    posted = await client.post(f"{ROOT}/gigs", json=gig | FAR)
    assert posted.status_code == 201, posted.text
    official = client_for("points", people.staff(Role.COMMUNITY_ADMIN))
    kind = {"code": "escort", "name": "陪同就医", "decision": "居民代表会议"}
    assert (await official.post(f"{ROOT}/time-bank/kinds", json=kind)).status_code == 201
    evidence = await minutes_arrive(hear, people.community_id)
    issue = {"minutes": 600, "reason": "居民代表会议", "minutes_asset_id": evidence}
    assert (await official.post(f"{ROOT}/time-bank/pool/issues", json=issue)).status_code == 201
    wanted = {"wanted_from": "2026-05-11T01:00:00Z", "wanted_until": "2099-05-11T05:00:00Z"}
    body = {"kind_code": "escort", "location": "3栋2单元502", "minutes": 120, "payer": "pool"} | wanted
    asked = await client.post(f"{ROOT}/time-bank/requests", json=body)
    assert asked.status_code == 201, asked.text
    path = f"{ROOT}/time-bank/requests/{asked.json()['id']}"
    assert (await official.post(f"{path}/approvals")).status_code == 200
    offered = await client_for("points", people.resident()).post(f"{path}/participants", json={"side": "helper"})
    assert offered.status_code == 200, offered.text
