"""Kinds of help over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.points.help_kinds import usecases
from services.points.help_kinds.errors import HelpKindNotFoundError
from services.points.help_kinds.schemas import Code, HelpKindCreate, HelpKindRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.problems import problems

router = APIRouter(prefix="/api/v1/points/time-bank/kinds", tags=["时间银行"], route_class=CommandRoute)


@router.post("", status_code=201, responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError))
async def enter_help_kind(payload: HelpKindCreate, uow: Uow, principal: CurrentPrincipal) -> HelpKindRead:
    """Publish a kind of help, or the next version of one. For committee members and administrators."""
    kind = await usecases.enter_kind(uow=uow, principal=principal, **payload.model_dump())
    return HelpKindRead.model_validate(kind)


@router.get("", responses=problems(*AUTH_ERRORS))
async def list_help_kinds(
    uow: Uow,
    _principal: CurrentPrincipal,
    is_active: Annotated[bool | None, Query(description="Only those that can (or cannot) be asked for.")] = None,
) -> list[HelpKindRead]:
    """List the kinds of help with their rates."""
    return [HelpKindRead.model_validate(kind) for kind in await usecases.list_kinds(uow=uow, is_active=is_active)]


@router.get("/{code}/versions", responses=problems(*AUTH_ERRORS, HelpKindNotFoundError))
async def list_help_kind_versions(code: Code, uow: Uow, _principal: CurrentPrincipal) -> list[HelpKindRead]:
    """List every version of a kind, newest first."""
    versions = await usecases.list_kind_versions(uow=uow, code=code)
    return [HelpKindRead.model_validate(kind) for kind in versions]
