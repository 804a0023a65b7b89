"""What a community is called stands on what hangs out in it, once identity has told it."""

from typing import Any

import httpx2
import pytest

from shared.contracts.events import CommunityNamed
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.ids import NO_COMMUNITY
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn
from tests.points.conftest import OpenHousehold
from tests.points.round_kit import RoundKit

PUBLIC = "/api/v1/points/public"


@pytest.fixture
def kit(client_for: ClientFor, people: People, clock: FixedClock, work_in: WorkIn) -> RoundKit:
    """The officials who run the round."""
    return RoundKit(client_for, people, clock, work_in)


@pytest.fixture
def visitor(client_for: ClientFor) -> httpx2.AsyncClient:
    """Somebody who is not signed in."""
    return client_for("points")


def named(people: People, name: str) -> CommunityNamed:
    return CommunityNamed(community_id=people.community_id, code=f"c{new_id().hex}", name=name)


async def test_the_name_stands_on_notices_seals_and_public_pages(
    kit: RoundKit, people: People, visitor: httpx2.AsyncClient, open_household: OpenHousehold, hear: Any
) -> None:
    await open_household()
    path = await kit.open()
    await kit.publicise(path)
    assert (await kit.supervisor.post("/api/v1/points/seals")).is_success
    base = f"{PUBLIC}/{people.community_id}"
    page = f"{base}/periods/{path.rpartition('/')[2]}/page"

    async def names() -> list[str]:
        notice, seal = [(await visitor.get(address)).json() for address in (page.removesuffix("/page"), f"{base}/seal")]
        own = (await kit.organiser.get(f"{path}/notice")).json()
        return [answer["community_name"] for answer in (notice, seal, own)]

    async def titles() -> list[str]:
        pages = (await visitor.get(page)).text, (await kit.organiser.get(f"{path}/notice/page")).text
        return [text.partition("<h1>")[2].partition("</h1>")[0] for text in pages]

    assert (await visitor.get(base)).json() == {"id": str(people.community_id), "name": ""}
    assert await names() == ["", "", ""]
    assert await titles() == ["积分公示 · 2026年5—6月"] * 2, "a community of an older database prints without it"

    await hear("points", NO_COMMUNITY, named(people, "山水苑<社区>"))
    assert await names() == ["山水苑<社区>"] * 3
    assert await titles() == ["山水苑&lt;社区&gt;积分公示 · 2026年5—6月"] * 2
    etag = (await visitor.get(base)).headers["ETag"]
    assert (await visitor.get(base, headers={"If-None-Match": etag})).status_code == 304

    await hear("points", new_id(), named(people, "山水苑社区"))
    assert (await visitor.get(base, headers={"If-None-Match": etag})).json()["name"] == "山水苑社区"
    sheet = (await visitor.get(page)).text
    assert "山水苑社区 · 2026年5—6月 · 第一网格" in sheet, "every sheet that comes off the wall says where it hung"
    own_words = await kit.organiser.get(f"{path}/notice/page", params={"heading": "山水苑社区居委会"})
    assert "<h1>山水苑社区居委会积分公示" in own_words.text


async def test_each_community_has_its_own_name(
    people: People, strangers: People, visitor: httpx2.AsyncClient, open_household: OpenHousehold, hear: Any
) -> None:
    await open_household()
    await open_household(strangers.community_id)
    await hear("points", people.community_id, named(people, "山水苑社区"))
    await hear("points", people.community_id, named(strangers, "青龙泉社区"))

    told = [(await visitor.get(f"{PUBLIC}/{one.community_id}")).json()["name"] for one in (people, strangers)]
    assert told == ["山水苑社区", "青龙泉社区"]
    nobodys = await visitor.get(f"{PUBLIC}/{new_id()}")
    assert (nobodys.status_code, nobodys.json()["code"]) == (404, "points.public_page_not_found")
