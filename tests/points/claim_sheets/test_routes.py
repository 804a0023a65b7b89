"""双月考评: the results of every household in one file."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from services.points.ledger import usecases as ledger
from services.points.ledger.domain import OpeningPolicy
from shared.contracts.events import ClaimDecided, ClaimPosted, HouseholdRegistered
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.kernel.values import Points
from shared.sheets import write_csv, write_xlsx
from shared.testing.clients import ClientFor, People
from tests.points.claims_kit import CLAIMS, CLEAN_HOME, SWEEP, ClaimsKit, balances
from tests.points.conftest import OpenHousehold

SHEETS = "/api/v1/points/claim_sheets"
HEADER = ("户号", "项目", "数量", "日期", "地点", "说明")
Row = Sequence[Any]


@pytest.fixture
async def kit(client_for: ClientFor, people: People, hear: Any) -> ClaimsKit:
    kit = ClaimsKit(client_for, people, hear)
    await kit.adopt()
    return kit


async def upload(
    client: httpx2.AsyncClient, rows: Sequence[Row], *, header: Row = HEADER, content: bytes | None = None, **form: Any
) -> httpx2.Response:
    data = content if content is not None else write_xlsx("考评", header, rows)
    return await client.post(
        SHEETS,
        files={"file": ("双月考评.xlsx", data)},
        data={"name": "2026年5—6月双月考评", "assessed_on": "2026-05-11"} | form,
    )


async def checked(client: httpx2.AsyncClient, sweep: Any, rows: Sequence[Row], **more: Any) -> dict[str, Any]:
    uploaded = await upload(client, rows, **more)
    assert uploaded.status_code == 202, uploaded.text
    await sweep("points", "work_claim_sheets")
    return dict((await client.get(f"{SHEETS}/{uploaded.json()['id']}")).json())


async def advice(client: httpx2.AsyncClient, sheet_id: str) -> list[tuple[int | None, str | None, str]]:
    page = (await client.get(f"{SHEETS}/{sheet_id}/problems", params={"limit": 200})).json()
    return [(row["row"], row["column"], row["advice"]) for row in page["items"]]


async def test_from_the_file_to_the_accounts(
    kit: ClaimsKit, open_household: OpenHousehold, sweep: Any, clock: Any, facts_of: Any
) -> None:
    first, second = await open_household(), await open_household()
    clerk = kit.staff(Role.ASSESSOR)
    sheet = await checked(
        clerk,
        sweep,
        [
            ("QLQ-0001", "家庭卫生整洁", None, None, None, None),
            (" qlq-0002 ", "chaotic_parking", 2, "2026-05-09", "院内", "两次"),
        ],
    )
    assert (sheet["state"], sheet["row_count"], sheet["problem_count"]) == ("checked", 2, 0)
    assert (sheet["plus_points"], sheet["minus_points"], sheet["lines"]) == (10, 6, {}), "a dry run enters nothing"
    assert (await clerk.get(CLAIMS)).json()["items"] == []

    path = f"{SHEETS}/{sheet['id']}"
    assert (await clerk.get(f"{path}/actions")).json()["actions"] == ["apply", "discard"]
    assert (await clerk.post(f"{path}/applications")).status_code == 202
    await sweep("points", "work_claim_sheets")
    applied = (await clerk.get(path)).json()
    assert (applied["state"], applied["lines"]) == ("applied", {"verified": 2})
    assert (await clerk.post(f"{path}/votes", json={"is_approved": True})).json()["code"] == "points.clerk_recused"

    for member in (kit.staff(Role.ASSESSOR, household_id=first), kit.staff(Role.ASSESSOR), kit.staff(Role.ASSESSOR)):
        voted = await member.post(f"{path}/votes", json={"is_approved": True})
    assert voted.json()["lines"] == {"publicised": 1, "verified": 1}, "one stepped aside for the own household"
    again = await member.post(f"{path}/votes", json={"is_approved": True})
    assert (again.status_code, again.json()["code"]) == (409, "points.claim_sheet_voted")
    last = await kit.staff(Role.ASSESSOR).post(f"{path}/votes", json={"is_approved": True})
    assert last.json()["lines"] == {"publicised": 2}

    steps = (await clerk.get(f"{path}/steps")).json()["items"]
    assert [step["action"] for step in steps] == ["upload", "apply", "vote", "vote", "vote", "vote"]
    assert len({step["account_id"] for step in steps}) == 5, "one uploaded and applied, four voted"
    clock.advance(timedelta(days=3))
    await sweep("points", "post_claims")
    assert await balances(kit.home(first)) == {"standing": 110, "spendable": 110}
    assert await balances(kit.home(second)) == {"standing": 94, "spendable": 94}
    facts = await facts_of("points", kit.people.community_id)
    decided = [fact for fact in facts if isinstance(fact, ClaimDecided)]
    assert {fact.household_id: (fact.group, fact.points, fact.state) for fact in decided} == {
        first: ("panel", 10, "publicised"),
        second: ("minus", 6, "publicised"),
    }, "told as of a claim entered alone, so that the household hears that it is a deduction"
    lines = {line["id"]: line for line in (await kit.staff(Role.SUPERVISOR).get(CLAIMS)).json()["items"]}
    for fact in decided:
        assert fact.notice_ends_at == datetime.fromisoformat(lines[str(fact.claim_id)]["notice_ends_at"])
    assert {fact.group: fact.points for fact in facts if isinstance(fact, ClaimPosted)} == {"panel": 10, "minus": 6}


async def test_every_wrong_line_is_told_and_none_is_entered(
    kit: ClaimsKit, open_household: OpenHousehold, sweep: Any
) -> None:
    await open_household()
    clerk = kit.staff(Role.ASSESSOR)
    sheet = await checked(
        clerk,
        sweep,
        [
            ("QLQ-0001", "家庭卫生整洁", 1),
            ("QLQ-9999", "家庭卫生整洁", 1),
            ("", "家庭卫生整洁", 1),
            ("QLQ-0001", "没有这项", 1),
            ("QLQ-0001", "", 1),
            ("QLQ-0001", "车辆乱停", 0),
            ("QLQ-0001", "车辆乱停", -3),
            ("QLQ-0001", "车辆乱停", 2.5),
            ("QLQ-0001", "车辆乱停", 10**9),
            ("QLQ-0001", "清扫楼道", 2),
            ("QLQ-0001", "车辆乱停", 1, "2026-02-30"),
            ("QLQ-0001", "车辆乱停", 1, "2026-05-12"),
            ("QLQ-0001", "车辆乱停", 1, "2026-01-01"),
            ("QLQ-0001", "车辆乱停", 1, "", "长" * 101),
            ("QLQ-0001", "家庭卫生整洁", 1),
        ],
    )

    assert (sheet["state"], sheet["problem_count"], sheet["row_count"]) == ("refused", 14, 15)
    told = await advice(clerk, sheet["id"])
    assert [row for row, _, _ in told] == list(range(3, 17))
    by_row = {row: (column, text) for row, column, text in told}
    assert by_row[3] == ("户号", "花名册里没有这个户号，请核对")
    assert by_row[4] == ("户号", "请填写户号")
    assert by_row[5][1].startswith("请从这些里选一个")
    assert by_row[7] == ("数量", "请填写 1 到 1000 之间的整数")
    assert "一次最多报 1 次" in by_row[11][1]
    assert by_row[12][0] == "日期"
    assert "60 天以前" in by_row[14][1]
    assert "和第 2 行重复" in by_row[16][1]
    assert (await clerk.get(CLAIMS)).json()["items"] == []
    assert (await clerk.post(f"{SHEETS}/{sheet['id']}/applications")).json()["code"] == "wrong_state"


async def test_caps_count_over_the_lines_of_a_sheet(
    client_for: ClientFor, people: People, hear: Any, open_household: OpenHousehold, sweep: Any
) -> None:
    kit = ClaimsKit(client_for, people, hear)
    await kit.adopt(
        SWEEP | {"cap_count": 1, "community_cap_count": 2}, CLEAN_HOME | {"points": 30}, household_cap_points=32
    )
    for _ in range(3):
        await open_household()
    clerk = kit.staff(Role.ASSESSOR)
    sheet = await checked(
        clerk,
        sweep,
        [
            ("QLQ-0001", "清扫楼道", 1, "2026-05-10"),
            ("QLQ-0001", "清扫楼道", 1, "2026-05-11"),
            ("QLQ-0001", "家庭卫生整洁", 1),
            ("QLQ-0002", "清扫楼道", 1),
            ("QLQ-0003", "清扫楼道", 1),
        ],
    )

    assert [(row, text[:8]) for row, _, text in await advice(clerk, sheet["id"])] == [
        (3, "“清扫楼道”每户"),
        (4, "每户 61 天内"),
        (6, "“清扫楼道”全社"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "sheet_empty"),
        (b"\xd0\xcf\x11\xe0 old", "sheet_legacy"),
        (b"PK\x03\x04 broken", "sheet_damaged"),
        (b"\xff\xfe\x00\x81", "sheet_undecodable"),
    ],
)
async def test_a_file_that_is_no_sheet_is_refused(kit: ClaimsKit, sweep: Any, content: bytes, code: str) -> None:
    sheet = await checked(kit.staff(Role.ASSESSOR), sweep, [], content=content)

    assert (sheet["state"], sheet["refusal_code"]) == ("refused", code)


@pytest.mark.parametrize(
    ("header", "rows", "told"),
    [
        (("户号", "数量"), [("QLQ-0001", 1)], "缺少“项目”这一列"),
        (("户号", "项目", "项目名称"), [("QLQ-0001", "清扫楼道", "")], "这一列出现了两次"),
        (("户号", "项目"), [], "只有表头，没有内容"),
    ],
)
async def test_a_sheet_without_its_columns_is_refused(
    kit: ClaimsKit, sweep: Any, header: Row, rows: Sequence[Row], told: str
) -> None:
    clerk = kit.staff(Role.ASSESSOR)
    sheet = await checked(clerk, sweep, rows, header=header)

    assert sheet["state"] == "refused"
    assert any(told in text for _, _, text in await advice(clerk, sheet["id"]))


async def test_a_csv_is_read_like_a_workbook_and_strange_texts_stay_texts(
    kit: ClaimsKit, open_household: OpenHousehold, sweep: Any
) -> None:
    await open_household()
    clerk = kit.staff(Role.ASSESSOR)
    note = "🧹 <script>alert(1)</script> '; DROP TABLE points.claim; --"
    content = write_csv(HEADER, [("QLQ-0001", "家庭卫生整洁", 1, "2026/5/11", "1栋", note)])
    sheet = await checked(clerk, sweep, [], content=content)
    await clerk.post(f"{SHEETS}/{sheet['id']}/applications")
    await sweep("points", "work_claim_sheets")

    (line,) = (await clerk.get(CLAIMS, params={"sheet_id": sheet["id"]})).json()["items"]
    assert (line["note"], line["state"], line["is_on_behalf"]) == (note, "verified", True)


async def test_what_changed_after_the_check_stops_the_whole_sheet(
    kit: ClaimsKit, open_household: OpenHousehold, sweep: Any
) -> None:
    household, _ = await open_household(), await open_household()
    clerk = kit.staff(Role.ASSESSOR)
    sheet = await checked(clerk, sweep, [("QLQ-0001", "清扫楼道", 1), ("QLQ-0002", "清扫楼道", 1, "2026-05-10")])
    for day in ("2026-05-10", "2026-05-09"):
        assert (await kit.enter(kit.home(household), happened_on=day)).status_code == 201
    await clerk.post(f"{SHEETS}/{sheet['id']}/applications")
    await sweep("points", "work_claim_sheets")

    refused = (await clerk.get(f"{SHEETS}/{sheet['id']}")).json()
    assert (refused["state"], refused["refusal_code"]) == ("refused", "points.claim_sheet_outdated")
    assert [row for row, _, _ in await advice(clerk, sheet["id"])] == [2]
    assert refused["lines"] == {}, "all or nothing"


async def test_who_may_do_what_with_a_sheet(
    kit: ClaimsKit, open_household: OpenHousehold, strangers: People, sweep: Any
) -> None:
    await open_household()
    refused = await upload(kit.staff(Role.SUPERVISOR), [])
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    late = await upload(kit.staff(Role.ASSESSOR), [], assessed_on="2026-05-12")
    assert late.json()["code"] == "points.assessed_on_invalid"
    sheet = await checked(kit.staff(Role.ASSESSOR), sweep, [("QLQ-0001", "清扫楼道", 1)])
    path = f"{SHEETS}/{sheet['id']}"
    assert (await kit.staff(Role.SUPERVISOR).get(path)).status_code == 200
    assert (await kit.home(new_id()).get(path)).status_code == 403
    assert (await kit.client(strangers.staff(Role.ASSESSOR)).get(path)).status_code == 404
    assert (await kit.staff(Role.SUPERVISOR).post(f"{path}/applications")).status_code == 403
    assert (await kit.staff(Role.ASSESSOR).post(f"{path}/discards")).json()["state"] == "discarded"
    listed = (await kit.staff(Role.ASSESSOR).get(SHEETS)).json()["items"]
    assert [row["id"] for row in listed] == [sheet["id"]]
    assert (await kit.staff(Role.ASSESSOR).get(f"{SHEETS}/template")).content[:2] == b"PK"


async def test_a_panel_that_votes_against_refuses_the_lines(
    kit: ClaimsKit, open_household: OpenHousehold, sweep: Any, facts_of: Any
) -> None:
    await open_household()
    clerk = kit.staff(Role.ASSESSOR)
    sheet = await checked(clerk, sweep, [("QLQ-0001", "车辆乱停", 1)])
    path = f"{SHEETS}/{sheet['id']}"
    await clerk.post(f"{path}/applications")
    await sweep("points", "work_claim_sheets")
    silent = await kit.staff(Role.ASSESSOR).post(f"{path}/votes", json={"is_approved": False})
    assert silent.json()["code"] == "points.reason_missing"
    for _ in range(3):
        voted = await kit.staff(Role.ASSESSOR).post(
            f"{path}/votes", json={"is_approved": False, "reason": "没有去看过"}
        )
    assert voted.json()["lines"] == {"rejected": 1}
    (told,) = [f for f in await facts_of("points", kit.people.community_id) if isinstance(f, ClaimDecided)]
    assert (told.group, told.state, told.reason) == ("minus", "rejected", "没有去看过")
    assert told.notice_ends_at is None


async def register(work_in: Any, community_id: UUID, count: int) -> None:
    registered = [
        HouseholdRegistered(
            household_id=new_id(),
            household_number=f"QLQ-{number:04d}",
            grid_id=new_id(),
            grid_name="第一网格",
            building_id=new_id(),
            building_name="1栋",
            householder_name="王**",
            area_cm2e2=8_800,
            resident_count=3,
        )
        for number in range(1, count + 1)
    ]
    async with work_in("points", community_id) as uow:
        nothing = OpeningPolicy(standing=Points(0), base_spendable=Points(0))
        await ledger.open_households(uow=uow, registered=registered, policy=nothing)


@pytest.mark.slow
async def test_the_whole_model_community_in_one_sheet(
    kit: ClaimsKit, work_in: Any, sweep: Any, clock: Any, database_url: str
) -> None:
    count = 4_152
    await register(work_in, kit.people.community_id, count)
    clerk = kit.staff(Role.ASSESSOR)
    rows = [(f"QLQ-{n:04d}", "车辆乱停" if n % 50 == 0 else "家庭卫生整洁", 1) for n in range(1, count + 1)]

    sheet = await checked(clerk, sweep, rows)
    assert (sheet["state"], sheet["row_count"]) == ("checked", count)
    path = f"{SHEETS}/{sheet['id']}"
    await clerk.post(f"{path}/applications")
    await sweep("points", "work_claim_sheets")
    for _ in range(3):
        voted = await kit.staff(Role.ASSESSOR).post(f"{path}/votes", json={"is_approved": True})
        assert voted.status_code == 200, voted.text
    assert voted.json()["lines"] == {"publicised": count}
    clock.advance(timedelta(days=3))
    await sweep("points", "post_claims")
    clerk = kit.staff(Role.ASSESSOR)
    assert (await clerk.get(path)).json()["lines"] == {"posted": count}
    # The server does it within a minute; the audit after this test comes at once and would be planned for empty tables.
    server: Any = await asyncpg.connect(database_url)
    await server.execute("ANALYZE")
    await server.close()
