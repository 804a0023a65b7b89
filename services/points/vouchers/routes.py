"""Shop vouchers over HTTP: take one, show its code, verify it at the shop, give it up, take it back."""

import io
import secrets
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import segno
from fastapi import APIRouter, Query, Request, Response

from services.points.ledger.errors import (
    AccountNotFoundError,
    HoldAlreadyResolvedError,
    HouseholdClosedError,
    InsufficientBalanceError,
)
from services.points.merchants.errors import (
    NotAShopError,
    OfferNotFoundError,
    OfferNotOpenError,
    OfferSoldOutError,
)
from services.points.vouchers import usecases, voucher_code
from services.points.vouchers.domain import State, Voucher
from services.points.vouchers.errors import (
    AdoptersOnlyError,
    CodesExhaustedError,
    OwnShopError,
    VoucherCodeUnknownError,
    VoucherExpiredError,
    VoucherLimitError,
    VoucherNotFoundError,
    VoucherSettledError,
    VoucherTokenInvalidError,
)
from services.points.vouchers.schemas import TakeBack, Verification, VoucherCreate, VoucherRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import NoHouseholdError, Principal
from shared.kernel.state_machine import WrongStateError
from shared.kernel.values import Fen
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList
from shared.sheets import SHEET_RESPONSES, SheetFormat, Value, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points/vouchers", tags=["商户券"], route_class=CommandRoute)

RANDOM_BITS = 256
CODES_OFFERED = 5


def _read(voucher: Voucher, principal: Principal) -> VoucherRead:
    """Show a voucher; its code is for the household alone, or a shop could verify what nobody brought."""
    read = VoucherRead.model_validate(voucher)
    if voucher.household_id == principal.household_id and voucher.state is State.ISSUED:
        return read
    return read.model_copy(update={"code": None})


def _key(request: Request) -> bytes:
    key: str = runtime_of(request).settings.pickup_key.get_secret_value()
    return key.encode()


@router.post(
    "",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        NoHouseholdError,
        OfferNotFoundError,
        OfferNotOpenError,
        OfferSoldOutError,
        OwnShopError,
        AdoptersOnlyError,
        VoucherLimitError,
        AccountNotFoundError,
        HouseholdClosedError,
        InsufficientBalanceError,
        CodesExhaustedError,
    ),
)
async def issue_voucher(
    payload: VoucherCreate, uow: Uow, principal: CurrentPrincipal, response: Response
) -> VoucherRead:
    """Take a voucher for the caller's household; its points are held until it is used, given up or expired."""
    codes = voucher_code.codes_of(secrets.randbits(RANDOM_BITS), CODES_OFFERED)
    voucher = await usecases.issue_voucher(uow=uow, principal=principal, offer_id=payload.offer_id, codes=codes)
    response.headers["Location"] = f"{router.prefix}/{voucher.id}"
    return _read(voucher, principal)


@router.get("", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_vouchers(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[State | None, Query(description="Only this state.")] = None,
    merchant_id: Annotated[UUID | None, Query(description="Only of this shop.")] = None,
) -> Page[VoucherRead]:
    """List vouchers, newest first: the own household's, the own shop's, and for those who run the alliance all."""
    rows = await usecases.list_vouchers(uow=uow, principal=principal, page=page, state=state, merchant_id=merchant_id)
    return page_of(rows.map(lambda voucher: _read(voucher, principal)), request, response)


HEADER = (
    "领取时间",
    "户号",
    "商家",
    "券",
    "积分",
    "面值（元）",
    "折扣（%）",
    "状态",
    "使用时间",
    "账单（元）",
    "到期时间",
    "办结时间",
    "原因",
)


def _line(voucher: Voucher, number: str) -> tuple[Value, ...]:
    return (
        voucher.created_at,
        number,
        voucher.merchant_name,
        voucher.title,
        voucher.points,
        Decimal(voucher.value_fen) / 100,
        voucher.discount_percent,
        voucher.state.word,
        voucher.used_at,
        None if voucher.bill_fen is None else Decimal(voucher.bill_fen) / 100,
        voucher.expires_at,
        voucher.ended_at,
        voucher.reason,
    )


@router.get("/export", response_class=Response, responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, ForbiddenError))
async def export_vouchers(
    uow: Uow,
    principal: CurrentPrincipal,
    file_format: WantedFormat = SheetFormat.XLSX,
    state: Annotated[State | None, Query(description="Only this state.")] = None,
    merchant_id: Annotated[UUID | None, Query(description="Only of this shop.")] = None,
) -> Response:
    """Download the vouchers as a sheet, without their codes. For those who run and watch the alliance."""
    found = await usecases.list_for_export(uow=uow, principal=principal, state=state, merchant_id=merchant_id)
    return await sheet_response(file_format, "商户券", HEADER, [_line(voucher, number) for voucher, number in found])


