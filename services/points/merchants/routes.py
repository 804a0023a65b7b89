"""The merchant alliance over HTTP: joining, accounts of a shop, offers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.merchants import usecases
from services.points.merchants.domain import Action, Merchant, OfferAction, OfferState, State
from services.points.merchants.errors import (
    MerchantNotFoundError,
    MerchantRecusedError,
    NotAShopError,
    OfferNotFoundError,
    OfferPeriodError,
    OfferTermsError,
    ShopAccountNotFoundError,
    ShopAccountTakenError,
)
from services.points.merchants.schemas import (
    MerchantApply,
    MerchantRead,
    OfferCreate,
    OfferRead,
    Reason,
    ShopAccountCreate,
    Word,
)
from services.points.steps import usecases as steps
from services.points.steps.schemas import StepRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError
from shared.kernel.values import Fen, Points
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList
from shared.sheets import SHEET_RESPONSES, SheetFormat, Value, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points", tags=["商家联盟"], route_class=CommandRoute)

MOVE_ERRORS = (
    *AUTH_ERRORS,
    *IDEMPOTENCY_ERRORS,
    MerchantNotFoundError,
    ForbiddenError,
    WrongStateError,
    MerchantRecusedError,
)
OFFER_ERRORS = (
    *AUTH_ERRORS,
    *IDEMPOTENCY_ERRORS,
    OfferNotFoundError,
    ForbiddenError,
    WrongStateError,
    MerchantRecusedError,
)


@router.post(
    "/merchants",
    status_code=201,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, ShopAccountTakenError),
)
async def apply_as_merchant(
    payload: MerchantApply, uow: Uow, principal: CurrentPrincipal, response: Response
) -> MerchantRead:
    """Apply to join the alliance. The applying account stands for the shop; a till's client needs the scope points:write."""
    merchant = await usecases.apply_as_merchant(
        uow=uow,
        principal=principal,
        name=payload.name,
        category=payload.category,
        address=payload.address,
        note=payload.note,
    )
    response.headers["Location"] = f"{router.prefix}/merchants/{merchant.id}"
    return MerchantRead.model_validate(merchant)


@router.get("/merchants", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_merchants(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[State | None, Query(description="Only this state.")] = None,
) -> Page[MerchantRead]:
    """List the shops of the alliance, newest first; those who run it also see the others."""
    rows = await usecases.list_merchants(uow=uow, principal=principal, page=page, state=state)
    return page_of(rows.map(MerchantRead.model_validate), request, response)


HEADER = ("商家", "类别", "地址", "说明", "状态", "申请时间", "意见", "编号")


def _line(shop: Merchant) -> tuple[Value, ...]:
    return shop.name, shop.category, shop.address, shop.note, shop.state.word, shop.created_at, shop.reason, shop.id


@router.get(
    "/merchants/export", response_class=Response, responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, ForbiddenError)
)
async def export_merchants(
    uow: Uow,
    principal: CurrentPrincipal,
    file_format: WantedFormat = SheetFormat.XLSX,
    state: Annotated[State | None, Query(description="Only this state.")] = None,
) -> Response:
    """Download the shops of the alliance as a sheet. For those who run and watch it."""
    shops = await usecases.list_for_export(uow=uow, principal=principal, state=state)
    return await sheet_response(file_format, "联盟商家", HEADER, [_line(shop) for shop in shops])


@router.get("/merchants/{merchant_id}", responses=problems(*AUTH_ERRORS, MerchantNotFoundError))
async def get_merchant(merchant_id: UUID, uow: Uow, principal: CurrentPrincipal) -> MerchantRead:
    """Return a shop."""
    merchant = await usecases.get_merchant(uow=uow, principal=principal, merchant_id=merchant_id)
    return MerchantRead.model_validate(merchant)


