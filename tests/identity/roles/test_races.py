"""Two administrators at once: separation of duties holds whoever is faster."""

import asyncio
from typing import Any

from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.identity.conftest import Office


async def test_separate_duties_are_not_joined_by_a_race(office: Office, people: People, client_for: ClientFor) -> None:
    for _ in range(5):
        colleague = await office.take_on()

        async def give(role: str, account_id: Any = colleague.account_id) -> int:
            client = client_for("identity", people.staff(Role.COMMUNITY_ADMIN))
            body = {"account_id": str(account_id), "role": role, "scope_kind": "community"}
            return (await client.post("/api/v1/identity/role_grants", json=body)).status_code

        outcome = await asyncio.gather(*(give(role) for role in ("storekeeper", "assessor", "supervisor")))
        assert sorted(outcome) == [201, 409, 409]
