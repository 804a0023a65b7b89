"""Home delivery over HTTP."""

from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.budgets.errors import BudgetExhaustedError
from services.points.deliveries import usecases
from services.points.deliveries.domain import State
from services.points.deliveries.errors import (
    AlreadyOnItsWayError,
    DeliveryCodeLockedError,
    DeliveryCodeWrongError,
    DeliveryNotFoundError,
    NotDeliverableError,
    OwnDeliveryError,
)
from services.points.deliveries.schemas import DeliveryCreate, DeliveryRead, DoorCode
from services.points.ledger.errors import AccountNotFoundError, HoldAlreadyResolvedError, HouseholdClosedError
from services.points.redemptions import pickup_code
from services.points.redemptions.errors import (
    ExportSpanError,
    PickupTokenInvalidError,
    RedemptionExpiredError,
    RedemptionNotFoundError,
)
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import NoHouseholdError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList
from shared.sheets import SHEET_RESPONSES, FirstDay, LastDay, SheetFormat, WantedFormat, sheet_response
from shared.tries import counted_tries

router = APIRouter(prefix="/api/v1/points/deliveries", tags=["送货上门"], route_class=CommandRoute)

LONGEST_HOLD: Final = timedelta(hours=720)
"""No code lives longer; see `ProductChange.hold_hours`."""

STEP_ERRORS = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, DeliveryNotFoundError, WrongStateError)


@router.get("", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_deliveries(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[State | None, Query(description="Only this state; `requested` waits for a volunteer.")] = None,
) -> Page[DeliveryRead]:
    """List deliveries, newest first: the own household's, those one carries, those that wait for a volunteer; storekeepers see all."""
    rows = await usecases.list_deliveries(uow=uow, principal=principal, page=page, state=state)
    return page_of(rows.map(DeliveryRead.model_validate), request, response)


@router.post(
    "",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        NoHouseholdError,
        AccountNotFoundError,
        RedemptionNotFoundError,
        NotDeliverableError,
        AlreadyOnItsWayError,
    ),
)
async def request_delivery(
    payload: DeliveryCreate, uow: Uow, principal: CurrentPrincipal, response: Response
) -> DeliveryRead:
    """Ask a neighbour to bring redeemed goods home. For the household."""
    delivery = await usecases.request_delivery(
        uow=uow,
        principal=principal,
        redemption_id=payload.redemption_id,
        note=payload.note,
    )
    response.headers["Location"] = f"{router.prefix}/{delivery.id}"
    return DeliveryRead.model_validate(delivery)


HEADER = (
    "约送时间",
    "商品",
    "件数",
    "楼栋",
    "状态",
    "志愿者",
    "办结时间",
    "奖励积分",
    "奖励收回时间",
    "住户的话",
    "兑换编号",
    "编号",
)


@router.get(
    "/export",
    response_class=Response,
    responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, ForbiddenError, ExportSpanError),
)
async def export_deliveries(
    uow: Uow,
    principal: CurrentPrincipal,
    from_on: FirstDay,
    to_on: LastDay,
    file_format: WantedFormat = SheetFormat.XLSX,
) -> Response:
    """Download which goods neighbours brought home, by the day it was asked for. For storekeepers, administrators and supervisors."""
    rows = await usecases.export_deliveries(uow=uow, principal=principal, from_on=from_on, to_on=to_on)
    lines = [
        (
            one.requested_at,
            one.product_name,
            one.quantity,
            one.building_name,
            one.state.word,
            one.volunteer_name,
            one.ended_at,
            one.reward_points if one.spendable_transfer_id else 0,
            one.reward_reversed_at,
            one.note,
            str(one.redemption_id),
            str(one.id),
        )
        for one in rows
    ]
    return await sheet_response(file_format, f"送货上门-{from_on}-{to_on}", HEADER, lines)


@router.get("/{delivery_id}", responses=problems(*AUTH_ERRORS, DeliveryNotFoundError))
async def get_delivery(delivery_id: UUID, uow: Uow, principal: CurrentPrincipal) -> DeliveryRead:
    """Return a delivery."""
    delivery = await usecases.get_delivery(uow=uow, principal=principal, delivery_id=delivery_id)
    return DeliveryRead.model_validate(delivery)


