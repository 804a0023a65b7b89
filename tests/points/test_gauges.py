"""What operators see of the points of all communities: each number changes with what it counts, and an index serves it."""

from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.gauges import BREACHES, HOLDS, WAITERS
from services.points.worker import create_worker
from shared.testing.clients import Apps, ClientFor, People
from tests.points.claims_kit import ClaimsKit
from tests.points.conftest import OpenHousehold
from tests.points.damage import damaged
from tests.points.nights import Nights
from tests.points.store_kit import StoreKit, redeem
from tests.shared.plans import read_whole
from tests.shared.scrape import Samples, measured

APPEALS = "/api/v1/points/appeals"
SCHEDULE = {"audit_schedule"}
"""Has one row for each community."""


@pytest.fixture
def read(apps: Apps, client_for: ClientFor) -> Any:
    """Return a reader of the service's gauges."""

    async def now() -> Samples:
        return await measured(create_worker(apps.runtime("points")), client_for("points"))

    return now


async def test_a_hold_is_open_until_the_goods_are_taken(
    store: StoreKit, open_household: OpenHousehold, read: Any
) -> None:
    before = await read()
    assert before["diyuan_holds_open", "voucher"] >= 0
    bought = (await redeem(store.household(await open_household()), await store.stock())).json()
    assert (await read())["diyuan_holds_open", "redemption"] == before["diyuan_holds_open", "redemption"] + 1
    assert (await store.pick_up(bought["pickup_code"])).status_code == 200
    assert (await read())["diyuan_holds_open", "redemption"] == before["diyuan_holds_open", "redemption"]


async def test_a_claim_waits_until_the_panel_has_spoken_and_an_appeal_until_it_is_answered(
    open_household: OpenHousehold, client_for: ClientFor, people: People, hear: Any, clock: Any, sweep: Any, read: Any
) -> None:
    kit = ClaimsKit(client_for, people, hear)
    await kit.adopt()
    home = kit.home(await open_household())
    before = await read()

    claim = (await kit.enter(home)).json()["id"]
    assert (await read())["diyuan_waiting", "claim"] == before["diyuan_waiting", "claim"] + 1
    await kit.post(claim, clock, sweep)
    assert (await read())["diyuan_waiting", "claim"] == before["diyuan_waiting", "claim"]

    appeal = await kit.home(await open_household()).post(APPEALS, json={"claim_id": claim, "reason": "少记了一次"})
    assert appeal.status_code == 201, appeal.text
    assert (await read())["diyuan_waiting", "appeal"] == before["diyuan_waiting", "appeal"] + 1


@pytest.mark.breaks_books
async def test_what_a_night_found_is_told_by_invariant_until_a_clean_night(
    nights: Nights, people: People, open_household: OpenHousehold, database_url: str, read: Any
) -> None:
    await open_household()
    before = await read()
    damage = "UPDATE points.account SET available = available + 5 WHERE community_id = $1 AND asset = 'standing' AND kind = 'household'"
    superuser: Any = await asyncpg.connect(database_url)
    async with damaged(superuser, people.community_id, ("account",), damage):
        await nights.pass_one()
    await superuser.close()

    told = await read()
    assert told["diyuan_audit_breaches", "I2"] == before["diyuan_audit_breaches", "I2"] + 1
    assert told["diyuan_audit_breaches", "I7"] == before["diyuan_audit_breaches", "I7"]
    await nights.pass_one()
    assert (await read())["diyuan_audit_breaches", "I2"] == before["diyuan_audit_breaches", "I2"]


@pytest.mark.parametrize(("statement", "whole"), [(HOLDS, set()), (WAITERS, SCHEDULE), (BREACHES, SCHEDULE)])
async def test_every_number_is_found_by_an_index(apps: Apps, statement: str, whole: set[str]) -> None:
    async with AsyncSession(apps.runtime("points").database.worker) as session:
        assert await read_whole(session, statement) == whole
        assert await read_whole(session, "SELECT count(*) FROM points.voucher") == {"voucher"}
