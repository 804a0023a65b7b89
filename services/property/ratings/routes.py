"""The resident's word, and the published rates, over HTTP."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from services.property.ratings import usecases
from services.property.ratings.domain import Rate, Scores
from services.property.ratings.errors import AlreadyRatedError, PeriodInvalidError
from services.property.ratings.schemas import DisputeCreate, RateRead, RatingCreate, RatingRead, StatisticsRead
from services.property.tickets.errors import STEP_ERRORS, SameHouseholdError, TicketNotFoundError
from services.property.tickets.schemas import TicketRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.problems import problems
from shared.schemas import Day

router = APIRouter(prefix="/api/v1/property", tags=["评单"], route_class=CommandRoute)


@router.post("/tickets/{ticket_id}/confirmations", responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, *STEP_ERRORS))
async def confirm_work(ticket_id: UUID, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Confirm that the work is done (the household served)."""
    view = await usecases.confirm_work(uow=uow, principal=principal, ticket_id=ticket_id)
    return TicketRead.seen_by(view, principal)


@router.post("/tickets/{ticket_id}/disputes", responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, *STEP_ERRORS))
async def dispute_work(ticket_id: UUID, body: DisputeCreate, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Say that it is not done (the household served): somebody comes again, the late clock stays late."""
    view = await usecases.dispute_work(
        uow=uow, principal=principal, ticket_id=ticket_id, reason=body.reason, note=body.note
    )
    return TicketRead.seen_by(view, principal)


@router.post(
    "/tickets/{ticket_id}/ratings",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, *STEP_ERRORS, SameHouseholdError, AlreadyRatedError),
)
async def rate_ticket(ticket_id: UUID, body: RatingCreate, uow: Uow, principal: CurrentPrincipal) -> TicketRead:
    """Judge the work on five axes (the household served); the ticket closes with its outcome."""
    scores = Scores(body.quality, body.attitude, body.charges, body.security, body.hygiene)
    view = await usecases.rate_ticket(
        uow=uow, principal=principal, ticket_id=ticket_id, scores=scores, comment=body.comment
    )
    return TicketRead.seen_by(view, principal)


@router.get("/tickets/{ticket_id}/ratings", responses=problems(*AUTH_ERRORS, TicketNotFoundError))
async def list_ticket_ratings(ticket_id: UUID, uow: Uow, principal: CurrentPrincipal) -> list[RatingRead]:
    """Return the judgement of each attempt."""
    rows = await usecases.list_ratings(uow=uow, principal=principal, ticket_id=ticket_id)
    return [RatingRead.model_validate(dict(row)) for row in rows]


@router.get("/statistics", responses=problems(*AUTH_ERRORS, PeriodInvalidError))
async def get_property_statistics(
    uow: Uow,
    _principal: CurrentPrincipal,
    from_on: Annotated[Day | None, Query(description="First local day; the first of the month when empty.")] = None,
    until_on: Annotated[Day | None, Query(description="Last local day; today when empty.")] = None,
    department: Annotated[str | None, Query(max_length=100, description="Only this department.")] = None,
) -> StatisticsRead:
    """Return the rates of response, resolution and satisfaction with their denominators; open to every resident."""
    found = await usecases.get_statistics(uow=uow, from_on=from_on, until_on=until_on, department=department)
    return StatisticsRead(
        from_on=found.from_on,
        until_on=found.until_on,
        department=found.department,
        response=_rate(found.response),
        resolution=_rate(found.resolution),
        satisfaction=_rate(found.satisfaction),
        axis_means_milli={axis.value: mean for axis, mean in found.axis_means_milli.items()},
        outcomes=dict(found.outcomes),
    )


def _rate(rate: Rate) -> RateRead:
    return RateRead(**asdict(rate), per_mille=rate.per_mille)
