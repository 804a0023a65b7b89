"""What can be done about promised times that run out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.property.catalogue.domain import DESK
from services.property.dispatch import usecases as dispatch
from services.property.sla import usecases as sla
from services.property.tickets import usecases as tickets
from shared.contracts.events import TicketEscalated
from shared.kernel.principal import Principal
from shared.uow import UnitOfWork


async def escalate_ticket(uow: UnitOfWork, ticket_id: UUID) -> None:
    """Tell whoever must know that a promised time is running out; the sweep's act.

    Idempotency: each rung of each clock once, for ever.
    """
    record = await tickets.lock_for_sweep(uow=uow, ticket_id=ticket_id)
    if record is None:
        return
    ticket = record.ticket
    worker = None if ticket.worker_id is None else await dispatch.get_worker(uow=uow, worker_id=ticket.worker_id)
    reached = await sla.escalate(
        uow=uow, ticket_id=ticket_id, priority=ticket.priority.value, has_worker=worker is not None
    )
    for told in reached:
        uow.announce(
            ticket_id,
            TicketEscalated(
                ticket_id=ticket_id,
                number=record.number,
                clock=told.kind.value,
                attempt=told.attempt,
                percent=told.percent,
                tells=told.tells,
                department=ticket.department or DESK,
                worker_account_id=None if worker is None else worker.account_id,
                priority=ticket.priority.value,
                due_at=told.due_at,
            ),
        )


async def find_due_clocks(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return (community, ticket) of clocks that must be looked at, across communities."""
    return await sla.find_due_clocks(session, now, limit)


async def list_escalations(*, uow: UnitOfWork, principal: Principal, ticket_id: UUID) -> list[Mapping[str, Any]]:
    """Return who was told that the promised time of a ticket runs out.

    Errors: TicketNotFoundError.
    """
    await tickets.get_record(uow=uow, principal=principal, ticket_id=ticket_id)
    return await sla.list_escalations(uow=uow, ticket_id=ticket_id)
