"""The audit over HTTP: written with the act, read by those who oversee, proof against tampering."""

import asyncio
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.identity.audits.usecases import record_act
from shared.kernel.principal import Principal, Role
from shared.testing.clients import Apps, ClientFor, People
from shared.testing.factories import WorkIn
from tests.identity.conftest import Office

LINES = "/api/v1/identity/audit_lines"


async def unmask(work_in: WorkIn, principal: Principal, number: int = 1) -> None:
    async with work_in("identity", principal.community_id) as uow:
        await record_act(
            uow=uow,
            principal=principal,
            act="unmask_phone",
            subject_kind="resident",
            subject_id=f"resident-{number}",
            reason="电话回访",
        )


async def test_a_privileged_act_leaves_its_line(office: Office, client_for: ClientFor, people: People) -> None:
    colleague = await office.take_on(Role.STOREKEEPER)
    admin = client_for("identity", office.admin)
    reset = f"/api/v1/identity/staff/{colleague.account_id}/password_resets"
    assert (await admin.post(reset, json={"reason": "手机丢失"})).status_code == 201
    supervisor = client_for("identity", people.staff(Role.SUPERVISOR))
    lines = (await supervisor.get(LINES)).json()["items"]
    assert [(line["number"], line["act"]) for line in lines] == [
        (3, "reset_secrets"),
        (2, "take_on_staff"),
        (1, "grant_role"),
    ]
    assert (lines[0]["reason"], lines[0]["actor_id"]) == ("手机丢失", str(office.admin.account_id))
    assert colleague.password not in str(lines)
    by_act = (await supervisor.get(LINES, params={"act": "grant_role"})).json()["items"]
    by_subject = (await supervisor.get(LINES, params={"subject_id": str(colleague.account_id)})).json()["items"]
    assert [line["number"] for line in by_act] == [1]
    assert [line["number"] for line in by_subject] == [3, 1]
    page = (await supervisor.get(LINES, params={"limit": 2})).json()
    rest = (await supervisor.get(LINES, params={"limit": 2, "cursor": page["next_cursor"]})).json()
    assert [line["number"] for line in page["items"] + rest["items"]] == [3, 2, 1]
    check = (await supervisor.get(f"{LINES}/check")).json()
    assert (check["is_sound"], check["checked"], check["broken_at"]) == (True, 3, None)
    assert check["last_hash"] == lines[0]["hash"]


async def test_a_refused_act_leaves_no_line(office: Office, client_for: ClientFor, people: People) -> None:
    admin = client_for("identity", office.admin)
    body = {"account_id": str(office.admin.account_id), "role": "inspector", "scope_kind": "community"}
    refused = await admin.post("/api/v1/identity/role_grants", json=body, headers={"Idempotency-Key": "k"})
    assert refused.status_code == 403
    supervisor = client_for("identity", people.staff(Role.SUPERVISOR))
    assert (await supervisor.get(LINES)).json()["items"] == []
    assert (await supervisor.get(f"{LINES}/check")).json()["is_sound"] is True


@pytest.mark.parametrize("statement", ["UPDATE identity.audit_line SET reason = ''", "DELETE FROM identity.audit_line"])
@pytest.mark.parametrize("role", ["app", "worker"])
async def test_written_lines_cannot_be_changed(
    apps: Apps, people: People, work_in: WorkIn, statement: str, role: str
) -> None:
    principal = people.staff(Role.GRID_WORKER)
    await unmask(work_in, principal)
    engine = getattr(apps.runtime("identity").database, role)
    async with engine.connect() as connection:
        await connection.execute(
            text("SELECT set_config('app.community_id', :id, true)"), {"id": str(principal.community_id)}
        )
        with pytest.raises(DBAPIError):
            await connection.execute(text(statement))


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE identity.audit_line SET reason = '好奇' WHERE community_id = '{id}' AND number = 2", 2),
        ("UPDATE identity.audit_line SET actor_name = '别人' WHERE community_id = '{id}' AND number = 3", 3),
        ("DELETE FROM identity.audit_line WHERE community_id = '{id}' AND number = 1", 1),
    ],
)
async def test_what_the_owner_of_the_database_changes_is_found(
    database_url: str, people: People, work_in: WorkIn, client_for: ClientFor, tampering: str, broken_at: int
) -> None:
    principal = people.staff(Role.GRID_WORKER)
    for number in range(1, 4):
        await unmask(work_in, principal, number)
    owner = await asyncpg.connect(database_url)
    try:
        async with owner.transaction():
            await owner.execute("ALTER TABLE identity.audit_line DISABLE TRIGGER audit_line_append_only")
            await owner.execute("SELECT set_config('app.community_id', $1, true)", str(people.community_id))
            await owner.execute("SET LOCAL row_security = off")
            await owner.execute(tampering.format(id=people.community_id))
            await owner.execute("ALTER TABLE identity.audit_line ENABLE TRIGGER audit_line_append_only")
    finally:
        await owner.close()
    check = (await client_for("identity", people.staff(Role.SUPERVISOR)).get(f"{LINES}/check")).json()
    assert (check["is_sound"], check["broken_at"]) == (False, broken_at)


async def test_many_writers_make_one_chain(work_in: WorkIn, people: People, client_for: ClientFor) -> None:
    principal = people.staff(Role.GRID_WORKER)
    await asyncio.gather(*(unmask(work_in, principal, number) for number in range(12)))
    check: dict[str, Any] = (await client_for("identity", people.staff(Role.SUPERVISOR)).get(f"{LINES}/check")).json()
    assert (check["is_sound"], check["checked"]) == (True, 12)


@pytest.mark.parametrize("role", list(Role))
async def test_who_reads_the_audit(people: People, client_for: ClientFor, role: Role) -> None:
    readers = {Role.SUPERVISOR, Role.BRANCH_SECRETARY, Role.TOWNSHIP_OFFICER, Role.DISTRICT_OFFICER}
    client = client_for("identity", people.staff(role))
    for path in (LINES, f"{LINES}/check"):
        assert (await client.get(path)).status_code == (200 if role in readers else 403)


async def test_chains_of_communities_are_apart(
    work_in: WorkIn, people: People, strangers: People, client_for: ClientFor
) -> None:
    await unmask(work_in, people.staff(Role.GRID_WORKER))
    await unmask(work_in, strangers.staff(Role.GRID_WORKER))
    for tenants in (people, strangers):
        lines = (await client_for("identity", tenants.staff(Role.SUPERVISOR)).get(LINES)).json()["items"]
        assert [line["number"] for line in lines] == [1]


async def test_a_cursor_of_another_list_is_refused(people: People, client_for: ClientFor) -> None:
    client = client_for("identity", people.staff(Role.SUPERVISOR))
    answer = await client.get(LINES, params={"cursor": "WyJub3QgYSBudW1iZXIiXQ"})
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")
