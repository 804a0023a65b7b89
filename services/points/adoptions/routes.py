"""Adoptions over HTTP: things on offer, applying, agreeing, signing, renewing, releasing."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.adoptions import usecases
from services.points.adoptions.domain import Action, Adoption, AssetKind, State
from services.points.adoptions.errors import (
    AdopterInvalidError,
    AdoptionNotFoundError,
    AdoptionRecusedError,
    AlreadyAdoptedError,
    AssetNotFoundError,
    AssetRetiredError,
    PlaceInvalidError,
    TermInvalidError,
)
from services.points.adoptions.schemas import (
    AdoptionRead,
    Agreement,
    Application,
    AssetCreate,
    AssetRead,
    Renewal,
    Retirement,
    Words,
)
from services.points.ledger.errors import AccountNotFoundError, HouseholdClosedError
from services.points.steps import usecases as steps
from services.points.steps.schemas import StepRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList
from shared.sheets import SHEET_RESPONSES, SheetFormat, Value, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points", tags=["认领认养"], route_class=CommandRoute)

MOVE_ERRORS = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, AdoptionNotFoundError, ForbiddenError, WrongStateError)


@router.post(
    "/adoption-assets",
    status_code=201,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, PlaceInvalidError),
)
async def offer_asset(payload: AssetCreate, uow: Uow, principal: CurrentPrincipal, response: Response) -> AssetRead:
    """Offer a tree, bench, stairwell, plot or piece of equipment. For the committee, administrators and grid workers."""
    asset = payload.asset(uow.new_id(), uow.now)
    await usecases.offer_asset(uow=uow, principal=principal, asset=asset)
    response.headers["Location"] = f"{router.prefix}/adoption-assets/{asset.id}"
    return AssetRead.of(asset, None)


@router.get("/adoption-assets", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_assets(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    kind: Annotated[AssetKind | None, Query(description="Only this kind.")] = None,
    is_free: Annotated[bool | None, Query(description="Only what nobody has, or only what somebody has.")] = None,
) -> Page[AssetRead]:
    """List what can be adopted or is, with its place on the map and who looks after it, newest first."""
    rows = await usecases.list_assets(uow=uow, page=page, kind=kind, is_free=is_free)
    return page_of(rows.map(lambda row: AssetRead.of(*row)), request, response)


@router.get("/adoption-assets/{asset_id}", responses=problems(*AUTH_ERRORS, AssetNotFoundError))
async def get_asset(asset_id: UUID, uow: Uow, principal: CurrentPrincipal) -> AssetRead:
    """Return a thing and who looks after it."""
    return AssetRead.of(*await usecases.get_asset(uow=uow, asset_id=asset_id))


@router.get("/adoption-assets/{asset_id}/actions", responses=problems(*AUTH_ERRORS, AssetNotFoundError))
async def list_asset_actions(asset_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return where a thing stands and whether the caller could apply for it."""
    state, actions = await usecases.list_asset_actions(uow=uow, asset_id=asset_id)
    return ActionList(state=state, actions=[action.value for action in actions])


@router.post(
    "/adoption-assets/{asset_id}/retirements",
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, AssetNotFoundError, ForbiddenError, AssetRetiredError),
)
async def retire_asset(asset_id: UUID, payload: Retirement, uow: Uow, principal: CurrentPrincipal) -> AssetRead:
    """Take a thing nobody has adopted off the list. For the committee and administrators."""
    asset = await usecases.retire_asset(uow=uow, principal=principal, asset_id=asset_id, reason=payload.reason)
    return AssetRead.of(asset, None)


@router.post(
    "/adoption-assets/{asset_id}/applications",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        AssetNotFoundError,
        AssetRetiredError,
        AdopterInvalidError,
        AccountNotFoundError,
        HouseholdClosedError,
        AlreadyAdoptedError,
    ),
)
async def apply_for_asset(
    asset_id: UUID, payload: Application, uow: Uow, principal: CurrentPrincipal, response: Response
) -> AdoptionRead:
    """Ask to take charge of a thing. For everybody who is signed in; one adoption at a time holds it."""
    adoption = await usecases.apply_for_asset(
        uow=uow,
        principal=principal,
        asset_id=asset_id,
        kind=payload.adopter_kind,
        adopter_name=payload.adopter_name,
        motive=payload.motive,
    )
    response.headers["Location"] = f"{router.prefix}/adoptions/{adoption.id}"
    return AdoptionRead.model_validate(adoption)


