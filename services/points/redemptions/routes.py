"""Redeeming goods over HTTP: reserve, show the code, pick up, give up, bring back."""

import io
import secrets
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import segno
from fastapi import APIRouter, Query, Request, Response

from services.points.deliveries import usecases as deliveries
from services.points.histories.domain import span_of
from services.points.histories.errors import DaysReversedError
from services.points.ledger.errors import (
    AccountNotFoundError,
    HoldAlreadyResolvedError,
    HouseholdClosedError,
    InsufficientBalanceError,
)
from services.points.redemptions import pickup_code, usecases
from services.points.redemptions.domain import Filters, Redemption, State, has_code
from services.points.redemptions.errors import (
    CancelReasonMissingError,
    CashDueError,
    ExportSpanError,
    HouseholdLimitError,
    NotOnSaleError,
    OwnCounterError,
    PickupCodeUnknownError,
    PickupTokenInvalidError,
    PriceChangedError,
    RedemptionExpiredError,
    RedemptionNotFoundError,
    SoldOutError,
)
from services.points.redemptions.schemas import Cancellation, Pickup, RedemptionCreate, RedemptionRead, Return
from services.points.steps import usecases as steps
from services.points.steps.schemas import StepRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.hot import HotRoute
from shared.idempotency import IDEMPOTENCY_ERRORS, REPLAYED, CommandRoute, Uow, read_key, request_hash
from shared.ids import new_id
from shared.kernel.errors import ForbiddenError, UnavailableError
from shared.kernel.principal import NoHouseholdError, Principal
from shared.kernel.state_machine import WrongStateError
from shared.kernel.values import Fen
from shared.pagination import CursorInvalidError, FromOn, Page, Paging, ToOn, page_of
from shared.problems import problems
from shared.schemas import ActionList
from shared.sheets import SHEET_RESPONSES, FirstDay, LastDay, SheetFormat, Value, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points/redemptions", tags=["兑换"], route_class=CommandRoute)
hot_router = APIRouter(prefix=router.prefix, tags=["兑换"], route_class=HotRoute)
"""The one route that everybody takes at once."""

RANDOM_BITS = 160
CODES_OFFERED = 5
"""Pickup codes offered to the database at once; the first that is free is taken."""


def _read(redemption: Redemption, principal: Principal) -> RedemptionRead:
    """Show a redemption; its code is for the household alone, or a storekeeper could pick up without it."""
    read = RedemptionRead.model_validate(redemption)
    if redemption.household_id == principal.household_id and has_code(redemption.state):
        return read
    return read.model_copy(update={"pickup_code": None})


@hot_router.post(
    "",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        NoHouseholdError,
        AccountNotFoundError,
        HouseholdClosedError,
        InsufficientBalanceError,
        NotOnSaleError,
        PriceChangedError,
        HouseholdLimitError,
        SoldOutError,
    ),
)
async def redeem(
    payload: RedemptionCreate, principal: CurrentPrincipal, request: Request, response: Response
) -> RedemptionRead:
    """Redeem goods for the caller's household: points and stock are held until they are picked up.

    Send an `Idempotency-Key` and keep it until an answer has come; sending the request again with the same key gives the same answer
    and never redeems twice.
    """
    runtime = runtime_of(request)
    redeemed = await usecases.redeem(
        database=runtime.database,
        principal=principal,
        product_id=payload.product_id,
        quantity=payload.quantity,
        expected_price=payload.price_points,
        expected_cash=payload.cash_fen,
        key=read_key(request),
        request_hash=await request_hash(request),
        redemption_id=new_id(),
        codes=pickup_code.codes_of(secrets.randbits(RANDOM_BITS), CODES_OFFERED),
        now=runtime.clock.now(),
    )
    if redeemed.is_replayed:
        response.headers[REPLAYED] = "true"
    response.headers["Location"] = f"{router.prefix}/{redeemed.redemption['id']}"
    return RedemptionRead.model_validate(redeemed.redemption)


