"""What neighbours do for each other: an odd job for points, two hours for the time bank, a tree that is looked after."""

from typing import Any

from launcher.story.cast import Player, Stage, StoryBrokenError, expect, upload
from launcher.story.rounds import POINTS, soon
from shared.kernel.clock import local_date


async def odd_job(stage: Stage, poster_number: str, worker_number: str) -> None:
    """Post a gig, work it off, and be paid from escrow."""
    tell = stage.teller.tell
    stage.teller.chapter("零工超市：擦窗户", "The gig store: windows to clean")
    poster, worker = await stage.resident(poster_number), await stage.resident(worker_number)
    gig = await poster.post(
        f"{POINTS}/gigs",
        {
            "title": "帮忙擦窗户",
            "description": "六扇窗，家里有梯子",
            "location": "本单元三楼",
            "points": 10,
            "apply_until": soon(stage, minutes=10),
            "work_from": soon(stage, minutes=20),
            "work_until": soon(stage, hours=3),
        },
    )
    tell(
        f"{poster.name}发布零工“{gig['title']}”，10 分先存进托管。",
        "A household posts a gig; its pay lies in escrow from the start.",
    )
    job = await worker.post(f"{POINTS}/jobs", {"gig_id": gig["id"]})
    await worker.post(f"{POINTS}/jobs/{job['id']}/check-ins")
    photo = await upload(worker, (30, 120, 200))
    await worker.post(f"{POINTS}/jobs/{job['id']}/completions", {"photo_ids": [photo], "note": "六扇都擦了"})
    paid = await poster.post(f"{POINTS}/jobs/{job['id']}/verifications", {"note": "很干净"})
    expect(paid["paid_points"], 10, "零工报酬")
    tell(
        f"{worker.name}抢单、到场、拍照完工；{poster.name}验收，托管的 10 分付出。",
        "Taken, done with a photo, accepted: the escrow pays.",
    )


async def _fill_pool(stage: Stage, committee: Player) -> None:
    """Put ten hours into the community's pool, with the minutes of the meeting that decided it."""
    issue = {"minutes": 600, "reason": "居民代表会议：社区爱心时间池"}
    issue |= {"minutes_asset_id": await upload(committee, (248, 246, 238))}

    async def issued() -> bool:
        answer = await stage.send(committee, "POST", f"{POINTS}/time-bank/pool/issues", json=issue)
        if not answer.is_success and answer.json().get("code") != "points.minutes_not_arrived":
            msg = f"时间池没有注入：{answer.status_code} {answer.text[:400]}"
            raise StoryBrokenError(msg)
        return answer.is_success

    await stage.until("会议纪要传到", issued)
    stage.teller.tell(
        f"{committee.name}附上居民代表会议纪要，给时间池注入 600 分钟。",
        "Ten hours go into the pool by the minutes of a meeting, and everybody can look them up.",
    )


