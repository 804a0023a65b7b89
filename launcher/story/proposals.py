"""Second journey: from a concern to a decision, by four deliberations and two publicities."""

from datetime import timedelta
from typing import Any

from launcher.story.cast import Player, Stage, expect

PROPOSALS = "/api/v1/proposals"
TEMPLATE = "four_and_two_owners"
STEPS_IN_MEETINGS = (("branch_proposes", "党支部提议", 9, 7, 6), ("committees_discuss", "两委商议", 7, 6, 6))


async def play(stage: Stage, numbers: list[str]) -> None:
    """Play it in the building of the given households, all of one building.

    Errors: StoryBrokenError.
    """
    tell = stage.teller.tell
    stage.teller.chapter("二、一件诉求变成大家的决定：四议两公开", "A concern becomes everybody's decision")
    author = await stage.resident(numbers[0])
    me = await author.get(f"/api/v1/identity/households/{author.household_id}")
    building, grid = str(me["building_id"]), me
    concern = await author.post(
        f"{PROPOSALS}/concerns", {"title": "楼下没有电动车充电棚", "body": "飞线充电不安全。", "place": "楼前空地"}
    )
    worker = await stage.staff(f"grid{_grid_number(grid)}")
    await worker.post(
        f"{PROPOSALS}/concerns/{concern['id']}/triages", {"level": "major", "reason": "涉及全楼，要花公共资金"}
    )
    tell(
        f"{author.name}提诉求“{concern['title']}”，{worker.name}分流为大事。", "A concern is triaged as a major matter."
    )
    secretary = await stage.staff("secretary")
    proposal = await secretary.post(
        f"{PROPOSALS}/proposals",
        {
            "concern_id": concern["id"],
            "template": TEMPLATE,
            "scope_kind": "building",
            "scope_id": building,
            "title": "楼前建电动车充电棚",
            "body": "在楼前空地建充电棚一座，十二个车位。",
        },
    )
    neighbours = [await stage.resident(number) for number in numbers]
    for neighbour in neighbours[: proposal["endorsements_needed"]]:
        await neighbour.post(
            f"{PROPOSALS}/proposals/{proposal['id']}/endorsements", {"text_hash": proposal["text_hash"]}
        )
    tell(
        f"党支部写成提案，{proposal['endorsements_needed']} 户附议；附议和投票都绑定文本的校验码。",
        f"The branch writes the proposal; {proposal['endorsements_needed']} households endorse this very text.",
    )
    await _hear_opinions(worker, proposal, building)
    tell("网格员上门，听了一半以上住户的意见。", "The grid worker hears at least half of the households at home.")

    process = await secretary.post(
        f"{PROPOSALS}/processes", {"proposal_id": proposal["id"], "rules_signed_off_by": "街道司法所王主任"}
    )
    for step, title, due, present, yes in STEPS_IN_MEETINGS:
        process = await _hold_meeting(secretary, process, step, due, present, yes)
        tell(
            f"{title}：应到 {due} 人，实到 {present} 人，同意 {yes} 人，通过。",
            f"{step}: {present} of {due} present, {yes} in favour.",
        )
    township = await stage.staff("township1")
    await _file(township, process, "party_deliberates", "township_sign_off")
    process = await _hold_meeting(secretary, process, "party_deliberates", 30, 20, 15)
    tell(
        "党员大会审议：应到 30 人，实到 20 人，同意 15 人；街道签认。",
        "Party members' meeting passes it; the township signs.",
    )

    await _vote(stage, numbers, process, building)
    await _publish_and_carry_out(stage, numbers, process, proposal)


async def _vote(stage: Stage, numbers: list[str], process: dict[str, Any], building: str) -> None:
    tell = stage.teller.tell
    secretary = await stage.staff("committee1")
    roll = await secretary.post(
        f"{PROPOSALS}/rolls", {"title": "本楼住户名册", "scope_kind": "building", "scope_id": building}
    )
    base = f"{PROPOSALS}/processes/{process['id']}/steps"
    round_ = await secretary.post(
        f"{base}/residents_decide/rounds",
        {
            "roll_id": roll["id"],
            "question": "是否同意在楼前建电动车充电棚？",
            "closes_at": (stage.now() + timedelta(days=7)).isoformat(),
        },
    )
    path = f"{PROPOSALS}/rounds/{round_['id']}"
    frozen = await secretary.post(f"{path}/freezes")
    tell(
        f"冻结名册和规则，校验码 {frozen['frozen_hash'][:12]}…，开放投票七天。",
        "Roll, question and rule are frozen under one hash; seven days to vote.",
    )
    voters = [await stage.resident(number) for number in numbers]

    async def is_open() -> bool:
        return bool((await voters[0].get(path))["state"] == "open")

    await stage.until("投票开放", is_open)
    shown = await voters[0].get(path)
    receipts = []
    for number, voter in enumerate(voters):
        choice = "no" if number == 0 else "yes"
        receipts.append(await voter.post(f"{path}/ballots", _ballot(shown, choice)))
    await voters[1].is_refused(f"{path}/ballots", _ballot(shown, "no"), "proposals.already_voted")
    response = await stage.send(secretary, "GET", f"{path}/tally")
    expect(response.status_code, 403, "投票结束前看结果")
    tell(
        f"{len(voters)} 户投票，当场得到签名回执；一户只有一票；结束前谁也看不到结果。",
        f"{len(voters)} households vote and get signed receipts; one vote a household; nobody sees results before the end.",
    )

    async def is_logged() -> Any:
        answer = await stage.send(voters[0], "GET", f"{path}/log/inclusion/{receipts[0]['leaf_hash']}")
        return answer.json() if answer.status_code == 200 else None

    proof = await stage.until("选票进入公开日志", is_logged)
    tell(f"第一张票在公开日志第 {proof['position']} 位，有据可查。", "The first ballot is provably in the public log.")
    await stage.turn_calendar(days=7, minutes=1)
    supervisor = await stage.staff("supervisor1")
    reader = await stage.resident(numbers[0])

    async def is_tallied() -> Any:
        answer = await stage.send(reader, "GET", f"{path}/tally")
        return answer.json() if answer.status_code == 200 else None

    tally = await stage.until("计票", is_tallied)
    expect((tally["is_held"], tally["is_passed"]), (True, True), "表决结果")
    tell("到期自动计票，系统写出推算过程：", "Counted when the time is up; the system prints its derivation:")
    stage.teller.quote(tally["derivation_text"])
    for who, kind in ((await stage.staff("township1"), "township_sign_off"), (supervisor, "supervision_opinion")):
        await _file(who, process, "residents_decide", kind)
    secretary = await stage.staff("secretary")
    await secretary.post(f"{base}/residents_decide/completions", {"round_id": round_["id"]})


