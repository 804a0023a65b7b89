"""The files officials take home: boards, orders, talents, shops, vouchers, days of care and appeals, as CSV and as XLSX.

Who may download them stands in `roles.txt`.
"""

import io
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
from openpyxl import load_workbook

from services.points.awards.models import TalentRow
from services.points.awards.repository import add_talent
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn
from tests.points.adoption_kit import AdoptionKit
from tests.points.claims_kit import PARKING, ClaimsKit
from tests.points.conftest import OpenHousehold
from tests.points.shop_kit import ShopKit, take

ROOT = "/api/v1/points"
NUMBER = "QLQ-0001"


async def rows_of(client: httpx2.AsyncClient, path: str, **filters: Any) -> list[dict[str, Any]]:
    """Download a list both ways, see that both say the same, and return its rows by their titles."""
    csv = await client.get(f"{ROOT}{path}", params={"format": "csv"} | filters)
    xlsx = await client.get(f"{ROOT}{path}", params=filters)
    assert (csv.status_code, xlsx.status_code) == (200, 200), f"{csv.text} {xlsx.text}"
    assert csv.text.startswith("\ufeff")
    sheet = load_workbook(io.BytesIO(xlsx.content)).active
    assert sheet is not None
    header, *rows = sheet.iter_rows(values_only=True)
    assert csv.text.removeprefix("\ufeff").splitlines()[0] == ",".join(str(title) for title in header)
    assert len(csv.text.strip().splitlines()) == len(rows) + 1
    return [dict(zip((str(title) for title in header), row, strict=True)) for row in rows]


async def test_boards_and_orders(client_for: ClientFor, people: People, open_household: OpenHousehold) -> None:
    household_id = await open_household()
    watcher = client_for("points", people.staff(Role.SUPERVISOR))
    entry = {"household_id": str(household_id), "title": "=互助邻居", "reason": "照顾老人"}
    for board in ("honour", "warning"):
        body = entry | {"board": board}
        proposed = await client_for("points", people.staff(Role.ASSESSOR)).post(f"{ROOT}/boards/entries", json=body)
        assert proposed.status_code == 201, proposed.text

    both = await rows_of(watcher, "/boards/entries/export")
    (honour,) = await rows_of(watcher, "/boards/entries/export", board="honour", state="proposed")
    assert await rows_of(watcher, "/boards/entries/export", state="listed") == []
    assert sorted(row["榜"] for row in both) == ["光荣榜", "需要帮助"]
    assert (honour["榜"], honour["户号"], honour["标题"]) == ("光荣榜", NUMBER, "'=互助邻居")

    (place,) = await rows_of(watcher, "/rankings/export")
    assert (place["名次"], place["户号或名称"], place["户主"], place["评议分"]) == (1, NUMBER, "王**", 100)
    (grid,) = await rows_of(watcher, "/rankings/export", level="grid")
    assert (grid["户数"], grid["户均评议分"]) == (1, 100)
    hidden = await client_for("points", people.resident(household_id)).put(
        f"{ROOT}/rankings/preference", json={"is_anonymous": True}
    )
    assert hidden.status_code == 200
    (unnamed,) = await rows_of(watcher, "/rankings/export")
    assert (unnamed["户号或名称"], unnamed["户主"]) == (None, "匿名")


async def test_talents(client_for: ClientFor, people: People, open_household: OpenHousehold, work_in: WorkIn) -> None:
    household_id = await open_household()
    async with work_in("points", people.community_id) as uow:
        for tag in ("助老", "水电"):
            row = TalentRow(
                community_id=people.community_id,
                award_id=new_id(),
                household_id=household_id,
                person_name="王**",
                tag=tag,
                tagged_at=datetime(2026, 5, 11, 1, tzinfo=UTC),
            )
            await add_talent(uow.session, row)
    manager = client_for("points", people.staff(Role.PROPERTY_MANAGER))

    assert sorted(row["特长"] for row in await rows_of(manager, "/talents/export")) == ["助老", "水电"]
    (one,) = await rows_of(manager, "/talents/export", tag="水电")
    assert (one["姓名"], one["户号"], one["入库时间"]) == ("王**", NUMBER, "2026-05-11 09:00:00")


