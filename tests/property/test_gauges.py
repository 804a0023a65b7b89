"""What operators see of the promises to residents: each number changes with what it counts, and an index serves it."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.property.escalations.usecases import escalate_ticket
from services.property.gauges import AT_RISK, LATE, TICKETS
from services.property.worker import create_worker
from shared.testing.clients import Apps, ClientFor
from shared.testing.factories import WorkIn
from tests.property.conftest import Case
from tests.property.sla.test_routes import at
from tests.shared.plans import read_whole
from tests.shared.scrape import Samples, measured


@pytest.fixture
def read(apps: Apps, client_for: ClientFor) -> Any:
    """Return a reader of the service's gauges."""

    async def now() -> Samples:
        return await measured(create_worker(apps.runtime("property")), client_for("property"))

    return now


async def test_a_report_waits_until_the_work_is_done(case: Case, read: Any) -> None:
    reported = (await read())["diyuan_waiting", "ticket"]
    await case.until("working")
    assert (await read())["diyuan_waiting", "ticket"] == reported
    await case.until("done_pending_check")
    assert (await read())["diyuan_waiting", "ticket"] == reported - 1


async def test_a_promise_is_at_risk_when_it_is_nearly_used_up(
    case: Case, clock: Any, work_in: WorkIn, read: Any
) -> None:
    """Normal priority: 24 hours of 11-hour days from Monday 09:00; a fifth is left on Tuesday evening."""
    await case.until("taken")
    clock.set(at("2026-05-12 10:00"))
    await _escalate(case, work_in)
    clock.set(at("2026-05-12 19:00"))
    unwarned = await read()
    await _escalate(case, work_in)
    warned = await read()

    assert warned["diyuan_sla_at_risk", "resolve"] == unwarned["diyuan_sla_at_risk", "resolve"] + 1
    assert warned["diyuan_sla_at_risk", "respond"] == unwarned["diyuan_sla_at_risk", "respond"]


async def test_a_promise_is_late_until_the_work_is_done(case: Case, clock: Any, work_in: WorkIn, read: Any) -> None:
    await case.until("working")
    clock.set(at("2026-05-14 10:00"))
    late = await read()
    await _escalate(case, work_in)
    assert (await read())["diyuan_sla_at_risk", "resolve"] == late["diyuan_sla_at_risk", "resolve"], (
        "late is no risk any more"
    )
    case.community._clients.clear()
    await case.until("done_pending_check")
    assert (await read())["diyuan_sla_late", "resolve"] == late["diyuan_sla_late", "resolve"] - 1


async def _escalate(case: Case, work_in: WorkIn) -> None:
    async with work_in("property", case.community.id) as uow:
        await escalate_ticket(uow, UUID(case.ticket["id"]))


@pytest.mark.parametrize("statement", [AT_RISK, LATE, TICKETS])
async def test_every_number_is_found_by_an_index(apps: Apps, clock: Any, statement: str) -> None:
    values = {name: value for name, value in {"now": clock.now(), "percent": 80}.items() if f":{name}" in statement}
    async with AsyncSession(apps.runtime("property").database.worker) as session:
        assert await read_whole(session, statement, values) == set()
        assert await read_whole(session, "SELECT count(*) FROM property.ticket_clock") == {"ticket_clock"}
