"""What a visitor reads without signing in, and what stays hidden."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from services.points.ledger.domain import Asset
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.minutes_kit import minutes_arrive
from tests.points.round_kit import RoundKit

PUBLIC = "/api/v1/points/public"


@pytest.fixture
def visitor(client_for: ClientFor) -> httpx2.AsyncClient:
    """Somebody who is not signed in."""
    return client_for("points")


async def hide(client_for: ClientFor, people: People, household: UUID) -> None:
    """Let a household stay unnamed."""
    resident = client_for("points", people.resident(household))
    chosen = await resident.put("/api/v1/points/rankings/preference", json={"is_anonymous": True})
    assert chosen.status_code == 200


async def test_a_published_round_and_nothing_before(
    kit: RoundKit, people: People, client_for: ClientFor, visitor: httpx2.AsyncClient, open_household: OpenHousehold
) -> None:
    home, hidden = await open_household(), await open_household()
    await kit.credit(hidden, 4)
    await hide(client_for, people, hidden)
    base = f"{PUBLIC}/{people.community_id}"
    path = await kit.open()
    period_id = path.rpartition("/")[2]
    assert (await visitor.get(f"{base}/periods")).json()["items"] == []
    for address in ("periods/{}", "periods/{}/page", "periods/{}/statements", "rankings?period_id={}"):
        early, nobodys = [await visitor.get(f"{base}/{address}".format(one)) for one in (period_id, new_id())]
        assert (early.status_code, early.json()["code"]) == (404, "points.period_not_found"), address
        told = [{**answer.json(), "instance": ""} for answer in (early, nobodys)]
        assert told[0] == told[1], "a visitor cannot tell a round to come from none"
    await kit.publicise(path)

    listed = (await visitor.get(f"{base}/periods")).json()["items"]
    notice = (await visitor.get(f"{base}/periods/{period_id}")).json()
    rows = (await visitor.get(f"{base}/periods/{period_id}/statements")).json()["items"]
    page = await visitor.get(f"{base}/periods/{period_id}/page")

    assert [row["id"] for row in listed] == [period_id]
    assert (notice["total"]["standing_closing"], notice["total"]["households"]) == (204, 2)
    assert [(row["label"], row["householder_name"], row["closing"]) for row in rows] == [("QLQ-0001", "王**", 100)]
    assert "QLQ-0001" in page.text
    assert "QLQ-0002" not in page.text
    for answer in (notice, rows, page.text):
        assert str(home) not in str(answer)
        assert str(hidden) not in str(answer)


async def test_an_answer_that_did_not_change_is_not_sent_again(
    kit: RoundKit, people: People, visitor: httpx2.AsyncClient, open_household: OpenHousehold
) -> None:
    await open_household()
    path = await kit.open()
    await kit.publicise(path)
    base = f"{PUBLIC}/{people.community_id}"
    for address in (f"{base}/periods", f"{base}/periods/{path.rpartition('/')[2]}/page", f"{base}/funds"):
        first = await visitor.get(address)
        etag = first.headers["etag"]
        assert (first.status_code, first.headers["cache-control"]) == (200, "public, max-age=60")
        again = await visitor.get(address, headers={"If-None-Match": etag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    kit.clock.advance(timedelta(days=10))
    before = (await visitor.get(f"{base}/periods")).headers["etag"]
    await kit.supervisor.post(f"{path}/seals")
    changed = await visitor.get(f"{base}/periods", headers={"If-None-Match": before})
    assert (changed.status_code, changed.json()["items"][0]["state"]) == (200, "sealed")


async def test_rulebook_funds_and_seal(
    kit: RoundKit, people: People, visitor: httpx2.AsyncClient, open_household: OpenHousehold, hear: Any
) -> None:
    await open_household()
    base = f"{PUBLIC}/{people.community_id}"
    nothing = await visitor.get(f"{base}/rulebook")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "points.rulebook_not_found")
    unsealed = await visitor.get(f"{base}/seal")
    assert (unsealed.status_code, unsealed.json()["code"]) == (404, "points.no_seal_yet")
    body = {
        "decision": "居民代表会议",
        "minutes_asset_id": await minutes_arrive(hear, people.community_id),
        "effective_on": "2026-05-11",
        "items": [{"code": "patrol", "name": "平安巡逻", "points": 3}],
    }
    await kit.organiser.post("/api/v1/points/rulebooks", json=body)

    assert [item["name"] for item in (await visitor.get(f"{base}/rulebook")).json()["items"]] == ["平安巡逻"]
    assert "items" in (await visitor.get(f"{base}/funds")).json()


async def test_boards_within_the_policy(
    kit: RoundKit,
    people: People,
    client_for: ClientFor,
    visitor: httpx2.AsyncClient,
    open_household: OpenHousehold,
    sweep: Any,
) -> None:
    proud, shy, warned = [await open_household() for _ in range(3)]
    await hide(client_for, people, shy)
    boards = "/api/v1/points/boards"
    for home, board in ((proud, "honour"), (shy, "honour"), (warned, "warning")):
        facts = {"board": board, "household_id": str(home), "title": "互助邻居", "reason": "原因"}
        entry = (await kit.organiser.post(f"{boards}/entries", json=facts)).json()
        for _ in range(3):
            assessor = client_for("points", people.staff(Role.ASSESSOR))
            await assessor.post(f"{boards}/entries/{entry['id']}/votes", json={"is_approved": True})
    kit.clock.advance(timedelta(days=15))
    await sweep("points", "move_board_entries")
    base = f"{PUBLIC}/{people.community_id}"

    shown = (await visitor.get(f"{base}/boards")).json()["items"]
    assert [(row["words"], row["householder_name"], row["building_name"]) for row in shown] == [
        ("光荣榜", "匿名", ""),
        ("光荣榜", "王**", "1栋"),
    ]
    await kit.organiser.post(f"{boards}/policies", json={"decision": "会议", "is_warning_public": True})
    warning = (await visitor.get(f"{base}/boards")).json()["items"][0]
    assert (warning["words"], warning["householder_name"], warning["reason"]) == ("需要帮助", "王**", "")


async def test_rankings_within_the_policy(
    kit: RoundKit, people: People, client_for: ClientFor, visitor: httpx2.AsyncClient, open_household: OpenHousehold
) -> None:
    first, shy = await open_household(), await open_household()
    await kit.credit(first, 2, assets=(Asset.STANDING,))
    await kit.credit(shy, 9, assets=(Asset.STANDING,))
    await hide(client_for, people, shy)
    base = f"{PUBLIC}/{people.community_id}/rankings"

    shown = (await visitor.get(base)).json()["items"]
    assert [(row["rank"], row["householder_name"], row["label"]) for row in shown] == [
        (1, "匿名", ""),
        (2, "王**", "QLQ-0001"),
    ]
    await kit.organiser.post("/api/v1/points/boards/policies", json={"decision": "会议", "is_ranking_public": False})
    closed = await visitor.get(base)
    assert (closed.status_code, closed.json()["code"]) == (404, "points.public_page_closed")


async def test_a_page_shows_its_own_community_alone(
    kit: RoundKit, people: People, strangers: People, visitor: httpx2.AsyncClient, open_household: OpenHousehold
) -> None:
    await open_household()
    await open_household(community_id=strangers.community_id)
    path = await kit.open()
    await kit.publicise(path)
    period_id = path.rpartition("/")[2]
    ours, theirs = f"{PUBLIC}/{people.community_id}", f"{PUBLIC}/{strangers.community_id}"

    for end in ("", "/page", "/statements"):
        assert (await visitor.get(f"{ours}/periods/{period_id}{end}")).status_code == 200
        other = await visitor.get(f"{theirs}/periods/{period_id}{end}")
        assert (other.status_code, other.json()["code"]) == (404, "points.period_not_found")
    assert (await visitor.get(f"{theirs}/periods")).json()["items"] == []
    by_period = await visitor.get(f"{theirs}/rankings", params={"period_id": period_id})
    assert by_period.status_code == 404


@pytest.mark.parametrize(
    "end",
    [
        "periods",
        "rulebook",
        "funds",
        "seal",
        "boards",
        "rankings",
        "periods/01900000-0000-7000-8000-000000000001",
        "periods/01900000-0000-7000-8000-000000000001/page",
    ],
)
async def test_an_unknown_community_has_no_page(visitor: httpx2.AsyncClient, end: str) -> None:
    refused = await visitor.get(f"{PUBLIC}/{new_id()}/{end}")
    assert (refused.status_code, refused.json()["code"]) == (404, "points.public_page_not_found")
    malformed = await visitor.get(f"{PUBLIC}/not-a-community/{end}")
    assert (malformed.status_code, malformed.json()["code"]) == (422, "validation_failed")
