"""The model community goes through the public import as any community would; run with `-s` to see how long it takes."""

import time

import pytest

from launcher.demo.workbook import demo_workbook
from shared.contracts.events import HouseholdRegistered, ResidentJoined
from shared.kernel.principal import Role
from tests.identity.rosters.kit import Desk


@pytest.mark.slow
async def test_the_model_community_is_imported_whole(client_for, people, sweep, facts_of):
    desk = Desk(client_for("identity", people.staff(Role.COMMUNITY_ADMIN)), sweep)
    content = demo_workbook()
    started = time.perf_counter()
    checked = await desk.upload(content)
    between = time.perf_counter()
    assert checked["state"] == "checked", checked
    assert checked["changes"]["residents"] == {"added": 14_892, "changed": 0, "removed": 0}
    applied = await desk.apply(checked["id"])
    seconds = time.perf_counter() - started
    print(f"checked in {between - started:.1f} s, applied in {seconds - (between - started):.1f} s")
    assert applied["state"] == "applied", applied
    assert applied["cards_waiting"] == 4_152

    facts = await facts_of("identity", people.community_id)
    assert sum(isinstance(fact, HouseholdRegistered) for fact in facts) == 4_152
    assert sum(isinstance(fact, ResidentJoined) for fact in facts) == 14_892
    assert sum(fact.area_cm2e2 for fact in facts if isinstance(fact, HouseholdRegistered)) < 15_000_000
    rows = await desk.items("/api/v1/identity/households?limit=200&include=members")
    assert len(rows) == 4_152
    assert sum(row["resident_count"] for row in rows) == sum(len(row["members"]) for row in rows) == 14_892

    again = await desk.upload(content)
    assert again["state"] == "checked"
    assert {kind: sum(counts.values()) for kind, counts in again["changes"].items()} == dict.fromkeys(
        again["changes"], 0
    )
