"""The rush on a scarce product, a voucher of an allied shop and the month it is paid for, and an award with a month free of fees."""

import asyncio
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from launcher.story.cast import Stage, expect
from launcher.story.rounds import POINTS, soon
from shared.ids import new_id
from shared.kernel.clock import local_date

UNITS = 4
VOUCHER_POINTS, VOUCHER_FEN = 20, 2000


async def rush(stage: Stage, numbers: list[str]) -> None:
    """Let everybody reach for the same four pieces at the same moment."""
    tell = stage.teller.tell
    stage.teller.chapter("抢购：四袋大米", "A rush: four bags of rice")
    keeper = await stage.staff("storekeeper1")
    product = await keeper.post(
        f"{POINTS}/products",
        {
            "code": f"RICE-{new_id().hex[-8:]}",
            "name": "东北大米 5 公斤",
            "category": "粮油",
            "price_points": 10,
            "household_limit": 1,
            "state": "on_sale",
            "buckets": 2,
        },
    )
    await keeper.post(
        f"{POINTS}/products/{product['id']}/batches",
        {"quantity": UNITS, "unit_cost_fen": 2990, "fund_source": "donation", "supplier": "爱心企业"},
    )
    buyers = [await stage.resident(number) for number in numbers]
    answers = await asyncio.gather(
        *(
            stage.send(buyer, "POST", f"{POINTS}/redemptions", json={"product_id": product["id"], "quantity": 1})
            for buyer in buyers
        )
    )
    told = Counter("兑到" if answer.status_code == 201 else answer.json()["code"] for answer in answers)
    expect(told, Counter({"兑到": UNITS, "points.sold_out": len(numbers) - UNITS}), "抢购的结果")
    tell(
        f"{len(numbers)} 户同时下单，四户兑到，其余都得到“已兑完”，一袋不多一袋不少。",
        f"{len(numbers)} households order at once: four get it, the others are told it is gone, not one piece too many.",
    )


async def shop_voucher(stage: Stage, shop_number: str, buyer_number: str) -> dict[str, Any]:
    """Take an allied shop's voucher, have it verified once, and return it."""
    tell = stage.teller.tell
    stage.teller.chapter("联盟商家：粮油代金券", "An allied shop: a voucher for oil and rice")
    shop, admin = await stage.resident(shop_number), await stage.staff("admin")
    merchant = await shop.post(
        f"{POINTS}/merchants",
        {"name": f"青龙粮油店（{shop_number}）", "category": "粮油", "address": "青龙路18号", "note": "积分换粮油"},
    )
    await admin.post(f"{POINTS}/merchants/{merchant['id']}/approvals", {"reason": "证照齐全"})
    offer = await shop.post(
        f"{POINTS}/offers",
        {
            "kind": "points",
            "title": "粮油代金券 20 元",
            "points": VOUCHER_POINTS,
            "value_fen": VOUCHER_FEN,
            "valid_from": soon(stage, minutes=-1),
            "valid_until": soon(stage, days=90),
        },
    )
    await admin.post(f"{POINTS}/offers/{offer['id']}/openings", {"reason": "价格合适"})
    buyer = await stage.resident(buyer_number)
    voucher = await buyer.post(f"{POINTS}/vouchers", {"offer_id": offer["id"]})
    used: dict[str, Any] = await shop.post(f"{POINTS}/vouchers/verifications", {"code": voucher["code"]})
    expect(used["state"], "used", "核销后的代金券")
    again = await stage.send(shop, "POST", f"{POINTS}/vouchers/verifications", json={"code": voucher["code"]})
    expect(again.status_code >= 400, True, "同一张券再用一次应被拒绝")
    tell(
        f"{shop.name}的店加入联盟；{buyer.name}用 20 分换代金券，店里核销一次，第二次被拒绝。",
        "A shop joins the alliance; a voucher is taken for 20 points, verified once, refused the second time.",
    )
    return used


