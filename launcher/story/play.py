"""Plays the whole story against a running system."""

import asyncio
import json
from pathlib import Path

import httpx2

from launcher.errors import Exit, LauncherError
from launcher.story import boards, market, rounds, supermarket
from launcher.story import neighbours as doings
from launcher.story import points as points_journey
from launcher.story import property as property_journey
from launcher.story import proposals as proposals_journey
from launcher.story.cast import PATIENCE_SECONDS, Stage, StoryBrokenError, expect
from launcher.story.telling import Teller

PLAYED = "story.json"


def main(url: str, data_dir: Path) -> None:
    """Play the two months and print the transcript.

    Errors: LauncherError when anything went otherwise than it should.
    """
    teller = Teller()
    try:
        requests = asyncio.run(play(url, data_dir, teller))
    except (StoryBrokenError, httpx2.HTTPError, KeyError, StopIteration) as error:
        msg = f"故事没有走完：{type(error).__name__} {error}"
        raise LauncherError(msg, Exit.UNEXPECTED, "the story went otherwise than it should") from error
    teller.chapter(f"两个月走完了，共 {requests} 次请求。", f"Two months ended well, {requests} requests.")


async def play(url: str, data_dir: Path, teller: Teller) -> int:
    """Play the two months and return how many requests that took.

    Each playing takes households that have not played before, so it can be played again.

    Errors: StoryBrokenError.
    """
    async with httpx2.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS) as http:
        stage = await Stage.open(http, data_dir, teller)
        neighbours = await _building(stage)
        await play_two_months(stage, neighbours)
        return stage.requests


async def play_two_months(stage: Stage, neighbours: list[str]) -> None:
    """Play everything that happens between the first day of a round of assessment and its seal."""
    opened = await rounds.open_round(stage)
    grid = f"grid{await points_journey.grid_number(await stage.resident(neighbours[0]))}"
    deduction = await rounds.deduct(stage, neighbours[3], grid)
    await points_journey.play(stage, neighbours[:3])
    claim = await (await stage.staff("assessor1")).get(f"{rounds.POINTS}/claims/{deduction}")
    expect(claim["state"], "posted", "公示期满后的扣分")
    await doings.odd_job(stage, neighbours[0], neighbours[1])
    await doings.two_hours(stage, neighbours[2], neighbours[1])
    await doings.adopt_a_tree(stage, neighbours[4], grid)
    await supermarket.restock(stage)
    await market.rush(stage, neighbours[:10])
    await supermarket.basket(stage, neighbours[10], neighbours[11])
    voucher = await market.shop_voucher(stage, neighbours[5], neighbours[6])
    await market.role_model(stage, neighbours[1])
    await proposals_journey.play(stage, neighbours)
    await property_journey.play(stage, neighbours[:1])
    await market.settle(stage, neighbours[5], voucher)
    hanging = await boards.honour_and_help(stage, neighbours[0], neighbours[3], grid)
    await rounds.close_round(stage, opened, neighbours[7])
    await boards.look_at_the_board(stage, hanging)
    await rounds.check_the_books(stage)


async def _building(stage: Stage) -> list[str]:
    """Return two thirds and one of the households of a building in which the story has not been played yet."""
    kept = stage.data_dir / PLAYED
    played: list[str] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else []
    admin = await stage.staff("admin")
    for building in (await admin.get("/api/v1/identity/buildings", limit=200))["items"]:
        if building["id"] in played:
            continue
        page = await admin.get("/api/v1/identity/households", building_id=building["id"], limit=200)
        kept.write_text(json.dumps([*played, building["id"]]), encoding="utf-8")
        numbers = [row["number"] for row in page["items"]]
        return numbers[: len(numbers) * 2 // 3 + 1]
    msg = "每栋楼都演过一遍了；请用 make reset 重新开始。"
    raise StoryBrokenError(msg)
