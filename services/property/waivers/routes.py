"""Fee waivers over HTTP: for the household, and for those who bill and watch."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.property.waivers import usecases
from services.property.waivers.errors import WaiverNotFoundError
from services.property.waivers.schemas import WaiverRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import CommandRoute, Uow
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/property/waivers", tags=["物业费减免"], route_class=CommandRoute)


@router.get("", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_waivers(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    household_id: Annotated[UUID | None, Query(description="Only this household.")] = None,
) -> Page[WaiverRead]:
    """List fee waivers, newest first: the own household's, and for those who bill and watch all."""
    rows = await usecases.list_waivers(uow=uow, principal=principal, page=page, household_id=household_id)
    return page_of(rows.map(WaiverRead.model_validate), request, response)


@router.get("/{award_id}", responses=problems(*AUTH_ERRORS, WaiverNotFoundError))
async def get_waiver(award_id: UUID, uow: Uow, principal: CurrentPrincipal) -> WaiverRead:
    """Return the fee waiver of an award."""
    return WaiverRead.model_validate(await usecases.get_waiver(uow=uow, principal=principal, award_id=award_id))
