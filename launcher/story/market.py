"""The rush on a scarce product, a voucher of an allied shop, and an award with a month free of fees."""

import asyncio
from collections import Counter
from datetime import datetime
from typing import Any

from launcher.story.cast import Stage, expect
from launcher.story.rounds import POINTS, soon
from shared.ids import new_id
from shared.kernel.clock import local_date

UNITS = 4


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


async def shop_voucher(stage: Stage, shop_number: str, buyer_number: str) -> None:
    """Take an allied shop's voucher and have it verified once."""
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
            "points": 20,
            "value_fen": 2000,
            "valid_from": soon(stage, minutes=-1),
            "valid_until": soon(stage, days=90),
        },
    )
    await admin.post(f"{POINTS}/offers/{offer['id']}/openings", {"reason": "价格合适"})
    buyer = await stage.resident(buyer_number)
    voucher = await buyer.post(f"{POINTS}/vouchers", {"offer_id": offer["id"]})
    used = await shop.post(f"{POINTS}/vouchers/verifications", {"code": voucher["code"]})
    expect(used["state"], "used", "核销后的代金券")
    again = await stage.send(shop, "POST", f"{POINTS}/vouchers/verifications", json={"code": voucher["code"]})
    expect(again.status_code >= 400, True, "同一张券再用一次应被拒绝")
    tell(
        f"{shop.name}的店加入联盟；{buyer.name}用 20 分换代金券，店里核销一次，第二次被拒绝。",
        "A shop joins the alliance; a voucher is taken for 20 points, verified once, refused the second time.",
    )


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
