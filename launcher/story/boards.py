"""The boards: a neighbour is honoured under its own name, and another puts things right before anything hangs."""

from typing import Any

from launcher.story.cast import Player, Stage, expect
from launcher.story.rounds import POINTS, public_address

ENTRIES = f"{POINTS}/boards/entries"
PANEL = ("assessor1", "assessor2", "assessor3")


async def honour_and_help(stage: Stage, honoured: str, helped: str, grid: str) -> dict[str, Any]:
    """Hang an honour whose household agreed to be named, end a warning in time, and return what hangs."""
    stage.teller.chapter("红黑榜：先表扬，先帮助", "The boards: praise in public, help before warning")
    hanging = await _honour(stage, await stage.resident(honoured))
    await _warn_and_cure(stage, await stage.resident(helped), await stage.staff(grid))
    return hanging


async def _honour(stage: Stage, household: Player) -> dict[str, Any]:
    said = await stage.ask(household, "PUT", f"{POINTS}/rankings/preference", json={"is_anonymous": False})
    expect(said["is_anonymous"], False, "上榜愿意署名")
    words = {"board": "honour", "title": "楼道守望者", "reason": "常年打扫楼道，帮邻居擦窗户。"}
    entry = await _judged(stage, household, words)
    expect(entry["state"], "listed", "评议通过的光荣榜")
    stage.teller.tell(
        f"{household.name}愿意署名；评议小组三票通过，上光荣榜，挂到 {entry['removal_on']}。",
        "A household agrees to be named; the panel approves, and the honour hangs until a day that is known.",
    )
    return entry


async def _warn_and_cure(stage: Stage, household: Player, worker: Player) -> None:
    words = {"board": "warning", "title": "消防通道停车", "reason": "车又停在消防通道上。"}
    entry = await _judged(stage, household, words)
    told = await household.get(f"{ENTRIES}/{entry['id']}/actions")
    expect((told["state"], told["actions"]), ("notified", ["object"]), "只告诉本户的提醒")
    cured = await worker.post(f"{ENTRIES}/{entry['id']}/cures", {"reason": "车已挪走，车主签了承诺。"})
    expect((cured["state"], cured["listed_on"]), ("cured", None), "及时改正的提醒")
    stage.teller.tell(
        f"提醒先只告诉{household.name}，限 {entry['cure_until']} 前改正；{worker.name}看过，改正了，不上榜。",
        "A warning is told to its household alone at first; put right in time, it never hangs.",
    )


async def _judged(stage: Stage, household: Player, words: dict[str, str]) -> dict[str, Any]:
    """Propose a household for a board, let the panel vote, and return what became of it."""
    proposer = await stage.staff("committee1")
    entry: dict[str, Any] = await proposer.post(ENTRIES, words | {"household_id": household.household_id})
    for user_name in PANEL:
        assessor = await stage.staff(user_name)
        entry = await assessor.post(f"{ENTRIES}/{entry['id']}/votes", {"is_approved": True, "reason": "同意"})
    return entry


async def look_at_the_board(stage: Stage, hanging: dict[str, Any]) -> None:
    """See, without signing in, that the honour hangs with a masked name, and that nobody is warned."""
    shown = (await stage.http.get(f"{await public_address(stage)}/boards")).json()["items"]
    stage.requests += 1
    (honour,) = [row for row in shown if (row["title"], row["listed_on"]) == (hanging["title"], hanging["listed_on"])]
    expect((honour["board"], "**" in honour["householder_name"]), ("honour", True), "公开的光荣榜")
    expect([row for row in shown if row["board"] == "warning"], [], "公开的提醒榜")
    stage.teller.tell(
        f"公开的榜上有“{honour['title']}”{honour['householder_name']}（{honour['building_name']}），没有一户被点名提醒。",
        "The public board shows the honour, its name masked, and nobody who was warned.",
    )
