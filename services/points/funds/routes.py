"""The points funds over HTTP: everybody signed in may look, treasurers book."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.funds import usecases
from services.points.funds.domain import FundTransferKind
from services.points.funds.errors import (
    FundDateError,
    FundExhaustedError,
    FundNameTakenError,
    FundNotFoundError,
    FundTransferNotFoundError,
    FundTransferReversedError,
)
from services.points.funds.schemas import FundCreate, FundRead, FundReversal, FundTransferRead, IncomeCreate
from services.points.histories.errors import DaysReversedError
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.values import Fen
from shared.pagination import CursorInvalidError, FromOn, Page, Paging, ToOn, page_of
from shared.problems import problems
from shared.sheets import SHEET_RESPONSES, SheetFormat, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points/funds", tags=["积分资金"], route_class=CommandRoute)

COMMAND_ERRORS = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError)


@router.get("", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_funds(
    uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[FundRead]:
    """List the funds behind the store with their totals, oldest first; accounts are public."""
    return page_of((await usecases.list_funds(uow=uow, page=page)).map(FundRead.model_validate), request, response)


@router.post("", status_code=201, responses=problems(*COMMAND_ERRORS, FundNameTakenError))
async def open_fund(payload: FundCreate, uow: Uow, principal: CurrentPrincipal, response: Response) -> FundRead:
    """Open a fund. For administrators and committee members."""
    fund = await usecases.open_fund(uow=uow, principal=principal, name=payload.name, source=payload.source)
    response.headers["Location"] = f"{router.prefix}/{fund.id}"
    return FundRead.model_validate(fund)


@router.get("/{fund_id}", responses=problems(*AUTH_ERRORS, FundNotFoundError))
async def get_fund(fund_id: UUID, uow: Uow, principal: CurrentPrincipal) -> FundRead:
    """Return a fund with its totals."""
    return FundRead.model_validate(await usecases.get_fund(uow=uow, fund_id=fund_id))


@router.get(
    "/{fund_id}/transfers",
    responses=problems(*AUTH_ERRORS, FundNotFoundError, DaysReversedError, CursorInvalidError),
)
async def list_fund_transfers(
    fund_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    kind: Annotated[FundTransferKind | None, Query(description="Only income, spending or reversals.")] = None,
    from_on: FromOn = None,
    to_on: ToOn = None,
) -> Page[FundTransferRead]:
    """List a fund's income and spending, newest first, perhaps by the days on the bank slips; open to every member of the community."""
    rows = await usecases.list_transfers(uow=uow, fund_id=fund_id, page=page, kind=kind, from_on=from_on, to_on=to_on)
    return page_of(rows.map(FundTransferRead.model_validate), request, response)


KIND_NAMES = {
    FundTransferKind.INCOME: "收入",
    FundTransferKind.SPENDING: "支出",
    FundTransferKind.REVERSAL: "冲正",
}
HEADER = ("日期", "种类", "金额（分钱）", "往来单位或个人", "事由", "登记时间", "经办账号", "编号", "冲正的编号")


@router.get(
    "/{fund_id}/export",
    response_class=Response,
    responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, FundNotFoundError),
)
async def export_fund(
    fund_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    file_format: WantedFormat = SheetFormat.XLSX,
) -> Response:
    """Download a fund's whole book; open to every member of the community."""
    fund = await usecases.get_fund(uow=uow, fund_id=fund_id)
    lines = [
        (
            one.happened_on,
            KIND_NAMES[FundTransferKind(one.kind)],
            one.amount_fen,
            one.counterparty,
            one.summary,
            one.created_at,
            str(one.acting_account_id),
            str(one.id),
            None if one.reverses_id is None else str(one.reverses_id),
        )
        for one in await usecases.list_all_transfers(uow=uow, fund_id=fund_id)
    ]
    return await sheet_response(file_format, f"{fund.name}收支", HEADER, lines)


@router.post(
    "/{fund_id}/incomes",
    status_code=201,
    responses=problems(*COMMAND_ERRORS, FundNotFoundError, FundDateError),
)
async def record_fund_income(
    fund_id: UUID, payload: IncomeCreate, uow: Uow, principal: CurrentPrincipal
) -> FundTransferRead:
    """Book money that came in. For administrators and committee members."""
    transfer = await usecases.record_income(
        uow=uow,
        principal=principal,
        fund_id=fund_id,
        amount_fen=Fen(payload.amount_fen),
        donor=payload.donor,
        summary=payload.summary,
        happened_on=payload.happened_on,
    )
    return FundTransferRead.model_validate(transfer)


@router.post(
    "/transfers/{transfer_id}/reversals",
    status_code=201,
    responses=problems(
        *COMMAND_ERRORS, FundTransferNotFoundError, FundTransferReversedError, FundExhaustedError, FundNotFoundError
    ),
)
async def reverse_fund_transfer(
    transfer_id: UUID, payload: FundReversal, uow: Uow, principal: CurrentPrincipal
) -> FundTransferRead:
    """Put a wrong booking right by its opposite; both stay visible. For administrators and committee members."""
    transfer = await usecases.reverse_transfer(
        uow=uow, principal=principal, transfer_id=transfer_id, reason=payload.reason
    )
    return FundTransferRead.model_validate(transfer)
