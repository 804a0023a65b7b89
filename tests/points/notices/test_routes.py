"""Statements, files and the printed notice of a published round."""

import csv
import io
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import openpyxl
import pytest

from services.points.ledger import usecases as ledger
from shared.contracts.events import HouseholdRegistered
from shared.ids import new_id
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn
from tests.points.conftest import OpenHousehold
from tests.points.round_kit import RoundKit

GRIDS = (new_id(), new_id())


@pytest.fixture
async def village(hear: Any, people: People) -> list[UUID]:
    """Two grids with two households each; the third householder's name would be markup."""
    homes = []
    for number in range(4):
        event = HouseholdRegistered(
            household_id=new_id(),
            household_number=f"QLQ-{number:04d}",
            grid_id=GRIDS[number // 2],
            grid_name=f"第{number // 2 + 1}网格",
            building_id=new_id(),
            building_name=f"{number}栋",
            householder_name="<b>*" if number == 2 else "王**",
            area_cm2e2=8_800,
            resident_count=3,
        )
        await hear("points", people.community_id, event)
        homes.append(event.household_id)
    return homes


async def hide(client_for: ClientFor, people: People, household: UUID) -> None:
    """Let a household stay unnamed."""
    resident = client_for("points", people.resident(household))
    chosen = await resident.put("/api/v1/points/rankings/preference", json={"is_anonymous": True})
    assert chosen.json() == {"is_anonymous": True}


async def test_statements_at_every_level(
    kit: RoundKit, people: People, client_for: ClientFor, village: list[UUID]
) -> None:
    await kit.credit(village[0], 6)
    path = await kit.open()
    unpublished = await kit.organiser.get(f"{path}/statements")
    assert (unpublished.status_code, unpublished.json()["code"]) == (409, "points.period_not_published")
    await kit.publicise(path)
    resident = client_for("points", people.resident(village[1]))

    async def seen(**params: Any) -> list[tuple[str, int]]:
        answer = await resident.get(f"{path}/statements", params=params)
        assert answer.status_code == 200, answer.text
        return [(row["label"], row["standing_closing"]) for row in answer.json()["items"]]

    assert await seen() == [("QLQ-0000", 106), ("QLQ-0001", 100), ("QLQ-0002", 100), ("QLQ-0003", 100)]
    assert await seen(grid_id=str(GRIDS[1])) == [("QLQ-0002", 100), ("QLQ-0003", 100)]
    assert await seen(level="building", grid_id=str(GRIDS[0])) == [("0栋", 106), ("1栋", 100)]
    assert await seen(level="grid") == [("第1网格", 206), ("第2网格", 200)]
    assert await seen(level="community") == [("", 406)]
    first = (await resident.get(f"{path}/statements", params={"limit": 3})).json()
    rest = (await resident.get(f"{path}/statements", params={"cursor": first["next_cursor"]})).json()
    assert [row["label"] for row in rest["items"]] == ["QLQ-0003"]
    one = await resident.get(f"{path}/statements/{village[0]}")
    assert (one.json()["standing_added"], one.json()["claims"], one.json()["rank"]) == (6, 1, 1)
    assert (await resident.get(f"{path}/statements/{village[0]}", params={"level": "grid"})).status_code == 404


async def test_who_wants_to_stay_unnamed_is_seen_by_itself_and_officials(
    kit: RoundKit, people: People, client_for: ClientFor, village: list[UUID]
) -> None:
    path = await kit.open()
    await kit.publicise(path)
    await hide(client_for, people, village[0])
    own = client_for("points", people.resident(village[0]))
    neighbour = client_for("points", people.resident(village[1]))

    for client, count, status in ((own, 4, 200), (neighbour, 3, 404), (kit.supervisor, 4, 200)):
        assert len((await client.get(f"{path}/statements")).json()["items"]) == count
        assert (await client.get(f"{path}/statements/{village[0]}")).status_code == status


async def test_corrections_stand_on_the_next_statement(
    kit: RoundKit, people: People, client_for: ClientFor, work_in: WorkIn, village: list[UUID]
) -> None:
    wrong = await kit.credit(village[0], 6)
    first = await kit.open()
    sealed = await kit.seal(first)
    second = await kit.open("2026年7—8月")
    async with work_in("points", people.community_id) as uow:
        await ledger.reverse_transfer(
            uow=uow, transfer_id=wrong, source_id=new_id(), summary="申诉成立", acting_account_id=new_id()
        )
    await kit.publicise(second)

    listed = (await kit.supervisor.get(f"{second}/corrections")).json()["items"]
    assert [(row["label"], row["amount"], row["summary"], row["original_summary"]) for row in listed] == [
        ("QLQ-0000", -6, "申诉成立", "楼道清扫")
    ]
    own = client_for("points", people.resident(village[0]))
    assert len((await own.get(f"{second}/corrections")).json()["items"]) == 1
    other = client_for("points", people.resident(village[1]))
    assert (await other.get(f"{second}/corrections")).json()["items"] == []
    before = (await own.get(f"{first}/statements/{village[0]}")).json()
    after = (await own.get(f"{second}/statements/{village[0]}")).json()
    assert (before["spendable_closing"], after["spendable_corrected"], after["spendable_closing"]) == (106, -6, 100)
    assert (await kit.organiser.get(first)).json()["root"] == sealed["root"], "what was sealed stays"


async def test_files_for_officials(kit: RoundKit, people: People, client_for: ClientFor, village: list[UUID]) -> None:
    await hide(client_for, people, village[0])
    path = await kit.open()
    await kit.publicise(path)
    export = f"{path}/statements/export"
    as_csv = await kit.supervisor.get(export, params={"format": "csv"})
    rows = list(csv.reader(io.StringIO(as_csv.content.decode("utf-8-sig"))))
    assert (len(rows), rows[1][0], rows[1][9]) == (5, "QLQ-0000", "100")
    as_xlsx = await kit.supervisor.get(export, params={"level": "grid"})
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx.content)).active
    assert sheet is not None
    assert [cell.value for cell in sheet["A"]] == ["户号或名称", "第1网格", "第2网格"]

    grant = RoleGrant(Role.GRID_WORKER, ScopeKind.GRID, str(GRIDS[0]))
    worker = client_for("points", Principal(new_id(), AccountKind.STAFF, people.community_id, roles=frozenset({grant})))
    own_grid = await worker.get(export, params={"format": "csv", "grid_id": str(GRIDS[0])})
    assert len(own_grid.content.decode().splitlines()) == 3
    assert (await worker.get(export, params={"grid_id": str(GRIDS[1])})).status_code == 403
    assert (await worker.get(export)).status_code == 403
    assert (await client_for("points", people.resident(village[1])).get(export)).status_code == 403


