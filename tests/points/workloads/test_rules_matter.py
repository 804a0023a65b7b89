"""Each rule of the ledger's tables is needed: with it a bad row is refused; without it the row stands, and where a balance is at stake the audit tells.

A rule nobody would miss would be a rule nobody tests. Everything happens in a transaction that is rolled back.
"""

import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from services.points.audits.repository import CHECKS
from services.points.ledger.models import Account, Hold, HoldEnd, Lot, LotUse, Transfer
from shared.testing.clients import People
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books
from tests.points.store_kit import StoreKit, redeem

pytestmark = pytest.mark.breaks_books

HOUSEHOLD = "kind = 'household' AND asset = 'spendable'"
BAD = {
    "ck_account_available": f"UPDATE points.account SET available = -1 WHERE {HOUSEHOLD}",
    "ck_account_held": f"UPDATE points.account SET held = -1 WHERE {HOUSEHOLD}",
    "ck_account_arrears": "UPDATE points.account SET available = 1 WHERE kind = 'arrears'",
    "ck_account_kind": f"UPDATE points.account SET kind = 'friend' WHERE {HOUSEHOLD}",
    "ck_account_asset": f"UPDATE points.account SET asset = 'gold' WHERE {HOUSEHOLD}",
    "ck_transfer_amount": "UPDATE points.transfer SET amount = -amount",
    "ck_transfer_two_accounts": "UPDATE points.transfer SET to_account_id = from_account_id",
    "ck_hold_amount": "UPDATE points.hold SET amount = 0",
    "ck_hold_end_outcome": "UPDATE points.hold_end SET outcome = 'lost'",
    "ck_lot_remaining": "UPDATE points.lot SET remaining = amount + 1",
    "ck_lot_use_amount": "UPDATE points.lot_use SET amount = 0, restored = 0",
    "ck_lot_use_restored": "UPDATE points.lot_use SET restored = amount + 1",
}
"""By the CHECK that refuses it: a write that no function of the ledger makes."""

TOLD = {
    "ck_account_available": "I3",
    "ck_account_held": "I3",
    "ck_account_arrears": "I3",
    "ck_transfer_amount": "I12",
    "ck_transfer_two_accounts": "I12",
    "ck_hold_amount": "I3",
    "ck_lot_remaining": "I4",
    "ck_lot_use_amount": "I5",
    "ck_lot_use_restored": "I5",
}
"""By the CHECK: the invariant that tells once it is gone. The others are names of things, which no sum shows."""


def test_every_check_of_the_ledger_has_a_bad_row() -> None:
    models: tuple[Any, ...] = (Account, Transfer, Hold, HoldEnd, Lot, LotUse)
    names = {
        f"ck_{model.__tablename__}_{constraint.name}" if not str(constraint.name).startswith("ck_") else constraint.name
        for model in models
        for constraint in model.__table__.constraints
        if type(constraint).__name__ == "CheckConstraint"
    }

    assert names == set(BAD)


@pytest.fixture
async def owner(
    database_url: str, people: People, store: StoreKit, books: Books, open_household: OpenHousehold
) -> AsyncIterator[Any]:
    """The database's owner in a community with a hold that is open, one that has ended, and a household in arrears."""
    household = await open_household()
    product = await store.stock(price=30)
    await redeem(store.household(household), product)
    fetched = (await redeem(store.household(household), product)).json()
    assert (await store.pick_up(fetched["pickup_code"])).status_code == 200
    await books.deduct(await open_household(), 130)
    connection: Any = await asyncpg.connect(database_url)
    transaction = connection.transaction()
    await transaction.start()
    # Rows written once are kept by triggers too; here the CHECK alone is tried.
    await connection.execute("SET LOCAL session_replication_role = replica")
    await connection.execute("SET LOCAL lock_timeout = '5s'")
    yield connection
    await transaction.rollback()
    await connection.close()


async def _breaches(connection: Any, people: People) -> set[str]:
    """Ask the audit's questions inside the owner's transaction."""
    await connection.execute("SELECT set_config('app.community_id', $1, true)", str(people.community_id))
    await connection.execute("SET LOCAL ROLE points_app")
    found = set()
    for invariant, statement in CHECKS.items():
        if ":" not in re.sub("::", "", statement):
            found |= {invariant.name for _ in await connection.fetch(f"SELECT 1 FROM ({statement}) AS b LIMIT 1")}
    await connection.execute("RESET ROLE")
    return found


@pytest.mark.parametrize("check", BAD)
async def test_without_the_check_the_bad_row_stands(owner: Any, people: People, check: str) -> None:
    statement = f"{BAD[check]}{' AND' if 'WHERE' in BAD[check] else ' WHERE'} community_id = '{people.community_id}'"
    refused = owner.transaction()
    await refused.start()
    with pytest.raises(asyncpg.CheckViolationError, match=check):
        await owner.execute(statement)
    await refused.rollback()
    assert await _breaches(owner, people) == set()

    (table,) = await owner.fetch(
        "SELECT conrelid::regclass::text AS name FROM pg_constraint"
        " WHERE conname = $1 AND connamespace = 'points'::regnamespace",
        check,
    )
    await owner.execute(f"ALTER TABLE {table['name']} DROP CONSTRAINT {check}")
    changed = await owner.execute(statement)

    assert int(changed.split()[-1]) >= 1
    assert TOLD.get(check) in {None, *await _breaches(owner, people)}
