"""Batches, losses and moves of stock over HTTP."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.funds.domain import SOURCE_NAMES, FundSource
from services.points.funds.errors import FundExhaustedError, FundNotFoundError, FundSourceError
from services.points.histories.domain import span_of
from services.points.histories.errors import DaysReversedError
from services.points.redemptions.errors import ExportSpanError
from services.points.stock import usecases
from services.points.stock.domain import PLACE_NAMES
from services.points.stock.errors import BatchNotFoundError, ShelfLifeOverError, StockShortError, SupplierMissingError
from services.points.stock.repository import BatchStock
from services.points.stock.schemas import BatchCreate, BatchRead, BucketSplit, Loss, MoveRead
from services.points.store.errors import ProductNotFoundError
from services.points.suppliers.errors import SupplierNotFoundError
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.values import Fen
from shared.pagination import CursorInvalidError, FromOn, Page, Paging, ToOn, page_of
from shared.problems import problems
from shared.sheets import SHEET_RESPONSES, FirstDay, LastDay, SheetFormat, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points", tags=["爱心超市"], route_class=CommandRoute)

COMMAND_ERRORS = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError)


@router.post(
    "/products/{product_id}/batches",
    status_code=201,
    responses=problems(
        *COMMAND_ERRORS,
        ProductNotFoundError,
        SupplierNotFoundError,
        SupplierMissingError,
        ShelfLifeOverError,
        FundNotFoundError,
        FundSourceError,
        FundExhaustedError,
    ),
)
async def receive_batch(product_id: UUID, payload: BatchCreate, uow: Uow, principal: CurrentPrincipal) -> BatchRead:
    """Enter goods that arrived. For storekeepers and administrators."""
    batch = await usecases.receive_batch(
        uow=uow,
        principal=principal,
        product_id=product_id,
        quantity=payload.quantity,
        unit_cost_fen=Fen(payload.unit_cost_fen),
        fund_source=payload.fund_source,
        fund_id=payload.fund_id,
        supplier_id=payload.supplier_id,
        supplier=payload.supplier,
        keeps_until_on=payload.keeps_until_on,
    )
    return BatchRead.of(BatchStock(batch, batch.quantity, 0, 0, 0))


@router.get(
    "/products/{product_id}/batches",
    responses=problems(*AUTH_ERRORS, ForbiddenError, ProductNotFoundError, CursorInvalidError),
)
async def list_batches(
    product_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[BatchRead]:
    """List where the pieces of each batch are, newest first. For storekeepers, administrators and supervisors."""
    stock = await usecases.list_batches(uow=uow, principal=principal, product_id=product_id, page=page)
    return page_of(stock.map(BatchRead.of), request, response)


@router.post(
    "/products/{product_id}/batches/{batch_id}/losses",
    responses=problems(*COMMAND_ERRORS, BatchNotFoundError, StockShortError),
)
async def write_off(
    product_id: UUID, batch_id: UUID, payload: Loss, uow: Uow, principal: CurrentPrincipal
) -> BatchRead:
    """Write off pieces that broke, went bad or are gone, with the reason. For storekeepers and administrators."""
    stock = await usecases.write_off(
        uow=uow,
        principal=principal,
        product_id=product_id,
        batch_id=batch_id,
        quantity=payload.quantity,
        kind=payload.kind,
        note=payload.note,
    )
    return BatchRead.of(stock)


@router.post("/products/{product_id}/buckets", responses=problems(*COMMAND_ERRORS, ProductNotFoundError))
async def split_buckets(
    product_id: UUID, payload: BucketSplit, uow: Uow, principal: CurrentPrincipal
) -> list[BatchRead]:
    """Spread the stock over more parts before a rush, or put it together again. For storekeepers and administrators."""
    stock = await usecases.split_buckets(uow=uow, principal=principal, product_id=product_id, count=payload.count)
    return [BatchRead.of(batch) for batch in stock]


@router.get("/stock/expiring", responses=problems(*AUTH_ERRORS, ForbiddenError, CursorInvalidError))
async def list_expiring_batches(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    within_days: Annotated[int, Query(ge=0, le=366, description="Last day at most so many days from today.")] = 30,
) -> Page[BatchRead]:
    """List batches with pieces left that soon, or already, may not be given out. For storekeepers, administrators and supervisors."""
    rows = await usecases.list_expiring(uow=uow, principal=principal, page=page, within_days=within_days)
    return page_of(rows.map(lambda row: BatchRead.of(row[1], row[0])), request, response)


HEADER = (
    "商品",
    "批次",
    "供货方",
    "资金来源",
    "单价（分钱）",
    "入库",
    "在架",
    "预留",
    "已兑",
    "损耗",
    "保质期至",
    "入库时间",
)


@router.get(
    "/stock/export", response_class=Response, responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, ForbiddenError)
)
async def export_stock(
    uow: Uow,
    principal: CurrentPrincipal,
    file_format: WantedFormat = SheetFormat.XLSX,
) -> Response:
    """Download every batch and where its pieces are. For storekeepers, administrators and supervisors."""
    rows = await usecases.list_all_batches(uow=uow, principal=principal)
    lines = [
        (
            name,
            str(one.batch.id),
            one.batch.supplier,
            SOURCE_NAMES[FundSource(one.batch.fund_source)],
            one.batch.unit_cost_fen,
            one.batch.quantity,
            one.available,
            one.reserved,
            one.sold,
            one.lost,
            one.batch.keeps_until_on,
            one.batch.received_at,
        )
        for name, one in rows
    ]
    return await sheet_response(file_format, "爱心超市库存", HEADER, lines)


@router.get("/stock/moves", responses=problems(*AUTH_ERRORS, ForbiddenError, DaysReversedError, CursorInvalidError))
async def list_stock_moves(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    product_id: Annotated[UUID | None, Query(description="Only this product.")] = None,
    destination: Annotated[
        Literal["supplier", "shelf", "reserved", "household", "loss"] | None,
        Query(description="Only what went there; `loss` is what could not be given to anybody."),
    ] = None,
    from_on: FromOn = None,
    to_on: ToOn = None,
) -> Page[MoveRead]:
    """List every move of a piece, newest first. For storekeepers, administrators and supervisors."""
    rows = await usecases.list_moves(
        uow=uow,
        principal=principal,
        page=page,
        product_id=product_id,
        destination=destination,
        span=span_of(from_on, to_on),
    )
    return page_of(rows.map(MoveRead.model_validate), request, response)


MOVES_HEADER = ("时间", "商品", "批次", "从", "到", "件数", "事由", "经办账号", "对应的兑换、入库或盘点编号")


@router.get(
    "/stock/moves/export",
    response_class=Response,
    responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, ForbiddenError, ExportSpanError),
)
async def export_stock_moves(
    uow: Uow,
    principal: CurrentPrincipal,
    from_on: FirstDay,
    to_on: LastDay,
    file_format: WantedFormat = SheetFormat.XLSX,
) -> Response:
    """Download every move of a piece on some days. For storekeepers, administrators and supervisors."""
    rows = await usecases.export_moves(uow=uow, principal=principal, from_on=from_on, to_on=to_on)
    lines = [
        (
            move.created_at,
            name,
            str(move.batch_id),
            PLACE_NAMES[move.source],
            PLACE_NAMES[move.destination],
            move.quantity,
            move.reason,
            move.acting_account_id,
            str(move.cause_id),
        )
        for name, move in rows
    ]
    return await sheet_response(file_format, f"库存流水-{from_on}-{to_on}", MOVES_HEADER, lines)
