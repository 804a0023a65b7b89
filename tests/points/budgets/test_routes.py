"""How many points may be issued: set, changed, charged, and never passed by many at once."""

import asyncio
import csv
import io
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
import openpyxl
import pytest

from services.points.budgets.errors import BudgetExhaustedError
from services.points.rulebooks.usecases import charge_budget, refund_budget
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn
from tests.points.budget_kit import backing
from tests.points.funds.test_routes import open_fund

BUDGETS = "/api/v1/points/budgets"


@pytest.fixture
async def committee(client_for: ClientFor, people: People) -> httpx2.AsyncClient:
    return client_for("points", people.staff(Role.COMMITTEE_MEMBER))


@pytest.fixture
async def fund(committee: httpx2.AsyncClient) -> dict[str, Any]:
    """A fund of 10,000 yuan, for points worth ten fen each."""
    return await backing(committee)


def body(fund: dict[str, Any], **change: Any) -> dict[str, Any]:
    plain = {"name": "5—6月额度", "amount": 100, "decision": "居委会会议"} | fund
    return plain | {"starts_on": "2026-05-01", "ends_on": "2026-06-30"} | change


async def charge(work_in: WorkIn, people: People, amount: int, source_id: UUID | None = None) -> str:
    try:
        async with work_in("points", people.community_id) as uow:
            await charge_budget(uow=uow, amount=amount, source_id=source_id or new_id())
    except BudgetExhaustedError as refusal:
        return str(refusal.facts["left"])
    return "ok"


async def test_without_a_budget_nothing_is_limited(people: People, work_in: WorkIn) -> None:
    assert await charge(work_in, people, 10**9) == "ok"


async def test_many_at_once_never_issue_more(
    committee: httpx2.AsyncClient, fund: dict[str, Any], people: People, work_in: WorkIn
) -> None:
    made = await committee.post(BUDGETS, json=body(fund, amount=35))
    assert made.status_code == 201, made.text

    outcomes = await asyncio.gather(*(charge(work_in, people, 10) for _ in range(20)))

    assert outcomes.count("ok") == 3
    assert set(outcomes) == {"ok", "5"}
    budget = (await committee.get(f"{BUDGETS}/{made.json()['id']}")).json()
    assert (budget["charged"], budget["left"]) == (30, 5)


async def test_a_cause_is_charged_once_and_given_back_once(
    committee: httpx2.AsyncClient, fund: dict[str, Any], people: People, work_in: WorkIn
) -> None:
    path = f"{BUDGETS}/{(await committee.post(BUDGETS, json=body(fund))).json()['id']}"
    cause = new_id()
    for _ in range(3):
        assert await charge(work_in, people, 60, cause) == "ok"
    assert (await committee.get(path)).json()["left"] == 40
    for _ in range(2):
        async with work_in("points", people.community_id) as uow:
            await refund_budget(uow=uow, source_id=cause)
    assert (await committee.get(path)).json()["left"] == 100
    assert await charge(work_in, people, 70, cause) == "ok"
    assert (await committee.get(path)).json()["left"] == 30


async def test_a_day_has_one_budget_and_it_covers_what_was_issued(
    committee: httpx2.AsyncClient,
    fund: dict[str, Any],
    client_for: ClientFor,
    people: People,
    strangers: People,
    work_in: WorkIn,
) -> None:
    made = await committee.post(BUDGETS, json=body(fund))
    path, seen = f"{BUDGETS}/{made.json()['id']}", {"If-Match": made.headers["ETag"]}
    for days in ({}, {"starts_on": "2026-06-30", "ends_on": "2026-08-31"}, {"starts_on": "2026-05-12"}):
        overlapping = await committee.post(BUDGETS, json=body(fund, **days))
        assert (overlapping.status_code, overlapping.json()["code"]) == (409, "points.budget_overlaps")
    assert (
        await committee.post(BUDGETS, json=body(fund, starts_on="2026-07-01", ends_on="2026-08-31"))
    ).status_code == 201

    await charge(work_in, people, 60)
    low = await committee.put(path, json={"amount": 59, "decision": "会议"}, headers=seen)
    assert (low.status_code, low.json()["code"]) == (409, "points.budget_below_charged")
    exact = await committee.put(path, json={"amount": 60, "decision": "会议"}, headers=seen)
    assert exact.json()["left"] == 0
    steps = (await committee.get(f"{path}/steps")).json()["items"]
    assert [(step["action"], step["state"], step["reason"]) for step in steps] == [
        ("set", "100 分", "居委会会议"),
        ("change", "60 分", "会议"),
    ]
    assert (await client_for("points", strangers.resident()).get(f"{path}/steps")).status_code == 404
    stale = await committee.put(path, json={"amount": 70, "decision": "会议"}, headers=seen)
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert len((await client_for("points", people.resident()).get(BUDGETS)).json()["items"]) == 2
    assert (await client_for("points", strangers.resident()).get(path)).status_code == 404


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"amount": 0}, 422, "validation_failed"),
        ({"amount": -5}, 422, "validation_failed"),
        ({"amount": 10**13}, 422, "validation_failed"),
        ({"amount": 1.5}, 422, "validation_failed"),
        ({"point_value_fen": 0}, 422, "validation_failed"),
        ({"point_value_fen": 100_001}, 422, "validation_failed"),
        ({"fund_id": str(new_id())}, 404, "points.fund_not_found"),
        ({"amount": 100_001}, 409, "points.budget_not_backed"),
        ({"starts_on": "2026-07-01"}, 422, "points.budget_days_invalid"),
        ({"starts_on": "2026-01-01", "ends_on": "2026-05-10"}, 422, "points.budget_days_invalid"),
        ({"name": "a\x00b"}, 422, "validation_failed"),
    ],
)
async def test_bad_budgets(
    committee: httpx2.AsyncClient, fund: dict[str, Any], change: dict[str, Any], status: int, code: str
) -> None:

    response = await committee.post(BUDGETS, json=body(fund, **change))

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert (await committee.get(BUDGETS)).json()["items"] == []


