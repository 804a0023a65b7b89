"""The catalogue over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path

from services.property.catalogue import usecases
from services.property.catalogue.domain import Category
from services.property.catalogue.errors import CategoryNotFoundError
from services.property.catalogue.schemas import CategoryRead, CategoryWrite, DepartmentRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.problems import problems

router = APIRouter(prefix="/api/v1/property", tags=["报修目录"], route_class=CommandRoute)

Code = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{1,49}$", description="Category code.", examples=["stair_lamp"])]


@router.get("/departments", responses=problems(*AUTH_ERRORS))
async def list_departments(uow: Uow, _principal: CurrentPrincipal) -> list[DepartmentRead]:
    """Return the company's departments."""
    return [DepartmentRead.model_validate(one) for one in await usecases.list_departments(uow=uow)]


@router.get("/categories", responses=problems(*AUTH_ERRORS))
async def list_categories(uow: Uow, _principal: CurrentPrincipal) -> list[CategoryRead]:
    """Return what can be reported: headings, each followed by its children."""
    return [CategoryRead.model_validate(one) for one in await usecases.list_categories(uow=uow)]


@router.put("/categories/{code}", responses=problems(*AUTH_ERRORS, ForbiddenError, CategoryNotFoundError))
async def save_category(code: Code, body: CategoryWrite, uow: Uow, principal: CurrentPrincipal) -> CategoryRead:
    """Enter a category or change it (manager, community administrator)."""
    category = Category(code=code, **body.model_dump())
    return CategoryRead.model_validate(await usecases.save_category(uow=uow, principal=principal, category=category))
