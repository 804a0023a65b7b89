"""Consents over HTTP: published, asked for, given, asked again, taken back."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from services.identity.accounts.usecases import open_account
from shared.kernel.clock import FixedClock
from shared.kernel.principal import AccountKind, Principal, Role
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn

DOCUMENTS = "/api/v1/identity/consent_documents"
CONSENTS = "/api/v1/identity/consents"
ME = "/api/v1/identity/me"


@pytest.fixture
def admin(client_for: ClientFor, people: People) -> httpx2.AsyncClient:
    return client_for("identity", people.staff(Role.COMMUNITY_ADMIN))


@pytest.fixture
async def someone(people: People, work_in: WorkIn) -> Principal:
    async with work_in("identity", people.community_id) as uow:
        account = await open_account(uow=uow, kind=AccountKind.STAFF, name="陈网格")
    return Principal(account.id, AccountKind.STAFF, people.community_id, name="陈网格")


async def publish(admin: httpx2.AsyncClient, kind: str, **extra: Any) -> dict[str, Any]:
    answer = await admin.post(DOCUMENTS, json={"kind": kind, "title": "隐私保护说明", "body": "……", **extra})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_from_the_first_version_to_the_second(
    admin: httpx2.AsyncClient, client_for: ClientFor, someone: Principal, clock: FixedClock
) -> None:
    client = client_for("identity", someone)
    assert (await client.get(ME)).json()["missing_consents"] == []
    assert (await publish(admin, "privacy_policy"))["version"] == 1
    await publish(admin, "photo_publication")
    assert (await client.get(ME)).json()["missing_consents"] == ["privacy_policy"]
    yes = {"kind": "privacy_policy", "version": 1}
    given = await client.post(CONSENTS, json=yes)
    assert given.status_code == 201
    assert (await client.post(CONSENTS, json=yes)).json()["id"] == given.json()["id"]
    assert (await client.get(ME)).json()["missing_consents"] == []
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    await publish(admin, "privacy_policy", effective_at=tomorrow)
    assert [d["version"] for d in (await client.get(DOCUMENTS)).json()] == [1, 1]
    assert (await client.get(ME)).json()["missing_consents"] == []
    clock.advance(timedelta(days=1))
    client = client_for("identity", someone)
    assert (await client.get(ME)).json()["missing_consents"] == ["privacy_policy"]
    old = await client.post(CONSENTS, json=yes)
    assert (old.status_code, old.json()["code"], old.json()["current"]) == (409, "identity.consent_version", 2)
    assert (await client.post(CONSENTS, json={**yes, "version": 2})).status_code == 201
    history = (await client.get(CONSENTS)).json()
    assert [(c["kind"], c["version"]) for c in history] == [("privacy_policy", 1), ("privacy_policy", 2)]


async def test_a_yes_is_taken_back_and_remembered(
    admin: httpx2.AsyncClient, client_for: ClientFor, someone: Principal
) -> None:
    client = client_for("identity", someone)
    await publish(admin, "photo_publication")
    path = f"{CONSENTS}/photo_publication"
    assert (await client.delete(path)).json()["code"] == "identity.consent_unknown"
    await client.post(CONSENTS, json={"kind": "photo_publication", "version": 1})
    assert (await client.delete(path)).status_code == 204
    (record,) = (await client.get(CONSENTS)).json()
    assert record["withdrawn_at"] is not None
    again = await client.post(CONSENTS, json={"kind": "photo_publication", "version": 1})
    assert again.json()["id"] != record["id"]


async def test_at_the_same_moment(admin: httpx2.AsyncClient, client_for: ClientFor, someone: Principal) -> None:
    made = await asyncio.gather(*(publish(admin, "privacy_policy") for _ in range(4)))
    assert sorted(document["version"] for document in made) == [1, 2, 3, 4]
    client = client_for("identity", someone)
    yes = {"kind": "privacy_policy", "version": 4}
    answers = await asyncio.gather(*(client.post(CONSENTS, json=yes) for _ in range(4)))
    assert [a.status_code for a in answers] == [201] * 4
    assert len((await client.get(CONSENTS)).json()) == 1


async def test_what_was_never_published_cannot_be_agreed_to(client_for: ClientFor, someone: Principal) -> None:
    client = client_for("identity", someone)
    answer = await client.post(CONSENTS, json={"kind": "user_agreement", "version": 1})
    assert (answer.status_code, answer.json()["code"]) == (404, "identity.consent_unknown")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COMMUNITY_ADMIN])
async def test_only_the_administrator_publishes(client_for: ClientFor, people: People, role: Role) -> None:
    body = {"kind": "privacy_policy", "title": "x", "body": "x"}
    assert (await client_for("identity", people.staff(role)).post(DOCUMENTS, json=body)).status_code == 403


async def test_other_systems_agree_to_nothing_and_other_communities_see_nothing(
    admin: httpx2.AsyncClient, client_for: ClientFor, people: People, strangers: People
) -> None:
    await publish(admin, "privacy_policy")
    system = client_for("identity", people.client("identity:write"))
    assert (await system.post(CONSENTS, json={"kind": "privacy_policy", "version": 1})).status_code == 403
    assert (await client_for("identity", strangers.resident()).get(DOCUMENTS)).json() == []
