"""Who entered, changed, priced, offered and withdrew a product, when and why."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.points.store.domain import ProductFacts, ProductKind, ProductState, steps_between
from shared.contracts.events import AssetDeleted
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.kernel.values import Fen, Points
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.store.test_routes import PRODUCTS, change
from tests.points.store_kit import StoreKit

OIL = ProductFacts(
    name="食用油 1.8 升",
    description="",
    category="粮油",
    kind=ProductKind.GOODS,
    price_points=Points(30),
    cash_fen=Fen(0),
    state=ProductState.DRAFT,
    household_limit=2,
    limit_window_days=60,
    hold_hours=72,
    buckets=1,
    picture_asset_id=None,
    low_stock_threshold=None,
)


@pytest.mark.parametrize(
    ("changed", "steps"),
    [
        ({}, []),
        ({"state": ProductState.ON_SALE}, [("put_on_sale", "on_sale")]),
        ({"state": ProductState.WITHDRAWN}, [("withdraw", "withdrawn")]),
        ({"price_points": 35}, [("reprice", "35 分")]),
        ({"cash_fen": 505}, [("reprice", "30 分 加 5.05 元")]),
        ({"household_limit": 3, "hold_hours": 48}, [("change", "每户限量 3；保留小时 48")]),
        ({"description": "新一批", "picture_asset_id": UUID(int=1)}, [("change", "说明；图片")]),
        ({"low_stock_threshold": 0}, [("change", "低库存提醒 0")]),
        (
            {"name": "菜籽油", "price_points": 20, "state": ProductState.ON_SALE},
            [("put_on_sale", "on_sale"), ("reprice", "20 分"), ("change", "名称 菜籽油")],
        ),
    ],
)
def test_what_was_done_between_two_versions(changed: dict[str, Any], steps: list[tuple[str, str]]) -> None:
    assert steps_between(OIL, replace(OIL, **changed)) == steps


async def test_every_change_of_a_product_is_on_record(
    people: People, client_for: ClientFor, open_household: OpenHousehold, hear: Any
) -> None:
    store, picture = StoreKit(client_for, people), new_id()
    product = await store.stock(state="draft", reason="居民要的")
    await change(store, product, price_points=30, picture_asset_id=str(picture))
    await change(store, product, price_points=35, picture_asset_id=str(picture), reason="进价上涨")
    await store.keeper.post(f"{PRODUCTS}/{product}/buckets", json={"count": 4})
    await hear("points", people.community_id, AssetDeleted(asset_id=picture, owner_account_id=new_id()))
    await change(store, product, price_points=35, buckets=4, state="withdrawn", reason="断货")
    path = f"{PRODUCTS}/{product}/steps"

    told = (await store.keeper.get(path)).json()["items"]

    assert [(one["action"], one["state"], one["reason"]) for one in told] == [
        ("enter", "draft", "居民要的"),
        ("put_on_sale", "on_sale", ""),
        ("change", "图片", ""),
        ("reprice", "35 分", "进价上涨"),
        ("change", "分货格数 4", ""),
        ("drop_picture", "图片", "图片没有通过审核，或者已被删除"),
        ("withdraw", "withdrawn", "断货"),
    ]
    by = {one["account_id"] for one in told if one["action"] != "drop_picture"}
    assert len(by) == 1
    assert None not in by
    assert [one["account_id"] for one in told if one["action"] == "drop_picture"] == [None]
    assert (await client_for("points", people.staff(Role.SUPERVISOR)).get(path)).json()["items"] == told
    assert (await store.household(await open_household()).get(path)).json()["code"] == "forbidden"
    assert (await store.keeper.get(f"{PRODUCTS}/{new_id()}/steps")).status_code == 404
