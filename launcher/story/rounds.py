"""A round of assessment from its first day to the seal, and the books checked by somebody who trusts nobody."""

import asyncio
import io
import sys
import zipfile
from datetime import date, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

from launcher.story.cast import Stage, StoryBrokenError, expect, upload
from shared.kernel.clock import local_date

POINTS = "/api/v1/points"
OPEN_STATES = ("open", "collecting")


async def open_round(stage: Stage) -> dict[str, Any]:
    """Open the next two months, unless they are open already, and return them."""
    tell = stage.teller.tell
    stage.teller.chapter("一、积分：双月考评开始", "Points: a two-month round begins")
    secretary = await stage.staff("secretary")
    latest = (await secretary.get(f"{POINTS}/periods", limit=1))["items"]
    if latest and latest[0]["state"] in OPEN_STATES:
        return dict(latest[0])
    number = latest[0]["number"] + 1 if latest else 1
    opened: dict[str, Any] = await secretary.post(f"{POINTS}/periods", {"name": f"第 {number} 期双月考评"})
    tell(
        f"{secretary.name}开启“{opened['name']}”：{opened['begins_on']} 至 {opened['ends_on']}，结果公示 {opened['notice_days']} 天。",
        "The branch secretary opens the next two months; the totals will hang out before they are sealed.",
    )
    return opened


async def deduct(stage: Stage, number: str, grid: str) -> str:
    """Enter points against a household the way everybody's are entered, and return the claim."""
    tell = stage.teller.tell
    household_id = (await stage.resident(number)).household_id
    clerk = await stage.staff("assessor5")
    photo = await upload(clerk, (200, 40, 40))
    claim = await clerk.post(
        f"{POINTS}/claims",
        {
            "item_code": "chaotic_parking",
            "happened_on": local_date(stage.now()).isoformat(),
            "place": "消防通道",
            "note": "车停在消防通道上，联系不上车主",
            "photo_ids": [photo],
            "household_id": household_id,
        },
    )
    worker = await stage.staff(grid)
    await worker.post(f"{POINTS}/claims/{claim['id']}/verifications", {"is_confirmed": True, "reason": "现场看过"})
    await clerk.is_refused(f"{POINTS}/claims/{claim['id']}/votes", {"is_approved": True}, "points.clerk_recused")
    for user_name in ("assessor1", "assessor2", "assessor3"):
        assessor = await stage.staff(user_name)
        voted = await assessor.post(f"{POINTS}/claims/{claim['id']}/votes", {"is_approved": True, "reason": "同意"})
    expect(voted["state"], "publicised", "扣分三票同意后应公示")
    tell(
        f"“{claim['item_name']}”扣 {number} 户 {claim['points']} 分：同样要核实、评议、公示；录入的人不能投票。",
        "Points are taken the same way they are given; whoever entered it has no vote.",
    )
    return str(claim["id"])


async def close_round(stage: Stage, opened: dict[str, Any], objector: str) -> None:
    """Take a round from its last day to the seal, with an objection on the way."""
    tell = stage.teller.tell
    stage.teller.chapter("四、双月考评：汇总、公示、封存", "The round is drawn up, hung out and sealed")
    path = f"{POINTS}/periods/{opened['id']}"
    days = (date.fromisoformat(opened["ends_on"]) - local_date(stage.now())).days
    await stage.turn_calendar(days=max(0, days) + 1, hours=1)
    tell("日历翻到考评期结束之后。", "The calendar is turned past the last day.")
    await _reaches(stage, path, "collecting")
    await _decide_what_is_left(stage)
    await _no_claims_pending(stage, path)
    await (await stage.staff("assessor1")).post(f"{path}/reviews")
    published = await (await stage.staff("secretary")).post(f"{path}/publications")
    tell(
        f"评议员审核、书记公布：全社区每户的合计公示 {published['notice_days']} 天。",
        "An assessor reviews, the secretary publishes: every household's total hangs out.",
    )
    household = await stage.resident(objector)
    objection = await household.post(f"{path}/objections", {"reason": "我家上月的巡逻好像没有记"})
    supervisor = await stage.staff("supervisor1")
    await supervisor.post(
        f"{path}/objections/{objection['id']}/answers",
        {"is_upheld": False, "answer": "查过巡逻登记，那天没有签到；补交签到后可在下一期更正。"},
    )
    tell(f"{household.name}提出异议，监督委员会书面答复。", "A household objects; the supervisors answer in writing.")
    left = datetime.fromisoformat(published["objections_until"]) - stage.now()
    await stage.turn_calendar(seconds=int(left.total_seconds()) + 60)
    sealed = await _reaches(stage, path, "sealed")
    tell(
        f"公示期满，自动封存：封存码 {sealed['root'][:16]}…，从此一分不改。",
        "The notice has ended, the round is sealed by itself: not one point in it will change.",
    )
    await _look_from_the_street(stage, sealed["id"])


