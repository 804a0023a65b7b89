"""What an official takes away as a file: stock, a fund's book, a count, what was redeemed."""

import csv
import io
from typing import Any

import httpx2
import openpyxl
import pytest

from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.store_kit import StoreKit, redeem

ROOT = "/api/v1/points"


def rows_of(response: httpx2.Response) -> list[list[Any]]:
    assert response.status_code == 200, response.text
    if response.headers["content-type"].startswith("text/csv"):
        return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(response.content), read_only=True).worksheets[0]
    return [["" if value is None else str(value) for value in row] for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
async def test_what_can_be_taken_away(
    store: StoreKit, open_household: OpenHousehold, client_for: ClientFor, people: People, file_format: str
) -> None:
    treasurer = client_for("points", people.staff(Role.COMMUNITY_ADMIN))
    fund = (await treasurer.post(f"{ROOT}/funds", json={"name": "捐赠", "source": "donation"})).json()["id"]
    income = {"amount_fen": 9_000, "donor": "=王先生", "summary": "捐赠", "happened_on": "2026-05-08"}
    await treasurer.post(f"{ROOT}/funds/{fund}/incomes", json=income)
    product = await store.stock(quantity=0, price=10)
    batch = await store.receive(product, 3, unit_cost_fen=100, fund_id=fund, keeps_until_on="2026-12-31")
    count = (await store.keeper.post(f"{ROOT}/stocktakes", json={"title": "五月盘点"})).headers["location"]
    body = {"batch_id": batch["id"], "counted": 2, "explanation": "少一件"}
    await store.keeper.post(f"{count}/counts", json=body)
    bought = (await redeem(store.household(await open_household()), product)).json()
    await store.pick_up(bought["pickup_code"], proxy_name="张三")

    async def take(path: str, **params: Any) -> list[list[Any]]:
        return rows_of(await store.keeper.get(path, params={"format": file_format} | params))

    stock = await take(f"{ROOT}/stock/export")
    book = await take(f"{ROOT}/funds/{fund}/export")
    sheet = await take(f"{count}/export")
    redeemed = await take(f"{ROOT}/redemptions/export", from_on="2026-05-11", to_on="2026-05-11")

    assert stock[1][0] == "食用油 1.8 升"
    assert stock[1][3:10] == ["社会捐赠", "100", "3", "2", "0", "1", "0"]
    assert [row[1:4] for row in book[1:]] == [["收入", "9000", "'=王先生"], ["支出", "300", "城关粮油店"]]
    assert book[0][6] == "经办账号"
    assert book[2][6] == batch["received_by"]
    assert sheet[1][2:6] == ["3", "2", "-1", "少一件"]
    assert redeemed[1][1:5] + redeemed[1][7:9] == ["食用油 1.8 升", "1", "10", "已领取", "张三", "王**"]


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
async def test_moves_suppliers_and_deliveries(store: StoreKit, open_household: OpenHousehold, file_format: str) -> None:
    supplier = {"name": "=城关粮油店", "contact": "城关街 12 号", "is_active": False}
    supplier_id = (await store.keeper.post(f"{ROOT}/suppliers", json=supplier)).json()["id"]
    product = await store.stock(quantity=0, price=10, name="大米")
    batch = await store.receive(product, 5, supplier=None, supplier_id=supplier_id)
    loss = {"quantity": 1, "kind": "damaged", "note": "搬运时摔破"}
    await store.keeper.post(f"{ROOT}/products/{product}/batches/{batch['id']}/losses", json=loss)
    buyer, volunteer = [store.household(await open_household()) for _ in range(2)]
    bought = (await redeem(buyer, product, quantity=2)).json()
    asked = await buyer.post(f"{ROOT}/deliveries", json={"redemption_id": bought["id"], "note": "二楼"})
    for client, step in ((volunteer, "takings"), (store.keeper, "dispatches")):
        assert (await client.post(f"{asked.headers['location']}/{step}")).status_code == 200
    hand_over = {"code": bought["pickup_code"]}
    await volunteer.post(f"{asked.headers['location']}/hand-overs", json=hand_over)
    returned = {"reason": "买错", "is_resellable": True}
    await store.keeper.post(f"{ROOT}/redemptions/{bought['id']}/returns", json=returned)

    async def take(path: str, **params: Any) -> list[list[Any]]:
        return rows_of(await store.keeper.get(f"{ROOT}{path}", params={"format": file_format} | params))

    days = {"from_on": "2026-05-11", "to_on": "2026-05-11"}
    suppliers = await take("/suppliers/export")
    moves = await take("/stock/moves/export", **days)
    deliveries = await take("/deliveries/export", **days)

    assert suppliers[1][:4] == ["'=城关粮油店", "城关街 12 号", "", "否"]
    assert sorted(row[1:2] + row[3:7] for row in moves[1:]) == sorted(
        [
            ["大米", "供货方", "货架", "5", ""],
            ["大米", "货架", "损耗", "1", "破损：搬运时摔破"],
            ["大米", "货架", "预留", "2", ""],
            ["大米", "预留", "住户", "2", ""],
            ["大米", "住户", "货架", "2", "买错"],
        ]
    )
    (delivery,) = deliveries[1:]
    assert [*delivery[1:6], delivery[7], delivery[9]] == ["大米", "2", "1栋", "已送到", "王**", "2", "二楼"]
    assert delivery[8], "the reward went back with the goods"
    assert await take("/deliveries/export", from_on="2026-05-10", to_on="2026-05-10") == deliveries[:1]


@pytest.mark.parametrize("path", ["redemptions", "stock/moves", "deliveries"])
@pytest.mark.parametrize(("from_on", "to_on"), [("2026-05-11", "2026-05-10"), ("2025-01-01", "2026-05-11")])
async def test_days_that_make_no_file(store: StoreKit, path: str, from_on: str, to_on: str) -> None:
    response = await store.keeper.get(f"{ROOT}/{path}/export", params={"from_on": from_on, "to_on": to_on})
    assert (response.status_code, response.json()["code"]) == (422, "points.export_span")


async def test_files_are_for_those_who_run_and_watch(store: StoreKit, client_for: ClientFor, people: People) -> None:
    resident = client_for("points", people.resident())
    days = {"from_on": "2026-05-11", "to_on": "2026-05-11"}
    assert (await resident.get(f"{ROOT}/stock/export")).status_code == 403
    assert (await resident.get(f"{ROOT}/redemptions/export", params=days)).status_code == 403