PLACES = [("第二网格", "2栋", 2), ("第二网格", "10栋", 3), ("第二网格", "11栋", 10), ("第十网格", "1栋", 1)]
"""Grid, building and household number in the order people look them up in; by characters 第二 comes after 第十 and 2栋 after 10栋."""


async def test_lists_and_files_are_in_the_order_people_look_things_up_in(
    kit: RoundKit, people: People, client_for: ClientFor, hear: Any
) -> None:
    grids = {name: new_id() for name, _, _ in PLACES}
    for grid_name, building_name, number in [PLACES[i] for i in (2, 0, 3, 1)]:
        event = HouseholdRegistered(
            household_id=new_id(),
            household_number=f"A-{number}",
            grid_id=grids[grid_name],
            grid_name=grid_name,
            building_id=new_id(),
            building_name=building_name,
            householder_name="王**",
            area_cm2e2=8_800,
            resident_count=3,
        )
        await hear("points", people.community_id, event)
    path = await kit.open()
    await kit.publicise(path)
    resident = client_for("points", people.resident())

    async def listed(**params: Any) -> list[str]:
        labels, page = [], {"next_cursor": None}
        while page["next_cursor"] or not labels:
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
            page = (await resident.get(f"{path}/statements", params={"limit": 1, **params, **cursor})).json()
            labels += [item["label"] for item in page["items"]]
        return labels

    assert await listed(level="building") == ["1栋", "2栋", "10栋", "11栋"]
    assert await listed(level="grid") == ["第二网格", "第十网格"]
    assert await listed(level="household") == ["A-1", "A-2", "A-3", "A-10"]
    assert await listed(level="household", grid_id=str(grids["第二网格"])) == ["A-2", "A-3", "A-10"]
    for level, column in (("household", 0), ("building", 0), ("grid", 0)):
        answer = await kit.supervisor.get(f"{path}/statements/export", params={"level": level, "format": "csv"})
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]
        expected = {
            "household": ["A-2", "A-3", "A-10", "A-1"],
            "building": ["2栋", "10栋", "11栋", "1栋"],
            "grid": ["第二网格", "第十网格"],
        }
        assert [row[column] for row in rows] == expected[level]
    page = (await kit.supervisor.get(f"{path}/notice/page")).text
    places = [page.index(f"<td>{label}</td>") for label in ("第二网格", "第十网格", "A-2", "A-3", "A-10", "A-1")]
    assert places == sorted(places)


async def test_the_notice_prints_well_and_names_nobody_who_does_not_want_it(
    kit: RoundKit, people: People, client_for: ClientFor, village: list[UUID]
) -> None:
    await kit.credit(village[0], 6)
    path = await kit.open()
    await kit.publicise(path)
    await hide(client_for, people, village[0])
    notice = (await kit.organiser.get(f"{path}/notice")).json()
    assert [(grid["label"], grid["standing_closing"]) for grid in notice["grids"]] == [
        ("第1网格", 206),
        ("第2网格", 200),
    ]

    answer = await kit.supervisor.get(f"{path}/notice/page", params={"heading": "青龙泉<script>社区"})

    page = answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in page
    assert "<b>" not in page
    assert "&lt;b&gt;*" in page
    assert re.search(r"@page \{ size: A4", page)
    assert "counter(page)" in page
    assert "table-header-group" in page
    assert page.count("<thead>") == 3
    assert "<svg" in page
    assert notice["root"] in page
    assert notice["link"].endswith(f"/public/{people.community_id}/periods/{notice['period_id']}/page")
    assert "QLQ-0000" not in page
    assert "匿名 1 户合计" in page
    assert ">106<" in page, "the sum of the unnamed keeps the columns true"
    one_grid = (await kit.supervisor.get(f"{path}/notice/page", params={"grid_id": str(GRIDS[1])})).text
    assert ("QLQ-0003" in one_grid, "QLQ-0001" in one_grid) == (True, False)
    nowhere = await kit.supervisor.get(f"{path}/notice", params={"grid_id": str(new_id())})
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "points.statement_not_found")
    kit.clock.advance(timedelta(days=10))
    await kit.supervisor.post(f"{path}/seals")
    assert "封存" in (await kit.supervisor.get(f"{path}/notice/page")).text


async def test_another_community_reads_nothing(
    kit: RoundKit, strangers: People, client_for: ClientFor, open_household: OpenHousehold
) -> None:
    household = await open_household()
    path = await kit.open()
    await kit.publicise(path)
    stranger = client_for("points", strangers.staff(*Role, household_id=new_id()))

    for end in ("statements", "statements/export", f"statements/{household}", "corrections", "notice"):
        assert (await stranger.get(f"{path}/{end}")).status_code == 404, end
