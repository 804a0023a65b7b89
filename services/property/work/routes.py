"""The work on site, over HTTP."""

from uuid import UUID

from fastapi import APIRouter

from services.property.tickets.errors import STEP_ERRORS, AfterPhotoMissingError, HoldTooLongError
from services.property.tickets.schemas import TicketRead
from services.property.work import usecases
from services.property.work.schemas import ArrivalCreate, FinishCreate, HoldCreate
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.problems import problems

router = APIRouter(prefix="/api/v1/property/tickets/{ticket_id}", tags=["兑单"], route_class=CommandRoute)


@router.post("/arrivals", responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, *STEP_ERRORS))
async def check_in(ticket_id: UUID, body: ArrivalCreate, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Check in on site (the worker who took the job)."""
    view = await usecases.check_in(uow=uow, principal=principal, ticket_id=ticket_id, note=body.note)
    return TicketRead.seen_by(view, principal)


@router.post("/starts", responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, *STEP_ERRORS))
async def start_work(ticket_id: UUID, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Begin the work."""
    view = await usecases.start_work(uow=uow, principal=principal, ticket_id=ticket_id)
    return TicketRead.seen_by(view, principal)


@router.post("/holds", responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, *STEP_ERRORS, HoldTooLongError))
async def hold_work(ticket_id: UUID, body: HoldCreate, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Put the work off to a named day, with the reason."""
    view = await usecases.hold_work(
        uow=uow, principal=principal, ticket_id=ticket_id, reason=body.reason, until=body.until, note=body.note
    )
    return TicketRead.seen_by(view, principal)


@router.post("/resumptions", responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, *STEP_ERRORS))
async def resume_work(ticket_id: UUID, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Go on with the work."""
    view = await usecases.resume_work(uow=uow, principal=principal, ticket_id=ticket_id)
    return TicketRead.seen_by(view, principal)


@router.post("/finishes", responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, *STEP_ERRORS, AfterPhotoMissingError))
async def finish_work(ticket_id: UUID, body: FinishCreate, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Finish with outcome, summary and pictures; the resident then checks."""
    view = await usecases.finish_work(
        uow=uow,
        principal=principal,
        ticket_id=ticket_id,
        outcome=body.outcome,
        summary=body.summary,
        photo_ids=list(dict.fromkeys(body.photo_ids)),
    )
    return TicketRead.seen_by(view, principal)