async def test_only_the_committee_sets_budgets(fund: dict[str, Any], client_for: ClientFor, people: People) -> None:
    response = await client_for("points", people.staff(Role.ASSESSOR)).post(BUDGETS, json=body(fund))

    assert (response.status_code, response.json()["code"]) == (403, "forbidden")


async def test_all_that_came_into_a_fund_covers_its_budgets(
    committee: httpx2.AsyncClient, client_for: ClientFor, people: People, work_in: WorkIn, clock: FixedClock
) -> None:
    fund = await backing(committee, 1_000)
    first = await committee.post(BUDGETS, json=body(fund, amount=60))
    summer = {"starts_on": "2026-07-01", "ends_on": "2026-08-31"}

    refused = await committee.post(BUDGETS, json=body(fund, amount=41, **summer))

    assert (refused.status_code, refused.json()["code"]) == (409, "points.budget_not_backed")
    told = ("needed_fen", "income_fen", "promised_fen", "free_fen")
    assert [refused.json()[fact] for fact in told] == [410, 1_000, 600, 400]
    second = await committee.post(BUDGETS, json=body(fund, amount=40, **summer))
    assert second.status_code == 201, second.text
    path, seen = f"{BUDGETS}/{first.json()['id']}", {"If-Match": first.headers["ETag"]}
    raised = await committee.put(path, json={"amount": 61, "decision": "会议"}, headers=seen)
    assert (raised.status_code, raised.json()["code"]) == (409, "points.budget_not_backed")
    await charge(work_in, people, 25)

    clock.set(datetime(2026, 7, 1, 1, tzinfo=UTC))
    later = client_for("points", people.staff(Role.COMMITTEE_MEMBER))
    autumn = {"starts_on": "2026-09-01", "ends_on": "2026-10-31"}
    over = await later.post(BUDGETS, json=body(fund, amount=36, **autumn))
    free = await later.post(BUDGETS, json=body(fund, amount=35, **autumn))
    assert (over.status_code, free.status_code) == (409, 201), "of a budget that is over only what it issued counts"


async def test_two_budgets_do_not_promise_the_same_money(committee: httpx2.AsyncClient) -> None:
    fund = await backing(committee, 1_000)
    months = [{"starts_on": f"2026-{month:02}-01", "ends_on": f"2026-{month:02}-28"} for month in range(6, 11)]

    answers = await asyncio.gather(*(committee.post(BUDGETS, json=body(fund, amount=40, **days)) for days in months))

    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409]


@pytest.mark.breaks_books
async def test_the_audit_names_a_fund_that_no_longer_covers_its_budgets(
    committee: httpx2.AsyncClient, client_for: ClientFor, people: People
) -> None:
    fund = await open_fund(committee, 1_000)
    made = await committee.post(BUDGETS, json=body({"fund_id": fund, "point_value_fen": 10}, amount=100))
    assert made.status_code == 201, made.text
    supervisor = client_for("points", people.staff(Role.SUPERVISOR))
    assert (await supervisor.get("/api/v1/points/audit")).json()["is_clean"]
    (income,) = (await committee.get(f"/api/v1/points/funds/{fund}/transfers")).json()["items"]
    await committee.post(f"/api/v1/points/funds/transfers/{income['id']}/reversals", json={"reason": "钱没有到"})

    (breach,) = (await supervisor.get("/api/v1/points/audit")).json()["breaches"]

    assert (breach["code"], breach["subject"]) == ("I17", fund)
    assert "1000" in breach["found"]


async def test_all_budgets_in_one_file(
    committee: httpx2.AsyncClient, fund: dict[str, Any], client_for: ClientFor, people: People, strangers: People
) -> None:
    await committee.post(BUDGETS, json=body(fund, name="=7+8", starts_on="2026-07-01", ends_on="2026-08-31"))
    await committee.post(BUDGETS, json=body(fund))
    resident = client_for("points", people.resident())

    table = (await resident.get(f"{BUDGETS}/export", params={"format": "csv"})).content.decode("utf-8-sig")
    book = await resident.get(f"{BUDGETS}/export")
    others = (await client_for("points", strangers.resident()).get(f"{BUDGETS}/export?format=csv")).content

    header, first, second = csv.reader(io.StringIO(table))
    assert dict(zip(header, first, strict=True)) | {"登记时间": "", "编号": ""} == {
        "名称": "5—6月额度",
        "第一天": "2026-05-01",
        "最后一天": "2026-06-30",
        "额度（分）": "100",
        "已发放（分）": "0",
        "还剩（分）": "100",
        "每分值（分钱）": "10",
        "资金": "积分额度资金",
        "依据": "居委会会议",
        "登记时间": "",
        "编号": "",
    }
    assert second[0] == "'=7+8"
    (sheet,) = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets
    assert (sheet.max_row, sheet["A2"].value) == (3, "5—6月额度")
    assert others.decode("utf-8-sig").splitlines() == [",".join(header)]