async def settle(stage: Stage, shop_number: str, used: dict[str, Any]) -> None:
    """Pay the shop for the month its voucher was used in: it confirms, the committee countersigns, somebody else pays."""
    tell = stage.teller.tell
    stage.teller.chapter("商家结算：月底对账付款", "The shop's month is settled and paid")
    month_over = _next_month(local_date(datetime.fromisoformat(used["used_at"])))
    left = month_over - local_date(stage.now())
    if left > timedelta():
        await stage.turn_calendar(days=left.days, hours=1)
    shop, committee = await stage.resident(shop_number), await stage.staff("committee1")

    async def drafted() -> dict[str, Any] | None:
        found = (await shop.get(f"{POINTS}/settlements", merchant_id=used["merchant_id"]))["items"]
        return dict(found[0]) if found else None

    draft = await stage.until("系统出的结算单", drafted)
    owed = tuple(draft[name] for name in ("state", "vouchers", "points", "value_fen"))
    expect(owed, ("drafted", 1, VOUCHER_POINTS, VOUCHER_FEN), "系统出的结算单")
    path = f"{POINTS}/settlements/{draft['id']}"
    await committee.is_refused(f"{path}/countersignatures", None, "wrong_state")
    await shop.post(f"{path}/confirmations")
    await shop.is_refused(f"{path}/countersignatures", None, "forbidden")
    await committee.post(f"{path}/countersignatures")
    admin = await stage.staff("admin")
    reference = f"转账 {local_date(stage.now()):%Y%m%d}-001"
    paid = await admin.post(f"{path}/payments", {"reference": reference})
    expect((paid["state"], paid["payment_reference"]), ("paid", reference), "付款后的结算单")
    expect(paid["transfer_id"] is not None, True, "结算写进积分账本")
    await admin.is_refused(f"{path}/payments", {"reference": reference}, "wrong_state")
    steps = [step["action"] for step in (await committee.get(f"{path}/steps"))["items"]]
    expect(steps, ["draft", "confirm", "countersign", "pay"], "结算的经过")
    tell(
        f"月底系统自动出单：1 张券、{VOUCHER_POINTS} 分、{VOUCHER_FEN // 100} 元；{shop.name}的店确认，{committee.name}会签，"
        "管理员登记付款，第二次付款被拒绝。",
        "Drafted by the clock, confirmed by the shop, countersigned, paid by a third person, and never twice.",
    )


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


async def role_model(stage: Stage, number: str) -> None:
    """Honour a neighbour: points, a place in the talent pool and a month without property fee, by one award."""
    tell = stage.teller.tell
    stage.teller.chapter("评选：身边好人", "An award: a good neighbour")
    nominator = await stage.staff("committee1")
    household_id = (await stage.resident(number)).household_id
    award = await nominator.post(
        f"{POINTS}/awards",
        {
            "household_id": household_id,
            "category": "身边好人",
            "deed": "三年来每天给楼里的独居老人送饭。",
            "talent": "助老",
        },
    )
    path = f"{POINTS}/awards/{award['id']}"
    await (await stage.staff("assessor1")).post(
        f"{path}/decisions",
        {
            "is_approved": True,
            "decision": f"{local_date(stage.now())} 评议会纪要",
            "votes_for": 5,
            "votes_against": 0,
        },
    )
    published = await (await stage.staff("committee2")).post(f"{path}/publications")
    notice = datetime.fromisoformat(published["notice_ends_at"]) - stage.now()
    tell(f"两委提名、评议会通过，公示 {notice.days + 1} 天。", "Nominated, passed by the panel, hung out.")
    await stage.turn_calendar(days=notice.days + 1, hours=1)

    async def granted() -> dict[str, Any] | None:
        found: dict[str, Any] = await (await stage.staff("committee1")).get(path)
        return found if found["state"] == "granted" and found["waiver_state"] == "granted" else None

    found = await stage.until("授奖和物业费减免", granted)
    tell(
        f"授奖：评议分、兑换分各加 {found['standing']} 分，入人才库，物业登记减免 {len(found['waiver_months'])} 个月物业费。",
        "Granted: points, the talent pool, and property notes a month without fee, each exactly once.",
    )
