"""Customer service over HTTP."""

from uuid import UUID

from fastapi import APIRouter

from services.property.catalogue.errors import CategoryNotFoundError, CategoryNotUsableError
from services.property.desk import usecases
from services.property.desk.schemas import AcceptanceCreate, ReclassificationCreate, RejectionCreate
from services.property.tickets.errors import STEP_ERRORS, CategoryLockedError
from services.property.tickets.schemas import TicketRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.problems import problems

router = APIRouter(prefix="/api/v1/property/tickets/{ticket_id}", tags=["点单"], route_class=CommandRoute)


@router.post(
    "/acceptances",
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, *STEP_ERRORS, CategoryNotFoundError, CategoryNotUsableError),
)
async def accept_ticket(ticket_id: UUID, body: AcceptanceCreate, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Take the report on (customer service): name category and priority."""
    view = await usecases.accept_ticket(
        uow=uow,
        principal=principal,
        ticket_id=ticket_id,
        category=body.category,
        priority=body.priority,
        note=body.note,
    )
    return TicketRead.seen_by(view, principal)


@router.post("/rejections", responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, *STEP_ERRORS))
async def reject_ticket(ticket_id: UUID, body: RejectionCreate, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Close the report without work (customer service), with the reason."""
    view = await usecases.reject_ticket(
        uow=uow, principal=principal, ticket_id=ticket_id, outcome=body.outcome, reason=body.reason
    )
    return TicketRead.seen_by(view, principal)


@router.post(
    "/reclassifications",
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        *STEP_ERRORS,
        CategoryNotFoundError,
        CategoryNotUsableError,
        CategoryLockedError,
    ),
)
async def reclassify_ticket(
    ticket_id: UUID, body: ReclassificationCreate, uow: Uow, principal: CurrentPrincipal
) -> TicketRead:
    """Correct category or priority (customer service); the promised time follows and keeps its pauses."""
    view = await usecases.reclassify_ticket(
        uow=uow,
        principal=principal,
        ticket_id=ticket_id,
        category=body.category,
        priority=body.priority,
        reason=body.reason,
    )
    return TicketRead.seen_by(view, principal)
