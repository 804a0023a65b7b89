"""Entering claims: drafts, on behalf of others, deductions, caps, resubmission, closed periods, lists and files."""

import asyncio
import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from shared.ids import new_id
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind
from shared.testing.clients import ClientFor, People
from tests.points.claims_kit import CLAIMS, CLEAN_HOME, PARKING, SWEEP, ClaimsKit, balances
from tests.points.conftest import OpenHousehold
from tests.points.round_kit import RoundKit


@pytest.fixture
async def kit(client_for: ClientFor, people: People, hear: Any) -> ClaimsKit:
    kit = ClaimsKit(client_for, people, hear)
    await kit.adopt()
    return kit


def worker_of(kit: ClaimsKit, grid_id: UUID) -> Principal:
    grant = RoleGrant(Role.GRID_WORKER, ScopeKind.GRID, str(grid_id))
    return Principal(new_id(), AccountKind.STAFF, kit.people.community_id, roles=frozenset({grant}))


async def test_a_draft_is_private_until_it_is_submitted(kit: ClaimsKit, open_household: OpenHousehold) -> None:
    home = kit.home(await open_household())
    draft = (await kit.enter(home, is_draft=True, happened_on="2030-01-01", photo_ids=[])).json()
    path = f"{CLAIMS}/{draft['id']}"
    assert draft["state"] == "draft"
    assert (await kit.staff(Role.ASSESSOR).get(path)).status_code == 404
    assert (await home.get(f"{path}/actions")).json()["actions"] == ["change", "submit", "withdraw"]
    assert (await home.post(f"{path}/submissions")).json()["code"] == "points.happened_on_invalid"

    body = {
        "item_code": "stairwell_cleaning",
        "happened_on": "2026-05-10",
        "place": "1栋",
        "photo_ids": [str(new_id())],
    }
    assert (await home.put(path, json=body)).json()["place"] == "1栋"
    submitted = await home.post(f"{path}/submissions")
    assert (submitted.status_code, submitted.json()["state"]) == (200, "submitted")
    assert (await home.put(path, json=body)).json()["code"] == "wrong_state"
    assert (await kit.staff(Role.ASSESSOR).get(path)).status_code == 200


async def test_drafts_use_up_no_cap_and_their_submission_does(kit: ClaimsKit, open_household: OpenHousehold) -> None:
    home = kit.home(await open_household())
    drafts = [(await kit.enter(home, is_draft=True)).json()["id"] for _ in range(3)]

    codes = [(await home.post(f"{CLAIMS}/{draft}/submissions")).json().get("code", "ok") for draft in drafts]

    assert codes == ["ok", "ok", "points.cap_reached"]


async def test_a_grid_worker_enters_for_a_household_and_does_not_judge_it(
    kit: ClaimsKit, open_household: OpenHousehold
) -> None:
    grid = new_id()
    household = await open_household(grid_id=grid)
    clerk = kit.client(worker_of(kit, grid))
    entered = await kit.enter(clerk, household_id=str(household), photo_ids=[])
    assert (entered.status_code, entered.json()["is_on_behalf"]) == (201, True)
    path = f"{CLAIMS}/{entered.json()['id']}"

    own = await clerk.post(f"{path}/verifications", json={"is_confirmed": True})
    assert (own.status_code, own.json()["code"]) == (403, "points.clerk_recused")
    assert (
        await kit.staff(Role.ASSESSOR).post(f"{path}/verifications", json={"is_confirmed": True})
    ).status_code == 200
    assert (await kit.home(household).get(f"{path}/actions")).json()["actions"] == []


async def test_nobody_enters_for_somebody_elses_household_without_an_office_there(
    kit: ClaimsKit, open_household: OpenHousehold, strangers: People
) -> None:
    household, other = await open_household(), await open_household()
    elsewhere = await open_household(strangers.community_id)
    attempts = {
        "neighbour": kit.enter(kit.home(other), household_id=str(household)),
        "grid worker elsewhere": kit.enter(kit.client(worker_of(kit, new_id())), household_id=str(household)),
        "supervisor": kit.enter(kit.staff(Role.SUPERVISOR), household_id=str(household)),
        "nobody's home": kit.enter(kit.staff(Role.ASSESSOR)),
        "another community": kit.enter(kit.staff(Role.ASSESSOR), household_id=str(elsewhere)),
        "a deduction of the own": kit.enter(kit.home(household), "chaotic_parking"),
        "a panel item of the own": kit.enter(kit.home(household), "clean_home"),
        "a panel item by the worker": kit.enter(kit.staff(Role.GRID_WORKER), "clean_home", household_id=str(household)),
    }

    codes = {name: (await attempt).json()["code"] for name, attempt in attempts.items()}

    assert codes == {
        "neighbour": "forbidden",
        "grid worker elsewhere": "forbidden",
        "supervisor": "forbidden",
        "nobody's home": "no_household",
        "another community": "points.account_not_found",
        "a deduction of the own": "points.item_not_claimable",
        "a panel item of the own": "points.item_not_claimable",
        "a panel item by the worker": "points.item_not_claimable",
    }


