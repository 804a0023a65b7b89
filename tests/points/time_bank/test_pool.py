"""The community's pool: what goes in by a decision, once each, and every line of what came and went."""

import asyncio
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from shared.contracts.events import DecisionPublished
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import People
from tests.points.minutes_kit import minutes_arrive
from tests.points.time_bank.conftest import BANK, Bank

ISSUES, LINES = f"{BANK}/pool/issues", f"{BANK}/pool/lines"
DAYS = {"from_on": "2026-05-01", "to_on": "2026-05-31"}


@pytest.fixture
def official(bank: Bank) -> Any:
    return bank.staff(Role.COMMITTEE_MEMBER)


async def decide(hear: Any, people: People, scope_kind: str = "community") -> str:
    """Publish a decision of the residents and return its proposal."""
    proposal = new_id()
    decided = DecisionPublished(
        proposal_id=proposal,
        process_id=new_id(),
        round_id=None,
        title="给时间池注入 600 分钟",
        text_hash="a" * 64,
        result_hash=None,
        scope_kind=scope_kind,
        scope_id=None,
        scope_name="青龙泉社区",
    )
    await hear("points", people.community_id, decided)
    return str(proposal)


async def issue(official: Any, **evidence: Any) -> Any:
    return await official.post(ISSUES, json={"minutes": 600, "reason": "居民代表会议"} | evidence)


async def test_nothing_goes_in_without_a_decision_or_minutes_that_are_there(
    bank: Bank, official: Any, hear: Any, people: People
) -> None:
    grid_only = await decide(hear, people, "grid")
    for evidence, status, code in (
        ({}, 422, "points.minutes_missing"),
        ({"minutes_asset_id": str(new_id())}, 409, "points.minutes_not_arrived"),
        ({"decision_id": str(new_id())}, 404, "points.decision_not_found"),
        ({"decision_id": grid_only}, 404, "points.decision_not_found"),
    ):
        refused = await issue(official, **evidence)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert (await official.get(f"{BANK}/pool")).json() == {"minutes": 0}
    assert (await issue(bank.staff(Role.SUPERVISOR))).status_code == 403


@pytest.mark.parametrize("kind", ["decision_id", "minutes_asset_id"])
async def test_a_decision_fills_the_pool_once_and_everybody_sees_it(
    bank: Bank, official: Any, hear: Any, people: People, strangers: People, kind: str
) -> None:
    by_vote = kind == "decision_id"
    evidence = {kind: await (decide(hear, people) if by_vote else minutes_arrive(hear, people.community_id))}
    made = await issue(official, **evidence)
    assert made.status_code == 201, made.text

    again = await issue(bank.staff(Role.COMMUNITY_ADMIN), **evidence)
    assert (again.status_code, again.json()["code"], again.json()["minutes"]) == (409, "points.pool_decision_used", 600)
    other = await issue(official, decision_id=await decide(hear, people))
    assert other.status_code == 201, "another decision fills it again"

    listed = await (await bank.resident()).get(ISSUES, params={"limit": 1})
    assert [row["id"] for row in listed.json()["items"]] == [other.json()["id"]]
    (first,) = (await official.get(ISSUES, params={"cursor": listed.json()["next_cursor"]})).json()["items"]
    assert first == made.json()
    assert (first["minutes"], first["reason"], first[kind]) == (600, "居民代表会议", evidence[kind])
    elsewhere = await bank.client_for("points", strangers.resident()).get(ISSUES)
    assert elsewhere.json()["items"] == []


async def test_one_decision_entered_by_many_at_once_fills_the_pool_once(
    bank: Bank, official: Any, hear: Any, people: People
) -> None:
    evidence = {"decision_id": await decide(hear, people)}
    answers = await asyncio.gather(*(issue(official, **evidence) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert {answer.json().get("code") for answer in answers} == {None, "points.pool_decision_used"}
    assert (await official.get(f"{BANK}/pool")).json() == {"minutes": 600}


async def test_every_line_of_the_pool_is_read_filtered_and_filed(
    bank: Bank, official: Any, people: People, strangers: People
) -> None:
    await bank.kind()
    giver = await bank.resident(minutes=90)
    await bank.ok(giver, "donations", minutes=30, reason="=多余的")
    asked = await bank.ask(await bank.resident(), payer="pool", minutes=20)
    assert (await official.post(f"{BANK}/requests/{asked['id']}/approvals")).status_code == 200
    cancelled = await official.post(f"{BANK}/requests/{asked['id']}/cancellations", json={"reason": "不用了"})
    assert cancelled.status_code == 200, cancelled.text
    supervisor = bank.staff(Role.SUPERVISOR)

    lines = (await supervisor.get(LINES)).json()["items"]

    assert [(line["kind"], line["minutes"], line["balance_after"]) for line in lines] == [
        ("time_refund", 20, 30),
        ("time_escrow", -20, 10),
        ("time_donation", 30, 30),
        ("time_grant", -90, 0),
        ("time_issue", 90, 90),
    ]
    refund, escrow, donation, grant, issued = lines
    assert (donation["reason"], donation["name"]) == ("=多余的", giver.principal.name)
    assert donation["resident_id"] == grant["resident_id"] == str(giver.principal.resident_id)
    assert (refund["source_id"], escrow["source_id"]) == (asked["id"], asked["id"])
    assert (issued["resident_id"], issued["name"]) == (None, "")

    async def of(**filters: Any) -> list[str]:
        return [line["id"] for line in (await supervisor.get(LINES, params=filters)).json()["items"]]

    assert await of(direction="in") == [refund["id"], donation["id"], issued["id"]]
    assert await of(direction="out") == [escrow["id"], grant["id"]]
    assert await of(kind="time_grant") == [grant["id"]]
    assert await of(from_on="2026-05-12") == await of(to_on="2026-05-10") == []
    assert len(await of(from_on="2026-05-11", to_on="2026-05-11")) == 5
    page = (await supervisor.get(LINES, params={"limit": 2})).json()
    assert [line["id"] for line in page["items"]] == [refund["id"], escrow["id"]]
    assert await of(limit=2, cursor=page["next_cursor"]) == [donation["id"], grant["id"]]
    reversed_days = await supervisor.get(LINES, params={"from_on": "2026-05-12", "to_on": "2026-05-11"})
    assert (reversed_days.status_code, reversed_days.json()["code"]) == (422, "points.days_reversed")

    csv = (await supervisor.get(f"{LINES}/export", params=DAYS | {"format": "csv"})).text.splitlines()
    assert len(csv) == 6
    xlsx = await supervisor.get(f"{LINES}/export", params=DAYS | {"direction": "in"})
    sheet = load_workbook(io.BytesIO(xlsx.content)).active
    assert sheet is not None
    _, *rows = sheet.iter_rows(values_only=True)
    assert [row[1:5] for row in rows] == [
        ("社区注入", "收入", 90, 90),
        ("居民捐赠", "收入", 30, 30),
        ("求助剩余退回", "收入", 20, 30),
    ]
    assert rows[1][6] == "'=多余的"
    long = await supervisor.get(f"{LINES}/export", params={"from_on": "2020-01-01", "to_on": "2026-05-31"})
    assert (long.status_code, long.json()["code"]) == (422, "points.export_span")
    assert (await giver.get(LINES)).status_code == (await giver.get(f"{LINES}/export", params=DAYS)).status_code == 403
    assert (await bank.client_for("points", strangers.staff(Role.SUPERVISOR)).get(LINES)).json()["items"] == []
