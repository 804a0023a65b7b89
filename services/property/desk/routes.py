"""Customer service over HTTP."""

from uuid import UUID

from fastapi import APIRouter

from services.property.catalogue.errors import CategoryNotFoundError, CategoryNotUsableError
from services.property.desk import usecases
from services.property.desk.schemas import AcceptanceCreate, ReclassificationCreate, RejectionCreate
from services.property.tickets.errors import CategoryLockedError
from services.property.tickets.routes import ACT_ERRORS, answer
from services.property.tickets.schemas import TicketRead
from shared.auth import CurrentPrincipal
from shared.idempotency import CommandRoute, Uow
from shared.problems import problems

router = APIRouter(prefix="/api/v1/property/tickets/{ticket_id}", tags=["点单"], route_class=CommandRoute)


@router.post(
    "/acceptances",
    responses=problems(*ACT_ERRORS, CategoryNotFoundError, CategoryNotUsableError),
)
async def accept_ticket(ticket_id: UUID, body: AcceptanceCreate, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Take the report on (customer service): name category and priority."""
    record = await usecases.accept_ticket(
        uow=uow,
        principal=principal,
        ticket_id=ticket_id,
        category=body.category,
        priority=body.priority,
        note=body.note,
    )
    return await answer(uow, principal, record)


@router.post("/rejections", responses=problems(*ACT_ERRORS))
async def reject_ticket(ticket_id: UUID, body: RejectionCreate, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Close the report without work (customer service), with the reason."""
    record = await usecases.reject_ticket(
        uow=uow, principal=principal, ticket_id=ticket_id, outcome=body.outcome, reason=body.reason
    )
    return await answer(uow, principal, record)


@router.post(
    "/reclassifications",
    responses=problems(*ACT_ERRORS, CategoryNotFoundError, CategoryNotUsableError, CategoryLockedError),
)
async def reclassify_ticket(
    ticket_id: UUID, body: ReclassificationCreate, uow: Uow, principal: CurrentPrincipal
) -> TicketRead:
    """Correct category or priority (customer service); the promised time follows and keeps its pauses."""
    record = await usecases.reclassify_ticket(
        uow=uow,
        principal=principal,
        ticket_id=ticket_id,
        category=body.category,
        priority=body.priority,
        reason=body.reason,
    )
    return await answer(uow, principal, record)
