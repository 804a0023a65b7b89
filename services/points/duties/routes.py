"""The duty log over HTTP: adopters log their care, grid workers inspect it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.adoptions.domain import Adoption
from services.points.adoptions.errors import AdoptionNotFoundError
from services.points.budgets.errors import BudgetExhaustedError
from services.points.duties import usecases
from services.points.duties.domain import Duty, Result
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
from shared.schemas import ActionList
from shared.sheets import SHEET_RESPONSES, SheetFormat, Value, WantedFormat, sheet_response

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
    adoption_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    result: Annotated[Result | None, Query(description="Only logged, passed or failed days.")] = None,
) -> Page[DutyRead]:
    """List the log of an adoption, newest first."""
    rows = await usecases.list_duties(uow=uow, principal=principal, adoption_id=adoption_id, page=page, result=result)
    return page_of(rows.map(DutyRead.model_validate), request, response)


HEADER = ("日期", "对象", "认领人", "做了什么", "照片（张）", "结果", "得分", "查看意见", "查看时间", "记录时间")


def _line(duty: Duty, adoption: Adoption) -> tuple[Value, ...]:
    return (
        duty.done_on,
        adoption.asset_name,
        adoption.adopter_name,
        duty.note,
        len(duty.photo_ids),
        duty.result.word,
        duty.points,
        duty.finding,
        duty.inspected_at,
        duty.created_at,
    )


@router.get(
    "/adoption-duties/export",
    response_class=Response,
    responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, ForbiddenError),
)
async def export_duties(
    uow: Uow,
    principal: CurrentPrincipal,
    file_format: WantedFormat = SheetFormat.XLSX,
    result: Annotated[Result | None, Query(description="Only logged, passed or failed days.")] = None,
) -> Response:
    """Download the days of care as a sheet. For those who agree, inspect and watch; a grid worker's own grid."""
    found = await usecases.list_for_export(uow=uow, principal=principal, result=result)
    return await sheet_response(file_format, "管护记录", HEADER, [_line(duty, adoption) for duty, adoption in found])


@router.get(
    "/adoption-duties/{adoption_duty_id}/actions",
    responses=problems(*AUTH_ERRORS, DutyNotFoundError, AdoptionNotFoundError),
)
async def list_duty_actions(adoption_duty_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a day of care now."""
    duty, actions = await usecases.list_actions(uow=uow, principal=principal, duty_id=adoption_duty_id)
    return ActionList(state=duty.result, actions=[action.value for action in actions])


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