async def _publish_and_carry_out(
    stage: Stage, numbers: list[str], process: dict[str, Any], proposal: dict[str, Any]
) -> None:
    tell = stage.teller.tell
    base = f"{PROPOSALS}/processes/{process['id']}/steps"
    secretary, reader = await stage.staff("secretary"), await stage.resident(numbers[0])
    notice = await _publish(
        secretary,
        f"{base}/decision_published/notices",
        "表决结果公示",
        "同意建电动车充电棚，名册、规则与计票见公示附页。",
    )
    objection = await reader.post(f"{PROPOSALS}/notices/{notice['id']}/objections", {"body": "充电时会不会吵？"})
    await secretary.post(f"{PROPOSALS}/objections/{objection['id']}/answers", {"answer": "选用静音设备，离窗五米。"})
    tell(
        "决议公示七天；一条异议，书面答复。",
        "The decision hangs out for seven days; one objection, answered in writing.",
    )
    await stage.turn_calendar(days=9)
    await _completed(stage, numbers[0], notice["id"])
    secretary, supervisor = await stage.staff("secretary"), await stage.staff("supervisor1")
    await _file(secretary, process, "result_published", "implementation_report")
    await _file(supervisor, process, "result_published", "supervision_opinion")
    notice = await _publish(secretary, f"{base}/result_published/notices", "实施结果公示", "充电棚已建成，十二个车位。")
    await stage.turn_calendar(days=9)
    await _completed(stage, numbers[0], notice["id"])
    reader = await stage.resident(numbers[0])
    done = await reader.get(f"{PROPOSALS}/processes/{process['id']}")
    expect([step["state"] for step in done["steps"]], ["passed"] * 6, "六步")
    final = await reader.get(f"{PROPOSALS}/proposals/{proposal['id']}")
    expect(final["state"], "carried_out", "提案")
    tell(
        "实施结果再公示七天。四议两公开，六步走完。",
        "The result of carrying it out is published too: all six steps are done.",
    )


def _grid_number(household: dict[str, Any]) -> int:
    numerals = "一二三四五六七八"
    return next(n for n, numeral in enumerate(numerals, start=1) if numeral in household["grid_name"])


def _ballot(round_: dict[str, Any], choice: str) -> dict[str, Any]:
    return {"choice": [choice], "frozen_hash": round_["frozen_hash"]}


async def _hear_opinions(worker: Player, proposal: dict[str, Any], building: str) -> None:
    page = await worker.get("/api/v1/identity/households", building_id=building, limit=200)
    households = [row["id"] for row in page["items"]]
    for household_id in households[: (len(households) + 1) // 2 + 1]:
        await worker.post(
            f"{PROPOSALS}/proposals/{proposal['id']}/opinions",
            {
                "text_hash": proposal["text_hash"],
                "stance": "for",
                "channel": "home_visit",
                "household_id": household_id,
            },
        )


async def _hold_meeting(
    secretary: Player, process: dict[str, Any], step: str, due: int, present: int, yes: int
) -> dict[str, Any]:
    base = f"{PROPOSALS}/processes/{process['id']}/steps/{step}"
    names = [f"参会 {number}" for number in range(1, due + 1)]
    meeting = await secretary.post(f"{base}/meetings", {"title": "会议", "place": "党群服务中心", "names": names})
    path = f"{PROPOSALS}/meetings/{meeting['id']}"
    await secretary.post(f"{path}/check-ins", {"numbers": list(range(1, present + 1))})
    await secretary.post(f"{path}/closings", {"yes": yes, "no": 0, "abstain": 0, "minutes": "会议经过讨论，同意。"})
    done: dict[str, Any] = await secretary.post(f"{base}/completions", {"meeting_id": meeting["id"]})
    return done


async def _file(who: Player, process: dict[str, Any], step: str, kind: str) -> None:
    await who.post(f"{PROPOSALS}/processes/{process['id']}/steps/{step}/evidence", {"kind": kind, "note": "同意"})


async def _publish(who: Player, path: str, title: str, body: str) -> dict[str, Any]:
    notice: dict[str, Any] = await who.post(
        path, {"title": title, "body": body, "places": ["单元门口", "社区公示栏"], "contact": "社区办公室"}
    )
    return notice


async def _completed(stage: Stage, number: str, notice_id: str) -> None:
    reader = await stage.resident(number)

    async def is_completed() -> bool:
        return bool((await reader.get(f"{PROPOSALS}/notices/{notice_id}"))["state"] == "completed")

    await stage.until("公示期满", is_completed)
