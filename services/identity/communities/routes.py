"""Routes of communities."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.identity.communities import errors, usecases
from services.identity.communities.domain import Level
from services.identity.communities.schemas import (
    CommunityCreate,
    CommunityRead,
    NameCreate,
    SettingsCreate,
    SettingsRead,
)
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.ids import NO_COMMUNITY
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.uow import UnitOfWork, unit_of_work

router = APIRouter(prefix="/api/v1/identity/communities", tags=["communities"], route_class=CommandRoute)


async def public_unit_of_work(request: Request) -> AsyncIterator[UnitOfWork]:
    """Open a unit of work for somebody who is not signed in: it sees reference tables and no community's rows."""
    runtime = runtime_of(request)
    async with unit_of_work(runtime.database, runtime.clock, NO_COMMUNITY) as uow:
        yield uow


PublicUow = Annotated[UnitOfWork, Depends(public_unit_of_work, scope="function")]


@router.get("", responses=problems(CursorInvalidError))
async def list_communities(request: Request, response: Response, uow: PublicUow, page: Paging) -> Page[CommunityRead]:
    """List the communities of the platform, by code; no sign-in needed."""
    rows = await usecases.list_communities(uow=uow, page=page)
    return page_of(rows.map(CommunityRead.model_validate), request, response)


@router.post(
    "",
    status_code=201,
    responses=problems(*AUTH_ERRORS, ForbiddenError, errors.CommunityCodeTakenError, *IDEMPOTENCY_ERRORS),
)
async def register_community(
    command: CommunityCreate, response: Response, uow: Uow, principal: CurrentPrincipal
) -> CommunityRead:
    """Register a community; its township and district are entered when they are new."""
    community_id = await usecases.register_community(
        uow=uow,
        principal=principal,
        code=command.code,
        name=command.name,
        township=Level(command.township.code, command.township.name),
        district=Level(command.district.code, command.district.name),
    )
    response.headers["Location"] = f"{router.prefix}/{community_id}"
    return CommunityRead.model_validate(await usecases.get_community(uow=uow, community_id=community_id))


@router.get("/{community_id}", responses=problems(errors.CommunityNotFoundError))
async def get_community(community_id: UUID, uow: PublicUow) -> CommunityRead:
    """Read a community; no sign-in needed."""
    return CommunityRead.model_validate(await usecases.get_community(uow=uow, community_id=community_id))


@router.post(
    "/{community_id}/names",
    status_code=201,
    responses=problems(*AUTH_ERRORS, ForbiddenError, errors.CommunityNotFoundError, *IDEMPOTENCY_ERRORS),
)
async def rename_community(
    community_id: UUID, command: NameCreate, uow: Uow, principal: CurrentPrincipal
) -> CommunityRead:
    """Give the own community another name. For its district officers; what is printed afterwards carries it."""
    await usecases.rename_community(uow=uow, principal=principal, community_id=community_id, name=command.name)
    return CommunityRead.model_validate(await usecases.get_community(uow=uow, community_id=community_id))


@router.get("/{community_id}/settings", responses=problems(*AUTH_ERRORS, errors.CommunityNotFoundError))
async def get_community_settings(community_id: UUID, uow: Uow, principal: CurrentPrincipal) -> SettingsRead:
    """Read the settings the community adopted last."""
    row = await usecases.get_settings(uow=uow, principal=principal, community_id=community_id)
    if row is None:
        return SettingsRead(version=0, settings={}, effective_on=None, decision="", created_at=None)
    return SettingsRead.model_validate(row)


@router.post(
    "/{community_id}/settings",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        ForbiddenError,
        errors.CommunityNotFoundError,
        errors.SettingsOutdatedError,
        *IDEMPOTENCY_ERRORS,
    ),
)
async def adopt_community_settings(
    community_id: UUID, command: SettingsCreate, uow: Uow, principal: CurrentPrincipal
) -> SettingsRead:
    """Adopt a new version of the community's settings; earlier versions stay readable in the database."""
    await usecases.adopt_settings(
        uow=uow,
        principal=principal,
        community_id=community_id,
        based_on=command.based_on,
        settings=dict(command.settings),
        effective_on=command.effective_on,
        decision=command.decision,
    )
    return SettingsRead.model_validate(
        await usecases.get_settings(uow=uow, principal=principal, community_id=community_id)
    )
