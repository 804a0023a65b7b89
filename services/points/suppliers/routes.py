"""Suppliers over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.steps.schemas import StepRead
from services.points.suppliers import usecases
from services.points.suppliers.errors import SupplierNameTakenError, SupplierNotFoundError
from services.points.suppliers.schemas import SupplierRead, SupplierWrite
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.etags import IF_MATCH_ERRORS, IfMatch, set_etag
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.sheets import SHEET_RESPONSES, SheetFormat, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points/suppliers", tags=["爱心超市"], route_class=CommandRoute)


@router.get("", responses=problems(*AUTH_ERRORS, ForbiddenError, CursorInvalidError))
async def list_suppliers(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    name: Annotated[
        str, Query(max_length=100, pattern=r"^[^\x00]*$", description="Only names that begin with this.")
    ] = "",
    is_active: Annotated[bool | None, Query(description="Only who still delivers, or only who does not.")] = None,
) -> Page[SupplierRead]:
    """List who delivers goods. For storekeepers, administrators and supervisors."""
    rows = await usecases.list_suppliers(uow=uow, principal=principal, page=page, name=name, is_active=is_active)
    return page_of(rows.map(SupplierRead.model_validate), request, response)


@router.post(
    "",
    status_code=201,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, SupplierNameTakenError),
)
async def create_supplier(
    payload: SupplierWrite, uow: Uow, principal: CurrentPrincipal, response: Response
) -> SupplierRead:
    """Enter who delivers goods. For storekeepers and administrators."""
    supplier = await usecases.create_supplier(
        uow=uow, principal=principal, facts=payload.facts(), reason=payload.reason or ""
    )
    set_etag(response, supplier.version)
    response.headers["Location"] = f"{router.prefix}/{supplier.id}"
    return SupplierRead.model_validate(supplier)


HEADER = ("供货方", "联系方式", "说明", "是否还在供货", "登记时间", "最近修改", "编号")


@router.get("/export", response_class=Response, responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, ForbiddenError))
async def export_suppliers(
    uow: Uow,
    principal: CurrentPrincipal,
    file_format: WantedFormat = SheetFormat.XLSX,
) -> Response:
    """Download who delivers goods. For storekeepers, administrators and supervisors."""
    rows = await usecases.export_suppliers(uow=uow, principal=principal)
    lines = [
        (one.name, one.contact, one.note, one.is_active, one.created_at, one.updated_at, str(one.id)) for one in rows
    ]
    return await sheet_response(file_format, "供货方", HEADER, lines)


@router.get("/{supplier_id}", responses=problems(*AUTH_ERRORS, ForbiddenError, SupplierNotFoundError))
async def get_supplier(supplier_id: UUID, uow: Uow, principal: CurrentPrincipal, response: Response) -> SupplierRead:
    """Return a supplier; the ETag is needed to change it."""
    supplier = await usecases.get_supplier(uow=uow, principal=principal, supplier_id=supplier_id)
    set_etag(response, supplier.version)
    return SupplierRead.model_validate(supplier)


@router.get(
    "/{supplier_id}/steps",
    responses=problems(*AUTH_ERRORS, ForbiddenError, SupplierNotFoundError, CursorInvalidError),
)
async def list_supplier_steps(
    supplier_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[StepRead]:
    """Return who entered and changed a supplier, when and why, oldest first; `state` tells what was noted.

    For storekeepers, administrators and supervisors.
    """
    rows = await usecases.list_supplier_steps(uow=uow, principal=principal, supplier_id=supplier_id, page=page)
    return page_of(rows.map(StepRead.model_validate), request, response)


@router.put(
    "/{supplier_id}",
    responses=problems(*AUTH_ERRORS, *IF_MATCH_ERRORS, ForbiddenError, SupplierNotFoundError, SupplierNameTakenError),
)
async def change_supplier(
    supplier_id: UUID,
    payload: SupplierWrite,
    uow: Uow,
    principal: CurrentPrincipal,
    seen: IfMatch,
    response: Response,
) -> SupplierRead:
    """Replace what is noted of a supplier. For storekeepers and administrators."""
    supplier = await usecases.change_supplier(
        uow=uow,
        principal=principal,
        supplier_id=supplier_id,
        facts=payload.facts(),
        seen=seen,
        reason=payload.reason or "",
    )
    set_etag(response, supplier.version)
    return SupplierRead.model_validate(supplier)
