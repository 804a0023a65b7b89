"""Goods brought home by neighbours over HTTP."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from services.points.redemptions import pickup_code
from shared.contracts.events import DeliveryMoved
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.budget_kit import backing
from tests.points.conftest import OpenHousehold
from tests.points.store_kit import StoreKit, redeem, spendable, stock_of

DELIVERIES = "/api/v1/points/deliveries"


class Errand:
    """A household that redeemed rice, and a neighbour who will bring it."""

    def __init__(self, store: StoreKit, buyer: httpx2.AsyncClient, volunteer: httpx2.AsyncClient) -> None:
        self.store, self.buyer, self.volunteer = store, buyer, volunteer

    async def begin(self) -> "Errand":
        """Redeem and ask for delivery."""
        self.product = await self.store.stock(price=40, name="大米 5 公斤")
        self.bought = (await redeem(self.buyer, self.product)).json()
        asked = await self.buyer.post(DELIVERIES, json={"redemption_id": self.bought["id"], "note": "二楼，敲门请大声"})
        assert asked.status_code == 201, asked.text
        self.path = asked.headers["location"]
        return self

    async def until_sent(self) -> None:
        """Let the volunteer take it and the store give it out."""
        assert (await self.volunteer.post(f"{self.path}/takings")).status_code == 200
        assert (await self.store.keeper.post(f"{self.path}/dispatches")).status_code == 200

    async def hand_over(self, code: str | None = None) -> httpx2.Response:
        """Hand over at the door."""
        return await self.volunteer.post(f"{self.path}/hand-overs", json={"code": code or self.bought["pickup_code"]})

    async def state(self) -> str:
        """Return where it stands."""
        state: str = (await self.store.keeper.get(self.path)).json()["state"]
        return state


@pytest.fixture
async def errand(store: StoreKit, open_household: OpenHousehold) -> Errand:
    buyer, volunteer = [store.household(await open_household()) for _ in range(2)]
    return await Errand(store, buyer, volunteer).begin()


async def test_a_neighbour_brings_goods_home_and_earns_points(
    errand: Errand, people: People, facts_of: Any, client_for: ClientFor
) -> None:
    (waiting,) = (await errand.volunteer.get(DELIVERIES, params={"state": "requested"})).json()["items"]
    assert (waiting["building_name"], waiting["reward_points"]) == ("1栋", 2)
    assert (await errand.volunteer.get(f"{errand.path}/actions")).json()["actions"] == ["take"]
    await errand.until_sent()

    delivered = await errand.hand_over()

    assert (delivered.status_code, delivered.json()["state"]) == (200, "delivered"), delivered.text
    assert await spendable(errand.buyer) == (60, 0)
    assert await spendable(errand.volunteer) == (102, 0)
    assert await stock_of(errand.store.keeper, errand.product) == (9, 0)
    redemption = (await errand.store.keeper.get(f"/api/v1/points/redemptions/{errand.bought['id']}")).json()
    assert (redemption["state"], redemption["proxy_name"], redemption["proxy_for"]) == ("picked_up", "王**", "王**")
    told = [fact.state for fact in await facts_of("points", people.community_id) if isinstance(fact, DeliveryMoved)]
    assert told == ["requested", "taken", "sent", "delivered"]
    assert (await errand.hand_over()).json()["code"] == "wrong_state"
    assert await spendable(errand.volunteer) == (102, 0), "one errand is paid once"
    steps = (await errand.buyer.get(f"/api/v1/points/redemptions/{errand.bought['id']}/steps")).json()["items"]
    assert [(step["action"], step["state"], step["reason"]) for step in steps] == [
        ("reserve", "reserved", ""),
        ("delivery_request", "requested", ""),
        ("delivery_take", "taken", ""),
        ("delivery_send", "sent", ""),
        ("pick_up", "picked_up", "邻居送货上门"),
    ]
    assert steps[2]["account_id"] == steps[4]["account_id"] == redemption["handed_over_by"]


async def test_the_qr_code_opens_at_the_door_too(errand: Errand, apps: Any) -> None:
    await errand.until_sent()
    key = apps.runtime("points").settings.pickup_key.get_secret_value().encode()
    token = pickup_code.sign(key, UUID(errand.bought["id"]), errand.bought["pickup_code"])

    answer = await errand.volunteer.post(f"{errand.path}/hand-overs", json={"token": token})

    assert (answer.status_code, answer.json()["state"]) == (200, "delivered"), answer.text


async def test_without_the_code_nothing_is_handed_over(errand: Errand) -> None:
    await errand.until_sent()
    wrong = f"{(int(errand.bought['pickup_code']) + 1) % 10**6:06d}"

    refused = await errand.hand_over(wrong)

    assert (refused.status_code, refused.json()["code"]) == (409, "points.delivery_code_wrong")
    assert (await errand.state(), await spendable(errand.volunteer)) == ("sent", (100, 0))


@pytest.mark.parametrize("asks", ["buyer", "storekeeper"])
async def test_ten_wrong_codes_lock_and_a_new_code_opens(errand: Errand, asks: str) -> None:
    await errand.until_sent()
    right = int(errand.bought["pickup_code"])
    guesses = [f"{(right + step) % 10**6:06d}" for step in range(1, 16)]

    answers = [answer.json()["code"] for answer in await asyncio.gather(*map(errand.hand_over, guesses))]

    assert sorted(answers) == ["points.delivery_code_locked"] * 5 + ["points.delivery_code_wrong"] * 10
    locked = await errand.hand_over()
    assert (locked.status_code, locked.json()["code"]) == (429, "points.delivery_code_locked"), "not even the right one"
    asking = errand.buyer if asks == "buyer" else errand.store.keeper
    redemption = f"/api/v1/points/redemptions/{errand.bought['id']}"
    assert (await asking.post(f"{redemption}/codes")).status_code == 200
    assert (await errand.hand_over()).json()["code"] == "points.delivery_code_wrong", "the old code opens nothing more"
    new = (await errand.buyer.get(redemption)).json()["pickup_code"]
    assert (await errand.hand_over(new)).json()["state"] == "delivered"


async def test_only_who_carries_the_goods_can_use_up_the_tries(errand: Errand, open_household: OpenHousehold) -> None:
    await errand.until_sent()
    stranger = errand.store.household(await open_household())

    for one in [stranger, errand.buyer, errand.store.keeper] * 4:
        refused = await one.post(f"{errand.path}/hand-overs", json={"code": "000000"})
        assert refused.status_code in {403, 404}

    assert (await errand.hand_over()).json()["state"] == "delivered"


async def test_two_volunteers_at_once_and_one_goes(errand: Errand, open_household: OpenHousehold) -> None:
    others = [errand.store.household(await open_household()) for _ in range(4)]

    answers = await asyncio.gather(*(one.post(f"{errand.path}/takings") for one in others))

    assert sum(answer.status_code == 200 for answer in answers) == 1
    assert {answer.status_code for answer in answers} <= {200, 404, 409}


async def test_only_the_right_people_take_each_step(
    errand: Errand, client_for: ClientFor, people: People, strangers: People, open_household: OpenHousehold
) -> None:
    own = await errand.buyer.post(f"{errand.path}/takings")
    assert (own.status_code, own.json()["code"]) == (409, "points.own_delivery")
    assert (await client_for("points", people.staff(Role.SUPERVISOR)).post(f"{errand.path}/takings")).status_code == 403
    assert (await errand.volunteer.post(f"{errand.path}/takings")).status_code == 200
    assert (await errand.volunteer.post(f"{errand.path}/dispatches")).status_code == 403
    assert (await errand.hand_over()).status_code == 409, "still in the store"
    other = errand.store.household(await open_household())
    assert (await other.get(errand.path)).status_code == 404
    assert (await client_for("points", strangers.staff(Role.STOREKEEPER)).get(errand.path)).status_code == 404
    assert (await errand.buyer.get(f"{errand.path}/actions")).json()["actions"] == ["cancel"]


async def test_a_volunteer_gives_it_back_and_another_goes(errand: Errand, open_household: OpenHousehold) -> None:
    await errand.volunteer.post(f"{errand.path}/takings")
    assert (await errand.volunteer.post(f"{errand.path}/drops")).json()["state"] == "requested"
    errand.volunteer = errand.store.household(await open_household())
    await errand.until_sent()
    assert (await errand.store.keeper.post(f"{errand.path}/returns")).json()["state"] == "requested"
    await errand.until_sent()
    assert (await errand.hand_over()).json()["state"] == "delivered"


@pytest.mark.parametrize("end", ["cancel", "expire", "counter"])
async def test_a_redemption_that_ends_otherwise_ends_its_delivery(
    errand: Errand, clock: Any, sweep: Any, client_for: ClientFor, people: People, end: str
) -> None:
    if end == "cancel":
        await errand.buyer.post(f"/api/v1/points/redemptions/{errand.bought['id']}/cancellations", json={})
    elif end == "counter":
        await errand.store.pick_up(errand.bought["pickup_code"])
    else:
        clock.advance(timedelta(hours=72))
        await sweep("points", "expire_redemptions")
        errand.store.keeper = client_for("points", people.staff(Role.STOREKEEPER))

    assert await errand.state() == "cancelled"


async def set_budget(client_for: ClientFor, people: People, points: int) -> httpx2.AsyncClient:
    committee = client_for("points", people.staff(Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN))
    days = {"starts_on": "2026-05-01", "ends_on": "2026-05-31"}
    body = {"name": "五月", "amount": points, "decision": "居委会会议 2026-04-28"} | days | await backing(committee)
    answer = await committee.post("/api/v1/points/budgets", json=body)
    assert answer.status_code == 201, answer.text
    return committee


async def test_a_reward_is_set_aside_when_the_errand_is_taken(
    errand: Errand, client_for: ClientFor, people: People, sweep: Any, open_household: OpenHousehold
) -> None:
    committee = await set_budget(client_for, people, 3)

    second = await Errand(errand.store, errand.buyer, errand.store.household(await open_household())).begin()
    assert (await errand.volunteer.post(f"{errand.path}/takings")).status_code == 200
    refused = await second.volunteer.post(f"{second.path}/takings")
    assert (refused.status_code, refused.json()["code"]) == (409, "points.budget_exhausted")
    assert await charged(committee) == 2
    await errand.volunteer.post(f"{errand.path}/drops")
    assert await charged(committee) == 0
    await errand.volunteer.post(f"{errand.path}/takings")
    await errand.store.pick_up(errand.bought["pickup_code"])
    assert await charged(committee) == 2
    await sweep("points", "free_delivery_rewards")
    await sweep("points", "free_delivery_rewards")
    assert await charged(committee) == 0, "the redemption ended otherwise, and nobody earned it"


async def charged(committee: httpx2.AsyncClient) -> int:
    (budget,) = (await committee.get("/api/v1/points/budgets")).json()["items"]
    amount: int = budget["charged"]
    return amount


@pytest.mark.parametrize(("is_resellable", "kept"), [(True, 0), (False, 2)])
async def test_goods_that_go_on_the_shelf_again_were_carried_for_nothing(
    errand: Errand, client_for: ClientFor, people: People, is_resellable: bool, kept: int
) -> None:
    committee = await set_budget(client_for, people, 3)
    await errand.until_sent()
    delivered = (await errand.hand_over()).json()
    path = f"/api/v1/points/redemptions/{errand.bought['id']}/returns"
    body = {"reason": "不想要了", "is_resellable": is_resellable}

    assert (await errand.volunteer.post(path, json=body)).status_code in {403, 404}
    assert await spendable(errand.volunteer) == (102, 0)
    answers = await asyncio.gather(*(errand.store.keeper.post(path, json=body) for _ in range(2)))

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert await spendable(errand.buyer) == (100, 0)
    balances = (await errand.volunteer.get("/api/v1/points/account")).json()["balances"]
    assert {b["available"] for b in balances if b["asset"] in {"standing", "spendable"}} == {100 + kept}
    assert await charged(committee) == kept, "the budget can be spent on another errand"
    told = (await errand.volunteer.get(errand.path)).json()
    assert (told["state"], told["reward_reversed_at"] is None) == ("delivered", bool(kept))
    assert delivered["reward_reversed_at"] is None


async def test_a_reward_that_was_spent_is_owed(errand: Errand) -> None:
    await errand.until_sent()
    await errand.hand_over()
    await redeem(errand.volunteer, await errand.store.stock(price=102))

    returned = await errand.store.keeper.post(
        f"/api/v1/points/redemptions/{errand.bought['id']}/returns", json={"reason": "买错", "is_resellable": True}
    )

    assert (returned.status_code, await spendable(errand.volunteer)) == (200, (0, 102)), returned.text
    assert (await errand.volunteer.get("/api/v1/points/account")).json()["arrears"] == 2


async def test_a_meeting_says_what_bringing_home_is_worth(
    errand: Errand, client_for: ClientFor, people: People, open_household: OpenHousehold
) -> None:
    rules = "/api/v1/points/help-policies/deliveries"
    committee = client_for("points", people.staff(Role.COMMITTEE_MEMBER))
    assert (await errand.buyer.get(rules)).json()["numbers"] == {"reward_points": 2}
    body = {"decision": "居民代表会议 2026-05", "numbers": {"reward_points": 5}}
    assert (await errand.buyer.post(rules, json=body)).status_code == 403
    adopted = await committee.post(rules, json=body)
    assert (adopted.status_code, adopted.json()["version"]) == (201, 1), adopted.text
    for wrong in (-1, 101, 1.5, None):
        assert (await committee.post(rules, json=body | {"numbers": {"reward_points": wrong}})).status_code == 422
    later = await Errand(errand.store, errand.buyer, errand.store.household(await open_household())).begin()
    for one in (errand, later):
        await one.until_sent()
        assert (await one.hand_over()).status_code == 200

    assert await spendable(errand.volunteer) == (102, 0), "as it was when delivery was asked for"
    assert await spendable(later.volunteer) == (105, 0)


async def test_where_nothing_is_paid_nothing_is_posted(
    store: StoreKit, open_household: OpenHousehold, client_for: ClientFor, people: People
) -> None:
    committee = client_for("points", people.staff(Role.COMMITTEE_MEMBER))
    body = {"decision": "居民代表会议 2026-05", "numbers": {"reward_points": 0}}
    await committee.post("/api/v1/points/help-policies/deliveries", json=body)
    buyer, volunteer = [store.household(await open_household()) for _ in range(2)]
    errand = await Errand(store, buyer, volunteer).begin()
    await errand.until_sent()

    assert (await errand.hand_over()).json()["state"] == "delivered"
    assert await spendable(volunteer) == (100, 0)
    back = {"reason": "买错", "is_resellable": True}
    path = f"/api/v1/points/redemptions/{errand.bought['id']}/returns"
    assert (await store.keeper.post(path, json=back)).status_code == 200


async def test_doing_without_delivery_keeps_the_goods(errand: Errand) -> None:
    cancelled = await errand.buyer.post(f"{errand.path}/cancellations")

    assert cancelled.json()["state"] == "cancelled"
    assert (await errand.store.pick_up(errand.bought["pickup_code"])).status_code == 200


async def test_what_cannot_be_brought(errand: Errand, open_household: OpenHousehold) -> None:
    body = {"redemption_id": errand.bought["id"]}
    twice = await errand.buyer.post(DELIVERIES, json=body)
    foreign = await errand.volunteer.post(DELIVERIES, json=body)
    await errand.store.pick_up(errand.bought["pickup_code"])
    late = await errand.buyer.post(DELIVERIES, json=body)

    assert (twice.status_code, twice.json()["code"]) == (409, "points.delivery_exists")
    assert (foreign.status_code, foreign.json()["code"]) == (404, "points.redemption_not_found")
    assert (late.status_code, late.json()["code"]) == (409, "points.not_deliverable")


async def test_handed_over_at_the_door_and_at_the_counter_at_once_counts_once(
    store: StoreKit, open_household: OpenHousehold
) -> None:
    for _ in range(4):
        buyer, volunteer = [store.household(await open_household()) for _ in range(2)]
        errand = await Errand(store, buyer, volunteer).begin()
        await errand.until_sent()

        door, counter = await asyncio.gather(errand.hand_over(), store.pick_up(errand.bought["pickup_code"]))

        assert sorted([door.is_success, counter.is_success]) == [False, True]
        assert await spendable(buyer) == (60, 0)
        assert await spendable(volunteer) == ((102, 0) if door.is_success else (100, 0))