@router.get("/merchants/{merchant_id}/actions", responses=problems(*AUTH_ERRORS, MerchantNotFoundError))
async def list_merchant_actions(merchant_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a shop now."""
    merchant, actions = await usecases.list_actions(uow=uow, principal=principal, merchant_id=merchant_id)
    return ActionList(state=merchant.state, actions=[action.value for action in actions])


@router.get(
    "/merchants/{merchant_id}/steps", responses=problems(*AUTH_ERRORS, MerchantNotFoundError, CursorInvalidError)
)
async def list_merchant_steps(
    merchant_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[StepRead]:
    """Return who did what to a shop, oldest first."""
    await usecases.get_merchant(uow=uow, principal=principal, merchant_id=merchant_id)
    rows = await steps.list_steps(uow=uow, subject_id=merchant_id, page=page)
    return page_of(rows.map(StepRead.model_validate), request, response)


@router.post("/merchants/{merchant_id}/approvals", responses=problems(*MOVE_ERRORS))
async def approve_merchant(merchant_id: UUID, payload: Word, uow: Uow, principal: CurrentPrincipal) -> MerchantRead:
    """Let a shop into the alliance. For administrators, not for their own shop."""
    merchant = await usecases.move_merchant(
        uow=uow, principal=principal, merchant_id=merchant_id, action=Action.APPROVE, reason=payload.reason
    )
    return MerchantRead.model_validate(merchant)


@router.post("/merchants/{merchant_id}/refusals", responses=problems(*MOVE_ERRORS))
async def refuse_merchant(merchant_id: UUID, payload: Reason, uow: Uow, principal: CurrentPrincipal) -> MerchantRead:
    """Refuse an application; the account may apply again. For administrators."""
    merchant = await usecases.move_merchant(
        uow=uow, principal=principal, merchant_id=merchant_id, action=Action.REFUSE, reason=payload.reason
    )
    return MerchantRead.model_validate(merchant)


@router.post("/merchants/{merchant_id}/suspensions", responses=problems(*MOVE_ERRORS))
async def suspend_merchant(merchant_id: UUID, payload: Reason, uow: Uow, principal: CurrentPrincipal) -> MerchantRead:
    """Suspend a shop: nothing of it can be taken or verified. For administrators."""
    merchant = await usecases.move_merchant(
        uow=uow, principal=principal, merchant_id=merchant_id, action=Action.SUSPEND, reason=payload.reason
    )
    return MerchantRead.model_validate(merchant)


@router.post("/merchants/{merchant_id}/resumptions", responses=problems(*MOVE_ERRORS))
async def resume_merchant(merchant_id: UUID, payload: Word, uow: Uow, principal: CurrentPrincipal) -> MerchantRead:
    """Let a suspended shop go on. For administrators."""
    merchant = await usecases.move_merchant(
        uow=uow, principal=principal, merchant_id=merchant_id, action=Action.RESUME, reason=payload.reason
    )
    return MerchantRead.model_validate(merchant)


@router.post("/merchants/{merchant_id}/closures", responses=problems(*MOVE_ERRORS))
async def close_merchant(merchant_id: UUID, payload: Reason, uow: Uow, principal: CurrentPrincipal) -> MerchantRead:
    """Leave the alliance for good; what is not settled yet still is. For the shop and administrators."""
    merchant = await usecases.move_merchant(
        uow=uow, principal=principal, merchant_id=merchant_id, action=Action.CLOSE, reason=payload.reason
    )
    return MerchantRead.model_validate(merchant)


@router.post(
    "/merchants/{merchant_id}/accounts",
    status_code=204,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        MerchantNotFoundError,
        ForbiddenError,
        MerchantRecusedError,
        ShopAccountTakenError,
    ),
)
async def bind_shop_account(
    merchant_id: UUID, payload: ShopAccountCreate, uow: Uow, principal: CurrentPrincipal
) -> None:
    """Let another account stand for a shop at its counter: a clerk's, or the client of the till. For administrators."""
    await usecases.bind_account(
        uow=uow,
        principal=principal,
        merchant_id=merchant_id,
        account_id=payload.account_id,
        household_id=payload.household_id,
    )


@router.delete(
    "/merchants/{merchant_id}/accounts/{account_id}",
    status_code=204,
    responses=problems(
        *AUTH_ERRORS, MerchantNotFoundError, ForbiddenError, MerchantRecusedError, ShopAccountNotFoundError
    ),
)
async def unbind_shop_account(merchant_id: UUID, account_id: UUID, uow: Uow, principal: CurrentPrincipal) -> None:
    """End that an account stands for a shop. For administrators."""
    await usecases.unbind_account(uow=uow, principal=principal, merchant_id=merchant_id, account_id=account_id)


@router.post(
    "/offers",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, NotAShopError, OfferTermsError, OfferPeriodError
    ),
)
async def propose_offer(payload: OfferCreate, uow: Uow, principal: CurrentPrincipal, response: Response) -> OfferRead:
    """Propose an offer; it can be taken once an administrator has opened it. For the account of a shop."""
    offer = await usecases.propose_offer(
        uow=uow,
        principal=principal,
        kind=payload.kind,
        title=payload.title,
        terms=payload.terms,
        points=Points(payload.points),
        value_fen=Fen(payload.value_fen),
        discount_percent=payload.discount_percent,
        total_limit=payload.total_limit,
        household_limit=payload.household_limit,
        is_for_adopters=payload.is_for_adopters,
        valid_from=payload.valid_from,
        valid_until=payload.valid_until,
        voucher_days=payload.voucher_days,
    )
    response.headers["Location"] = f"{router.prefix}/offers/{offer.id}"
    return OfferRead.model_validate(offer)


