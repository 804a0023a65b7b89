"""Routes of places."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.identity.places import usecases
from services.identity.places.schemas import BuildingRead, GridRead, UnitRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/identity", tags=["places"], route_class=CommandRoute)

_READ = problems(*AUTH_ERRORS, ForbiddenError, CursorInvalidError)


@router.get("/grids", responses=problems(*AUTH_ERRORS, ForbiddenError))
async def list_grids(uow: Uow, principal: CurrentPrincipal) -> list[GridRead]:
    """List the grids of the community."""
    return [GridRead.model_validate(row) for row in await usecases.list_grids(uow=uow, principal=principal)]


@router.get("/buildings", responses=_READ)
async def list_buildings(
    request: Request,
    response: Response,
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    grid_id: Annotated[UUID | None, Query(description="Only buildings of this grid.")] = None,
) -> Page[BuildingRead]:
    """List the buildings of the community, by code."""
    rows = await usecases.list_buildings(uow=uow, principal=principal, grid_id=grid_id, page=page)
    return page_of(rows.map(BuildingRead.model_validate), request, response)


@router.get("/units", responses=_READ)
async def list_units(
    request: Request,
    response: Response,
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    building_id: Annotated[UUID | None, Query(description="Only units of this building.")] = None,
) -> Page[UnitRead]:
    """List the property units of the community, by code."""
    rows = await usecases.list_units(uow=uow, principal=principal, building_id=building_id, page=page)
    return page_of(rows.map(UnitRead.model_validate), request, response)
