"""Suppliers over HTTP."""

import pytest

from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.store_kit import StoreKit

SUPPLIERS = "/api/v1/points/suppliers"


async def test_a_supplier_is_noted_changed_and_named_on_batches(store: StoreKit) -> None:
    created = await store.keeper.post(SUPPLIERS, json={"name": "城关粮油店", "contact": "城关街 12 号"})
    assert created.status_code == 201, created.text
    supplier = created.json()
    path = created.headers["location"]
    product = await store.stock(quantity=0)
    batch = await store.receive(product, 5, supplier=None, supplier_id=supplier["id"])

    renamed = await store.keeper.put(path, json={"name": "城关粮油公司"}, headers={"If-Match": created.headers["etag"]})
    stale = await store.keeper.put(path, json={"name": "x"}, headers={"If-Match": created.headers["etag"]})

    assert (batch["supplier"], batch["supplier_id"]) == ("城关粮油店", supplier["id"])
    assert (renamed.status_code, renamed.json()["name"], renamed.json()["version"]) == (200, "城关粮油公司", 2)
    assert stale.status_code == 412
    (kept,) = await store.batches(product)
    assert kept["supplier"] == "城关粮油店", "a batch keeps the name it came with"


async def test_names_are_unique_in_a_community(store: StoreKit, client_for: ClientFor, strangers: People) -> None:
    assert (await store.keeper.post(SUPPLIERS, json={"name": "城关粮油店"})).status_code == 201
    again = await store.keeper.post(SUPPLIERS, json={"name": "城关粮油店"})
    assert (again.status_code, again.json()["code"]) == (409, "points.supplier_name_taken")
    stranger = client_for("points", strangers.staff(Role.STOREKEEPER))
    assert (await stranger.post(SUPPLIERS, json={"name": "城关粮油店"})).status_code == 201
    assert len((await stranger.get(SUPPLIERS)).json()["items"]) == 1


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.ASSESSOR, Role.SUPERVISOR])
async def test_only_those_who_run_the_store_note_suppliers(
    store: StoreKit, client_for: ClientFor, people: People, role: Role
) -> None:
    other = client_for("points", people.staff(role))
    assert (await other.post(SUPPLIERS, json={"name": "x"})).status_code == 403
    assert (await other.get(SUPPLIERS)).status_code == (200 if role is Role.SUPERVISOR else 403)
