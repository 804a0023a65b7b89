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


async def test_every_change_of_a_supplier_is_on_record(store: StoreKit, client_for: ClientFor, people: People) -> None:
    oil = {"name": "城关粮油店", "contact": "城关街 12 号"}
    created = await store.keeper.post(SUPPLIERS, json=oil | {"reason": "居民推荐"})
    path = created.headers["location"]
    administrator = people.staff(Role.COMMUNITY_ADMIN)
    changes: list[dict[str, object]] = [{"reason": "没有变"}, {"contact": "", "is_active": False, "reason": "停业"}, {}]
    for version, change in enumerate(changes, start=1):
        answer = await client_for("points", administrator).put(
            path, json=oil | change, headers={"If-Match": f'"{version}"'}
        )
        assert answer.status_code == 200, answer.text

    told = (await client_for("points", people.staff(Role.SUPERVISOR)).get(f"{path}/steps")).json()["items"]

    assert [(one["action"], one["state"], one["reason"]) for one in told] == [
        ("enter", "active", "居民推荐"),
        ("stop", "inactive", "停业"),
        ("change", "联系方式 （空）", "停业"),
        ("resume", "active", ""),
        ("change", "联系方式 城关街 12 号", ""),
    ]
    assert {one["account_id"] for one in told[1:]} == {str(administrator.account_id)}
    assert told[0]["account_id"] not in {None, str(administrator.account_id)}


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
