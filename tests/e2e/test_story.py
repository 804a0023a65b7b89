"""The whole system as a newcomer starts it, and the whole story played through its one public door."""

import asyncio
import re
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from launcher.demo.staff import model_staff
from launcher.demo.workbook import demo_workbook
from launcher.home import read_json
from launcher.story.cast import Player, Stage
from launcher.story.play import play
from launcher.story.telling import Teller
from launcher.welcome import SHOWN
from tests.launcher.process import Launch

READY = "按 Ctrl-C 停止"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running() -> Iterator[Launch]:
    """A running system with the model community, in a directory with a space and Chinese characters."""
    with tempfile.TemporaryDirectory(prefix="青龙泉 社区 ") as directory:
        # Not below pytest's own directory, which is closed to the user that root runs the servers as.
        Path(directory).chmod(0o755)
        launch = Launch(["up"], Path(directory), DEMO="1")
        try:
            launch.wait_for(READY, seconds=900)
            yield launch
        finally:
            launch.make_sure_it_ended()


@pytest.fixture
def data_dir(running: Launch) -> Path:
    """The directory of the running system."""
    return running.data_dir


def test_the_first_start_brings_the_demo_community_and_tells_its_accounts(running: Launch) -> None:
    assert "示范社区已导入" in running.said
    assert "青龙泉社区" in running.said
    for user_name, role in SHOWN.items():
        assert re.search(rf"^  {user_name} .*\({role}\)$", running.said, re.MULTILINE), user_name
    for name in ("admin.json", "district.json", "demo.json", "secrets.json"):
        assert stat.S_IMODE((running.data_dir / name).stat().st_mode) == 0o600
    listed = Launch(["accounts"], running.base)
    assert listed.end() == 0
    assert re.search(r"^admin +\S+ +\d{6} +社区管理员", listed.said, re.MULTILINE)
    assert len(listed.said.splitlines()) > 100


async def look_into_the_books(data_dir: Path) -> None:
    """See what one story left behind in the store: money, goods, an errand and a paid shop."""
    async with httpx2.AsyncClient(base_url=read_json(data_dir / "running.json")["url"], timeout=240) as http:
        stage = await Stage.open(http, data_dir, Teller())
        keeper, supervisor = await stage.staff("storekeeper1"), await stage.staff("supervisor1")

        (fund,) = (await supervisor.get("/api/v1/points/funds"))["items"]
        assert (fund["income_fen"], fund["spending_fen"], fund["balance_fen"]) == (2_000_000, 98_700, 1_901_300)
        (paid, income) = (await supervisor.get(f"/api/v1/points/funds/{fund['id']}/transfers"))["items"]
        assert (income["kind"], income["counterparty"]) == ("income", "郧阳区财政局")
        assert (paid["kind"], paid["counterparty"], paid["amount_fen"]) == ("spending", "城关粮油店", 98_700)
        (count,) = (await supervisor.get("/api/v1/points/stocktakes"))["items"]
        assert count["state"] == "approved"
        rice = next(p for p in (await keeper.get("/api/v1/points/products"))["items"] if p["code"] == "LY-002")
        batches = (await keeper.get(f"/api/v1/points/products/{rice['id']}/batches"))["items"]
        bought = next(batch for batch in batches if batch["id"] == paid["source_id"])
        assert [bought[part] for part in ("quantity", "available", "reserved", "sold", "lost")] == [30, 28, 0, 1, 1]
        (delivery,) = (await keeper.get("/api/v1/points/deliveries"))["items"]
        assert (delivery["state"], delivery["reward_points"]) == ("delivered", 2)
        (settlement,) = (await supervisor.get("/api/v1/points/settlements"))["items"]
        hands = {settlement[who] for who in ("confirmed_by", "countersigned_by", "paid_by")}
        assert (settlement["state"], settlement["value_fen"], len(hands - {None})) == ("paid", 2_000, 3)
        assert (await supervisor.get("/api/v1/points/audit"))["breaches"] == []


