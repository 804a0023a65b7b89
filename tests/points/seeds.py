"""Something of everything in one community, for the proof that another one cannot reach it."""

from typing import Any
from uuid import UUID

from shared.contracts.events import HouseholdRegistered
from shared.ids import new_id
from shared.testing.clients import ClientFor, People
from tests.points.adoption_kit import ROOT, AdoptionKit
from tests.points.shop_kit import ShopKit, take
from tests.points.store_kit import StoreKit, redeem


async def seed(client_for: ClientFor, people: People, hear: Any) -> None:
    """Open a household, stock a product and redeem it."""
    household_id = new_id()
    await hear(
        "points",
        people.community_id,
        HouseholdRegistered(
            household_id=household_id,
            household_number="QLQ-9001",
            grid_id=new_id(),
            grid_name="第一网格",
            building_id=new_id(),
            building_name="1栋",
            householder_name="王**",
            area_cm2e2=8_800,
            resident_count=3,
        ),
    )
    store = StoreKit(client_for, people)
    product = await store.stock()
    redeemed = await redeem(store.household(household_id), product)
    assert redeemed.status_code == 201, redeemed.text
    await _adopt_ally_and_honour(client_for, people, household_id)


async def _adopt_ally_and_honour(client_for: ClientFor, people: People, household_id: UUID) -> None:
    """Adopt a tree, open a shop of the alliance, take and use a voucher, and nominate a neighbour."""
    kit = AdoptionKit(client_for, people)
    client = kit.household(household_id)
    adoption = await kit.active(client, await kit.offer())
    care = {"done_on": "2026-05-11", "photo_ids": [str(new_id())]}
    logged = await client.post(f"{ROOT}/adoptions/{adoption}/duties", json=care)
    assert logged.status_code == 201, logged.text
    shop = await ShopKit(client_for, people).open()
    voucher = (await take(client, await shop.offer())).json()
    used = await shop.verify(voucher)
    assert used.status_code == 200, used.text
    nomination = {"household_id": str(household_id), "category": "身边好人", "deed": "给老人送饭", "talent": "助老"}
    nominated = await client.post(f"{ROOT}/awards", json=nomination)
    assert nominated.status_code == 201, nominated.text