async def test_a_deduction_goes_the_same_way_and_what_lacks_is_owed(
    client_for: ClientFor, people: People, hear: Any, open_household: OpenHousehold, clock: Any, sweep: Any
) -> None:
    kit = ClaimsKit(client_for, people, hear)
    await kit.adopt(SWEEP, PARKING | {"points": 60, "max_quantity": 2})
    household = await open_household()
    entered = await kit.enter(kit.staff(Role.GRID_WORKER), "chaotic_parking", household_id=str(household), quantity=2)
    assert (entered.json()["points"], entered.json()["group"]) == (120, "minus")
    home = kit.home(household)
    path = f"{CLAIMS}/{entered.json()['id']}"
    assert (await home.post(f"{path}/withdrawals")).status_code == 403
    await kit.publicise(entered.json()["id"])
    assert (await home.get(f"{path}/actions")).json()["actions"] == ["object"]
    clock.advance(timedelta(days=3))
    await sweep("points", "post_claims")

    assert await balances(kit.home(household)) == {"standing": -20, "spendable": 0}
    second = (await kit.enter(kit.home(household), happened_on="2026-05-13")).json()
    await kit.post(second["id"], clock, sweep)
    assert await balances(kit.home(household)) == {"standing": -15, "spendable": 0}, "the earnings repay the debt"


async def test_a_refused_claim_is_made_good_once(kit: ClaimsKit, open_household: OpenHousehold) -> None:
    home = kit.home(await open_household())
    claim = (await kit.enter(home)).json()
    early = await kit.enter(home, resubmits_id=claim["id"])
    assert early.json()["code"] == "points.resubmission_invalid"
    await kit.staff(Role.GRID_WORKER).post(
        f"{CLAIMS}/{claim['id']}/verifications", json={"is_confirmed": False, "reason": "照片不清楚"}
    )
    other = kit.home(await open_household())
    assert (await kit.enter(other, resubmits_id=claim["id"])).json()["code"] == "points.resubmission_invalid"

    responses = await asyncio.gather(*(kit.enter(home, resubmits_id=claim["id"]) for _ in range(3)))

    assert sorted(r.json().get("code", "ok") for r in responses) == ["ok"] + ["points.resubmission_invalid"] * 2


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"quantity": 0}, 422, "validation_failed"),
        ({"quantity": -1}, 422, "validation_failed"),
        ({"quantity": 2**63}, 422, "validation_failed"),
        ({"quantity": 1.5}, 422, "validation_failed"),
        ({"quantity": True}, 422, "validation_failed"),
        ({"quantity": 2}, 422, "points.quantity_too_large"),
        ({"item_code": "🧹 '; DROP TABLE points.claim; --"}, 404, "points.item_not_found"),
        ({"household_id": "not-a-uuid"}, 422, "validation_failed"),
        ({"rulebook_version": 99}, 422, "validation_failed"),
        ({"resubmits_id": str(new_id())}, 409, "points.resubmission_invalid"),
        ({"photo_ids": [str(new_id()) for _ in range(10)]}, 422, "validation_failed"),
    ],
)
async def test_bad_entries_change_nothing(
    kit: ClaimsKit, open_household: OpenHousehold, change: dict[str, Any], status: int, code: str
) -> None:
    home = kit.home(await open_household())

    response = await kit.enter(home, **change)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert (await home.get(CLAIMS)).json()["items"] == []


async def test_a_replayed_request_enters_once(kit: ClaimsKit, open_household: OpenHousehold) -> None:
    home = kit.home(await open_household())
    body = {
        "item_code": "stairwell_cleaning",
        "happened_on": "2026-05-10",
        "place": "3栋",
        "photo_ids": [str(new_id())],
    }
    headers = {"Idempotency-Key": new_id().hex}

    responses = await asyncio.gather(*(home.post(CLAIMS, json=body, headers=headers) for _ in range(4)))

    assert len({r.json()["id"] for r in responses if r.is_success}) == 1
    assert len((await home.get(CLAIMS)).json()["items"]) == 1


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"items": [SWEEP | {"cap_count": 4, "max_quantity": 2}], "quantity": 2}, {"ok": 2, "points.cap_reached": 48}),
        (
            {"items": [SWEEP | {"cap_count": 50}], "policy": {"household_cap_points": 27}},
            {"ok": 5, "points.household_cap_reached": 45},
        ),
    ],
)
async def test_the_caps_of_a_household_hold_under_fifty_claims_at_once(
    client_for: ClientFor,
    people: People,
    hear: Any,
    open_household: OpenHousehold,
    rules: dict[str, Any],
    expected: dict[str, int],
) -> None:
    kit = ClaimsKit(client_for, people, hear)
    await kit.adopt(*rules["items"], **rules.get("policy", {}))
    home = kit.home(await open_household())

    responses = await asyncio.gather(*(kit.enter(home, quantity=rules.get("quantity", 1)) for _ in range(50)))

    outcomes = [r.json().get("code", "ok") for r in responses]
    assert {code: outcomes.count(code) for code in set(outcomes)} == expected