async def test_the_three_journeys_end_well(data_dir: Path) -> None:
    teller = Teller()

    requests = await play(read_json(data_dir / "running.json")["url"], data_dir, teller)

    assert requests > 200
    told = "\n".join(teller.lines)
    for milestone in (
        "自动入账",
        "托管的 10 分付出",
        "120 分钟记入时间存折",
        "认养协议",
        "货款 987 元当场记上公账",
        "批准，库存改为 29 袋",
        "一袋不多一袋不少",
        "积分不够，整篮退回，一分不扣",
        "3 样一次兑成",
        "报错一次，交不了货",
        "一起取走",
        "第二次被拒绝",
        "减免 1 个月物业费",
        "结果：通过。",
        "六步走完",
        "已修好",
        "第二次付款被拒绝",
        "三票通过，上光荣榜",
        "改正了，不上榜",
        "自动封存",
        "不登录也能看",
        "公示抬头是“青龙泉社区”",
        "公开的榜上有“楼道守望者”",
        "一分不差",
        "断网也能核验：通过",
        "核验立刻指出",
    ):
        assert milestone in told
    await look_into_the_books(data_dir)


async def test_the_model_community_is_all_there_and_heard_by_everybody(data_dir: Path) -> None:
    async with httpx2.AsyncClient(base_url=read_json(data_dir / "running.json")["url"], timeout=240) as http:
        stage = await Stage.open(http, data_dir, Teller())
        admin = await stage.staff("admin")
        (community,) = (await admin.get("/api/v1/identity/communities"))["items"]
        assert community["name"] == "青龙泉社区"
        assert len(stage.demo["cards"]) == len(stage.demo["household_ids"]) == 4_152
        households = await every(stage, admin, "/api/v1/identity/households?limit=200&include=members")
        assert len(households) == 4_152
        assert (
            sum(one["resident_count"] for one in households) == sum(len(one["members"]) for one in households) == 14_892
        )
        assert 0 < sum(one["area_cm2e2"] for one in households) < 15_000_000
        last = await stage.resident("H4152")

        async def has_account() -> bool:
            return (await stage.send(last, "GET", "/api/v1/points/account")).status_code == 200

        assert await stage.until("最后一户的积分账户", has_account)
        home = await last.get("/api/v1/home")
        assert {part["status"] for part in home.values() if isinstance(part, dict) and "status" in part} <= {"ok"}
        await its_staff_lives_here(stage)
        await its_roster_read_again_changes_nothing(stage, admin)


async def every(stage: Stage, player: Player, path: str) -> list[dict[str, Any]]:
    """Read a list to its end, through every page."""
    found: list[dict[str, Any]] = []
    url: str | None = path
    while url:
        response = await stage.send(player, "GET", url)
        found += response.json()["items"]
        url = response.links["next"]["url"] if "next" in response.links else None
    return found


async def its_staff_lives_here(stage: Stage) -> None:
    """See that who works here has the roles and the household the demo community gives them."""
    assert {account["user_name"] for account in stage.demo["accounts"]} == {one.user_name for one in model_staff()}
    secretary, building = model_staff()[0].user_name, "building1"
    for user_name, roles in ((secretary, {"branch_secretary", "committee_member"}), (building, {"building_head"})):
        me = await (await stage.staff(user_name)).get("/api/v1/identity/me")
        assert me["household_id"] is not None
        assert {role["role"] for role in me["roles"]} >= roles


async def its_roster_read_again_changes_nothing(stage: Stage, admin: Player) -> None:
    """Read the workbook once more, without applying it."""
    book = {"file": ("花名册.xlsx", demo_workbook())}
    upload = await admin.post("/api/v1/identity/rosters", files=book)
    checked = upload
    async with asyncio.timeout(300):
        while checked["state"] == "uploaded":
            await asyncio.sleep(0.3)
            checked = await admin.get(f"/api/v1/identity/rosters/{upload['id']}")
    assert checked["state"] == "checked"
    assert {kind: sum(counts.values()) for kind, counts in checked["changes"].items()} == dict.fromkeys(
        checked["changes"], 0
    )


async def test_a_story_can_be_played_again_by_other_neighbours(data_dir: Path) -> None:
    teller = Teller()

    await play(read_json(data_dir / "running.json")["url"], data_dir, teller)

    assert "六步走完" in "\n".join(teller.lines)


def test_a_second_start_finds_the_community(running: Launch) -> None:
    assert running.stop() == 0
    second = Launch(["up"], running.base, DEMO="1")
    try:
        said = second.wait_for(READY)
        assert "正在导入" not in said
        assert "(administrator)" in said
        assert second.stop() == 0
    finally:
        second.make_sure_it_ended()
