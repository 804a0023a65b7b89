"""Sending somebody, over HTTP."""

from uuid import UUID

from fastapi import APIRouter, status

from services.property.dispatch.errors import AlreadyAssignedError, WorkerNotEligibleError, WorkerNotFoundError
from services.property.dispatch.ranking import OBSTACLE_NAMES, Ranking
from services.property.offers import usecases
from services.property.offers.schemas import (
    CandidateRead,
    DeclineCreate,
    DispatchCreate,
    DispatchRead,
    ExcludedRead,
    RankingRead,
    ReasonRead,
    RecallCreate,
)
from services.property.tickets.errors import STEP_ERRORS, NotYourTicketError, TicketNotFoundError
from services.property.tickets.schemas import TicketRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.problems import problems

router = APIRouter(prefix="/api/v1/property", tags=["派单"], route_class=CommandRoute)


def _ranking(ranking: Ranking) -> RankingRead:
    return RankingRead(
        candidates=[
            CandidateRead(
                rank=one.rank,
                worker_id=one.worker.id,
                name=one.worker.name,
                load_minutes=one.worker.load_minutes,
                cost=one.cost,
                reasons=[ReasonRead.model_validate(reason.as_json()) for reason in one.reasons],
            )
            for one in ranking.candidates
        ],
        excluded=[
            ExcludedRead(
                worker_id=one.worker.id,
                name=one.worker.name,
                obstacles=[obstacle.value for obstacle in one.obstacles],
                reasons=[OBSTACLE_NAMES[obstacle] for obstacle in one.obstacles],
            )
            for one in ranking.excluded
        ],
        weights_version=ranking.weights_version,
    )


@router.get(
    "/tickets/{ticket_id}/candidates", responses=problems(*AUTH_ERRORS, TicketNotFoundError, NotYourTicketError)
)
async def list_candidates(ticket_id: UUID, uow: Uow, principal: CurrentPrincipal) -> RankingRead:
    """Rank who can be sent to the ticket now, and say why the others cannot."""
    return _ranking(await usecases.list_candidates(uow=uow, principal=principal, ticket_id=ticket_id))


@router.post(
    "/tickets/{ticket_id}/dispatches",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        *STEP_ERRORS,
        WorkerNotFoundError,
        WorkerNotEligibleError,
        AlreadyAssignedError,
    ),
)
async def dispatch_ticket(ticket_id: UUID, body: DispatchCreate, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Send a candidate (customer service, or the head of the department); the worker then takes the job or declines."""
    view = await usecases.offer_ticket(
        uow=uow, principal=principal, ticket_id=ticket_id, worker_id=body.worker_id, note=body.note
    )
    return TicketRead.seen_by(view, principal)


@router.get("/tickets/{ticket_id}/dispatches", responses=problems(*AUTH_ERRORS, TicketNotFoundError, ForbiddenError))
async def list_dispatches(ticket_id: UUID, uow: Uow, principal: CurrentPrincipal) -> list[DispatchRead]:
    """Return everybody ever sent, with the ranking as it was then (staff)."""
    rows = await usecases.list_dispatches(uow=uow, principal=principal, ticket_id=ticket_id)
    return [DispatchRead.model_validate(dict(row)) for row in rows]


@router.post("/tickets/{ticket_id}/recalls", responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, *STEP_ERRORS))
async def recall_ticket(ticket_id: UUID, body: RecallCreate, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Call the worker off, so that somebody else can be sent."""
    view = await usecases.recall_ticket(uow=uow, principal=principal, ticket_id=ticket_id, reason=body.reason)
    return TicketRead.seen_by(view, principal)


@router.post("/tickets/{ticket_id}/takes", responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, *STEP_ERRORS))
async def take_ticket(ticket_id: UUID, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Take the job (the worker it was offered to)."""
    view = await usecases.take_offer(uow=uow, principal=principal, ticket_id=ticket_id)
    return TicketRead.seen_by(view, principal)


@router.post("/tickets/{ticket_id}/declines", responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, *STEP_ERRORS))
async def decline_ticket(ticket_id: UUID, body: DeclineCreate, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Give the job back (the worker it was offered to)."""
    view = await usecases.decline_offer(uow=uow, principal=principal, ticket_id=ticket_id, reason=body.reason)
    return TicketRead.seen_by(view, principal)
