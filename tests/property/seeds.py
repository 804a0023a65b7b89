"""What a community has in this service, for proofs that nobody else can reach it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.contracts.events import AwardGranted
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.testing.clients import ClientFor, People
from tests.property.conftest import Community, open_case

AT = datetime(2026, 5, 11, 1, tzinfo=UTC)


async def seed(client_for: ClientFor, people: People, hear: Any, sweep: Any, clock: FixedClock) -> None:
    """Close and rate a ticket, let another one become late, put a worker on duty and waive a fee."""
    community = Community(people, client_for, hear)
    case = await open_case(community)
    await case.until("closed")
    shift = {"starts_at": AT.isoformat(), "ends_at": (AT + timedelta(hours=8)).isoformat(), "kind": "shift"}
    await community.post(community.head(), f"/workers/{case.worker_id}/duties", shift, expect=201)
    award = AwardGranted(
        award_id=new_id(),
        household_id=case.resident.household_id,
        resident_id=None,
        category="身边好人",
        standing=10,
        spendable=10,
        fee_months=1,
        granted_at=AT,
    )
    assert await hear("property", people.community_id, award)
    late = await community.submit(case.resident)
    clock.advance(timedelta(days=30))
    await sweep("property", "escalate_clocks")
    community = Community(people, client_for, hear)
    assert await community.get(community.agent(), f"/tickets/{late['id']}/escalations")
