"""Monthly settlements over HTTP: drafted, confirmed by both sides, paid; disputes and the sheet."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.ledger.errors import AccountNotFoundError
from services.points.merchants.errors import MerchantNotFoundError
from services.points.settlements import usecases
from services.points.settlements.domain import State
from services.points.settlements.errors import (
    MonthInvalidError,
    NothingToSettleError,
    SettlementExistsError,
    SettlementMismatchError,
    SettlementNotFoundError,
    SettlementRecusedError,
    VoucherNotInSettlementError,
)
from services.points.settlements.schemas import Dispute, DisputeAnswer, Payment, SettlementCreate, SettlementRead
from services.points.steps import usecases as steps
from services.points.steps.schemas import StepRead
from services.points.vouchers.domain import Voucher
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList
from shared.sheets import SHEET_RESPONSES, SheetFormat, Value, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points/settlements", tags=["商户结算"], route_class=CommandRoute)

MOVE_ERRORS = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, SettlementNotFoundError, ForbiddenError, WrongStateError)


@router.post(
    "",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        MerchantNotFoundError,
        MonthInvalidError,
        SettlementExistsError,
        NothingToSettleError,
        SettlementMismatchError,
        AccountNotFoundError,
    ),
)
async def draft_settlement(
    payload: SettlementCreate, uow: Uow, principal: CurrentPrincipal, response: Response
) -> SettlementRead:
    """Draft a shop's settlement of a month that is over. The clock does it too; for administrators and the committee."""
    settlement = await usecases.draft_settlement(
        uow=uow, principal=principal, merchant_id=payload.merchant_id, month=payload.month
    )
    response.headers["Location"] = f"{router.prefix}/{settlement.id}"
    return SettlementRead.model_validate(settlement)


@router.get("", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_settlements(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    merchant_id: Annotated[UUID | None, Query(description="Only of this shop.")] = None,
    state: Annotated[State | None, Query(description="Only this state: what waits for whom.")] = None,
) -> Page[SettlementRead]:
    """List settlements, newest first: the own shop's, and for those who confirm, pay and watch all."""
    rows = await usecases.list_settlements(
        uow=uow, principal=principal, page=page, merchant_id=merchant_id, state=state
    )
    return page_of(rows.map(SettlementRead.model_validate), request, response)


@router.get("/{settlement_id}", responses=problems(*AUTH_ERRORS, SettlementNotFoundError))
async def get_settlement(settlement_id: UUID, uow: Uow, principal: CurrentPrincipal) -> SettlementRead:
    """Return a settlement."""
    settlement = await usecases.get_settlement(uow=uow, principal=principal, settlement_id=settlement_id)
    return SettlementRead.model_validate(settlement)


@router.get("/{settlement_id}/actions", responses=problems(*AUTH_ERRORS, SettlementNotFoundError))
async def list_settlement_actions(settlement_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a settlement now."""
    settlement, actions = await usecases.list_actions(uow=uow, principal=principal, settlement_id=settlement_id)
    return ActionList(state=settlement.state, actions=[action.value for action in actions])


@router.get("/{settlement_id}/steps", responses=problems(*AUTH_ERRORS, SettlementNotFoundError, CursorInvalidError))
async def list_settlement_steps(
    settlement_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[StepRead]:
    """Return who did what to a settlement, oldest first."""
    await usecases.get_settlement(uow=uow, principal=principal, settlement_id=settlement_id)
    rows = await steps.list_steps(uow=uow, subject_id=settlement_id, page=page)
    return page_of(rows.map(StepRead.model_validate), request, response)


HEADER = ("券号", "优惠", "核销时间", "积分", "金额（元）", "顾客账单（元）", "积分流水号")


def _line(voucher: Voucher) -> tuple[Value, ...]:
    return (
        voucher.id,
        voucher.title,
        voucher.used_at,
        voucher.points,
        _yuan(voucher.value_fen),
        "" if voucher.bill_fen is None else _yuan(voucher.bill_fen),
        voucher.transfer_id,
    )


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


@router.get(
    "/{settlement_id}/export",
    response_class=Response,
    responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, SettlementNotFoundError),
)
async def export_settlement(
    settlement_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    file_format: WantedFormat = SheetFormat.XLSX,
) -> Response:
    """Download a settlement as a sheet: one line per voucher with its transfer in the ledger, and the sum."""
    settlement, lines = await usecases.list_lines(uow=uow, principal=principal, settlement_id=settlement_id)
    total = ("合计", f"{settlement.vouchers} 张", "", settlement.points, _yuan(settlement.value_fen), "", "")
    name = f"结算-{settlement.merchant_name}-{settlement.month:%Y-%m}"
    return await sheet_response(file_format, name, HEADER, [*map(_line, lines), total])


@router.post("/{settlement_id}/confirmations", responses=problems(*MOVE_ERRORS))
async def confirm_settlement(settlement_id: UUID, uow: Uow, principal: CurrentPrincipal) -> SettlementRead:
    """Confirm the totals. For the shop."""
    settlement = await usecases.confirm_settlement(uow=uow, principal=principal, settlement_id=settlement_id)
    return SettlementRead.model_validate(settlement)


@router.post("/{settlement_id}/disputes", responses=problems(*MOVE_ERRORS))
async def dispute_settlement(
    settlement_id: UUID, payload: Dispute, uow: Uow, principal: CurrentPrincipal
) -> SettlementRead:
    """Say that something is wrong; nothing is paid until it is answered. For the shop, the committee and supervisors."""
    settlement = await usecases.dispute_settlement(
        uow=uow, principal=principal, settlement_id=settlement_id, reason=payload.reason
    )
    return SettlementRead.model_validate(settlement)


@router.post(
    "/{settlement_id}/answers", responses=problems(*MOVE_ERRORS, SettlementRecusedError, VoucherNotInSettlementError)
)
async def answer_dispute(
    settlement_id: UUID, payload: DisputeAnswer, uow: Uow, principal: CurrentPrincipal
) -> SettlementRead:
    """Answer a dispute and draft again without the vouchers that were wrong. For the committee and supervisors."""
    settlement = await usecases.answer_dispute(
        uow=uow, principal=principal, settlement_id=settlement_id, answer=payload.answer, without=payload.without
    )
    return SettlementRead.model_validate(settlement)


@router.post("/{settlement_id}/countersignatures", responses=problems(*MOVE_ERRORS, SettlementRecusedError))
async def countersign_settlement(settlement_id: UUID, uow: Uow, principal: CurrentPrincipal) -> SettlementRead:
    """Confirm for the community what the shop has confirmed. For the committee and supervisors."""
    settlement = await usecases.countersign_settlement(uow=uow, principal=principal, settlement_id=settlement_id)
    return SettlementRead.model_validate(settlement)


@router.post(
    "/{settlement_id}/payments", responses=problems(*MOVE_ERRORS, SettlementRecusedError, SettlementMismatchError)
)
async def pay_settlement(
    settlement_id: UUID, payload: Payment, uow: Uow, principal: CurrentPrincipal
) -> SettlementRead:
    """Write down that the shop was paid. For administrators, not for who confirmed for the community."""
    settlement = await usecases.pay_settlement(
        uow=uow, principal=principal, settlement_id=settlement_id, reference=payload.reference
    )
    return SettlementRead.model_validate(settlement)