@router.get("/adoptions", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_adoptions(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[State | None, Query(description="Only this state.")] = None,
    asset_id: Annotated[UUID | None, Query(description="Only of this thing.")] = None,
    household_id: Annotated[UUID | None, Query(description="Only of this household.")] = None,
) -> Page[AdoptionRead]:
    """List adoptions, newest first: those in force, the own ones, and for those who agree and inspect all."""
    rows = await usecases.list_adoptions(
        uow=uow, principal=principal, page=page, state=state, asset_id=asset_id, household_id=household_id
    )
    return page_of(rows.map(AdoptionRead.model_validate), request, response)


HEADER = (
    "对象",
    "认领类别",
    "认领人",
    "铭牌",
    "状态",
    "开始",
    "结束",
    "第几期",
    "下次管护",
    "申请时间",
    "结束时间",
    "原因",
)


def _line(adoption: Adoption) -> tuple[Value, ...]:
    return (
        adoption.asset_name,
        adoption.adopter_kind,
        adoption.adopter_name,
        adoption.plaque,
        adoption.state,
        adoption.starts_on,
        adoption.ends_on,
        adoption.term,
        adoption.duty_due_on,
        adoption.created_at,
        adoption.ended_at,
        adoption.reason,
    )


@router.get(
    "/adoptions/export", response_class=Response, responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, ForbiddenError)
)
async def export_adoptions(
    uow: Uow,
    principal: CurrentPrincipal,
    file_format: WantedFormat = SheetFormat.XLSX,
) -> Response:
    """Download every adoption as a sheet. For those who agree, inspect and watch."""
    adoptions = await usecases.list_for_export(uow=uow, principal=principal)
    return await sheet_response(file_format, "认领认养", HEADER, [_line(adoption) for adoption in adoptions])


@router.get("/adoptions/{adoption_id}", responses=problems(*AUTH_ERRORS, AdoptionNotFoundError))
async def get_adoption(adoption_id: UUID, uow: Uow, principal: CurrentPrincipal) -> AdoptionRead:
    """Return an adoption."""
    adoption = await usecases.get_adoption(uow=uow, principal=principal, adoption_id=adoption_id)
    return AdoptionRead.model_validate(adoption)