async def test_shops_and_vouchers(client_for: ClientFor, people: People, open_household: OpenHousehold) -> None:
    home = client_for("points", people.resident(await open_household()))
    kit = ShopKit(client_for, people)
    shop = await kit.open()
    offer = await shop.offer()
    first, second = [(await take(home, offer)).json() for _ in range(2)]
    assert (await shop.verify(first)).status_code == 200

    (listed,) = await rows_of(kit.admin, "/merchants/export", state="active")
    assert (listed["商家"], listed["编号"]) == ("城关粮油店", str(shop.id))
    assert await rows_of(kit.admin, "/merchants/export", state="closed") == []
    (used,) = await rows_of(kit.admin, "/vouchers/export", state="used")
    assert (used["户号"], used["商家"], used["积分"], used["面值（元）"]) == (NUMBER, "城关粮油店", 20, 20)
    both = await kit.admin.get(f"{ROOT}/vouchers/export", params={"format": "csv"})
    assert len(both.text.strip().splitlines()) == 3
    assert all(voucher["code"] not in both.text for voucher in (first, second)), "whoever reads the file could use it"

    for state, offers in (("open", [str(offer)]), ("closed", [])):
        found = await home.get(f"{ROOT}/offers", params={"state": state})
        assert [row["id"] for row in found.json()["items"]] == offers


async def test_days_of_care(
    client_for: ClientFor, people: People, open_household: OpenHousehold, strangers: People
) -> None:
    kit = AdoptionKit(client_for, people)
    home = kit.household(await open_household())
    adoption = await kit.active(home, await kit.offer())
    care = {"done_on": "2026-05-11", "note": "浇水", "photo_ids": [str(new_id())]}
    logged = await home.post(f"{ROOT}/adoptions/{adoption}/duties", json=care)
    assert logged.status_code == 201, logged.text
    supervisor, path = kit.staff(Role.SUPERVISOR), f"{ROOT}/adoption-duties/{logged.json()['id']}"

    for client, actions in ((supervisor, ["pass", "fail"]), (home, []), (kit.staff(Role.STOREKEEPER), [])):
        told = (await client.get(f"{path}/actions")).json()
        assert (told["state"], told["actions"]) == ("logged", actions)
    outside = await client_for("points", strangers.staff(Role.SUPERVISOR)).get(f"{path}/actions")
    assert outside.status_code == 404
    (row,) = await rows_of(supervisor, "/adoption-duties/export", result="logged")
    assert (row["日期"], row["做了什么"], row["照片（张）"], row["结果"]) == ("2026-05-11", "浇水", 1, "等待查看")

    judged = await supervisor.post(f"{path}/inspections", json={"is_passed": False, "finding": "树下还有垃圾"})
    assert judged.status_code == 200, judged.text
    assert (await supervisor.get(f"{path}/actions")).json() == {"state": "failed", "actions": []}
    (row,) = await rows_of(supervisor, "/adoption-duties/export")
    assert (row["结果"], row["查看意见"]) == ("不合格", "树下还有垃圾")
    for result, days in (("logged", 0), ("failed", 1)):
        found = await home.get(f"{ROOT}/adoptions/{adoption}/duties", params={"result": result})
        assert len(found.json()["items"]) == days


async def test_a_grid_worker_takes_home_the_days_of_care_of_the_own_grid(
    client_for: ClientFor, people: People, open_household: OpenHousehold
) -> None:
    kit = AdoptionKit(client_for, people)
    home = kit.household(await open_household())
    adoption = await kit.active(home, await kit.offer())
    care = {"done_on": "2026-05-11", "photo_ids": [str(new_id())]}
    assert (await home.post(f"{ROOT}/adoptions/{adoption}/duties", json=care)).status_code == 201

    assert len(await rows_of(kit.staff(Role.GRID_WORKER), "/adoption-duties/export")) == 1
    assert (await kit.staff(Role.STOREKEEPER).get(f"{ROOT}/adoption-duties/export")).status_code == 403


async def test_appeals(
    client_for: ClientFor, people: People, hear: Any, open_household: OpenHousehold, clock: Any, sweep: Any
) -> None:
    household_id: UUID = await open_household()
    kit = ClaimsKit(client_for, people, hear)
    await kit.adopt(PARKING)
    body = {"household_id": str(household_id)}
    entered = await kit.enter(kit.staff(Role.GRID_WORKER), "chaotic_parking", **body)
    assert entered.status_code == 201, entered.text
    await kit.post(entered.json()["id"], clock, sweep)
    reason = {"claim_id": entered.json()["id"], "reason": "车不是我家的"}
    appealed = await kit.home(household_id).post(f"{ROOT}/appeals", json=reason)
    assert appealed.status_code == 201, appealed.text

    supervisor = kit.staff(Role.SUPERVISOR)
    (row,) = await rows_of(supervisor, "/appeals/export", state="open")
    assert (row["户号"], row["理由"], row["状态"]) == (NUMBER, "车不是我家的", "等待答复")
    assert await rows_of(supervisor, "/appeals/export", state="upheld") == []
