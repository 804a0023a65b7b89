"""A store without network over HTTP: lists out, hand-overs back, each code once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from services.points.offline_pickups.signed_list import digest_of
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.store_kit import StoreKit, redeem, spendable, stock_of

OFFLINE = "/api/v1/points/offline"
NINE = datetime(2026, 5, 11, 1, 0, tzinfo=UTC)


class Device:
    """A tablet that was given a list and goes where there is no network."""

    def __init__(self, keeper: httpx2.AsyncClient, name: str) -> None:
        self.keeper, self.name = keeper, name

    async def fetch(self) -> "Device":
        """Get a list."""
        answer = await self.keeper.post(f"{OFFLINE}/lists", json={"device": self.name})
        assert answer.status_code == 201, answer.text
        self.list = answer.json()
        return self

    def knows(self, bought: dict[str, Any], code: str) -> bool:
        """Check a code as the device would."""
        redemption = UUID(bought["id"])
        digest = digest_of(bytes.fromhex(self.list["salt"]), redemption, code)
        return any(
            item["code_digest"] == digest for item in self.list["items"] if item["redemption_id"] == str(redemption)
        )

    async def upload(self, *told: tuple[dict[str, Any], int], **facts: Any) -> httpx2.Response:
        """Bring back what was handed over, each with the minute after nine."""
        hand_overs = [
            {
                "redemption_id": bought["id"],
                "code": bought["pickup_code"],
                "handed_over_at": (NINE + timedelta(minutes=minute)).isoformat(),
            }
            for bought, minute in told
        ]
        body = {
            "list_id": self.list["id"],
            "device": self.name,
            "ticket": self.list["ticket"],
            "hand_overs": hand_overs,
        }
        return await self.keeper.post(f"{OFFLINE}/uploads", json=body | facts)


def outcomes(response: httpx2.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [row["outcome"] for row in response.json()]


@pytest.fixture
async def sold(store: StoreKit, open_household: OpenHousehold) -> tuple[httpx2.AsyncClient, UUID, dict[str, Any]]:
    client, product = store.household(await open_household()), await store.stock(price=30)
    return client, product, (await redeem(client, product)).json()


async def test_a_list_lets_a_device_check_codes_it_does_not_know(store: StoreKit, sold: Any) -> None:
    _, _, bought = sold
    device = await Device(store.keeper, "一号平板").fetch()

    assert device.knows(bought, bought["pickup_code"])
    assert not device.knows(bought, "000000" if bought["pickup_code"] != "000000" else "111111")
    assert bought["pickup_code"] not in str(device.list["items"])
    assert len(device.list["items"]) == 1


async def test_what_was_handed_over_without_network_is_applied_once(store: StoreKit, sold: Any) -> None:
    client, product, bought = sold
    device = await Device(store.keeper, "一号平板").fetch()

    first = await device.upload((bought, 5))
    again = await device.upload((bought, 5))

    assert outcomes(first) == outcomes(again) == ["applied"]
    assert await spendable(client) == (70, 0)
    assert await stock_of(store.keeper, product) == (9, 0)
    assert (await store.keeper.get(f"{OFFLINE}/conflicts")).json()["items"] == []
    _, step = (await client.get(f"/api/v1/points/redemptions/{bought['id']}/steps")).json()["items"]
    assert (step["action"], step["reason"]) == ("pick_up", "没有网络时发放：一号平板，2026-05-11 09:05")


async def test_a_code_used_on_two_devices_is_found_and_named(store: StoreKit, sold: Any) -> None:
    client, _, bought = sold
    one, two = [await Device(store.keeper, name).fetch() for name in ("一号平板", "二号平板")]

    assert outcomes(await one.upload((bought, 7))) == ["applied"]
    assert outcomes(await two.upload((bought, 5))) == ["used_twice"]

    (conflict,) = (await store.keeper.get(f"{OFFLINE}/conflicts")).json()["items"]
    assert (conflict["device"], conflict["handed_over_at"]) == ("二号平板", "2026-05-11T01:05:00Z")
    assert (conflict["other_device"], conflict["other_handed_over_at"]) == ("一号平板", "2026-05-11T01:07:00Z")
    assert "一号平板" in conflict["explanation"]
    assert "二号平板" in conflict["explanation"]
    assert await spendable(client) == (70, 0), "paid once"


async def test_a_conflict_is_settled_once_by_another_person(
    store: StoreKit, sold: Any, client_for: ClientFor, people: People, strangers: People
) -> None:
    client, _, bought = sold
    one, two = [await Device(store.keeper, name).fetch() for name in ("一号平板", "二号平板")]
    assert outcomes(await one.upload((bought, 7))) == ["applied"]
    assert outcomes(await two.upload((bought, 5))) == ["used_twice"]
    (conflict,) = (await store.keeper.get(f"{OFFLINE}/conflicts", params={"is_settled": False})).json()["items"]
    path, words = f"{OFFLINE}/conflicts/{conflict['id']}/settlements", {"reason": "同一户领走，二号平板多记了一次"}
    person = people.staff(Role.SUPERVISOR)
    supervisor = client_for("points", person)

    refused = [await who.post(path, json=words) for who in (client, store.keeper)]
    hidden = await client_for("points", strangers.staff(Role.SUPERVISOR)).post(path, json=words)
    settled, again = [await supervisor.post(path, json=words) for _ in range(2)]

    assert [(r.status_code, r.json()["code"]) for r in refused] == [(403, "forbidden"), (403, "points.own_upload")]
    assert (hidden.status_code, hidden.json()["code"]) == (404, "points.offline_conflict_not_found")
    assert settled.status_code == 200, settled.text
    assert (settled.json()["settled_by"], settled.json()["settlement"]) == (str(person.account_id), words["reason"])
    assert (again.status_code, again.json()["code"]) == (409, "points.offline_conflict_settled")
    for is_settled, rows in ((True, [settled.json()]), (False, [])):
        listed = await supervisor.get(f"{OFFLINE}/conflicts", params={"is_settled": is_settled})
        assert listed.json()["items"] == rows
    assert await spendable(client) == (70, 0), "no points move by it"


async def test_a_code_used_at_the_counter_and_offline_names_the_counter(store: StoreKit, sold: Any) -> None:
    _, _, bought = sold
    device = await Device(store.keeper, "一号平板").fetch()
    assert (await store.pick_up(bought["pickup_code"])).status_code == 200

    (row,) = (await device.upload((bought, 5))).json()

    assert (row["outcome"], row["other_device"]) == ("used_twice", "在线柜台")


async def test_two_devices_upload_at_once_and_one_is_applied(store: StoreKit, open_household: OpenHousehold) -> None:
    for _ in range(4):
        client, product = store.household(await open_household()), await store.stock(price=10, quantity=6)
        bought = [(await redeem(client, product)).json() for _ in range(4)]
        devices = [await Device(store.keeper, name).fetch() for name in ("一号平板", "二号平板", "三号平板")]

        answers = await asyncio.gather(
            *(
                device.upload(*[(one, 5) for one in (bought if i % 2 else bought[::-1])])
                for i, device in enumerate(devices)
            )
        )

        told = [outcome for answer in answers for outcome in outcomes(answer)]
        assert (told.count("applied"), told.count("used_twice")) == (4, 8)
        assert await spendable(client) == (60, 0)
        assert await stock_of(store.keeper, product) == (2, 0)


async def test_given_up_while_the_device_was_away(store: StoreKit, sold: Any) -> None:
    client, _, bought = sold
    device = await Device(store.keeper, "一号平板").fetch()
    await client.post(f"/api/v1/points/redemptions/{bought['id']}/cancellations", json={})

    assert outcomes(await device.upload((bought, 5))) == ["already_ended"]
    assert await spendable(client) == (100, 0)


@pytest.mark.parametrize("minutes", [-60, 60, 60 * 24])
async def test_a_device_whose_clock_is_wrong_is_still_believed_about_the_goods(
    store: StoreKit, sold: Any, minutes: int
) -> None:
    client, _, bought = sold
    device = await Device(store.keeper, "一号平板").fetch()

    assert outcomes(await device.upload((bought, minutes))) == ["applied"]
    assert await spendable(client) == (70, 0)


async def test_codes_that_were_not_on_the_list(
    store: StoreKit, sold: Any, open_household: OpenHousehold, clock: Any
) -> None:
    _, product, bought = sold
    device = await Device(store.keeper, "一号平板").fetch()
    clock.advance(timedelta(seconds=1))
    later = (await redeem(store.household(await open_household()), product)).json()
    wrong = bought | {"pickup_code": f"{(int(bought['pickup_code']) + 1) % 10**6:06d}"}

    assert outcomes(await device.upload((later, 5))) == ["outside_list"]
    assert outcomes(await device.upload((wrong, 5))) == ["code_wrong"]
    assert outcomes(await device.upload((bought | {"id": str(new_id())}, 5))) == ["outside_list"]
    assert outcomes(await device.upload((bought, 6))) == ["applied"], "a mistake does not burn the code"


@pytest.mark.parametrize("facts", [{"list_id": str(new_id())}, {"device": "二号平板"}, {"ticket": "0" * 64}])
async def test_a_device_shows_the_ticket_of_its_own_list(store: StoreKit, sold: Any, facts: dict[str, Any]) -> None:
    _, _, bought = sold
    device = await Device(store.keeper, "一号平板").fetch()

    refused = await device.upload((bought, 5), **facts)

    assert (refused.status_code, refused.json()["code"]) == (422, "points.offline_list_invalid")


async def test_an_upload_of_thousands_is_refused(store: StoreKit, sold: Any) -> None:
    _, _, bought = sold
    device = await Device(store.keeper, "一号平板").fetch()

    refused = await device.upload(*[(bought, minute) for minute in range(501)])

    assert (refused.status_code, refused.json()["code"]) == (422, "points.upload_too_large")


async def test_who_may_do_it(
    store: StoreKit, sold: Any, client_for: ClientFor, people: People, strangers: People
) -> None:
    client, _, bought = sold
    device = await Device(store.keeper, "一号平板").fetch()
    assert (await client.post(f"{OFFLINE}/lists", json={"device": "x"})).status_code == 403
    assert (await client.get(f"{OFFLINE}/conflicts")).status_code == 403
    own = Device(
        client_for("points", people.staff(Role.STOREKEEPER, household_id=UUID(bought["household_id"]))), "一号平板"
    )
    own.list = device.list
    assert outcomes(await own.upload((bought, 5))) == ["own_counter"]
    stranger = Device(client_for("points", strangers.staff(Role.STOREKEEPER)), "一号平板")
    stranger.list = device.list
    assert (await stranger.upload((bought, 5))).json()["code"] == "points.offline_list_invalid"
    assert outcomes(await device.upload((bought, 6))) == ["applied"]
