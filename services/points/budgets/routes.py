"""How many points may be issued, over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.budgets import usecases
from services.points.budgets.errors import (
    BudgetBelowChargedError,
    BudgetDaysInvalidError,
    BudgetNotBackedError,
    BudgetNotFoundError,
    BudgetOverlapsError,
)
from services.points.budgets.schemas import BudgetChange, BudgetCreate, BudgetRead
from services.points.funds.errors import FundNotFoundError
from services.points.histories.errors import DaysReversedError
from services.points.steps import usecases as steps
from services.points.steps.schemas import StepRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.etags import IF_MATCH_ERRORS, IfMatch, set_etag
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, FromOn, Page, Paging, ToOn, page_of
from shared.problems import problems
from shared.sheets import SHEET_RESPONSES, SheetFormat, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points/budgets", tags=["积分额度"], route_class=CommandRoute)


@router.post(
    "",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        BudgetDaysInvalidError,
        BudgetOverlapsError,
        FundNotFoundError,
        BudgetNotBackedError,
    ),
)
async def set_budget(payload: BudgetCreate, uow: Uow, principal: CurrentPrincipal, response: Response) -> BudgetRead:
    """Say how many points may be issued in a time. For committee members and administrators; a day has one budget at most, and money behind it."""
    budget = await usecases.set_budget(uow=uow, principal=principal, **payload.model_dump())
    set_etag(response, budget.revision)
    response.headers["Location"] = f"{router.prefix}/{budget.id}"
    return BudgetRead.model_validate(budget)


@router.get("", responses=problems(*AUTH_ERRORS, DaysReversedError, CursorInvalidError))
async def list_budgets(
    uow: Uow,
    _principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    fund_id: Annotated[UUID | None, Query(description="Only those this fund stands behind.")] = None,
    from_on: FromOn = None,
    to_on: ToOn = None,
) -> Page[BudgetRead]:
    """List the budgets that hold on one of these days, newest first."""
    rows = await usecases.list_budgets(uow=uow, page=page, fund_id=fund_id, from_on=from_on, to_on=to_on)
    return page_of(rows.map(BudgetRead.model_validate), request, response)


HEADER = (
    "名称",
    "第一天",
    "最后一天",
    "额度（分）",
    "已发放（分）",
    "还剩（分）",
    "每分值（分钱）",
    "资金",
    "依据",
    "登记时间",
    "编号",
)


@router.get("/export", response_class=Response, responses=SHEET_RESPONSES | problems(*AUTH_ERRORS))
async def export_budgets(
    uow: Uow,
    _principal: CurrentPrincipal,
    file_format: WantedFormat = SheetFormat.XLSX,
) -> Response:
    """Download all budgets, what was issued under them and the funds behind them; open to every member of the community."""
    lines = [
        (
            budget.name,
            budget.starts_on,
            budget.ends_on,
            budget.amount,
            budget.charged,
            budget.left,
            budget.point_value_fen,
            fund,
            budget.decision,
            budget.created_at,
            str(budget.id),
        )
        for budget, fund in await usecases.list_all_budgets(uow=uow)
    ]
    return await sheet_response(file_format, "积分额度", HEADER, lines)


@router.get("/{budget_id}", responses=problems(*AUTH_ERRORS, BudgetNotFoundError))
async def get_budget(budget_id: UUID, uow: Uow, _principal: CurrentPrincipal, response: Response) -> BudgetRead:
    """Return a budget and what is left of it."""
    budget = await usecases.get_budget(uow=uow, budget_id=budget_id)
    set_etag(response, budget.revision)
    return BudgetRead.model_validate(budget)


@router.get("/{budget_id}/steps", responses=problems(*AUTH_ERRORS, BudgetNotFoundError, CursorInvalidError))
async def list_budget_steps(
    budget_id: UUID, uow: Uow, _principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[StepRead]:
    """Return who set a budget and changed it, how large it became and by which decision, oldest first."""
    await usecases.get_budget(uow=uow, budget_id=budget_id)
    rows = await steps.list_steps(uow=uow, subject_id=budget_id, page=page)
    return page_of(rows.map(StepRead.model_validate), request, response)


@router.put(
    "/{budget_id}",
    responses=problems(
        *AUTH_ERRORS,
        *IF_MATCH_ERRORS,
        ForbiddenError,
        BudgetNotFoundError,
        BudgetBelowChargedError,
        BudgetNotBackedError,
        FundNotFoundError,
    ),
)
async def change_budget(
    budget_id: UUID, payload: BudgetChange, uow: Uow, principal: CurrentPrincipal, seen: IfMatch, response: Response
) -> BudgetRead:
    """Make a budget larger or smaller. For committee members and administrators; never below what was issued."""
    budget = await usecases.change_budget(
        uow=uow,
        principal=principal,
        budget_id=budget_id,
        seen=seen,
        amount=payload.amount,
        decision=payload.decision,
    )
    set_etag(response, budget.revision)
    return BudgetRead.model_validate(budget)