@router.get("", responses=problems(*AUTH_ERRORS, DaysReversedError, CursorInvalidError))
async def list_redemptions(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[State | None, Query(description="Only this state.")] = None,
    household_id: Annotated[UUID | None, Query(description="Only this household, for those who run the store.")] = None,
    product_id: Annotated[UUID | None, Query(description="Only this product.")] = None,
    batch_id: Annotated[
        UUID | None, Query(description="Only pieces of this batch: whom to warn when it is bad.")
    ] = None,
    from_on: FromOn = None,
    to_on: ToOn = None,
) -> Page[RedemptionRead]:
    """List redemptions, newest first: the own household's, or all for those who run and watch the store."""
    filters = Filters(state, household_id, span_of(from_on, to_on), product_id, batch_id)
    rows = await usecases.list_redemptions(uow=uow, principal=principal, page=page, filters=filters)
    return page_of(rows.map(lambda redemption: _read(redemption, principal)), request, response)


HEADER = (
    "兑换时间",
    "商品",
    "件数",
    "积分",
    "状态",
    "办结时间",
    "退回时间",
    "代取人",
    "为谁代取",
    "原因",
    "应收现金（元）",
    "实收现金（元）",
    "退还现金（元）",
    "编号",
)


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


@router.get(
    "/export",
    response_class=Response,
    responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, ForbiddenError, ExportSpanError),
)
async def export_redemptions(
    uow: Uow,
    principal: CurrentPrincipal,
    from_on: FirstDay,
    to_on: LastDay,
    file_format: WantedFormat = SheetFormat.XLSX,
) -> Response:
    """Download what was redeemed on some days, with the cash received and given back. For storekeepers, administrators and supervisors."""
    rows = await usecases.export_redemptions(uow=uow, principal=principal, from_on=from_on, to_on=to_on)
    lines: list[Sequence[Value]] = [
        (
            one.created_at,
            one.product_name,
            one.quantity,
            one.points,
            one.state.word,
            one.ended_at,
            one.taken_back_at,
            one.proxy_name,
            one.proxy_for,
            one.reason,
            _yuan(one.cash_fen),
            _yuan(one.cash_received_fen),
            _yuan(one.cash_returned_fen),
            str(one.id),
        )
        for one in rows
    ]
    received, returned = sum(one.cash_received_fen for one in rows), sum(one.cash_returned_fen for one in rows)
    lines.append(("现金合计", *[None] * 10, _yuan(received), _yuan(returned), None))
    return await sheet_response(file_format, f"兑换-{from_on}-{to_on}", HEADER, lines)


@router.post(
    "/pickups",
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        PickupCodeUnknownError,
        PickupTokenInvalidError,
        OwnCounterError,
        RedemptionExpiredError,
        HoldAlreadyResolvedError,
        CashDueError,
    ),
)
async def pick_up(payload: Pickup, uow: Uow, principal: CurrentPrincipal, request: Request) -> RedemptionRead:
    """Verify a pickup code at the counter and hand the goods over. For storekeepers, not for their own household.

    Goods with a cash part are refused with the amount that is due until `cash_received_fen` says that it was received.
    """
    redemption_id, code = None, payload.code
    if payload.token is not None:
        key = runtime_of(request).settings.pickup_key.get_secret_value().encode()
        redemption_id, code = pickup_code.read(key, payload.token)
    redemption = await usecases.pick_up_by_code(
        uow=uow,
        principal=principal,
        code=code or "",
        redemption_id=redemption_id,
        proxy_name=payload.proxy_name,
        cash_received=Fen(payload.cash_received_fen),
    )
    return _read(redemption, principal)


@router.get("/{redemption_id}", responses=problems(*AUTH_ERRORS, RedemptionNotFoundError))
async def get_redemption(redemption_id: UUID, uow: Uow, principal: CurrentPrincipal) -> RedemptionRead:
    """Return a redemption; the household also sees its pickup code."""
    redemption = await usecases.get_redemption(uow=uow, principal=principal, redemption_id=redemption_id)
    return _read(redemption, principal)


