"""Each POST whose answer is a secret: done once under a key, told once, kept nowhere (ADR 0011)."""

from typing import Any

import httpx2
from sqlalchemy import text

from shared.db import Database
from shared.kernel.principal import Role
from shared.testing.clients import Apps, ClientFor, People
from tests.contracts.test_openapi import SECRETS
from tests.identity.conftest import Office
from tests.identity.rosters.kit import Desk

API = "/api/v1/identity"


async def twice(client: httpx2.AsyncClient, template: str, ids: dict[str, str], body: Any) -> dict[str, Any]:
    """Send a request twice under one key; return the answer of the first."""
    headers = {"Idempotency-Key": template}
    first, again = [await client.post(template.format(**ids), json=body, headers=headers) for _ in range(2)]
    assert first.is_success, (template, first.text)
    assert (again.status_code, again.json()["code"]) == (409, "identity.secret_shown_once"), template
    assert "idempotency-replayed" not in again.headers
    told: dict[str, Any] = first.json()
    return told


async def kept(database: Database, people: People) -> dict[str, bytes | None]:
    """Return what is kept under the keys."""
    async with database.worker.connect() as connection:
        rows = await connection.execute(
            text("SELECT key, body FROM identity.idempotency WHERE community_id = :id"), {"id": people.community_id}
        )
        return {row.key: row.body for row in rows}


async def test_all_eight_are_told_once(
    client_for: ClientFor, people: People, sweep: Any, office: Office, apps: Apps
) -> None:
    desk = Desk(client_for("identity", office.admin), sweep)
    applied = await desk.bring_in()
    household, *_ = await desk.items(f"{API}/households?include=members")
    colleague = await office.take_on(Role.INSPECTOR)
    ids = {
        "import_id": applied["id"],
        "household_id": household["id"],
        "resident_id": household["members"][0]["id"],
        "account_id": str(colleague.account_id),
    }
    newcomer = {"number": "H4", "unit_codes": ["L2-1-202"], "members": [{"name": "钱八", "relation": "householder"}]}
    asked = {
        f"{API}/staff": {"items": [{"user_name": "li.si", "name": "李四"}]},
        f"{API}/staff/{{account_id}}/password_resets": {"reason": "手机丢失"},
        f"{API}/clients": {"name": "区政务服务平台", "scopes": ["points:read"]},
        f"{API}/clients/{{client_id}}/secrets": {},
        f"{API}/households": newcomer,
        f"{API}/households/{{household_id}}/card_codes": {},
        f"{API}/residents/{{resident_id}}/disclosures": {"reason": "上门核对户口信息"},
        f"{API}/rosters/{{import_id}}/card_lists": {},
    }
    assert asked.keys() == SECRETS

    for template, body in asked.items():
        told = await twice(desk.client, template, ids, body)
        if template == f"{API}/clients":
            ids["client_id"] = told["id"]

    remembered = await kept(apps.runtime("identity").database, people)
    assert {key: remembered[key] for key in asked} == dict.fromkeys(asked)
