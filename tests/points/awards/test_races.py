"""An award that is granted, doubted and revoked in the same breath leaves the household with what it says."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.events import FeeWaiverGranted, FeeWaiverWithdrawn
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.awards.test_routes import PATH, AwardKit
from tests.points.conftest import OpenHousehold

BEFORE = {"standing": 100, "spendable": 100}
AFTER = {"standing": 110, "spendable": 110}


@pytest.fixture
def awards(client_for: ClientFor, people: People, open_household: OpenHousehold, clock: Any, sweep: Any) -> AwardKit:
    return AwardKit(client_for, people, open_household, clock, sweep)


async def test_revoked_while_it_is_granted(awards: AwardKit) -> None:
    """A revocation that comes too early is told so; one that comes in time takes everything back."""
    for _ in range(3):
        begin = awards.clock.now()
        household, award = await awards.published()
        awards.clock.advance(timedelta(days=5))

        revoked, *_ = await asyncio.gather(
            awards.staff(Role.COMMITTEE_MEMBER).post(f"{PATH}/{award}/revocations", json={"reason": "不实"}),
            *(awards.sweep("points", "grant_awards") for _ in range(2)),
        )
        # The clock leaves an award alone that somebody is at.
        await awards.sweep("points", "grant_awards")

        assert revoked.is_success or revoked.json()["code"] == "wrong_state"
        state = (await awards.staff(Role.SUPERVISOR).get(f"{PATH}/{award}")).json()["state"]
        assert state == ("revoked" if revoked.is_success else "granted")
        assert await awards.balances(household) == (BEFORE if revoked.is_success else AFTER)
        awards.clock.set(begin)


async def test_doubted_while_it_is_granted(awards: AwardKit, people: People, client_for: ClientFor) -> None:
    for _ in range(3):
        begin = awards.clock.now()
        household, award = await awards.published()
        awards.clock.advance(timedelta(days=5))
        neighbour = client_for("points", people.resident())

        objected, _ = await asyncio.gather(
            neighbour.post(f"{PATH}/{award}/objections", json={"reason": "不实"}),
            awards.sweep("points", "grant_awards"),
        )

        assert objected.is_success or objected.json()["code"] == "wrong_state"
        assert await awards.balances(household) == (BEFORE if objected.is_success else AFTER)
        awards.clock.set(begin)


async def test_revoked_by_two_while_property_answers(awards: AwardKit, people: People, hear: Any) -> None:
    """Two officials revoke what property grants and withdraws at the same moment: one does, and withdrawn is the last word."""
    household, award = await awards.granted()
    answers = [
        FeeWaiverGranted(award_id=UUID(award), household_id=household, months=(date(2026, 6, 1),)),
        FeeWaiverWithdrawn(award_id=UUID(award), household_id=household),
    ]

    told = await asyncio.gather(
        *(
            awards.staff(role).post(f"{PATH}/{award}/revocations", json={"reason": "不实"})
            for role in (Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)
        ),
        *(hear("points", people.community_id, answer) for answer in answers),
    )

    assert sorted(answer.status_code for answer in told[:2]) == [200, 409]
    shown = (await awards.staff(Role.SUPERVISOR).get(f"{PATH}/{award}")).json()
    assert (shown["state"], shown["waiver_state"], shown["waiver_months"]) == ("revoked", "withdrawn", [])
    assert await awards.balances(household) == BEFORE
