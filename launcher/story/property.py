"""Third journey: a broken stairwell lamp — order, dispatch, fulfil, rate."""

from typing import Any

from launcher.story.cast import Player, Stage, expect, upload

PROPERTY = "/api/v1/property"


async def play(stage: Stage, numbers: list[str]) -> None:
    """Play it with one household.

    Errors: StoryBrokenError.
    """
    tell = stage.teller.tell
    stage.teller.chapter(
        "三、楼道灯坏了：点单、派单、兑单、评单", "A broken stairwell lamp: order, dispatch, fulfil, rate"
    )
    li = await stage.resident(numbers[0])
    photo = await upload(li, (40, 40, 60))
    ticket = await li.post(
        f"{PROPERTY}/tickets",
        {"description": "三楼楼道灯不亮，晚上老人看不见台阶。", "place": "本单元三楼", "photo_ids": [photo]},
    )
    path = f"{PROPERTY}/tickets/{ticket['id']}"
    tell(f"{li.name}点单报修，附照片，单号 {ticket['number']}。", "A resident orders a repair with a photo.")
    desk = await stage.staff("desk1")
    categories = await desk.get(f"{PROPERTY}/categories")
    lamp = next((c for c in categories if "灯" in c["name"] and c["parent"] is not None), None) or next(
        c for c in categories if c["department"] == "engineering" and c["parent"] is not None
    )
    accepted = await desk.post(f"{path}/acceptances", {"category": lamp["code"], "note": "已受理"})
    expect(sorted(clock["kind"] for clock in accepted["clocks"]), ["resolve", "respond"], "两只时钟")
    tell(
        f"{desk.name}受理为“{lamp['name']}”，响应和办结两只时钟按工作日历走。",
        "Customer service accepts it; the clocks run on the working calendar.",
    )
    candidates = (await desk.get(f"{path}/candidates"))["candidates"]
    chosen = candidates[0]
    accounts = {account["account_id"]: account["user_name"] for account in stage.demo["accounts"]}
    workers = {w["id"]: w["account_id"] for w in await _workers(desk)}
    await desk.post(f"{path}/dispatches", {"worker_id": chosen["worker_id"], "note": "请尽快"})
    tell(
        f"系统按技能、路程、手头活排了 {len(candidates)} 人，派给第一名{chosen['name']}（{'、'.join(reason['name'] for reason in chosen['reasons'][:2])}）。",
        f"{len(candidates)} candidates are ranked by skill, distance and load; the first is sent.",
    )
    worker = await stage.staff(accounts[workers[chosen["worker_id"]]])
    await worker.post(f"{path}/takes")
    await worker.post(f"{path}/arrivals", {"note": "已到现场"})
    await worker.post(f"{path}/starts")
    after = await upload(worker, (250, 240, 180))
    await worker.post(f"{path}/finishes", {"outcome": "fixed", "summary": "换了灯泡和声控开关。", "photo_ids": [after]})
    tell(
        f"{worker.name}接单、到场、开工、完工，附完工照片。",
        "The worker takes it, arrives, works, and finishes with a photo.",
    )
    await li.post(f"{path}/confirmations")
    closed = await li.post(
        f"{path}/ratings",
        {"quality": 5, "attitude": 5, "charges": 5, "security": 5, "hygiene": 4, "comment": "来得快，楼道也扫干净了。"},
    )
    expect((closed["state"], closed["outcome"]), ("closed", "fixed"), "评单后的工单")
    tell(
        "居民确认修好，从质量、态度、收费、安全、卫生五方面打分，工单办结：已修好。",
        "The resident confirms and rates on five axes; closed, outcome fixed.",
    )
    events = (await li.get(f"{path}/events"))["lines"]
    tell(f"全程 {len(events)} 步都有记录，谁也改不了。", f"All {len(events)} steps stand in an append-only record.")


async def _workers(desk: Player) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await desk.get(f"{PROPERTY}/workers", **({"cursor": cursor} if cursor else {}))
        rows += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return rows