async def _look_from_the_street(stage: Stage, period_id: str) -> None:
    """Read what hangs out for everybody, without signing in, and ask again whether it has changed."""
    public = await public_address(stage)
    for page in ("periods", "rulebook", "funds", "seal", "boards", "rankings", "adoptions", "awards"):
        first = await stage.http.get(f"{public}/{page}")
        expect(first.status_code, 200, f"公开页 {page}")
        again = await stage.http.get(f"{public}/{page}", headers={"If-None-Match": first.headers["etag"]})
        expect(again.status_code, 304, f"没有变化的公开页 {page}")
    name = (await stage.http.get(public)).json()["name"]
    notice = await stage.http.get(f"{public}/periods/{period_id}/page")
    expect(notice.status_code, 200, "可打印的公示")
    for words in ("<svg", "@page", "**"):
        expect(words in notice.text, True, f"公示里应有 {words}")
    expect(bool(name) and f"<h1>{escape(name)}" in notice.text, True, f"公示抬头应有社区名称“{name}”")
    stage.requests += 18
    stage.teller.tell(
        f"不登录也能看：公示、细则、资金、封存码、榜单、认养、评选；姓名打码，公示抬头是“{name}”，可打印成 A4，带二维码。",
        "Anybody may look without signing in; names are masked, the notice names the community and prints on A4 with a QR code.",
    )


async def public_address(stage: Stage) -> str:
    """Return where the community's public pages begin."""
    communities = (await (await stage.staff("admin")).get("/api/v1/identity/communities"))["items"]
    return f"{POINTS}/public/{communities[0]['id']}"


async def check_the_books(stage: Stage) -> None:
    """Audit everything inside, then take the books out and check them without the system."""
    tell = stage.teller.tell
    supervisor = await stage.staff("supervisor1")
    audit = await supervisor.get(f"{POINTS}/audit")
    expect(audit["breaches"], [], "账目核查")
    tell(
        f"监督委员会核查全社区账目，{len(audit['invariants'])} 条规则条条相符：一分不差。",
        f"The supervisors audit all books against {len(audit['invariants'])} rules: not one point is missing.",
    )
    await supervisor.post(f"{POINTS}/seals")
    answer = await stage.send(supervisor, "GET", f"{POINTS}/export")
    expect(answer.status_code, 200, "导出账本")
    books = stage.data_dir / "points-books.zip"
    books.write_bytes(answer.content)
    expect(await _verify(books), 0, "离线核验")
    tell(
        "导出全部账本，断网也能核验：通过。", "All books are exported and verified offline, without the system: sound."
    )
    forged = stage.data_dir / "points-books-forged.zip"
    forged.write_bytes(_forge(answer.content))
    if await _verify(forged) == 0:
        msg = "改过的账本竟然通过了核验"
        raise StoryBrokenError(msg)
    forged.unlink()
    tell("把副本里的一行分数偷偷改掉，核验立刻指出。", "One line of a copy is altered; the check says so at once.")


async def _verify(books: Path) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.points.ledger.verify",
        str(books),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    )
    return await process.wait()


def _forge(books: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(books)) as source, zipfile.ZipFile(out, "w") as copy:
        for name in source.namelist():
            content = source.read(name)
            if "entries" in name:
                lines = content.splitlines(keepends=True)
                lines[-1] = lines[-1].replace(b"1", b"7").replace(b"3", b"8")
                content = b"".join(lines)
            copy.writestr(name, content)
    return out.getvalue()


async def _reaches(stage: Stage, path: str, state: str) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        period: dict[str, Any] = await (await stage.staff("secretary")).get(path)
        return period if period["state"] == state else None

    found: dict[str, Any] = await stage.until(f"考评期进入 {state}", look)
    return found


async def _decide_what_is_left(stage: Stage) -> None:
    """Refuse claims that somebody left halfway, so that the round can be drawn up."""
    panel = [await stage.staff(f"assessor{number}") for number in range(1, 5)]
    for claim in (await panel[0].get(f"{POINTS}/claims", state="submitted", limit=200))["items"]:
        household = await panel[0].get(f"{POINTS}/households/{claim['household_id']}/account")
        worker = await stage.staff(f"grid{'一二三四五六七八'.index(household['grid_name'][1]) + 1}")
        refusal = {"is_confirmed": False, "reason": "考评期已过，无法核实"}
        await worker.post(f"{POINTS}/claims/{claim['id']}/verifications", refusal)
    for claim in (await panel[0].get(f"{POINTS}/claims", state="verified", limit=200))["items"]:
        for assessor in panel:
            await stage.send(
                assessor,
                "POST",
                f"{POINTS}/claims/{claim['id']}/votes",
                json={"is_approved": False, "reason": "考评期已过，材料不全"},
            )


async def _no_claims_pending(stage: Stage, path: str) -> None:
    async def look() -> bool:
        return bool((await (await stage.staff("secretary")).get(path))["pending_claims"] == 0)

    await stage.until("本期申报全部办完", look)


def soon(stage: Stage, **after: int) -> str:
    """Return a moment that long from now on the system's calendar, as the API takes it."""
    return (stage.now() + timedelta(**after)).isoformat()
