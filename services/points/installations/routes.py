"""Installations over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.installations import usecases
from services.points.installations.errors import InstallationNotFoundError, NoInstallationConflictError
from services.points.installations.schemas import InstallationRead, InstallationSettlement
from services.points.redemptions.errors import RedemptionNotFoundError
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/points/installations", tags=["兑换"], route_class=CommandRoute)


@router.get("", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_installations(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    is_conflict: Annotated[bool, Query(description="Only those that a person must look at.")] = False,
    is_settled: Annotated[bool, Query(description="Only those that a person has looked at.")] = False,
) -> Page[InstallationRead]:
    """List installations, newest first: the own household's, or all for those who run and watch the store."""
    rows = await usecases.list_installations(
        uow=uow, principal=principal, page=page, is_conflict=is_conflict, is_settled=is_settled
    )
    return page_of(rows.map(lambda pair: InstallationRead.of(*pair)), request, response)


@router.get("/{redemption_id}", responses=problems(*AUTH_ERRORS, InstallationNotFoundError))
async def get_installation(redemption_id: UUID, uow: Uow, principal: CurrentPrincipal) -> InstallationRead:
    """Return an installation."""
    found = await usecases.get_installation(uow=uow, principal=principal, redemption_id=redemption_id)
    return InstallationRead.of(*found)


@router.post(
    "/{redemption_id}/acceptances",
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        RedemptionNotFoundError,
        InstallationNotFoundError,
        WrongStateError,
    ),
)
async def accept_installation(redemption_id: UUID, uow: Uow, principal: CurrentPrincipal) -> InstallationRead:
    """Say that the work is done well. For the household; without a word it counts as accepted after seven days."""
    await usecases.accept_installation(uow=uow, principal=principal, redemption_id=redemption_id)
    found = await usecases.get_installation(uow=uow, principal=principal, redemption_id=redemption_id)
    return InstallationRead.of(*found)


@router.post(
    "/{redemption_id}/settlements",
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        InstallationNotFoundError,
        NoInstallationConflictError,
    ),
)
async def settle_installation_conflict(
    redemption_id: UUID, payload: InstallationSettlement, uow: Uow, principal: CurrentPrincipal
) -> InstallationRead:
    """Write down how what crossed on the way was settled. For storekeepers and supervisors of another household; no points move by it."""
    settled = await usecases.settle_conflict(
        uow=uow, principal=principal, redemption_id=redemption_id, reason=payload.reason
    )
    return InstallationRead.of(*settled)