async def two_hours(stage: Stage, helped_number: str, helper_number: str) -> None:
    """Help somebody for two hours, begun and ended with the codes of both sides."""
    tell = stage.teller.tell
    stage.teller.chapter("时间银行：陪同就医两小时", "The time bank: two hours at the doctor's")
    committee, other = await stage.staff("committee1"), await stage.staff("committee2")
    kinds = await committee.get(f"{POINTS}/time-bank/kinds")
    if not [kind for kind in kinds if kind["code"] == "escort"]:
        body = {"code": "escort", "name": "陪同就医", "description": "陪老人看病、取药", "rate_percent": 100}
        await committee.post(f"{POINTS}/time-bank/kinds", body | {"decision": "居民代表会议"})
    await _fill_pool(stage, committee)
    helped, helper = await stage.resident(helped_number), await stage.resident(helper_number)
    asked = await helped.post(
        f"{POINTS}/time-bank/requests",
        {
            "kind_code": "escort",
            "note": "去区医院复查",
            "location": "区医院门诊",
            "payer": "pool",
            "minutes": 180,
            "wanted_from": soon(stage, minutes=-1),
            "wanted_until": soon(stage, hours=1),
        },
    )
    path = f"{POINTS}/time-bank/requests/{asked['id']}"
    await other.post(f"{path}/approvals")
    await helper.post(f"{path}/participants", {"side": "helper"})
    tell(
        f"{helped.name}求助陪同就医，两委同意由爱心时间池支付；{helper.name}报名。",
        "A neighbour needs company at the doctor's; the pool pays, another one volunteers.",
    )
    await _exchange_codes(stage, path, helped_number, helper_number, "start")
    await stage.turn_calendar(hours=2, minutes=1)
    await _exchange_codes(stage, path, helped_number, helper_number, "stop")
    await (await stage.resident(helper_number)).post(f"{path}/confirmations")
    done = await (await stage.resident(helped_number)).post(f"{path}/confirmations")
    expect(done["state"], "credited", "双方确认后的状态")
    passbook = await (await stage.resident(helper_number)).get(f"{POINTS}/time-bank/passbook")
    expect(passbook["minutes"], 120, "时间存折")
    tell(
        "开始和结束都要双方互报验证码；两人确认后，120 分钟记入时间存折。",
        "Both sides exchange codes at the beginning and the end; 120 minutes go into the passbook.",
    )


async def _exchange_codes(stage: Stage, path: str, one: str, another: str, phase: str) -> None:
    players = [await stage.resident(one), await stage.resident(another)]
    codes = [(await player.get(f"{path}/code"))["code"] for player in players]
    for player, code in zip(players, reversed(codes), strict=True):
        await player.post(f"{path}/codes", {"phase": phase, "code": code})


async def adopt_a_tree(stage: Stage, number: str, grid: str) -> None:
    """Take charge of a tree, look after it, and be paid by the rulebook."""
    tell = stage.teller.tell
    stage.teller.chapter("认领认养：门口的香樟树", "Adoption: the camphor tree at the gate")
    admin, committee = await stage.staff("admin"), await stage.staff("committee1")
    asset = await admin.post(
        f"{POINTS}/adoption-assets",
        {
            "kind": "tree",
            "name": f"香樟树（{number} 户门前）",
            "place": "南门花坛",
            "duty": "每周浇水一次，捡拾树下垃圾。",
        },
    )
    household = await stage.resident(number)
    applied = await household.post(
        f"{POINTS}/adoption-assets/{asset['id']}/applications", {"adopter_kind": "household", "motive": "就在家门口"}
    )
    path = f"{POINTS}/adoptions/{applied['id']}"
    today = local_date(stage.now())
    await committee.post(
        f"{path}/agreements",
        {
            "agreement": "每周浇水一次，发现病虫害及时告诉网格员。",
            "plaque": f"{number} 户认领",
            "starts_on": today.isoformat(),
            "ends_on": today.replace(year=today.year + 1, day=min(today.day, 28)).isoformat(),
        },
    )
    household = await stage.resident(number)
    await household.post(f"{path}/signatures")
    photo = await upload(household, (20, 160, 60))
    duty = await household.post(
        f"{path}/duties", {"done_on": today.isoformat(), "note": "浇水、捡垃圾", "photo_ids": [photo]}
    )
    before = await spendable(stage, number)
    inspected: dict[str, Any] = await (await stage.staff(grid)).post(
        f"{POINTS}/adoption-duties/{duty['id']}/inspections", {"is_passed": True, "finding": "养护得好"}
    )
    earned = await spendable(stage, number) - before
    expect(earned > 0, True, f"养护得分（{inspected}）")
    tell(
        f"{household.name}签下认养协议，浇水拍照，网格员查看后得 {earned} 分。",
        "A household signs for a tree, waters it, and earns what the rulebook says once the grid worker has looked.",
    )


async def spendable(stage: Stage, number: str) -> int:
    """Return what a household can spend."""
    account = await (await stage.resident(number)).get(f"{POINTS}/account")
    return next(int(b["available"]) for b in account["balances"] if b["asset"] == "spendable")
