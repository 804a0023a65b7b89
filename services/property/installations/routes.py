"""Installations of redeemed goods over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.property.dispatch.errors import WorkerNotFoundError
from services.property.installations import usecases
from services.property.installations.domain import State
from services.property.installations.errors import (
    AppointmentInvalidError,
    InstallationNotFoundError,
    InstallationOverdueError,
    NoInstallationConflictError,
    OwnHomeError,
    WorkerMissingError,
)
from services.property.installations.schemas import Appointment, Completion, InstallationRead, Refusal, Settlement
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList

router = APIRouter(prefix="/api/v1/property/installations", tags=["兑换安装"], route_class=CommandRoute)

STEP_ERRORS = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, InstallationNotFoundError, WrongStateError)


@router.get("", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_installations(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[State | None, Query(description="Only this state; `ordered` waits for somebody.")] = None,
    is_conflict: Annotated[bool, Query(description="Only those that a person must look at.")] = False,
    is_settled: Annotated[bool, Query(description="Only those that a person has looked at.")] = False,
) -> Page[InstallationRead]:
    """List goods to fit, newest first: the own household's, for workers what waits and their own, all for those who send and watch."""
    rows = await usecases.list_installations(
        uow=uow, principal=principal, page=page, state=state, is_conflict=is_conflict, is_settled=is_settled
    )
    return page_of(rows.map(InstallationRead.model_validate), request, response)


@router.get("/{redemption_id}", responses=problems(*AUTH_ERRORS, InstallationNotFoundError))
async def get_installation(redemption_id: UUID, uow: Uow, principal: CurrentPrincipal) -> InstallationRead:
    """Return one."""
    row = await usecases.get_installation(uow=uow, principal=principal, redemption_id=redemption_id)
    return InstallationRead.model_validate(row)


@router.get("/{redemption_id}/actions", responses=problems(*AUTH_ERRORS, InstallationNotFoundError))
async def list_installation_actions(redemption_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with it now."""
    state, actions = await usecases.list_actions(uow=uow, principal=principal, redemption_id=redemption_id)
    return ActionList(state=state, actions=[action.value for action in actions])


@router.post(
    "/{redemption_id}/appointments",
    responses=problems(*STEP_ERRORS, AppointmentInvalidError, WorkerMissingError, WorkerNotFoundError, OwnHomeError),
)
async def schedule_installation(
    redemption_id: UUID, payload: Appointment, uow: Uow, principal: CurrentPrincipal
) -> InstallationRead:
    """Say who comes when, or change it. For workers themselves, the desk, heads and the manager."""
    row = await usecases.schedule_installation(
        uow=uow,
        principal=principal,
        redemption_id=redemption_id,
        worker_id=payload.worker_id,
        at=payload.scheduled_for,
    )
    return InstallationRead.model_validate(row)


@router.post("/{redemption_id}/completions", responses=problems(*STEP_ERRORS, InstallationOverdueError))
async def complete_installation(
    redemption_id: UUID, payload: Completion, uow: Uow, principal: CurrentPrincipal
) -> InstallationRead:
    """Say that the goods are fitted. For the worker who was to come."""
    row = await usecases.complete_installation(
        uow=uow, principal=principal, redemption_id=redemption_id, note=payload.note, photo_ids=payload.photo_ids
    )
    return InstallationRead.model_validate(row)


@router.post("/{redemption_id}/refusals", responses=problems(*STEP_ERRORS))
async def refuse_installation(
    redemption_id: UUID, payload: Refusal, uow: Uow, principal: CurrentPrincipal
) -> InstallationRead:
    """Say that the goods cannot be fitted, and why; the household gets its points back. For the desk, heads, the manager, and who was to come."""
    row = await usecases.refuse_installation(
        uow=uow, principal=principal, redemption_id=redemption_id, reason=payload.reason
    )
    return InstallationRead.model_validate(row)


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
async def settle_property_conflict(
    redemption_id: UUID, payload: Settlement, uow: Uow, principal: CurrentPrincipal
) -> InstallationRead:
    """Write down how the company settled what crossed on the way. For heads and the manager, of another household and who did not fit it."""
    row = await usecases.settle_conflict(
        uow=uow, principal=principal, redemption_id=redemption_id, reason=payload.reason
    )
    return InstallationRead.model_validate(row)
