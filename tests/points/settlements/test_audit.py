"""The audit names what a hand in the database did to vouchers, settlements and awards."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.shop_kit import ROOT, ShopKit, take

DAMAGE = [
    ("I9", "UPDATE points.voucher SET state = 'expired', settlement_id = NULL WHERE community_id = $1"),
    ("I9", "UPDATE points.award SET granted_at = now(), state = 'granted' WHERE community_id = $1"),
    ("I14", "UPDATE points.voucher SET points = points + 1 WHERE community_id = $1"),
    ("I14", "UPDATE points.voucher SET paid_at = now() WHERE community_id = $1"),
    ("I14", "UPDATE points.settlement SET value_fen = value_fen + 1 WHERE community_id = $1"),
    ("I14", "UPDATE points.settlement SET vouchers = 2 WHERE community_id = $1"),
    ("I16", "UPDATE points.award SET granted_at = now(), state = 'granted' WHERE community_id = $1"),
]


@pytest.mark.breaks_books
async def test_a_hand_in_the_database_is_named(
    client_for: ClientFor,
    people: People,
    open_household: OpenHousehold,
    clock: Any,
    sweep: Any,
    database_url: str,
) -> None:
    shop = await ShopKit(client_for, people).open()
    family = await open_household()
    voucher = (await take(client_for("points", people.resident(family)), await shop.offer())).json()
    assert (await shop.verify(voucher)).status_code == 200
    nomination = {"household_id": str(family), "category": "身边好人", "deed": "送饭"}
    assert (await shop.client.post(f"{ROOT}/awards", json=nomination)).status_code == 201
    clock.advance(timedelta(days=31))
    await sweep("points", "draft_settlements")
    supervisor = client_for("points", people.staff(Role.SUPERVISOR))
    assert (await supervisor.get(f"{ROOT}/audit")).json()["is_clean"]

    superuser: Any = await asyncpg.connect(database_url)
    for code, damage in DAMAGE:
        before = await superuser.fetch(
            "SELECT 'voucher' AS t, to_jsonb(v) AS r FROM points.voucher v WHERE community_id = $1"
            " UNION ALL SELECT 'settlement', to_jsonb(s) FROM points.settlement s WHERE community_id = $1"
            " UNION ALL SELECT 'award', to_jsonb(w) FROM points.award w WHERE community_id = $1",
            people.community_id,
        )
        async with superuser.transaction():
            await superuser.execute("SET LOCAL session_replication_role = replica")
            assert (await superuser.execute(damage, people.community_id)) == "UPDATE 1"

        audit = (await supervisor.get(f"{ROOT}/audit")).json()

        assert code in {breach["code"] for breach in audit["breaches"]}, damage
        async with superuser.transaction():
            await superuser.execute("SET LOCAL session_replication_role = replica")
            for one in before:
                await superuser.execute(f"DELETE FROM points.{one['t']} WHERE community_id = $1", people.community_id)
                await superuser.execute(
                    f"INSERT INTO points.{one['t']} SELECT (jsonb_populate_record(NULL::points.{one['t']}, $1)).*",
                    one["r"],
                )
        assert (await supervisor.get(f"{ROOT}/audit")).json()["is_clean"], damage
    await superuser.close()
