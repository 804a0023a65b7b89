"""Something of everything in one community, for the proof that another one cannot reach it."""

from typing import Any

from shared.contracts.events import HouseholdRegistered
from shared.ids import new_id
from shared.testing.clients import ClientFor, People
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
