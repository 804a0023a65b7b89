"""One award id on both sides: what points asks and what property answers, each told twice, come to one waived month."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.events import (
    AwardGranted,
    AwardRevoked,
    FeeWaiverGranted,
    FeeWaiverWithdrawn,
    HouseholdRegistered,
)
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People

ROOT = "/api/v1/points/awards"
pytestmark = pytest.mark.services("property")


@pytest.mark.parametrize("is_reordered", [False, True])
async def test_an_award_is_one_thing_in_points_and_property(
    client_for: ClientFor,
    people: People,
    hear: Any,
    facts_of: Any,
    clock: Any,
    sweep: Any,
    is_reordered: bool,
) -> None:
    household = HouseholdRegistered(
        household_id=new_id(),
        household_number="QLQ-0001",
        grid_id=new_id(),
        grid_name="第一网格",
        building_id=new_id(),
        building_name="1栋",
        householder_name="王**",
        area_cm2e2=8_800,
        resident_count=3,
    )
    for service in ("points", "property"):
        await hear(service, people.community_id, household)

    async def pass_on(source: str, target: str, *kinds: type) -> None:
        facts = [fact for fact in await facts_of(source, people.community_id) if isinstance(fact, kinds)]
        for fact in [*facts, *facts][:: -1 if is_reordered else 1]:
            await hear(target, people.community_id, fact)

    nomination = {"household_id": str(household.household_id), "category": "身边好人", "deed": "送饭", "talent": "助老"}
    nominated = await client_for("points", people.resident()).post(ROOT, json=nomination)
    path = f"{ROOT}/{nominated.json()['id']}"
    decision = {"is_approved": True, "decision": "评议会", "votes_for": 3, "votes_against": 0}
    await client_for("points", people.staff(Role.ASSESSOR)).post(f"{path}/decisions", json=decision)
    await client_for("points", people.staff(Role.COMMUNITY_ADMIN)).post(f"{path}/publications")
    clock.advance(timedelta(days=5))
    await sweep("points", "grant_awards")
    await pass_on("points", "property", AwardGranted)
    await pass_on("property", "points", FeeWaiverGranted)

    supervisor = client_for("points", people.staff(Role.SUPERVISOR))
    shown = (await supervisor.get(path)).json()
    assert (shown["waiver_state"], shown["waiver_months"]) == ("granted", ["2026-06-01"])
    manager = client_for("property", people.staff(Role.PROPERTY_MANAGER))
    (waiver,) = (await manager.get("/api/v1/property/waivers")).json()["items"]
    assert UUID(waiver["award_id"]) == UUID(shown["id"])

    revoked = await client_for("points", people.staff(Role.COMMITTEE_MEMBER)).post(
        f"{path}/revocations", json={"reason": "事迹不实"}
    )
    assert revoked.status_code == 200, revoked.text
    await pass_on("points", "property", AwardGranted, AwardRevoked)
    await pass_on("property", "points", FeeWaiverGranted, FeeWaiverWithdrawn)

    shown = (await supervisor.get(path)).json()
    assert (shown["state"], shown["waiver_state"], shown["waiver_months"]) == ("revoked", "withdrawn", [])
    (waiver,) = (await manager.get("/api/v1/property/waivers")).json()["items"]
    assert waiver["state"] == "withdrawn"
    answers = [fact for fact in await facts_of("property", people.community_id) if isinstance(fact, FeeWaiverWithdrawn)]
    assert len(answers) == 1