@router.get("/{redemption_id}/actions", responses=problems(*AUTH_ERRORS, RedemptionNotFoundError))
async def list_actions(redemption_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a redemption now."""
    redemption, actions = await usecases.list_actions(uow=uow, principal=principal, redemption_id=redemption_id)
    return ActionList(state=redemption.state, actions=[action.value for action in actions])


@router.get("/{redemption_id}/steps", responses=problems(*AUTH_ERRORS, RedemptionNotFoundError, CursorInvalidError))
async def list_redemption_steps(
    redemption_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[StepRead]:
    """Return who reserved, prepared, handed over, gave up or took back goods, when and why, oldest first.

    What a neighbour who brings them home did is among it, as `delivery_…`; nobody is named for the clock and for property.
    """
    redemption = await usecases.get_redemption(uow=uow, principal=principal, redemption_id=redemption_id)
    rows = await steps.list_steps(uow=uow, subject_id=redemption_id, page=page, first=redemption.first_step())
    return page_of(rows.map(StepRead.model_validate), request, response)


@router.get(
    "/{redemption_id}/qr",
    response_class=Response,
    responses=problems(*AUTH_ERRORS, RedemptionNotFoundError)
    | {200: {"content": {"image/svg+xml": {}, "image/png": {}}, "description": "QR code as SVG or PNG."}},
)
async def get_qr_code(
    redemption_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    request: Request,
    picture_format: Annotated[
        Literal["svg", "png"], Query(alias="format", description="svg for a page, png for an old phone or a printer.")
    ] = "svg",
) -> Response:
    """Return the pickup code as a QR picture, for the household alone and while it is open."""
    redemption = await usecases.get_redemption(uow=uow, principal=principal, redemption_id=redemption_id)
    code = _read(redemption, principal).pickup_code
    if code is None:
        raise RedemptionNotFoundError
    key = runtime_of(request).settings.pickup_key.get_secret_value().encode()
    picture = io.BytesIO()
    segno.make(pickup_code.sign(key, redemption_id, code), error="m").save(picture, kind=picture_format, scale=8)
    media_type = {"svg": "image/svg+xml", "png": "image/png"}[picture_format]
    return Response(picture.getvalue(), media_type=media_type, headers={"Cache-Control": "no-store"})


COUNTER_ERRORS = (
    *AUTH_ERRORS,
    *IDEMPOTENCY_ERRORS,
    ForbiddenError,
    RedemptionNotFoundError,
    WrongStateError,
)


@router.post(
    "/{redemption_id}/preparations", responses=problems(*COUNTER_ERRORS, OwnCounterError, RedemptionExpiredError)
)
async def prepare(redemption_id: UUID, uow: Uow, principal: CurrentPrincipal) -> RedemptionRead:
    """Say that the goods lie ready. For storekeepers."""
    redemption = await usecases.prepare_redemption(uow=uow, principal=principal, redemption_id=redemption_id)
    return _read(redemption, principal)


@router.post("/{redemption_id}/codes", responses=problems(*COUNTER_ERRORS, RedemptionExpiredError, UnavailableError))
async def renew_code(redemption_id: UUID, uow: Uow, principal: CurrentPrincipal, request: Request) -> RedemptionRead:
    """Replace the pickup code; the old one opens nothing more, and wrong codes told at the door are forgotten.

    For the household, and for storekeepers, who do not see the new one.
    """
    codes = pickup_code.codes_of(secrets.randbits(RANDOM_BITS), CODES_OFFERED)
    redemption = await usecases.renew_code(uow=uow, principal=principal, redemption_id=redemption_id, codes=codes)
    await runtime_of(request).redis.delete(pickup_code.wrong_codes_key(redemption_id))
    return _read(redemption, principal)


@router.post(
    "/{redemption_id}/cancellations",
    responses=problems(*COUNTER_ERRORS, HoldAlreadyResolvedError, CancelReasonMissingError),
)
async def cancel(redemption_id: UUID, payload: Cancellation, uow: Uow, principal: CurrentPrincipal) -> RedemptionRead:
    """Give the goods up before they are picked up; the points come back at once.

    For the household, and for storekeepers, who say why.
    """
    redemption = await usecases.cancel_redemption(
        uow=uow, principal=principal, redemption_id=redemption_id, reason=payload.reason
    )
    return _read(redemption, principal)


@router.post("/{redemption_id}/returns", responses=problems(*COUNTER_ERRORS, OwnCounterError))
async def take_back(redemption_id: UUID, payload: Return, uow: Uow, principal: CurrentPrincipal) -> RedemptionRead:
    """Take goods back; the points return with the expiry they had. For storekeepers, not for their own household.

    When a neighbour had brought them home and they go on the shelf again, the neighbour's reward is taken back too.
    """
    redemption = await deliveries.return_goods(
        uow=uow,
        principal=principal,
        redemption_id=redemption_id,
        reason=payload.reason,
        is_resellable=payload.is_resellable,
    )
    return _read(redemption, principal)
