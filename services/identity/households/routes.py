"""Routes of households."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.identity.households import usecases
from services.identity.households.domain import HouseholdStatus
from services.identity.households.errors import HouseholdNotFoundError
from services.identity.households.schemas import EntryRead, HouseholdDetail, HouseholdRead, HouseholdUnitRead
from services.identity.residents import usecases as residents
from services.identity.residents.schemas import read_member
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.crypto import mask_name
from shared.idempotency import CommandRoute, Uow
from shared.kernel.clock import local_date
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/identity", tags=["households"], route_class=CommandRoute)

_LIST = problems(*AUTH_ERRORS, ForbiddenError, CursorInvalidError)
_ONE = problems(*AUTH_ERRORS, ForbiddenError, HouseholdNotFoundError)


def _household(row: Any, members: Sequence[Any] | None, today: date) -> dict[str, Any]:
    facts = dict(row._mapping) | {"householder_name": mask_name(row.householder_name)}  # noqa: SLF001 - SQLAlchemy's public spelling.
    if members is not None:
        facts["members"] = [read_member(member, today) for member in members]
    return facts


@router.get("/households", responses=_LIST)
async def list_households(
    request: Request,
    response: Response,
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    grid_id: Annotated[UUID | None, Query(description="Only households of this grid.")] = None,
    building_id: Annotated[UUID | None, Query(description="Only households of this building.")] = None,
    status: Annotated[
        HouseholdStatus | None, Query(description="Only households in this status.")
    ] = HouseholdStatus.ACTIVE,
    number: Annotated[str | None, Query(description="Only the household of this number.", max_length=40)] = None,
    liaison_household_id: Annotated[UUID | None, Query(description="Only households linked to this one.")] = None,
    include: Annotated[Literal["members"] | None, Query(description="Also list the members of each household.")] = None,
) -> Page[HouseholdRead]:
    """List the households the caller may see, by number: with heads and areas, to freeze a roll from."""
    where = usecases.HouseholdFilter(grid_id, building_id, status, number, liaison_household_id)
    rows = await usecases.list_households(uow=uow, principal=principal, where=where, page=page)
    today = local_date(uow.now)
    members = None
    if include == "members":
        members = await residents.list_members(uow=uow, household_ids=[row.id for row in rows.rows])
    read = rows.map(lambda row: HouseholdRead(**_household(row, None if members is None else members[row.id], today)))
    return page_of(read, request, response)


@router.get("/households/{household_id}", responses=_ONE)
async def get_household(household_id: UUID, uow: Uow, principal: CurrentPrincipal) -> HouseholdDetail:
    """Read a household with its members and property units."""
    row, units = await usecases.get_household(uow=uow, principal=principal, household_id=household_id)
    members = await residents.list_members(uow=uow, household_ids=[household_id])
    return HouseholdDetail(
        **_household(row, members[household_id], local_date(uow.now)),
        units=[
            HouseholdUnitRead(
                id=u.unit_id, code=u.unit_code, area_cm2e2=u.area_cm2e2, area_source=u.area_source, use=u.use
            )
            for u in units
        ],
    )


@router.get(
    "/households/{household_id}/entries",
    responses=problems(*AUTH_ERRORS, ForbiddenError, HouseholdNotFoundError, CursorInvalidError),
)
async def list_household_entries(
    household_id: UUID, request: Request, response: Response, uow: Uow, principal: CurrentPrincipal, page: Paging
) -> Page[EntryRead]:
    """List what happened to a household, newest first."""
    rows = await usecases.list_entries(uow=uow, principal=principal, household_id=household_id, page=page)
    return page_of(rows.map(EntryRead.model_validate), request, response)