async def test_the_cap_of_everybody_holds_under_fifty_households_at_once(
    client_for: ClientFor, people: People, hear: Any, open_household: OpenHousehold
) -> None:
    kit = ClaimsKit(client_for, people, hear)
    await kit.adopt(SWEEP | {"community_cap_count": 7})
    homes = [kit.home(await open_household()) for _ in range(10)]

    responses = await asyncio.gather(*(kit.enter(home) for home in homes for _ in range(5)))

    outcomes = [r.json().get("code", "ok") for r in responses]
    assert outcomes.count("ok") == 7
    assert set(outcomes) <= {"ok", "points.community_cap_reached", "points.cap_reached"}


async def test_a_cap_counts_any_window_and_not_the_calendar(
    client_for: ClientFor, people: People, hear: Any, open_household: OpenHousehold
) -> None:
    kit = ClaimsKit(client_for, people, hear)
    await kit.adopt(SWEEP | {"cap_count": 1, "cap_days": 10})
    home = kit.home(await open_household())

    codes = [
        (await kit.enter(home, happened_on=day)).json().get("code", "ok")
        for day in ("2026-05-01", "2026-05-10", "2026-05-11", "2026-04-21", "2026-04-25")
    ]

    assert codes == ["ok", "points.cap_reached", "ok", "ok", "points.cap_reached"]


async def test_lists_are_filtered_and_written_as_files(kit: ClaimsKit, open_household: OpenHousehold) -> None:
    grid = new_id()
    first, second = await open_household(grid_id=grid), await open_household()
    await kit.enter(kit.home(first), note='=HYPERLINK("x")')
    await kit.enter(kit.home(second), happened_on="2026-05-11")
    await kit.enter(kit.staff(Role.ASSESSOR), "chaotic_parking", household_id=str(second))
    assessor = kit.staff(Role.ASSESSOR)

    async def count(**filters: str) -> int:
        return len((await assessor.get(CLAIMS, params=filters)).json()["items"])

    assert await count() == 3
    assert await count(grid_id=str(grid)) == 1
    assert await count(household_id=str(second), group="minus") == 1
    assert await count(item_code="stairwell_cleaning", happened_from="2026-05-11") == 1
    assert await count(happened_to="2026-05-10") == 2
    assert await count(state="posted") == 0
    page = (await assessor.get(CLAIMS, params={"limit": 2})).json()
    rest = (await assessor.get(CLAIMS, params={"limit": 2, "cursor": page["next_cursor"]})).json()
    assert (len(page["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)

    written = await assessor.get(f"{CLAIMS}/export", params={"format": "csv", "grid_id": str(grid)})
    header, line = list(csv.reader(io.StringIO(written.content.decode("utf-8-sig"), newline="")))
    assert (line[0], line[4], line[header.index("说明")]) == ("QLQ-0001", "5", '\'=HYPERLINK("x")')
    book = load_workbook(io.BytesIO((await assessor.get(f"{CLAIMS}/export")).content))
    assert book.active is not None
    assert sorted(int(str(row[4].value)) for row in book.active.iter_rows(min_row=2)) == [-3, 5, 5]
    assert (await kit.home(first).get(f"{CLAIMS}/export")).status_code == 403


async def test_an_unconcerned_panel_item_is_the_assessors(kit: ClaimsKit, open_household: OpenHousehold) -> None:
    household = await open_household()
    entered = await kit.enter(kit.staff(Role.ASSESSOR), "clean_home", household_id=str(household))
    assert (entered.status_code, entered.json()["group"]) == (201, CLEAN_HOME["group"])


async def test_a_reviewed_period_takes_no_more_and_an_open_one_counts_the_day_it_happened(
    kit: ClaimsKit, open_household: OpenHousehold, clock: Any, sweep: Any, work_in: Any
) -> None:
    household = await open_household()
    rounds = RoundKit(kit.client_for, kit.people, clock, work_in)
    path = await rounds.open()
    claim = (await kit.enter(kit.home(household))).json()
    await kit.post(claim["id"], clock, sweep)
    async with work_in("points", kit.people.community_id) as uow:
        counted = await uow.session.execute(
            text("SELECT DISTINCT event_at FROM points.transfer WHERE source_id = :id"), {"id": UUID(claim["id"])}
        )
        assert [moment.isoformat() for moment in counted.scalars()] == ["2026-05-10T04:00:00+00:00"]
    await rounds.review(path)

    late = await kit.enter(kit.home(household), happened_on="2026-06-20")
    assert (late.status_code, late.json()["code"]) == (409, "points.period_closed")
    home = kit.home(household)
    draft = await kit.enter(home, happened_on="2026-06-20", is_draft=True)
    submitted = await home.post(f"{CLAIMS}/{draft.json()['id']}/submissions")
    assert submitted.json()["code"] == "points.period_closed"
    assert (await kit.enter(kit.home(household), happened_on="2026-07-01")).status_code == 201
