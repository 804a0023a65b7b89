"""The background half on the real stream: identity's facts come in, the service's own go out in order."""

from typing import Any

from services.property.worker import HANDLERS, SWEEPS, create_worker
from shared.contracts.events import HouseholdRegistered
from shared.ids import new_id
from shared.outbox import Envelope, seal, stream_of
from tests.property.conftest import ROOT, Community


async def test_a_household_told_by_identity_gives_reports_their_place(community: Community, apps) -> None:
    runtime = apps.runtime("property")
    worker = create_worker(runtime)
    await worker.consumer.prepare()
    resident = community.people.resident()
    assert resident.household_id is not None
    fact = HouseholdRegistered(
        household_id=resident.household_id,
        household_number="QLQ-0009",
        grid_id=new_id(),
        grid_name="第三网格",
        building_id=new_id(),
        building_name="12栋",
        householder_name="王**",
        area_cm2e2=880_000,
        resident_count=2,
        address="12栋3单元302",
    )
    envelope = seal(fact, id=new_id(), community_id=community.id, key="h", occurred_at=runtime.clock.now(), trace=None)
    # Told twice, as a relay that died between writing and marking would.
    for _ in range(2):
        await runtime.redis.xadd(stream_of("identity"), envelope.to_fields())

    while await worker.consumer.read(block_ms=10):
        pass

    assert (await community.submit(resident))["place"] == "12栋3单元302"
    pending = await runtime.redis.xpending(stream_of("identity"), "property")
    assert pending["pending"] == 0


async def test_the_steps_of_a_ticket_leave_in_their_order(community: Community, apps) -> None:
    runtime = apps.runtime("property")
    worker = create_worker(runtime)
    resident = await community.resident()
    ticket = await community.submit(resident)
    await community.post(
        community.agent(), f"/tickets/{ticket['id']}/acceptances", {"category": "tap_repair"}, expect=200
    )
    response = await community.client(resident).post(f"{ROOT}/tickets/{ticket['id']}/withdrawals", json={})
    assert response.status_code == 200

    while await worker.relay.publish(runtime.clock.now()):
        pass

    entries: Any = await runtime.redis.xrange(stream_of("property"))
    told = [Envelope.from_fields(fields) for _, fields in entries]
    mine = [(one.type, one.payload.get("version")) for one in told if one.key == ticket["id"]]
    assert mine == [
        ("property.ticket_submitted", None),
        ("property.ticket_moved", 2),
        ("property.ticket_moved", 3),
        ("property.ticket_closed", None),
    ]


def test_every_deadline_of_the_service_is_swept() -> None:
    assert [sweep.name for sweep in SWEEPS] == ["escalate_clocks", "lapse_offers", "close_silent_tickets"]
    assert len(HANDLERS) == 12
