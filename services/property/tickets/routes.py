"""Tickets over HTTP: report, read, withdraw, reopen."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status

from services.property.catalogue.errors import CategoryNotFoundError, CategoryNotUsableError
from services.property.tickets import usecases
from services.property.tickets.errors import (
    STEP_ERRORS,
    ReopenTooLateError,
    StrangerError,
    TicketNotFoundError,
    WrongOutcomeError,
)
from services.property.tickets.records import Report, TicketFilter
from services.property.tickets.schemas import (
    LogRead,
    PublicTicketRead,
    ReopeningCreate,
    TicketCreate,
    TicketRead,
    TicketSummary,
    WithdrawalCreate,
)
from services.property.tickets.transitions import Outcome, Priority, State
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import NoHouseholdError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList

router = APIRouter(prefix="/api/v1/property", tags=["工单"], route_class=CommandRoute)


@router.post(
    "/tickets",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        NoHouseholdError,
        StrangerError,
        ForbiddenError,
        CategoryNotFoundError,
        CategoryNotUsableError,
    ),
)
async def submit_ticket(body: TicketCreate, uow: Uow, principal: CurrentPrincipal, response: Response) -> TicketRead:
    """Report what is broken. The desk and grid workers may report for a resident on the roster."""
    report = Report(
        description=body.description,
        photo_ids=tuple(dict.fromkeys(body.photo_ids)),
        place=body.place,
        category=body.category,
        is_anonymous=body.is_anonymous,
        channel=body.channel,
        resident_id=body.resident_id,
    )
    view = await usecases.submit_ticket(uow=uow, principal=principal, report=report)
    response.headers["Location"] = f"/api/v1/property/tickets/{view.record.id}"
    return TicketRead.seen_by(view, principal)


@router.get("/tickets", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_tickets(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[State | None, Query(description="Only in this state.")] = None,
    outcome: Annotated[Outcome | None, Query(description="Only with this outcome.")] = None,
    department: Annotated[str | None, Query(max_length=100, description="Only of this department.")] = None,
    category: Annotated[str | None, Query(max_length=100, description="Only of this category.")] = None,
    priority: Annotated[Priority | None, Query(description="Only of this priority.")] = None,
    worker_id: Annotated[UUID | None, Query(description="Only those this worker was sent to.")] = None,
    household_id: Annotated[UUID | None, Query(description="Only of this household.")] = None,
    number: Annotated[str | None, Query(max_length=20, description="Only the one with this number.")] = None,
) -> Page[TicketSummary]:
    """List tickets the caller may see, newest first: one's household's, one's own jobs, one's department's or grid's, or all."""
    narrowed = TicketFilter(state, outcome, department, category, priority, worker_id, household_id, number)
    rows = await usecases.list_tickets(uow=uow, principal=principal, narrowed=narrowed, page=page)
    return page_of(rows.map(TicketSummary.of), request, response)


@router.get("/public-tickets", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_public_tickets(
    uow: Uow, _principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[PublicTicketRead]:
    """List what is being done in the community, newest first; nobody is named."""
    rows = await usecases.list_public_tickets(uow=uow, page=page)
    return page_of(rows.map(PublicTicketRead.of), request, response)


@router.get("/tickets/{ticket_id}", responses=problems(*AUTH_ERRORS, TicketNotFoundError))
async def get_ticket(ticket_id: UUID, uow: Uow, principal: CurrentPrincipal, response: Response) -> TicketRead:
    """Return a ticket with its clocks as they stand now."""
    view = await usecases.get_ticket(uow=uow, principal=principal, ticket_id=ticket_id)
    response.headers["ETag"] = f'"{view.record.ticket.version}"'
    return TicketRead.seen_by(view, principal)


@router.get("/tickets/{ticket_id}/actions", responses=problems(*AUTH_ERRORS, TicketNotFoundError))
async def list_ticket_actions(ticket_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with the ticket now."""
    state, actions = await usecases.list_actions(uow=uow, principal=principal, ticket_id=ticket_id)
    return ActionList(state=state.value, actions=[action.value for action in actions])


@router.get("/tickets/{ticket_id}/events", responses=problems(*AUTH_ERRORS, TicketNotFoundError))
async def get_ticket_log(ticket_id: UUID, uow: Uow, principal: CurrentPrincipal) -> LogRead:
    """Return everything that happened, with the chain of seals checked anew."""
    lines, broken = await usecases.get_log(uow=uow, principal=principal, ticket_id=ticket_id)
    return LogRead.of(lines, broken)


@router.post("/tickets/{ticket_id}/withdrawals", responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, *STEP_ERRORS))
async def withdraw_ticket(ticket_id: UUID, body: WithdrawalCreate, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Take the report back, until a worker has taken the job."""
    view = await usecases.withdraw_ticket(uow=uow, principal=principal, ticket_id=ticket_id, note=body.note)
    return TicketRead.seen_by(view, principal)


@router.post(
    "/tickets/{ticket_id}/reopenings",
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, *STEP_ERRORS, ReopenTooLateError, WrongOutcomeError),
)
async def reopen_ticket(ticket_id: UUID, body: ReopeningCreate, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Reopen within 15 days of closing; the work begins again as the next attempt."""
    view = await usecases.reopen_ticket(
        uow=uow, principal=principal, ticket_id=ticket_id, reason=body.reason, note=body.note
    )
    return TicketRead.seen_by(view, principal)
