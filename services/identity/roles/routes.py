"""Roles over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status

from services.identity.accounts.errors import AccountNotFoundError
from services.identity.roles import usecases
from services.identity.roles.errors import (
    RoleGrantNotFoundError,
    RoleHeldError,
    RoleNotGrantableError,
    RolePeriodError,
    RolePlaceUnknownError,
    RoleScopeError,
    SeparationOfDutiesError,
    TotpRequiredError,
)
from services.identity.roles.schemas import RevocationCreate, RoleGrantCreate, RoleGrantRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.principal import Role
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/identity", tags=["职务"], route_class=CommandRoute)


@router.post(
    "/role_grants",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        AccountNotFoundError,
        RoleNotGrantableError,
        RoleScopeError,
        RolePlaceUnknownError,
        RolePeriodError,
        RoleHeldError,
        SeparationOfDutiesError,
        TotpRequiredError,
    ),
)
async def grant_role(body: RoleGrantCreate, uow: Uow, principal: CurrentPrincipal) -> RoleGrantRead:
    """Give a role over a scope for a period. It counts from the holder's next token on, at the latest in fifteen minutes.

    A role that moves points, money or votes goes to a staff account only, and counts after a sign-in with six digits.
    """
    return RoleGrantRead.model_validate(
        await usecases.grant_role(
            uow=uow,
            principal=principal,
            account_id=body.account_id,
            role=body.role,
            scope_kind=body.scope_kind,
            scope_id=body.scope_id,
            from_on=body.from_on,
            until_on=body.until_on,
        )
    )


@router.get("/role_grants", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_role_grants(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    account_id: Annotated[UUID | None, Query(description="Only this account's.")] = None,
    role: Annotated[Role | None, Query(description="Only this role.")] = None,
    is_standing: Annotated[
        bool | None, Query(description="Only those not taken back, or only those that were.")
    ] = None,
) -> Page[RoleGrantRead]:
    """List role grants: all of them for those who grant or oversee, else the caller's own."""
    rows = await usecases.list_role_grants(
        uow=uow, principal=principal, account_id=account_id, role=role, is_standing=is_standing, page=page
    )
    return page_of(rows.map(RoleGrantRead.model_validate), request, response)


@router.post(
    "/role_grants/{grant_id}/revocations",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, RoleGrantNotFoundError, RoleNotGrantableError),
)
async def revoke_role(grant_id: UUID, body: RevocationCreate, uow: Uow, principal: CurrentPrincipal) -> RoleGrantRead:
    """Take a role back. Tokens that carry it run out within fifteen minutes."""
    return RoleGrantRead.model_validate(
        await usecases.revoke_role(uow=uow, principal=principal, grant_id=grant_id, reason=body.reason)
    )