@router.get("/adoptions/{adoption_id}/actions", responses=problems(*AUTH_ERRORS, AdoptionNotFoundError))
async def list_adoption_actions(adoption_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with an adoption now."""
    adoption, actions = await usecases.list_actions(uow=uow, principal=principal, adoption_id=adoption_id)
    return ActionList(state=adoption.state, actions=[action.value for action in actions])


@router.get(
    "/adoptions/{adoption_id}/steps", responses=problems(*AUTH_ERRORS, AdoptionNotFoundError, CursorInvalidError)
)
async def list_adoption_steps(
    adoption_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[StepRead]:
    """Return who did what to an adoption, oldest first."""
    await usecases.get_adoption(uow=uow, principal=principal, adoption_id=adoption_id)
    rows = await steps.list_steps(uow=uow, subject_id=adoption_id, page=page)
    return page_of(rows.map(StepRead.model_validate), request, response)


@router.post(
    "/adoptions/{adoption_id}/agreements", responses=problems(*MOVE_ERRORS, AdoptionRecusedError, TermInvalidError)
)
async def agree_to_adoption(
    adoption_id: UUID, payload: Agreement, uow: Uow, principal: CurrentPrincipal
) -> AdoptionRead:
    """Agree, with the text, the plaque and the term the adopter is to sign within 14 days. For the committee and administrators."""
    adoption = await usecases.agree_to_adoption(
        uow=uow,
        principal=principal,
        adoption_id=adoption_id,
        agreement=payload.agreement,
        plaque=payload.plaque,
        starts_on=payload.starts_on,
        ends_on=payload.ends_on,
    )
    return AdoptionRead.model_validate(adoption)


@router.post("/adoptions/{adoption_id}/refusals", responses=problems(*MOVE_ERRORS, AdoptionRecusedError))
async def refuse_adoption(adoption_id: UUID, payload: Words, uow: Uow, principal: CurrentPrincipal) -> AdoptionRead:
    """Refuse an application. For the committee and administrators."""
    adoption = await usecases.move_adoption(
        uow=uow, principal=principal, adoption_id=adoption_id, action=Action.REFUSE, reason=payload.reason
    )
    return AdoptionRead.model_validate(adoption)


@router.post("/adoptions/{adoption_id}/signatures", responses=problems(*MOVE_ERRORS, TermInvalidError))
async def sign_adoption(adoption_id: UUID, uow: Uow, principal: CurrentPrincipal) -> AdoptionRead:
    """Sign the agreement; from now on the thing is the adopter's to look after. For the adopter."""
    adoption = await usecases.sign_adoption(uow=uow, principal=principal, adoption_id=adoption_id)
    return AdoptionRead.model_validate(adoption)


@router.post("/adoptions/{adoption_id}/withdrawals", responses=problems(*MOVE_ERRORS))
async def withdraw_adoption(adoption_id: UUID, payload: Words, uow: Uow, principal: CurrentPrincipal) -> AdoptionRead:
    """Take an application back before it is signed. For the adopter."""
    adoption = await usecases.move_adoption(
        uow=uow, principal=principal, adoption_id=adoption_id, action=Action.WITHDRAW, reason=payload.reason
    )
    return AdoptionRead.model_validate(adoption)


@router.post("/adoptions/{adoption_id}/renewal-requests", responses=problems(*MOVE_ERRORS))
async def ask_renewal(adoption_id: UUID, payload: Words, uow: Uow, principal: CurrentPrincipal) -> AdoptionRead:
    """Ask to keep the thing for another term. For the adopter."""
    adoption = await usecases.move_adoption(
        uow=uow, principal=principal, adoption_id=adoption_id, action=Action.ASK_RENEWAL, reason=payload.reason
    )
    return AdoptionRead.model_validate(adoption)


@router.post(
    "/adoptions/{adoption_id}/renewals", responses=problems(*MOVE_ERRORS, AdoptionRecusedError, TermInvalidError)
)
async def renew_adoption(adoption_id: UUID, payload: Renewal, uow: Uow, principal: CurrentPrincipal) -> AdoptionRead:
    """Renew for another term what the adopter asked to keep. For the committee and administrators."""
    adoption = await usecases.renew_adoption(
        uow=uow, principal=principal, adoption_id=adoption_id, agreement=payload.agreement, ends_on=payload.ends_on
    )
    return AdoptionRead.model_validate(adoption)


@router.post("/adoptions/{adoption_id}/renewal-refusals", responses=problems(*MOVE_ERRORS, AdoptionRecusedError))
async def decline_renewal(adoption_id: UUID, payload: Words, uow: Uow, principal: CurrentPrincipal) -> AdoptionRead:
    """Decline another term; the present one goes on to its end. For the committee and administrators."""
    adoption = await usecases.move_adoption(
        uow=uow, principal=principal, adoption_id=adoption_id, action=Action.DECLINE_RENEWAL, reason=payload.reason
    )
    return AdoptionRead.model_validate(adoption)


@router.post("/adoptions/{adoption_id}/releases", responses=problems(*MOVE_ERRORS))
async def release_adoption(adoption_id: UUID, payload: Words, uow: Uow, principal: CurrentPrincipal) -> AdoptionRead:
    """Give the thing back before the term is over; it is on offer again. For the adopter, the committee and administrators."""
    adoption = await usecases.move_adoption(
        uow=uow, principal=principal, adoption_id=adoption_id, action=Action.RELEASE, reason=payload.reason
    )
    return AdoptionRead.model_validate(adoption)
