"""零工超市 over HTTP: post what needs doing, look around, call it off."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.budgets.errors import BudgetExhaustedError
from services.points.gig_places.domain import GigState
from services.points.gig_places.errors import (
    GigNotFoundError,
    GigTimesInvalidError,
    GigTooExpensiveError,
    OwnPostingError,
)
from services.points.gigs import usecases
from services.points.gigs.schemas import GigCancellation, GigCreate, GigDetails, GigLineRead, GigRead, PlaceRead
from services.points.ledger.errors import AccountNotFoundError, HouseholdClosedError, InsufficientBalanceError
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import NoHouseholdError
from shared.kernel.state_machine import WrongStateError
from shared.kernel.values import Points
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList
from shared.sheets import SHEET_RESPONSES, FirstDay, LastDay, SheetFormat, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points/gigs", tags=["零工超市"], route_class=CommandRoute)

MOVE_ERRORS = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, GigNotFoundError, ForbiddenError, WrongStateError)
HEADER: Final = (
    "零工",
    "地点",
    "发布人",
    "每份积分",
    "份号",
    "状态",
    "干活人",
    "接活时间",
    "签到时间",
    "完工时间",
    "支付积分",
    "退回积分",
    "说明",
)


@router.post(
    "",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        NoHouseholdError,
        ForbiddenError,
        AccountNotFoundError,
        HouseholdClosedError,
        InsufficientBalanceError,
        GigTimesInvalidError,
        GigTooExpensiveError,
        BudgetExhaustedError,
    ),
)
async def post_gig(payload: GigCreate, uow: Uow, principal: CurrentPrincipal, response: Response) -> GigRead:
    """Post a gig. All it will pay is set aside at once, so that no work is done for points that are gone.

    A household pays with its own spendable points. What the community pays is entered by one official and published by another.
    """
    fields = payload.model_dump() | {"points": Points(payload.points)}
    gig = await usecases.post_gig(uow=uow, principal=principal, **fields)
    response.headers["Location"] = f"{router.prefix}/{gig.id}"
    return GigRead.model_validate(gig)


@router.get("", responses=problems(*AUTH_ERRORS, NoHouseholdError, CursorInvalidError))
async def list_gigs(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[GigState | None, Query(description="Only this state.")] = None,
    grid_id: Annotated[UUID | None, Query(description="Only this grid.")] = None,
    mine: Annotated[bool, Query(description="Only what the caller's household posted.")] = False,
    has_free_places: Annotated[bool | None, Query(description="Only what can (or cannot) be taken now.")] = None,
) -> Page[GigRead]:
    """List gigs, newest first: all that were published, and those not yet published to whom they belong."""
    rows = await usecases.list_gigs(
        uow=uow,
        principal=principal,
        page=page,
        state=state,
        grid_id=grid_id,
        is_mine=mine,
        has_free_places=has_free_places,
    )
    return page_of(rows.map(GigRead.model_validate), request, response)


@router.get("/export", response_class=Response, responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, ForbiddenError))
async def export_gigs(
    uow: Uow,
    principal: CurrentPrincipal,
    from_on: FirstDay,
    to_on: LastDay,
    file_format: WantedFormat = SheetFormat.XLSX,
) -> Response:
    """Download every share of the gigs posted in a span. For officials and supervisors."""
    rows = await usecases.export_gigs(uow=uow, principal=principal, from_on=from_on, to_on=to_on)
    lines = [
        (
            gig.title,
            gig.location,
            "社区" if gig.poster_household_id is None else str(gig.poster_household_id),
            gig.points,
            place.number,
            place.state.value,
            place.worker_name,
            place.claimed_at,
            place.checked_in_at,
            place.done_at,
            place.paid_points,
            place.refunded_points,
            place.reason or place.note,
        )
        for gig, place in rows
    ]
    return await sheet_response(file_format, f"零工-{from_on}-{to_on}", HEADER, lines)


@router.get("/{gig_id}", responses=problems(*AUTH_ERRORS, GigNotFoundError))
async def get_gig(gig_id: UUID, uow: Uow, principal: CurrentPrincipal) -> GigDetails:
    """Return a gig with the state of each of its places."""
    gig, places = await usecases.get_gig(uow=uow, principal=principal, gig_id=gig_id)
    read = GigRead.model_validate(gig).model_dump()
    return GigDetails(**read, shares=[PlaceRead.model_validate(place) for place in places])


@router.get("/{gig_id}/actions", responses=problems(*AUTH_ERRORS, GigNotFoundError))
async def list_gig_actions(gig_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a gig now."""
    gig, actions = await usecases.list_actions(uow=uow, principal=principal, gig_id=gig_id)
    return ActionList(state=gig.state, actions=actions)


@router.get("/{gig_id}/record", responses=problems(*AUTH_ERRORS, GigNotFoundError))
async def list_gig_record(gig_id: UUID, uow: Uow, principal: CurrentPrincipal) -> list[GigLineRead]:
    """List who did what with a gig and why, oldest first."""
    lines = await usecases.list_lines(uow=uow, principal=principal, gig_id=gig_id)
    return [GigLineRead.model_validate(line) for line in lines]


@router.post("/{gig_id}/publications", responses=problems(*MOVE_ERRORS, OwnPostingError))
async def publish_gig(gig_id: UUID, uow: Uow, principal: CurrentPrincipal) -> GigRead:
    """Open a gig to takers. What the community pays is published by somebody other than who entered it."""
    return GigRead.model_validate(await usecases.publish_gig(uow=uow, principal=principal, gig_id=gig_id))


@router.post("/{gig_id}/cancellations", responses=problems(*MOVE_ERRORS))
async def cancel_gig(gig_id: UUID, payload: GigCancellation, uow: Uow, principal: CurrentPrincipal) -> GigRead:
    """Call a gig off: for its poster, officials and the grid worker. Whoever has already checked in finishes and is paid."""
    gig = await usecases.cancel_gig(uow=uow, principal=principal, gig_id=gig_id, reason=payload.reason)
    return GigRead.model_validate(gig)
