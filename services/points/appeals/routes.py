"""Appealing against what was posted, over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.appeals import usecases
from services.points.appeals.domain import Appeal, State
from services.points.appeals.errors import AppealNotFoundError, AppealOpenError, AppealTooLateError
from services.points.appeals.schemas import AppealAnswer, AppealCreate, AppealRead
from services.points.claims.errors import ClaimNotFoundError, ClerkError, ReasonMissingError, RecusedError
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import NoHouseholdError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList
from shared.sheets import SHEET_RESPONSES, SheetFormat, Value, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points/appeals", tags=["积分申诉"], route_class=CommandRoute)

MOVE_ERRORS = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, AppealNotFoundError, ForbiddenError, WrongStateError)


@router.post(
    "",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        NoHouseholdError,
        ClaimNotFoundError,
        ForbiddenError,
        WrongStateError,
        ReasonMissingError,
        AppealTooLateError,
        AppealOpenError,
    ),
)
async def make_appeal(payload: AppealCreate, uow: Uow, principal: CurrentPrincipal, response: Response) -> AppealRead:
    """Appeal against a posted claim: a deduction as its household, what was given as a neighbour; within the days of the rulebook."""
    appeal = await usecases.make_appeal(uow=uow, principal=principal, claim_id=payload.claim_id, reason=payload.reason)
    response.headers["Location"] = f"{router.prefix}/{appeal.id}"
    return AppealRead.model_validate(appeal)


@router.get("", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_appeals(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[State | None, Query(description="Only this state.")] = None,
    claim_id: Annotated[UUID | None, Query(description="Only against this claim.")] = None,
) -> Page[AppealRead]:
    """List appeals, newest first: the own household's, and for those who watch all."""
    rows = await usecases.list_appeals(uow=uow, principal=principal, page=page, state=state, claim_id=claim_id)
    return page_of(rows.map(AppealRead.model_validate), request, response)


HEADER = ("申诉时间", "户号", "理由", "状态", "答复", "办结时间", "申报编号")


def _line(appeal: Appeal, number: str) -> tuple[Value, ...]:
    return (
        appeal.made_at,
        number,
        appeal.reason,
        appeal.state.word,
        appeal.answer,
        appeal.ended_at,
        appeal.claim_id,
    )


@router.get("/export", response_class=Response, responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, ForbiddenError))
async def export_appeals(
    uow: Uow,
    principal: CurrentPrincipal,
    file_format: WantedFormat = SheetFormat.XLSX,
    state: Annotated[State | None, Query(description="Only this state.")] = None,
) -> Response:
    """Download the appeals as a sheet. For those who watch."""
    found = await usecases.list_for_export(uow=uow, principal=principal, state=state)
    return await sheet_response(file_format, "积分申诉", HEADER, [_line(appeal, number) for appeal, number in found])


@router.get("/{appeal_id}", responses=problems(*AUTH_ERRORS, AppealNotFoundError))
async def get_appeal(appeal_id: UUID, uow: Uow, principal: CurrentPrincipal) -> AppealRead:
    """Return an appeal."""
    return AppealRead.model_validate(await usecases.get_appeal(uow=uow, principal=principal, appeal_id=appeal_id))


@router.get("/{appeal_id}/actions", responses=problems(*AUTH_ERRORS, AppealNotFoundError))
async def list_appeal_actions(appeal_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with an appeal now."""
    appeal, actions = await usecases.list_actions(uow=uow, principal=principal, appeal_id=appeal_id)
    return ActionList(state=appeal.state, actions=[action.value for action in actions])


@router.post(
    "/{appeal_id}/answers",
    responses=problems(*MOVE_ERRORS, ClaimNotFoundError, RecusedError, ClerkError, ReasonMissingError),
)
async def answer_appeal(appeal_id: UUID, payload: AppealAnswer, uow: Uow, principal: CurrentPrincipal) -> AppealRead:
    """Answer an appeal. For supervisors whom neither side concerns; upheld, the points are reversed."""
    appeal = await usecases.answer_appeal(
        uow=uow, principal=principal, appeal_id=appeal_id, is_upheld=payload.is_upheld, answer=payload.answer
    )
    return AppealRead.model_validate(appeal)


@router.post("/{appeal_id}/withdrawals", responses=problems(*MOVE_ERRORS))
async def withdraw_appeal(appeal_id: UUID, uow: Uow, principal: CurrentPrincipal) -> AppealRead:
    """Take an appeal back. For the household that made it."""
    return AppealRead.model_validate(await usecases.withdraw_appeal(uow=uow, principal=principal, appeal_id=appeal_id))
