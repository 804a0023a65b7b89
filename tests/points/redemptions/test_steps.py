"""Who did what to a redemption, when and why: told by its row for reserving, by the book of steps for everything after."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from services.points.offline_pickups.domain import HandOver, remark
from services.points.redemptions.domain import Pickup
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn
from tests.points.conftest import OpenHousehold
from tests.points.store_kit import StoreKit, redeem

REDEMPTIONS = "/api/v1/points/redemptions"


async def steps_of(client: httpx2.AsyncClient, redemption: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the steps of a redemption, read one by one."""
    found, page = [], {"limit": 1}
    while True:
        answer = await client.get(f"{REDEMPTIONS}/{redemption['id']}/steps", params=page)
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        if answer.json()["next_cursor"] is None:
            return found
        page |= {"cursor": answer.json()["next_cursor"]}


async def test_everything_at_the_counter_is_on_record(
    people: People, client_for: ClientFor, open_household: OpenHousehold, clock: FixedClock
) -> None:
    person, home = people.staff(Role.STOREKEEPER), people.resident(await open_household())
    store, buyer, keeper = StoreKit(client_for, people), client_for("points", home), client_for("points", person)
    bought = (await redeem(buyer, await store.stock())).json()
    path = f"{REDEMPTIONS}/{bought['id']}"
    clock.advance(timedelta(minutes=1))
    assert (await keeper.post(f"{path}/preparations")).status_code == 200
    code = (await buyer.post(f"{path}/codes")).json()["pickup_code"]
    body = {"code": code, "proxy_name": "张三"}
    assert (await keeper.post(f"{REDEMPTIONS}/pickups", json=body)).status_code == 200
    back = {"reason": "包装破损", "is_resellable": False}
    assert (await keeper.post(f"{path}/returns", json=back)).status_code == 200
    refused = await keeper.post(f"{path}/preparations")

    told = await steps_of(buyer, bought)

    assert refused.json()["code"] == "wrong_state", "what was refused is no step"
    clerk, household = str(person.account_id), str(home.account_id)
    assert [(one["action"], one["state"], one["account_id"], one["reason"]) for one in told] == [
        ("reserve", "reserved", household, ""),
        ("prepare", "ready", clerk, ""),
        ("renew_code", "ready", household, ""),
        ("pick_up", "picked_up", clerk, "由人代取"),
        ("return", "returned", clerk, "包装破损"),
    ]
    assert told[0]["at"] == bought["created_at"] < told[1]["at"]
    assert await steps_of(client_for("points", people.staff(Role.SUPERVISOR)), bought) == told
    for stranger in (people.resident(await open_household()), people.staff(Role.ASSESSOR)):
        answer = await client_for("points", stranger).get(f"{path}/steps")
        assert answer.json()["code"] == "points.redemption_not_found"


@pytest.mark.parametrize("is_swept", [True, False], ids=["by the sweep", "by the next purchase"])
async def test_the_clock_ends_what_nobody_came_for(
    store: StoreKit, open_household: OpenHousehold, clock: FixedClock, sweep: Any, *, is_swept: bool
) -> None:
    product, home = await store.stock(price=100, hold_hours=1), await open_household()
    kept = (await redeem(store.household(home), product)).json()
    clock.advance(timedelta(hours=1))
    buyer = store.household(home)
    if is_swept:
        await sweep("points", "expire_redemptions")
    else:
        assert (await redeem(buyer, product)).status_code == 201
    await sweep("points", "expire_redemptions")

    told = await steps_of(buyer, kept)

    assert [(one["action"], one["state"]) for one in told] == [("reserve", "reserved"), ("expire", "expired")]
    assert told[1]["account_id"] is None


async def test_giving_up_says_who_and_why(store: StoreKit, open_household: OpenHousehold) -> None:
    buyer = store.household(await open_household())
    bought = (await redeem(buyer, await store.stock())).json()
    path = f"{REDEMPTIONS}/{bought['id']}/cancellations"
    silent = await store.keeper.post(path, json={"reason": " "})
    assert (silent.status_code, silent.json()["code"]) == (422, "points.cancel_reason_missing")
    for _ in range(2):
        await store.keeper.post(path, json={"reason": "住户来电话说不要了"})

    reserved, given_up = await steps_of(buyer, bought)

    assert (given_up["action"], given_up["state"], given_up["reason"]) == ("cancel", "cancelled", "住户来电话说不要了")
    assert given_up["account_id"] not in {None, reserved["account_id"]}


@pytest.mark.parametrize("end", ["pick_up", "return", "cancel", "expire"])
async def test_what_ended_before_there_were_steps_is_told_as_now(
    store: StoreKit,
    open_household: OpenHousehold,
    clock: FixedClock,
    sweep: Any,
    people: People,
    work_in: WorkIn,
    end: str,
) -> None:
    """The migration reads the moves of pieces; it must come to what is written today."""
    home, product = await open_household(), await store.stock(hold_hours=1)
    bought = (await redeem(store.household(home), product)).json()
    path = f"{REDEMPTIONS}/{bought['id']}"
    if end == "cancel":
        await store.household(home).post(f"{path}/cancellations", json={"reason": "买错了"})
    elif end == "expire":
        clock.advance(timedelta(hours=1))
        await sweep("points", "expire_redemptions")
    else:
        assert (await store.pick_up(bought["pickup_code"])).status_code == 200
    if end == "return":
        clock.advance(timedelta(minutes=1))
        await store.keeper.post(f"{path}/returns", json={"reason": "包装破损", "is_resellable": True})
    step = import_module("services.points.migrations.versions.0018_lists")

    async with work_in("points", people.community_id) as uow:
        rows = (await uow.session.execute(text(f"{step.REMEMBERED} ORDER BY 2"))).all()

    told = [(row[3], row[4], None if row[5] is None else str(row[5]), row[6]) for row in rows]
    _, *written = await steps_of(store.household(home), bought)
    assert told == [tuple(one[name] for name in ("action", "state", "account_id", "reason")) for one in written]
    assert told[-1][0] == end


def test_the_record_names_no_proxy(clock: FixedClock) -> None:
    told = HandOver(new_id(), "123456", clock.now(), "张三")
    assert remark("一号平板", told) == "没有网络时发放：一号平板，2026-05-11 09:00，由人代取"
    redemption: Any = None
    assert [Pickup(redemption, name, how).reason for name, how in ((None, ""), ("张三", ""), ("李四", "邻居送货上门"))] == [
        "", "由人代取", "邻居送货上门",
    ]  # fmt: skip
