"""The duty log over HTTP: adopters log their care, grid workers inspect it."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.points.adoptions.errors import AdoptionNotFoundError
from services.points.budgets.errors import BudgetExhaustedError
from services.points.duties import usecases
from services.points.duties.errors import (
    AdoptionNotActiveError,
    DutyAlreadyJudgedError,
    DutyAlreadyLoggedError,
    DutyDateError,
    DutyNotFoundError,
    InspectionReasonMissingError,
    InspectionRecusedError,
)
from services.points.duties.schemas import DutyCreate, DutyRead, Inspection
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/points", tags=["认领管护"], route_class=CommandRoute)


@router.post(
    "/adoptions/{adoption_id}/duties",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        AdoptionNotFoundError,
        ForbiddenError,
        AdoptionNotActiveError,
        DutyDateError,
        DutyAlreadyLoggedError,
    ),
)
async def log_duty(adoption_id: UUID, payload: DutyCreate, uow: Uow, principal: CurrentPrincipal) -> DutyRead:
    """Log a day of care with photos. For the adopter; once a day."""
    duty = await usecases.log_duty(
        uow=uow,
        principal=principal,
        adoption_id=adoption_id,
        done_on=payload.done_on,
        note=payload.note,
        photo_ids=payload.photo_ids,
    )
    return DutyRead.model_validate(duty)


@router.get(
    "/adoptions/{adoption_id}/duties", responses=problems(*AUTH_ERRORS, AdoptionNotFoundError, CursorInvalidError)
)
async def list_duties(
    adoption_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[DutyRead]:
    """List the log of an adoption, newest first."""
    rows = await usecases.list_duties(uow=uow, principal=principal, adoption_id=adoption_id, page=page)
    return page_of(rows.map(DutyRead.model_validate), request, response)


@router.post(
    "/adoption-duties/{adoption_duty_id}/inspections",
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        DutyNotFoundError,
        AdoptionNotFoundError,
        ForbiddenError,
        InspectionRecusedError,
        DutyAlreadyJudgedError,
        InspectionReasonMissingError,
        BudgetExhaustedError,
    ),
)
async def inspect_duty(adoption_duty_id: UUID, payload: Inspection, uow: Uow, principal: CurrentPrincipal) -> DutyRead:
    """Say whether the care was done; what passed is paid by the rulebook in force. For grid workers of the place, the committee, supervisors."""
    duty = await usecases.inspect_duty(
        uow=uow, principal=principal, duty_id=adoption_duty_id, is_passed=payload.is_passed, finding=payload.finding
    )
    return DutyRead.model_validate(duty)
