"""The exchange supermarket behind and before the counter: public money, a delivery, a count, a basket, and a neighbour who carries."""

from datetime import timedelta
from typing import Any

from launcher.story.cast import Player, Stage, StoryBrokenError, expect
from launcher.story.neighbours import spendable
from launcher.story.rounds import POINTS
from shared.kernel.clock import local_date

FUND, SOURCE = "积分超市财政资金", "fiscal"
SUPPLIER = "城关粮油店"
GRANT_FEN = 2_000_000
RICE, NOODLES, EGGS, LOCK = "LY-002", "LY-003", "LY-004", "WJ-001"
BAGS, BAG_FEN = 30, 3290
KEEPS_DAYS = 180
ERRAND_POINTS = 2


async def restock(stage: Stage) -> None:
    """Buy rice with public money, and count it: one bag is missing, and somebody else approves the explanation."""
    tell = stage.teller.tell
    stage.teller.chapter("爱心超市：公账进货、盘点", "The store: goods from a public fund, and a count")
    treasurer, keeper = await stage.staff("committee1"), await stage.staff("storekeeper1")
    fund_id = await _fund(treasurer)
    await treasurer.post(
        f"{POINTS}/funds/{fund_id}/incomes",
        {
            "amount_fen": GRANT_FEN,
            "donor": "郧阳区财政局",
            "summary": "积分超市双月补助",
            "happened_on": local_date(stage.now()).isoformat(),
        },
    )
    before = await _published(stage, treasurer, fund_id)
    rice = await _product(keeper, RICE)
    batch = await keeper.post(
        f"{POINTS}/products/{rice['id']}/batches",
        {
            "quantity": BAGS,
            "unit_cost_fen": BAG_FEN,
            "fund_source": SOURCE,
            "fund_id": fund_id,
            "supplier_id": await _supplier(keeper),
            "keeps_until_on": (local_date(stage.now()) + timedelta(days=KEEPS_DAYS)).isoformat(),
        },
    )
    after = await _published(stage, treasurer, fund_id)
    expect(after["spending_fen"] - before["spending_fen"], BAGS * BAG_FEN, "公账上的货款")
    expect(after["income_fen"] - after["spending_fen"], after["balance_fen"], "公账的结余")
    tell(
        f"两委登记财政补助 {_yuan(GRANT_FEN)} 元；{keeper.name}从{SUPPLIER}进大米 {BAGS} 袋，"
        f"货款 {_yuan(BAGS * BAG_FEN)} 元当场记上公账，人人可查。",
        "Public money comes in; thirty bags of rice are paid from it, and anybody can read the account.",
    )
    await _count(stage, keeper, rice, batch)


async def basket(stage: Stage, number: str, volunteer_number: str) -> None:
    """Take several goods in one go, all or nothing; the heavy one is carried home by a neighbour, who earns points."""
    tell = stage.teller.tell
    stage.teller.chapter("一篮子兑换，志愿者送米上门", "A basket, and a neighbour who brings the rice home")
    buyer, keeper = await stage.resident(number), await stage.staff("storekeeper1")
    goods = {code: await _product(keeper, code) for code in (RICE, NOODLES, EGGS, LOCK)}
    wanted = [_line(goods[RICE], 1), _line(goods[NOODLES], 1), _line(goods[EGGS], 2)]
    had = await spendable(stage, number)
    await buyer.is_refused(
        f"{POINTS}/baskets", {"lines": [*wanted, _line(goods[LOCK], 1)]}, "points.insufficient_balance"
    )
    expect(await spendable(stage, number), had, "整篮退回之后的积分")
    shelf = await _first_to_go(keeper, goods[RICE])
    redeemed = await buyer.post(f"{POINTS}/baskets", {"lines": wanted})
    bought = {row["product_id"]: row for row in redeemed["redemptions"]}
    cost = sum(line["price_points"] * line["quantity"] for line in wanted)
    expect(sum(row["points"] for row in bought.values()), cost, "一篮子的积分")
    expect(await spendable(stage, number), had - cost, "一篮子预留后的积分")
    now_there = await _batch(keeper, goods[RICE], shelf["id"])
    expect(now_there["reserved"], shelf["reserved"] + 1, "先到期的大米先出")
    tell(
        f"{buyer.name}选了大米、挂面和两份鸡蛋，再添一把锁芯，积分不够，整篮退回，一分不扣；"
        f"去掉锁芯，{len(wanted)} 样一次兑成，共 {cost} 分。",
        "One thing too many: the whole basket is refused and costs nothing; without it all is redeemed at once.",
    )
    rice, noodles = bought[goods[RICE]["id"]], bought[goods[NOODLES]["id"]]
    await _bring_home(stage, buyer, volunteer_number, rice, wrong_code=noodles["pickup_code"])
    handed_over = await keeper.post(f"{POINTS}/baskets/pickups", {"code": noodles["pickup_code"]})
    expect([row["state"] for row in handed_over], ["picked_up"] * len(wanted), "整篮取走")
    tell("挂面和鸡蛋凭一个取货码一起取走。", "One code opens the rest of the basket at the counter.")