@router.get("/{delivery_id}/actions", responses=problems(*AUTH_ERRORS, DeliveryNotFoundError))
async def list_delivery_actions(delivery_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a delivery now."""
    state, actions = await usecases.list_actions(uow=uow, principal=principal, delivery_id=delivery_id)
    return ActionList(state=state, actions=[action.value for action in actions])


@router.post(
    "/{delivery_id}/takings",
    responses=problems(*STEP_ERRORS, NoHouseholdError, HouseholdClosedError, OwnDeliveryError, BudgetExhaustedError),
)
async def take_delivery(delivery_id: UUID, uow: Uow, principal: CurrentPrincipal) -> DeliveryRead:
    """Take a delivery on. For residents of another household."""
    delivery = await usecases.take_delivery(uow=uow, principal=principal, delivery_id=delivery_id)
    return DeliveryRead.model_validate(delivery)


@router.post("/{delivery_id}/drops", responses=problems(*STEP_ERRORS))
async def drop_delivery(delivery_id: UUID, uow: Uow, principal: CurrentPrincipal) -> DeliveryRead:
    """Give a delivery back to the others before the goods have left the store. For its volunteer."""
    delivery = await usecases.drop_delivery(uow=uow, principal=principal, delivery_id=delivery_id)
    return DeliveryRead.model_validate(delivery)


@router.post("/{delivery_id}/dispatches", responses=problems(*STEP_ERRORS, OwnDeliveryError))
async def send_delivery(delivery_id: UUID, uow: Uow, principal: CurrentPrincipal) -> DeliveryRead:
    """Give the goods to the volunteer. For storekeepers, not for their own household or their own round."""
    delivery = await usecases.send_delivery(uow=uow, principal=principal, delivery_id=delivery_id)
    return DeliveryRead.model_validate(delivery)


@router.post("/{delivery_id}/returns", responses=problems(*STEP_ERRORS, OwnDeliveryError))
async def bring_back_delivery(delivery_id: UUID, uow: Uow, principal: CurrentPrincipal) -> DeliveryRead:
    """Take goods back that could not be delivered. For storekeepers."""
    delivery = await usecases.bring_back_delivery(uow=uow, principal=principal, delivery_id=delivery_id)
    return DeliveryRead.model_validate(delivery)


@router.post("/{delivery_id}/cancellations", responses=problems(*STEP_ERRORS))
async def cancel_delivery(delivery_id: UUID, uow: Uow, principal: CurrentPrincipal) -> DeliveryRead:
    """Do without delivery; the goods stay reserved at the store. For the household, before they have left."""
    delivery = await usecases.cancel_delivery(uow=uow, principal=principal, delivery_id=delivery_id)
    return DeliveryRead.model_validate(delivery)


@router.post(
    "/{delivery_id}/hand-overs",
    responses=problems(
        *STEP_ERRORS,
        DeliveryCodeWrongError,
        DeliveryCodeLockedError,
        PickupTokenInvalidError,
        RedemptionExpiredError,
        HoldAlreadyResolvedError,
        AccountNotFoundError,
    ),
)
async def hand_over_delivery(
    delivery_id: UUID, payload: DoorCode, uow: Uow, principal: CurrentPrincipal, request: Request
) -> DeliveryRead:
    """Hand the goods over at the door with the household's code; the volunteer's household earns points.

    After ten wrong codes only a new one opens, which the household or a storekeeper asks for (`POST /redemptions/{id}/codes`).
    """
    redemption_id, code = None, payload.code
    if payload.token is not None:
        key = runtime_of(request).settings.pickup_key.get_secret_value().encode()
        redemption_id, code = pickup_code.read(key, payload.token)
    carried = await usecases.get_carried(uow=uow, principal=principal, delivery_id=delivery_id)
    async with counted_tries(
        runtime_of(request).redis,
        pickup_code.wrong_codes_key(carried.redemption_id),
        most=pickup_code.MOST_WRONG,
        lasts=LONGEST_HOLD,
        wrong=DeliveryCodeWrongError,
        locked=DeliveryCodeLockedError,
    ):
        delivery = await usecases.hand_over_delivery(
            uow=uow, principal=principal, delivery_id=delivery_id, code=code or "", redemption_id=redemption_id
        )
    return DeliveryRead.model_validate(delivery)
