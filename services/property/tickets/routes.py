"""Tickets over HTTP: report, read, withdraw, reopen."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status

from services.property.catalogue.errors import CategoryNotFoundError, CategoryNotUsableError
from services.property.tickets import usecases
from services.property.tickets.capacities import may_know_reporter
from services.property.tickets.errors import (
    NotYourTicketError,
    ReopenTooLateError,
    StrangerError,
    TicketChangedError,
    TicketNotFoundError,
    TicketStateError,
    WrongOutcomeError,
)
from services.property.tickets.repository import TicketFilter, TicketRecord
from services.property.tickets.schemas import (
    ClockRead,
    LogLineRead,
    LogRead,
    PublicTicketRead,
    ReopeningCreate,
    ReporterRead,
    TicketCreate,
    TicketRead,
    TicketSummary,
    TicketWorkerRead,
    WithdrawalCreate,
)
from services.property.tickets.transitions import ACTION_NAMES, STATE_NAMES, Outcome, Priority, State
from services.property.tickets.usecases import Report, TicketView
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import NoHouseholdError, Principal
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList
from shared.uow import UnitOfWork

router = APIRouter(prefix="/api/v1/property", tags=["工单"], route_class=CommandRoute)

ACT_ERRORS = (
    *AUTH_ERRORS,
    *IDEMPOTENCY_ERRORS,
    TicketNotFoundError,
    NotYourTicketError,
    TicketStateError,
    TicketChangedError,
)
"""What every step of a ticket may be refused with."""


def summary_of(record: TicketRecord) -> TicketSummary:
    """Return a ticket for a list."""
    return TicketSummary(**_summary(record))


def _summary(record: TicketRecord) -> dict[str, Any]:
    ticket = record.ticket
    return {
        "id": record.id,
        "number": record.number,
        "state": ticket.state,
        "state_name": STATE_NAMES[ticket.state],
        "outcome": ticket.outcome,
        "attempt": ticket.attempt,
        "category": ticket.category,
        "department": ticket.department,
        "priority": ticket.priority,
        "place": record.place,
        "description": record.description,
        "worker_id": ticket.worker_id,
        "submitted_at": ticket.submitted_at,
        "closed_at": ticket.closed_at,
    }


def read_of(view: TicketView, principal: Principal) -> TicketRead:
    """Return a ticket as this caller may see it."""
    record, ticket = view.record, view.record.ticket
    is_reporter_shown = not record.is_anonymous or may_know_reporter(principal, ticket)
    return TicketRead(
        **_summary(record),
        version=ticket.version,
        channel=record.channel,
        is_anonymous=record.is_anonymous,
        wished_category=record.wished_category,
        photo_ids=list(record.photo_ids),
        reporter=ReporterRead.model_validate(ticket) if is_reporter_shown else None,
        worker=None if view.worker is None else TicketWorkerRead.model_validate(view.worker),
        first_receiver_id=ticket.first_receiver_id,
        summary=record.summary,
        after_photo_ids=list(record.after_photo_ids),
        hold_reason=ticket.hold_reason,
        hold_until=ticket.hold_until,
        accepted_at=ticket.accepted_at,
        finished_at=ticket.finished_at,
        confirmed_at=ticket.confirmed_at,
        rated_at=ticket.rated_at,
        silent_close_at=record.silent_close_at,
        clocks=[ClockRead.model_validate(dict(clock)) for clock in view.clocks],
    )


async def answer(uow: UnitOfWork, principal: Principal, record: TicketRecord) -> TicketRead:
    """Return the ticket after a step, as this caller may see it."""
    return read_of(await usecases.view_of(uow=uow, record=record), principal)


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
    return read_of(view, principal)


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
    return page_of(rows.map(summary_of), request, response)


@router.get("/public-tickets", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_public_tickets(
    uow: Uow, _principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[PublicTicketRead]:
    """List what is being done in the community, newest first; nobody is named."""
    rows = await usecases.list_public_tickets(uow=uow, page=page)
    return page_of(rows.map(_public), request, response)


def _public(record: TicketRecord) -> PublicTicketRead:
    ticket = record.ticket
    return PublicTicketRead(
        number=record.number,
        category=ticket.category,
        department=ticket.department,
        building_id=None if record.is_anonymous else record.building_id,
        state=ticket.state,
        state_name=STATE_NAMES[ticket.state],
        outcome=ticket.outcome,
        submitted_at=ticket.submitted_at,
        closed_at=ticket.closed_at,
    )


@router.get("/tickets/{ticket_id}", responses=problems(*AUTH_ERRORS, TicketNotFoundError))
async def get_ticket(ticket_id: UUID, uow: Uow, principal: CurrentPrincipal, response: Response) -> TicketRead:
    """Return a ticket with its clocks as they stand now."""
    view = await usecases.get_ticket(uow=uow, principal=principal, ticket_id=ticket_id)
    response.headers["ETag"] = f'"{view.record.ticket.version}"'
    return read_of(view, principal)


@router.get("/tickets/{ticket_id}/actions", responses=problems(*AUTH_ERRORS, TicketNotFoundError))
async def list_ticket_actions(ticket_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with the ticket now."""
    state, actions = await usecases.list_actions(uow=uow, principal=principal, ticket_id=ticket_id)
    return ActionList(state=state.value, actions=[action.value for action in actions])


@router.get("/tickets/{ticket_id}/events", responses=problems(*AUTH_ERRORS, TicketNotFoundError))
async def get_ticket_log(ticket_id: UUID, uow: Uow, principal: CurrentPrincipal) -> LogRead:
    """Return everything that happened, with the chain of seals checked anew."""
    lines, broken = await usecases.get_log(uow=uow, principal=principal, ticket_id=ticket_id)
    return LogRead(
        lines=[
            LogLineRead(
                seq=line.event.seq,
                action=line.event.action,
                action_name=ACTION_NAMES[line.event.action],
                at=line.event.at,
                actor=line.event.actor,
                facts=line.facts,
                note=line.note,
                seal=line.seal.hex(),
            )
            for line in lines
        ],
        is_sound=broken is None,
        broken_seq=broken,
    )


@router.post("/tickets/{ticket_id}/withdrawals", responses=problems(*ACT_ERRORS))
async def withdraw_ticket(ticket_id: UUID, body: WithdrawalCreate, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Take the report back, until a worker has taken the job."""
    record = await usecases.withdraw_ticket(uow=uow, principal=principal, ticket_id=ticket_id, note=body.note)
    return await answer(uow, principal, record)


@router.post("/tickets/{ticket_id}/reopenings", responses=problems(*ACT_ERRORS, ReopenTooLateError, WrongOutcomeError))
async def reopen_ticket(ticket_id: UUID, body: ReopeningCreate, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Reopen within 15 days of closing; the work begins again as the next attempt."""
    record = await usecases.reopen_ticket(
        uow=uow, principal=principal, ticket_id=ticket_id, reason=body.reason, note=body.note
    )
    return await answer(uow, principal, record)