@router.post(
    "/verifications",
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        NotAShopError,
        VoucherCodeUnknownError,
        VoucherTokenInvalidError,
        OwnShopError,
        VoucherExpiredError,
        HoldAlreadyResolvedError,
    ),
)
async def verify_voucher(payload: Verification, uow: Uow, principal: CurrentPrincipal, request: Request) -> VoucherRead:
    """Verify a voucher at the shop's counter; its points go to the shop. For accounts of the shop, not for their own household."""
    voucher_id, code = None, payload.code
    if payload.token is not None:
        voucher_id, code = voucher_code.read(_key(request), payload.token)
    bill = None if payload.bill_fen is None else Fen(payload.bill_fen)
    voucher = await usecases.use_by_code(
        uow=uow, principal=principal, code=code or "", voucher_id=voucher_id, bill_fen=bill
    )
    return _read(voucher, principal)


@router.get("/{voucher_id}", responses=problems(*AUTH_ERRORS, VoucherNotFoundError))
async def get_voucher(voucher_id: UUID, uow: Uow, principal: CurrentPrincipal) -> VoucherRead:
    """Return a voucher; the household also sees its code."""
    return _read(await usecases.get_voucher(uow=uow, principal=principal, voucher_id=voucher_id), principal)


@router.get("/{voucher_id}/actions", responses=problems(*AUTH_ERRORS, VoucherNotFoundError))
async def list_voucher_actions(voucher_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a voucher now."""
    voucher, actions = await usecases.list_actions(uow=uow, principal=principal, voucher_id=voucher_id)
    return ActionList(state=voucher.state, actions=[action.value for action in actions])


@router.get(
    "/{voucher_id}/qr",
    response_class=Response,
    responses=problems(*AUTH_ERRORS, VoucherNotFoundError)
    | {200: {"content": {"image/svg+xml": {}}, "description": "QR code as SVG."}},
)
async def get_voucher_qr(voucher_id: UUID, uow: Uow, principal: CurrentPrincipal, request: Request) -> Response:
    """Return the code as a QR picture, for the household alone and while the voucher is issued."""
    voucher = await usecases.get_voucher(uow=uow, principal=principal, voucher_id=voucher_id)
    code = _read(voucher, principal).code
    if code is None:
        raise VoucherNotFoundError
    picture = io.BytesIO()
    segno.make(voucher_code.sign(_key(request), voucher_id, code), error="m").save(picture, kind="svg", scale=8)
    return Response(picture.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@router.post(
    "/{voucher_id}/refunds",
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        VoucherNotFoundError,
        ForbiddenError,
        WrongStateError,
        HoldAlreadyResolvedError,
    ),
)
async def give_up_voucher(voucher_id: UUID, uow: Uow, principal: CurrentPrincipal) -> VoucherRead:
    """Give an unused voucher up; its points come back at once. For the household."""
    return _read(await usecases.give_up_voucher(uow=uow, principal=principal, voucher_id=voucher_id), principal)


@router.post(
    "/{voucher_id}/returns",
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        VoucherNotFoundError,
        NotAShopError,
        ForbiddenError,
        WrongStateError,
        OwnShopError,
        VoucherSettledError,
    ),
)
async def take_back_voucher(voucher_id: UUID, payload: TakeBack, uow: Uow, principal: CurrentPrincipal) -> VoucherRead:
    """Undo a verification before it is settled; the points return with the expiry they had. For the shop."""
    voucher = await usecases.take_back_voucher(
        uow=uow, principal=principal, voucher_id=voucher_id, reason=payload.reason
    )
    return _read(voucher, principal)