async def _bring_home(stage: Stage, buyer: Player, volunteer_number: str, rice: Any, *, wrong_code: str) -> None:
    volunteer, keeper = await stage.resident(volunteer_number), await stage.staff("storekeeper1")
    had = await _balances(volunteer)
    delivery = await buyer.post(
        f"{POINTS}/deliveries", {"redemption_id": rice["id"], "note": "老人提不动，四楼，敲门请大声"}
    )
    path = f"{POINTS}/deliveries/{delivery['id']}"
    await volunteer.post(f"{path}/takings")
    await keeper.post(f"{path}/dispatches")
    await volunteer.is_refused(f"{path}/hand-overs", {"code": wrong_code}, "points.delivery_code_wrong")
    delivered = await volunteer.post(f"{path}/hand-overs", {"code": rice["pickup_code"]})
    expect((delivered["state"], delivered["reward_points"]), ("delivered", ERRAND_POINTS), "送到家的大米")
    earned = {asset: balance - had[asset] for asset, balance in (await _balances(volunteer)).items()}
    expect(earned, {"standing": ERRAND_POINTS, "spendable": ERRAND_POINTS}, "送货得分")
    tell = stage.teller.tell
    tell(
        f"大米提不动，{volunteer.name}接单，店里交货，到家核对取货码（报错一次，交不了货）；"
        f"送到，{volunteer.name}得 {ERRAND_POINTS} 分。",
        f"A neighbour carries the rice; only the right code opens the hand-over, and the errand earns {ERRAND_POINTS} points.",
    )


async def _count(stage: Stage, keeper: Player, rice: dict[str, Any], batch: dict[str, Any]) -> None:
    count = await keeper.post(f"{POINTS}/stocktakes", {"title": f"{local_date(stage.now())} 大米盘点"})
    path = f"{POINTS}/stocktakes/{count['id']}"
    found = {"batch_id": batch["id"], "counted": BAGS - 1}
    await keeper.post(f"{path}/counts", found)
    await keeper.is_refused(f"{path}/submissions", None, "points.difference_unexplained")
    await keeper.post(f"{path}/counts", found | {"explanation": "卸货时破了一袋，已拍照留底"})
    await keeper.post(f"{path}/submissions")
    supervisor = await stage.staff("supervisor1")
    approved = await supervisor.post(f"{path}/approvals", {"remark": "照片看过，属实"})
    expect([line["difference"] for line in approved["lines"]], [-1], "盘点差异")
    counted = await _batch(keeper, rice, batch["id"])
    expect((counted["available"], counted["lost"]), (BAGS - 1, 1), "盘点后的大米")
    stage.teller.tell(
        f"盘点少了一袋：不写原因交不上去；写明破损，{supervisor.name}批准，库存改为 {BAGS - 1} 袋。",
        "The count finds one bag less: it must be explained, and a supervisor approves before the books follow.",
    )


async def _fund(treasurer: Player) -> str:
    """Return the fund goods are paid from, opened when there is none yet."""
    for fund in (await treasurer.get(f"{POINTS}/funds"))["items"]:
        if fund["name"] == FUND:
            return str(fund["id"])
    return str((await treasurer.post(f"{POINTS}/funds", {"name": FUND, "source": SOURCE}))["id"])


async def _supplier(keeper: Player) -> str:
    for supplier in (await keeper.get(f"{POINTS}/suppliers", limit=200))["items"]:
        if supplier["name"] == SUPPLIER:
            return str(supplier["id"])
    body = {"name": SUPPLIER, "contact": "城关街 12 号", "note": "每月 5 日送货"}
    return str((await keeper.post(f"{POINTS}/suppliers", body))["id"])


async def _published(stage: Stage, treasurer: Player, fund_id: str) -> dict[str, Any]:
    """Return what a passer-by reads of a fund."""
    community = (await treasurer.get("/api/v1/identity/communities"))["items"][0]["id"]
    funds = (await stage.http.get(f"{POINTS}/public/{community}/funds")).json()["items"]
    stage.requests += 1
    return next(dict(fund) for fund in funds if fund["id"] == fund_id)


async def _product(keeper: Player, code: str) -> dict[str, Any]:
    for product in (await keeper.get(f"{POINTS}/products", limit=200, state="on_sale"))["items"]:
        if product["code"] == code:
            return dict(product)
    msg = f"爱心超市里没有 {code}"
    raise StoryBrokenError(msg)


async def _batch(keeper: Player, product: dict[str, Any], batch_id: str) -> dict[str, Any]:
    batches = await keeper.get(f"{POINTS}/products/{product['id']}/batches")
    return next(dict(batch) for batch in batches["items"] if batch["id"] == batch_id)


async def _first_to_go(keeper: Player, product: dict[str, Any]) -> dict[str, Any]:
    """Return the batch on the shelf that keeps shortest."""
    batches = await keeper.get(f"{POINTS}/products/{product['id']}/batches")
    on_shelf = [dict(batch) for batch in batches["items"] if batch["available"]]
    return min(on_shelf, key=lambda batch: str(batch["keeps_until_on"]))


async def _balances(player: Player) -> dict[str, int]:
    account = await player.get(f"{POINTS}/account")
    return {b["asset"]: b["available"] for b in account["balances"] if b["asset"] in {"standing", "spendable"}}


def _line(product: dict[str, Any], quantity: int) -> dict[str, Any]:
    return {"product_id": product["id"], "quantity": quantity, "price_points": product["price_points"]}


def _yuan(fen: int) -> str:
    return f"{fen / 100:,.0f}"
