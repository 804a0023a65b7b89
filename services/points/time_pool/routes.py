"""The community's pool of minutes over HTTP: what went in, what went out."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from services.points.histories.domain import span_of as days_of
from services.points.histories.errors import DaysReversedError
from services.points.redemptions.domain import span_of
from services.points.redemptions.errors import ExportSpanError
from services.points.time_pool import usecases
from services.points.time_pool.domain import KIND_NAMES, Direction, PoolFilter, PoolKind
from services.points.time_pool.schemas import PoolLineRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, FromOn, Page, Paging, ToOn, page_of
from shared.problems import problems
from shared.sheets import SHEET_RESPONSES, FirstDay, LastDay, SheetFormat, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points/time-bank/pool/lines", tags=["时间存折"], route_class=CommandRoute)

HEADER: Final = ("时间", "类别", "收支", "分钟", "结余", "摘要", "事由", "居民", "经办账号", "对应的编号")
KindQuery = Annotated[PoolKind | None, Query(description="Only this kind.")]
DirectionQuery = Annotated[Direction | None, Query(description="Only what went in, or only what went out.")]


@router.get("", responses=problems(*AUTH_ERRORS, ForbiddenError, DaysReversedError, CursorInvalidError))
async def list_pool_lines(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    kind: KindQuery = None,
    direction: DirectionQuery = None,
    from_on: FromOn = None,
    to_on: ToOn = None,
) -> Page[PoolLineRead]:
    """List what went into the pool and out of it, with the balance after each line, newest first. For officials and supervisors."""
    days = days_of(from_on, to_on)
    wanted = PoolFilter(kind, direction, days.begins_at, days.ends_at)
    rows = await usecases.list_lines(uow=uow, principal=principal, page=page, wanted=wanted)
    return page_of(rows.map(PoolLineRead.model_validate), request, response)


@router.get(
    "/export",
    response_class=Response,
    responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, ForbiddenError, ExportSpanError),
)
async def export_pool_lines(
    uow: Uow,
    principal: CurrentPrincipal,
    from_on: FirstDay,
    to_on: LastDay,
    kind: KindQuery = None,
    direction: DirectionQuery = None,
    file_format: WantedFormat = SheetFormat.XLSX,
) -> Response:
    """Download what went into the pool and out of it on some days. For officials and supervisors."""
    wanted = PoolFilter(kind, direction, *span_of(from_on, to_on))
    lines = [
        (
            line.made_at,
            KIND_NAMES[line.kind],
            "收入" if line.minutes > 0 else "支出",
            abs(line.minutes),
            line.balance_after,
            line.summary,
            line.reason,
            line.name,
            line.account_id,
            str(line.source_id),
        )
        for line in await usecases.export_lines(uow=uow, principal=principal, wanted=wanted)
    ]
    return await sheet_response(file_format, f"时间池流水-{from_on}-{to_on}", HEADER, lines)
