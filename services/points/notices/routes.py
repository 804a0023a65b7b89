"""Statements and notices of published periods over HTTP."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from services.points.notices import usecases
from services.points.notices.errors import StatementNotFoundError
from services.points.notices.notice_page import CONTENT_SECURITY_POLICY, render
from services.points.notices.schemas import CorrectionRead, NoticeRead, TotalRead
from services.points.periods.errors import PeriodNotFoundError, PeriodNotPublishedError
from services.points.statements.domain import Level, Total
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.idempotency import CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import NoHouseholdError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.sheets import SHEET_RESPONSES, SheetFormat, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points/periods", tags=["积分公示"], route_class=CommandRoute)

PUBLISHED_ERRORS = (*AUTH_ERRORS, PeriodNotFoundError, PeriodNotPublishedError)
HEADER = (
    "户号或名称",
    "户主",
    "网格",
    "楼栋",
    "户数",
    "评议分上期",
    "评议分加分",
    "评议分扣分",
    "评议分更正",
    "评议分结余",
    "兑换分上期",
    "兑换分收入",
    "兑换分支出",
    "兑换分更正",
    "兑换分结余",
    "申报件数",
    "扣分件数",
    "名次",
)

LevelQuery = Annotated[Level, Query(description="household, building, grid or community.")]
GridQuery = Annotated[UUID | None, Query(description="Only this grid.")]


def _row(total: Total) -> tuple[str | int | None, ...]:
    return (
        total.label,
        total.householder_name,
        total.grid_name,
        total.building_name,
        total.households,
        total.standing_opening,
        total.standing_added,
        total.standing_taken,
        total.standing_corrected,
        total.standing_closing,
        total.spendable_opening,
        total.spendable_added,
        total.spendable_taken,
        total.spendable_corrected,
        total.spendable_closing,
        total.claims,
        total.deductions,
        total.rank or None,
    )


@router.get("/{period_id}/statements", responses=problems(*PUBLISHED_ERRORS, CursorInvalidError))
async def list_period_statements(
    period_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    level: LevelQuery = Level.HOUSEHOLD,
    grid_id: GridQuery = None,
    building_id: Annotated[UUID | None, Query(description="Only this building.")] = None,
) -> Page[TotalRead]:
    """List a published round's totals by label. Households that want to stay unnamed are shown to themselves and officials alone."""
    rows = await usecases.list_statements(
        uow=uow,
        principal=principal,
        period_id=period_id,
        page=page,
        level=level,
        grid_id=grid_id,
        building_id=building_id,
    )
    return page_of(rows.map(TotalRead.model_validate), request, response)


@router.get(
    "/{period_id}/statements/export",
    response_class=Response,
    responses=problems(*PUBLISHED_ERRORS, ForbiddenError) | SHEET_RESPONSES,
)
async def export_period_statements(
    period_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    level: LevelQuery = Level.HOUSEHOLD,
    grid_id: GridQuery = None,
    file_format: WantedFormat = SheetFormat.XLSX,
) -> Response:
    """Return a published round's totals as a file. For officials, and for a grid worker with the own grid."""
    period, totals = await usecases.export_statements(
        uow=uow, principal=principal, period_id=period_id, level=level, grid_id=grid_id
    )
    return await sheet_response(file_format, f"{period.name}积分汇总", HEADER, map(_row, totals))


@router.get("/{period_id}/statements/{subject_id}", responses=problems(*PUBLISHED_ERRORS, StatementNotFoundError))
async def get_period_statement(
    period_id: UUID,
    subject_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    level: LevelQuery = Level.HOUSEHOLD,
) -> TotalRead:
    """Return the totals of one household, building, grid or the community in a published round."""
    total = await usecases.get_statement(
        uow=uow, principal=principal, period_id=period_id, level=level, subject_id=subject_id
    )
    return TotalRead.model_validate(total)


@router.get("/{period_id}/corrections", responses=problems(*PUBLISHED_ERRORS, NoHouseholdError, CursorInvalidError))
async def list_period_corrections(
    period_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    household_id: Annotated[UUID | None, Query(description="Only this household; for officials.")] = None,
) -> Page[CorrectionRead]:
    """List what a published round undid of earlier rounds: the own household's, and for officials all."""
    rows = await usecases.list_corrections(
        uow=uow, principal=principal, period_id=period_id, page=page, household_id=household_id
    )
    return page_of(rows.map(CorrectionRead.model_validate), request, response)


@router.get("/{period_id}/notice", responses=problems(*PUBLISHED_ERRORS, StatementNotFoundError))
async def get_period_notice(
    period_id: UUID, uow: Uow, request: Request, _principal: CurrentPrincipal, grid_id: GridQuery = None
) -> NoticeRead:
    """Return a published round's notice as data; its households are listed under `statements`."""
    url = runtime_of(request).settings.public_url
    return NoticeRead.of(
        await usecases.get_notice(uow=uow, period_id=period_id, grid_id=grid_id, public_url=url, with_households=False)
    )


@router.get(
    "/{period_id}/notice/page",
    response_class=HTMLResponse,
    responses=problems(*PUBLISHED_ERRORS, StatementNotFoundError),
)
async def print_period_notice(
    period_id: UUID,
    uow: Uow,
    request: Request,
    _principal: CurrentPrincipal,
    grid_id: GridQuery = None,
    heading: Annotated[
        str, Query(max_length=40, description="What stands on top instead of the community's name.")
    ] = "",
) -> Response:
    """Return a published round's notice as a page to print on A4, grid by grid, with seal and QR code."""
    url = runtime_of(request).settings.public_url
    notice = await usecases.get_notice(
        uow=uow, period_id=period_id, grid_id=grid_id, heading=heading, public_url=url, with_households=True
    )
    page = await asyncio.to_thread(render, notice)
    return HTMLResponse(page, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})