@router.get("/offers", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_offers(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    merchant_id: Annotated[UUID | None, Query(description="Only of this shop.")] = None,
    state: Annotated[OfferState | None, Query(description="Only this state.")] = None,
) -> Page[OfferRead]:
    """List offers, newest first: open ones of open shops, the own shop's, and for those who run the alliance all."""
    rows = await usecases.list_offers(uow=uow, principal=principal, page=page, merchant_id=merchant_id, state=state)
    return page_of(rows.map(OfferRead.model_validate), request, response)


@router.get("/offers/{offer_id}", responses=problems(*AUTH_ERRORS, OfferNotFoundError))
async def get_offer(offer_id: UUID, uow: Uow, principal: CurrentPrincipal) -> OfferRead:
    """Return an offer."""
    return OfferRead.model_validate(await usecases.get_offer(uow=uow, principal=principal, offer_id=offer_id))


@router.get("/offers/{offer_id}/actions", responses=problems(*AUTH_ERRORS, OfferNotFoundError))
async def list_offer_actions(offer_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with an offer now."""
    offer, actions = await usecases.list_offer_actions(uow=uow, principal=principal, offer_id=offer_id)
    return ActionList(state=offer.state, actions=[action.value for action in actions])


@router.post("/offers/{offer_id}/openings", responses=problems(*OFFER_ERRORS))
async def open_offer(offer_id: UUID, payload: Word, uow: Uow, principal: CurrentPrincipal) -> OfferRead:
    """Let an offer be taken. For administrators, not for their own shop."""
    offer = await usecases.move_offer(
        uow=uow, principal=principal, offer_id=offer_id, action=OfferAction.OPEN, reason=payload.reason
    )
    return OfferRead.model_validate(offer)


@router.post("/offers/{offer_id}/refusals", responses=problems(*OFFER_ERRORS))
async def refuse_offer(offer_id: UUID, payload: Reason, uow: Uow, principal: CurrentPrincipal) -> OfferRead:
    """Refuse a proposed offer. For administrators."""
    offer = await usecases.move_offer(
        uow=uow, principal=principal, offer_id=offer_id, action=OfferAction.REFUSE, reason=payload.reason
    )
    return OfferRead.model_validate(offer)


@router.post("/offers/{offer_id}/closures", responses=problems(*OFFER_ERRORS))
async def close_offer(offer_id: UUID, payload: Word, uow: Uow, principal: CurrentPrincipal) -> OfferRead:
    """End an offer; vouchers already taken stay good. For the shop and administrators."""
    offer = await usecases.move_offer(
        uow=uow, principal=principal, offer_id=offer_id, action=OfferAction.CLOSE, reason=payload.reason
    )
    return OfferRead.model_validate(offer)
