"""The audit finds what a hand in the database changed, and only those who watch may ask."""

from typing import Any

import asyncpg
import pytest

from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.store_kit import StoreKit, redeem

PATH = "/api/v1/points/audit"


async def test_clean_books(
    client_for: ClientFor, people: People, store: StoreKit, open_household: OpenHousehold
) -> None:
    await redeem(store.household(await open_household()), await store.stock())

    audit = (await client_for("points", people.staff(Role.SUPERVISOR)).get(PATH)).json()

    assert (audit["is_clean"], audit["breaches"]) == (True, [])
    assert all(invariant["is_kept"] for invariant in audit["invariants"])


@pytest.mark.parametrize("role", [Role.STOREKEEPER, Role.ASSESSOR, Role.RESIDENT])
async def test_others_may_not_ask(client_for: ClientFor, people: People, role: Role) -> None:
    assert (await client_for("points", people.staff(role)).get(PATH)).status_code == 403


DAMAGE = {
    "I1": "UPDATE points.entry SET amount = amount + 5 WHERE community_id = $1 AND version IS NULL",
    "I2": "UPDATE points.account SET available = available + 5 WHERE community_id = $1 AND asset = 'standing' AND kind = 'household'",
    "I3": "UPDATE points.account SET held = held + 5, available = available - 5 WHERE community_id = $1 AND asset = 'spendable'"
    " AND kind = 'household'",
    "I4": "UPDATE points.lot SET remaining = remaining - 1 WHERE community_id = $1",
    "I5": "UPDATE points.lot SET remaining = amount WHERE community_id = $1",
    "I8": "UPDATE points.stock_bucket SET available = available - 1 WHERE community_id = $1",
    "I9": "UPDATE points.redemption SET state = 'cancelled' WHERE community_id = $1",
    "I11": "UPDATE points.quota SET used = 0 WHERE community_id = $1",
    "I12": "UPDATE points.entry SET created_at = created_at - interval '1 day' WHERE community_id = $1 AND version = 1",
}


@pytest.mark.breaks_books
@pytest.mark.parametrize("code", DAMAGE)
async def test_a_hand_in_the_database_is_named(
    client_for: ClientFor,
    people: People,
    store: StoreKit,
    open_household: OpenHousehold,
    database_url: str,
    code: str,
) -> None:
    await redeem(store.household(await open_household()), await store.stock())
    superuser: Any = await asyncpg.connect(database_url)
    async with superuser.transaction():
        await superuser.execute("SET LOCAL session_replication_role = replica")
        await superuser.execute(DAMAGE[code], people.community_id)
    await superuser.close()

    audit = (await client_for("points", people.staff(Role.SUPERVISOR)).get(PATH)).json()

    assert audit["is_clean"] is False
    assert code in {breach["code"] for breach in audit["breaches"]}


async def test_the_service_itself_cannot_change_a_line(
    store: StoreKit, open_household: OpenHousehold, people: People, apps: Any
) -> None:
    await open_household()
    async with apps.runtime("points").database.worker.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await raw.execute("UPDATE points.entry SET amount = 0")


async def test_not_even_the_owner_changes_a_line_by_mistake(
    store: StoreKit, open_household: OpenHousehold, database_url: str
) -> None:
    await open_household()
    superuser: Any = await asyncpg.connect(database_url)
    with pytest.raises(asyncpg.PostgresError, match="never changed"):
        await superuser.execute("DELETE FROM points.entry")
    await superuser.close()
