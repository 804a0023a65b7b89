"""Escalations over HTTP."""

from uuid import UUID

from fastapi import APIRouter

from services.property.escalations import usecases
from services.property.escalations.schemas import EscalationRead
from services.property.tickets.errors import TicketNotFoundError
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import CommandRoute, Uow
from shared.problems import problems

router = APIRouter(prefix="/api/v1/property", tags=["服务承诺"], route_class=CommandRoute)


@router.get("/tickets/{ticket_id}/escalations", responses=problems(*AUTH_ERRORS, TicketNotFoundError))
async def list_ticket_escalations(ticket_id: UUID, uow: Uow, principal: CurrentPrincipal) -> list[EscalationRead]:
    """Return who was told that the promised time runs out, earliest first; each rung is told once."""
    rows = await usecases.list_escalations(uow=uow, principal=principal, ticket_id=ticket_id)
    return [EscalationRead.model_validate(dict(row)) for row in rows]
