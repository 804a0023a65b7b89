"""Stock-takes over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.histories.domain import span_of
from services.points.histories.errors import DaysReversedError
from services.points.steps import usecases as steps
from services.points.steps.schemas import StepRead
from services.points.stock.errors import BatchNotFoundError, StockShortError
from services.points.stocktakes import usecases
from services.points.stocktakes.domain import State
from services.points.stocktakes.errors import (
    DifferenceUnexplainedError,
    NothingCountedError,
    OwnCountError,
    StocktakeNotFoundError,
)
from services.points.stocktakes.schemas import Count, Decision, SheetRead, StocktakeCreate, StocktakeRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, FromOn, Page, Paging, ToOn, page_of
from shared.problems import problems
from shared.schemas import ActionList
from shared.sheets import SHEET_RESPONSES, SheetFormat, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points/stocktakes", tags=["爱心超市"], route_class=CommandRoute)

STEP_ERRORS = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, StocktakeNotFoundError, WrongStateError)


@router.get("", responses=problems(*AUTH_ERRORS, ForbiddenError, DaysReversedError, CursorInvalidError))
async def list_stocktakes(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[State | None, Query(description="Only this state.")] = None,
    product_id: Annotated[UUID | None, Query(description="Only those in which this product was counted.")] = None,
    from_on: FromOn = None,
    to_on: ToOn = None,
) -> Page[StocktakeRead]:
    """List counts by the day they began, newest first. For storekeepers, administrators and supervisors."""
    rows = await usecases.list_stocktakes(
        uow=uow, principal=principal, page=page, state=state, product_id=product_id, span=span_of(from_on, to_on)
    )
    return page_of(rows.map(StocktakeRead.model_validate), request, response)


@router.post("", status_code=201, responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError))
async def start_stocktake(
    payload: StocktakeCreate, uow: Uow, principal: CurrentPrincipal, response: Response
) -> SheetRead:
    """Begin to count. For storekeepers and administrators."""
    sheet = await usecases.start_stocktake(uow=uow, principal=principal, title=payload.title)
    response.headers["Location"] = f"{router.prefix}/{sheet.stocktake.id}"
    return SheetRead.of(sheet)


@router.get("/{stocktake_id}", responses=problems(*AUTH_ERRORS, ForbiddenError, StocktakeNotFoundError))
async def get_stocktake(stocktake_id: UUID, uow: Uow, principal: CurrentPrincipal) -> SheetRead:
    """Return a count with its lines."""
    return SheetRead.of(await usecases.get_sheet(uow=uow, principal=principal, stocktake_id=stocktake_id))


@router.get("/{stocktake_id}/actions", responses=problems(*AUTH_ERRORS, ForbiddenError, StocktakeNotFoundError))
async def list_stocktake_actions(stocktake_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a count now."""
    state, actions = await usecases.list_actions(uow=uow, principal=principal, stocktake_id=stocktake_id)
    return ActionList(state=state, actions=[action.value for action in actions])


@router.get(
    "/{stocktake_id}/steps",
    responses=problems(*AUTH_ERRORS, ForbiddenError, StocktakeNotFoundError, CursorInvalidError),
)
async def list_stocktake_steps(
    stocktake_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[StepRead]:
    """Return who began a count, handed it in, sent it back, approved it or gave it up, when and why, oldest first."""
    await usecases.get_sheet(uow=uow, principal=principal, stocktake_id=stocktake_id)
    rows = await steps.list_steps(uow=uow, subject_id=stocktake_id, page=page)
    return page_of(rows.map(StepRead.model_validate), request, response)


HEADER = ("商品", "批次", "账面", "实盘", "差异", "说明", "清点时间")


@router.get(
    "/{stocktake_id}/export",
    response_class=Response,
    responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, ForbiddenError, StocktakeNotFoundError),
)
async def export_stocktake(
    stocktake_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    file_format: WantedFormat = SheetFormat.XLSX,
) -> Response:
    """Download a count, to sign or to file."""
    sheet = await usecases.get_sheet(uow=uow, principal=principal, stocktake_id=stocktake_id)
    lines = [
        (
            line.product_name,
            str(line.batch_id),
            line.expected,
            line.counted,
            line.difference,
            line.explanation,
            line.counted_at,
        )
        for line in sheet.lines
    ]
    return await sheet_response(file_format, sheet.stocktake.title, HEADER, lines)


@router.post("/{stocktake_id}/counts", responses=problems(*STEP_ERRORS, BatchNotFoundError))
async def count_batch(stocktake_id: UUID, payload: Count, uow: Uow, principal: CurrentPrincipal) -> SheetRead:
    """Enter what was counted of a batch; a second count replaces the first. For the clerk who began it."""
    sheet = await usecases.count_batch(
        uow=uow,
        principal=principal,
        stocktake_id=stocktake_id,
        batch_id=payload.batch_id,
        counted=payload.counted,
        explanation=payload.explanation,
    )
    return SheetRead.of(sheet)


@router.post(
    "/{stocktake_id}/submissions",
    responses=problems(*STEP_ERRORS, NothingCountedError, DifferenceUnexplainedError),
)
async def submit_stocktake(stocktake_id: UUID, uow: Uow, principal: CurrentPrincipal) -> SheetRead:
    """Hand the count in; every difference must be explained. For the clerk who began it."""
    return SheetRead.of(await usecases.submit_stocktake(uow=uow, principal=principal, stocktake_id=stocktake_id))


@router.post("/{stocktake_id}/approvals", responses=problems(*STEP_ERRORS, OwnCountError, StockShortError))
async def approve_stocktake(stocktake_id: UUID, payload: Decision, uow: Uow, principal: CurrentPrincipal) -> SheetRead:
    """Approve a count; differences are posted. For supervisors and administrators, never the clerk."""
    sheet = await usecases.approve_stocktake(
        uow=uow, principal=principal, stocktake_id=stocktake_id, remark=payload.remark
    )
    return SheetRead.of(sheet)


@router.post("/{stocktake_id}/refusals", responses=problems(*STEP_ERRORS, OwnCountError))
async def send_back_stocktake(
    stocktake_id: UUID, payload: Decision, uow: Uow, principal: CurrentPrincipal
) -> SheetRead:
    """Ask the clerk to count again. For supervisors and administrators, never the clerk."""
    sheet = await usecases.send_back_stocktake(
        uow=uow, principal=principal, stocktake_id=stocktake_id, remark=payload.remark
    )
    return SheetRead.of(sheet)


@router.post("/{stocktake_id}/cancellations", responses=problems(*STEP_ERRORS))
async def cancel_stocktake(stocktake_id: UUID, payload: Decision, uow: Uow, principal: CurrentPrincipal) -> SheetRead:
    """Give a count up; nothing is posted."""
    sheet = await usecases.cancel_stocktake(
        uow=uow, principal=principal, stocktake_id=stocktake_id, remark=payload.remark
    )
    return SheetRead.of(sheet)
