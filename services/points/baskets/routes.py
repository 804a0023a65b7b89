"""Baskets over HTTP: several goods in one request, and over the counter together."""

import secrets
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.points.baskets import usecases
from services.points.baskets.domain import Line
from services.points.baskets.errors import BasketNotFoundError, BasketRepeatsProductError, BasketTooLargeError
from services.points.baskets.schemas import BasketCreate, BasketRead
from services.points.ledger.errors import (
    AccountNotFoundError,
    HoldAlreadyResolvedError,
    HouseholdClosedError,
    InsufficientBalanceError,
)
from services.points.redemptions import pickup_code
from services.points.redemptions.domain import Redemption, has_code
from services.points.redemptions.errors import (
    CashDueError,
    HouseholdLimitError,
    NotOnSaleError,
    OwnCounterError,
    PickupCodeUnknownError,
    PickupTokenInvalidError,
    PriceChangedError,
    RedemptionExpiredError,
    SoldOutError,
)
from services.points.redemptions.schemas import Pickup, RedemptionRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.idempotency import IDEMPOTENCY_ERRORS, REPLAYED, CommandRoute, Uow, read_key, request_hash
from shared.ids import new_id
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import NoHouseholdError, Principal
from shared.kernel.values import Fen
from shared.problems import problems

router = APIRouter(prefix="/api/v1/points/baskets", tags=["兑换"], route_class=CommandRoute)

CODES_OFFERED = 5
BITS_PER_CODE = 32
"""More than the 20 that six digits need, so that no digit is likelier than another."""


def _read(redemption: Redemption, principal: Principal) -> RedemptionRead:
    read = RedemptionRead.model_validate(redemption)
    is_own = redemption.household_id == principal.household_id
    return read if is_own and has_code(redemption.state) else read.model_copy(update={"pickup_code": None})


@router.post(
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
        BasketTooLargeError,
        BasketRepeatsProductError,
    ),
)
async def redeem_basket(
    payload: BasketCreate, principal: CurrentPrincipal, request: Request, response: Response
) -> BasketRead:
    """Redeem several goods for the caller's household in one go, all or nothing.

    A refusal names the line's product in `product_id`. Send an `Idempotency-Key` as for a single redemption.
    """
    runtime = runtime_of(request)
    count = min(len(payload.lines), 50) * CODES_OFFERED
    redeemed = await usecases.redeem_basket(
        database=runtime.database,
        principal=principal,
        lines=[Line(line.product_id, line.quantity, line.price_points, line.cash_fen) for line in payload.lines],
        key=read_key(request),
        request_hash=await request_hash(request),
        basket_id=new_id(),
        new_id=new_id,
        codes=pickup_code.codes_of(secrets.randbits(count * BITS_PER_CODE), count),
        now=runtime.clock.now(),
    )
    if redeemed.is_replayed:
        response.headers[REPLAYED] = "true"
    response.headers["Location"] = f"{router.prefix}/{redeemed.basket_id}"
    return BasketRead(
        id=redeemed.basket_id, redemptions=[RedemptionRead.model_validate(one) for one in redeemed.redemptions]
    )


@router.post(
    "/pickups",
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        PickupCodeUnknownError,
        PickupTokenInvalidError,
        BasketNotFoundError,
        OwnCounterError,
        RedemptionExpiredError,
        HoldAlreadyResolvedError,
        CashDueError,
    ),
)
async def pick_up_basket(
    payload: Pickup, uow: Uow, principal: CurrentPrincipal, request: Request
) -> list[RedemptionRead]:
    """Hand over a whole basket by the code of any of its goods. For storekeepers, not for their own household.

    The cash due is that of all goods together.
    """
    redemption_id, code = None, payload.code
    if payload.token is not None:
        key = runtime_of(request).settings.pickup_key.get_secret_value().encode()
        redemption_id, code = pickup_code.read(key, payload.token)
    rows = await usecases.pick_up_basket(
        uow=uow,
        principal=principal,
        code=code or "",
        redemption_id=redemption_id,
        proxy_name=payload.proxy_name,
        cash_received=Fen(payload.cash_received_fen),
    )
    return [_read(redemption, principal) for redemption in rows]


@router.get("/{basket_id}", responses=problems(*AUTH_ERRORS, BasketNotFoundError))
async def get_basket(basket_id: UUID, uow: Uow, principal: CurrentPrincipal) -> BasketRead:
    """Return a basket with its redemptions as they stand now."""
    rows = await usecases.get_basket(uow=uow, principal=principal, basket_id=basket_id)
    return BasketRead(id=basket_id, redemptions=[_read(redemption, principal) for redemption in rows])
