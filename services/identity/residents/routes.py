"""Routes of residents."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.identity.residents import usecases
from services.identity.residents.errors import ResidentNotFoundError
from services.identity.residents.schemas import DisclosureCreate, DisclosureRead, ResidentRead, read_resident
from services.identity.unremembered import SHOWN_ONCE_ERRORS, UnrememberedUow
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.idempotency import CommandRoute, Uow
from shared.kernel.clock import local_date
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/identity", tags=["residents"], route_class=CommandRoute)

_LIST = problems(*AUTH_ERRORS, ForbiddenError, CursorInvalidError)


@router.get("/residents", responses=_LIST)
async def list_residents(
    request: Request,
    response: Response,
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    household_id: Annotated[UUID | None, Query(description="Only members of this household.")] = None,
    grid_id: Annotated[UUID | None, Query(description="Only residents of this grid.")] = None,
    building_id: Annotated[UUID | None, Query(description="Only residents of this building.")] = None,
    is_party_member: Annotated[bool | None, Query(description="Only party members, or only others.")] = None,
    is_representative: Annotated[bool | None, Query(description="Only representatives, or only others.")] = None,
    is_householder: Annotated[bool | None, Query(description="Only householders, or only others.")] = None,
    can_act: Annotated[
        bool | None, Query(description="Only those who may act for their household, or only others.")
    ] = None,
    name: Annotated[str | None, Query(description="Only residents of exactly this name.", max_length=40)] = None,
) -> Page[ResidentRead]:
    """List the residents of the households the caller may see; names and numbers are masked."""
    where = usecases.ResidentFilter(
        household_id, grid_id, building_id, is_party_member, is_representative, is_householder, can_act, name
    )
    rows = await usecases.list_residents(uow=uow, principal=principal, where=where, page=page)
    today = local_date(uow.now)
    return page_of(rows.map(lambda row: read_resident(row, today)), request, response)


@router.get("/residents/{resident_id}", responses=problems(*AUTH_ERRORS, ForbiddenError, ResidentNotFoundError))
async def get_resident(resident_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ResidentRead:
    """Read a resident; name and numbers are masked."""
    row = await usecases.get_resident(uow=uow, principal=principal, resident_id=resident_id)
    return read_resident(row, local_date(uow.now))


@router.post(
    "/residents/{resident_id}/disclosures",
    responses=problems(*AUTH_ERRORS, *SHOWN_ONCE_ERRORS, ForbiddenError, ResidentNotFoundError),
)
async def disclose_resident(
    resident_id: UUID, command: DisclosureCreate, request: Request, uow: UnrememberedUow, principal: CurrentPrincipal
) -> DisclosureRead:
    """Read the full name, phone and identity number of a resident. For the administrator and the grid's worker, with a reason.

    Every reading is written into the audit. The answer is not kept: the same Idempotency-Key again is refused.
    """
    member = await usecases.disclose(
        uow=uow,
        principal=principal,
        cipher=runtime_of(request).cipher,
        resident_id=resident_id,
        reason=command.reason,
    )
    return DisclosureRead(name=member.facts.name, phone=member.phone, identity_number=member.identity_number)
