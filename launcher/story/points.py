"""First journey: a swept stairwell becomes points, and points become cooking oil."""

from launcher.story.cast import Player, Stage, expect, upload
from shared.kernel.clock import local_date

POINTS = "/api/v1/points"


async def play(stage: Stage, numbers: list[str]) -> None:
    """Play it with three households that have not played yet.

    Errors: StoryBrokenError.
    """
    tell = stage.teller.tell
    stage.teller.chapter("扫楼道，攒积分，换食用油", "Sweeping the stairwell, earning points, fetching cooking oil")
    wang, neighbour = await stage.resident(numbers[0]), await stage.resident(numbers[1])
    before = await _spendable(wang)
    tell(
        f"{wang.name}用微信登录，用户卡上的验证码绑定家庭，现有 {before} 分。",
        f"A householder signs in with WeChat; {before} points to spend.",
    )

    photo = await upload(wang, (120, 160, 90))
    claim = await wang.post(
        f"{POINTS}/claims",
        {
            "item_code": "stairwell_cleaning",
            "happened_on": local_date(stage.now()).isoformat(),
            "place": "本单元一至六楼",
            "note": "打扫了楼道和扶手",
            "photo_ids": [photo],
        },
    )
    tell(
        f"申报“{claim['item_name']}”{claim['points']} 分，附照片一张。",
        "The claim goes in with a photo, judged by the rulebook in force.",
    )
    grid = await stage.staff(f"grid{await grid_number(wang)}")

    async def arrived() -> bool:
        return bool((await grid.get(f"{POINTS}/claims/{claim['id']}"))["photos_missing"] == 0)

    await stage.until("照片传到", arrived)
    await grid.post(f"{POINTS}/claims/{claim['id']}/verifications", {"is_confirmed": True, "reason": "现场看过，属实"})
    tell(f"{grid.name}现场核实。", "The grid worker of that grid looks and confirms.")
    for user_name in ("assessor1", "assessor2", "assessor3"):
        assessor = await stage.staff(user_name)
        decided = await assessor.post(f"{POINTS}/claims/{claim['id']}/votes", {"is_approved": True, "reason": "同意"})
    expect(decided["state"], "publicised", "三票同意后应公示")
    tell("评议小组三人都同意，结果公示三天。", "Three assessors approve; the result hangs out for three days.")

    await neighbour.post(f"{POINTS}/claims/{claim['id']}/objections", {"reason": "那天我也扫了一半"})
    tell(f"{neighbour.name}提出异议，公示暂停。", "A neighbour objects; the notice stops.")
    supervisor = await stage.staff("supervisor1")
    await supervisor.post(
        f"{POINTS}/claims/{claim['id']}/answers", {"is_upheld": False, "answer": "经核实，两家各扫了一半，申报属实。"}
    )
    tell("监督委员会核实后书面答复，重新公示三天。", "The supervisors answer in writing; the notice begins again.")
    await stage.turn_calendar(days=3, minutes=1)
    wang = await stage.resident(numbers[0])

    async def posted() -> bool:
        return bool((await wang.get(f"{POINTS}/claims/{claim['id']}"))["state"] == "posted")

    await stage.until("积分入账", posted)
    expect(await _spendable(wang), before + claim["points"], "入账后的积分")
    tell(
        f"三天后自动入账，现有 {before + claim['points']} 分。", "Three days later the points are posted by themselves."
    )

    await _redeem(stage, numbers, before + claim["points"])


async def _redeem(stage: Stage, numbers: list[str], earned: int) -> None:
    tell = stage.teller.tell
    wang = await stage.resident(numbers[0])
    products = (await wang.get(f"{POINTS}/products", limit=200))["items"]
    oil = min(
        (p for p in products if p["kind"] == "goods" and p["available"] > 0),
        key=lambda p: ("油" not in p["name"], p["price_points"]),
    )
    bought = await wang.post(
        f"{POINTS}/redemptions", {"product_id": oil["id"], "quantity": 1, "price_points": oil["price_points"]}
    )
    expect(await _spendable(wang), earned - bought["points"], "预留后的积分")
    tell(
        f"兑换“{oil['name']}”，预留 {bought['points']} 分，取货码 {bought['pickup_code']}。",
        f"Redeems goods: {bought['points']} points are held; a six-digit code to show at the counter.",
    )
    await neighbour_cannot_see(stage, numbers[1], bought["id"])
    keeper = await stage.staff("storekeeper1")
    picked_up = await keeper.post(
        f"{POINTS}/redemptions/pickups", {"code": bought["pickup_code"], "proxy_name": "孙子小明"}
    )
    expect(picked_up["state"], "picked_up", "核销后的状态")
    await keeper.is_refused(
        f"{POINTS}/redemptions/pickups", {"code": bought["pickup_code"]}, "points.pickup_code_unknown"
    )
    tell(
        f"{keeper.name}核销取货码，孙子代领；同一个码再用一次，被拒绝。",
        "The storekeeper verifies the code, a grandson fetches; a second use is refused.",
    )

    second = await wang.post(f"{POINTS}/redemptions", {"product_id": oil["id"], "quantity": 1})
    await wang.post(f"{POINTS}/redemptions/{second['id']}/cancellations", {"reason": "家里还有"})
    tell("又兑换一件，改主意取消，积分当场退回。", "Another one is cancelled; the points come back at once.")
    third = await wang.post(f"{POINTS}/redemptions", {"product_id": oil["id"], "quantity": 1})
    await stage.turn_calendar(hours=oil["hold_hours"], minutes=1)
    wang = await stage.resident(numbers[0])

    async def expired() -> bool:
        return bool((await wang.get(f"{POINTS}/redemptions/{third['id']}"))["state"] == "expired")

    await stage.until("过期退回", expired)
    expect(await _spendable(wang), earned - bought["points"], "过期后的积分")
    tell(
        "第三件三天没有来取，过期，积分和库存自动退回。",
        "A third one is not fetched; points and stock go back by themselves.",
    )


async def _spendable(player: Player) -> int:
    account = await player.get(f"{POINTS}/account")
    return next(int(b["available"]) for b in account["balances"] if b["asset"] == "spendable")


async def grid_number(player: Player) -> int:
    """Return the number of the grid a household lives in."""
    account = await player.get(f"{POINTS}/account")
    numerals = "一二三四五六七八"
    return next(n for n, numeral in enumerate(numerals, start=1) if numeral in account["grid_name"])


async def neighbour_cannot_see(stage: Stage, number: str, redemption_id: str) -> None:
    """See that a neighbour does not get to look at somebody else's redemption.

    Errors: StoryBrokenError.
    """
    neighbour = await stage.resident(number)
    response = await stage.send(neighbour, "GET", f"{POINTS}/redemptions/{redemption_id}")
    expect(response.status_code, 404, "邻居查看别家的兑换")
