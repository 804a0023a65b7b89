"""Decisions about points, and what is about to expire, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.points.expiries import usecases
from services.points.expiries.errors import DecisionMissingError, ExpiryRuleInvalidError, PolicyChangedError
from services.points.expiries.schemas import ComingExpiryRead, PolicyAdopt, PolicyRead, policy_read
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/points", tags=["积分规定与到期"], route_class=CommandRoute)


@router.get("/policy", responses=problems(*AUTH_ERRORS))
async def get_points_policy(uow: Uow, principal: CurrentPrincipal) -> PolicyRead:
    """Return the terms in force: what a new household starts with and how long earned points last."""
    return policy_read(await usecases.get_policy(uow=uow))


@router.get("/policy/versions", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_points_policies(
    uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[PolicyRead]:
    """List all versions of the terms, newest first."""
    return page_of((await usecases.list_policies(uow=uow, page=page)).map(policy_read), request, response)


@router.post(
    "/policy/versions",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        DecisionMissingError,
        ExpiryRuleInvalidError,
        PolicyChangedError,
    ),
)
async def adopt_points_policy(body: PolicyAdopt, uow: Uow, principal: CurrentPrincipal) -> PolicyRead:
    """Enter terms that a meeting decided. They hold for points that come in from now on; points that are there keep their expiry."""
    policy = await usecases.adopt_policy(
        uow=uow,
        principal=principal,
        terms=body.terms(),
        decision=body.decision,
        replaces_version=body.replaces_version,
    )
    return policy_read(policy)


@router.get("/expiries", responses=problems(*AUTH_ERRORS, ForbiddenError, CursorInvalidError))
async def list_coming_expiries(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    days: Annotated[int, Query(ge=1, le=3650, description="Within how many days.", examples=[30])] = 30,
) -> Page[ComingExpiryRead]:
    """List which households lose how many points soon, so that somebody can call on them. For staff of the scheme."""
    rows = await usecases.list_coming_expiries(uow=uow, principal=principal, page=page, days=days)
    return page_of(rows.map(ComingExpiryRead.model_validate), request, response)
