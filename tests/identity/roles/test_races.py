"""Two administrators at once: separation of duties holds whoever is faster."""

import asyncio
from typing import Any

from services.identity.accounts.usecases import open_account
from shared.kernel.principal import AccountKind, Role
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn
from tests.identity.conftest import Home, Office, Person, SettleIn


async def test_separate_duties_are_not_joined_by_a_race(office: Office, people: People, client_for: ClientFor) -> None:
    for _ in range(5):
        colleague = await office.take_on()

        async def give(role: str, account_id: Any = colleague.account_id) -> int:
            client = client_for("identity", people.staff(Role.COMMUNITY_ADMIN))
            body = {"account_id": str(account_id), "role": role, "scope_kind": "community"}
            return (await client.post("/api/v1/identity/role_grants", json=body)).status_code

        outcome = await asyncio.gather(*(give(role) for role in ("storekeeper", "assessor", "supervisor")))
        assert sorted(outcome) == [201, 409, 409]


async def test_nor_over_two_accounts_of_one_person(
    office: Office, people: People, client_for: ClientFor, settle: SettleIn, work_in: WorkIn
) -> None:
    community_id = office.admin.community_id
    for number in range(5):
        home: Home = await settle(community_id, Person(f"孙{number}", "householder"))
        staff = await office.take_on(resident_id=home.resident_ids[0])
        async with work_in("identity", community_id) as uow:
            own = await open_account(
                uow=uow, kind=AccountKind.RESIDENT, name="孙*", resident_id=home.resident_ids[0], household_id=None
            )

        async def give(account_id: Any, role: str) -> int:
            client = client_for("identity", people.staff(Role.COMMUNITY_ADMIN))
            body = {"account_id": str(account_id), "role": role, "scope_kind": "community"}
            return (await client.post("/api/v1/identity/role_grants", json=body)).status_code

        outcome = await asyncio.gather(give(staff.account_id, "inspector"), give(own.id, "property_agent"))
        assert sorted(outcome) == [201, 409]
