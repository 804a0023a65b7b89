"""Concerns over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status

from services.proposals.concerns import usecases
from services.proposals.concerns.domain import TRIAGE_ROLES, ConcernState, Level
from services.proposals.concerns.errors import (
    ConcernMergedError,
    ConcernNotFoundError,
    HouseholdNotFoundError,
    MergeIntoItselfError,
    ReasonMissingError,
)
from services.proposals.concerns.models import Concern
from services.proposals.concerns.schemas import ConcernAnswer, ConcernCreate, ConcernMerge, ConcernRead, ConcernTriage
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import NoHouseholdError, Principal
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList

router = APIRouter(prefix="/api/v1/proposals", tags=["诉求"], route_class=CommandRoute)

COMMAND = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, ConcernNotFoundError, WrongStateError)


def _read(concern: Concern, principal: Principal) -> ConcernRead:
    """Show a concern; whose it is, is for the household and staff alone."""
    read = ConcernRead.model_validate(concern)
    if principal.has(*TRIAGE_ROLES) or concern.household_id == principal.household_id:
        return read
    return read.model_copy(update={"household_id": None})


@router.post(
    "/concerns",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, HouseholdNotFoundError),
)
async def file_concern(body: ConcernCreate, uow: Uow, principal: CurrentPrincipal) -> ConcernRead:
    """Enter a concern: anybody their own, staff also what they heard elsewhere."""
    concern = await usecases.file_concern(
        uow=uow,
        principal=principal,
        title=body.title,
        body=body.body,
        place=body.place,
        photos=body.photos,
        channel=body.channel,
        household_id=body.household_id,
    )
    return _read(concern, principal)


@router.get("/concerns", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_concerns(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[ConcernState | None, Query(description="Only in this state.")] = None,
    level: Annotated[Level | None, Query(description="Only of this level.")] = None,
    mine: Annotated[bool, Query(description="Only the caller's and their household's.")] = False,
) -> Page[ConcernRead]:
    """List the concerns the caller may see, newest first. Private ones are seen by their authors and staff only."""
    rows = await usecases.list_concerns(uow=uow, principal=principal, page=page, state=state, level=level, mine=mine)
    return page_of(rows.map(lambda concern: _read(concern, principal)), request, response)


@router.get("/concerns/{concern_id}", responses=problems(*AUTH_ERRORS, ConcernNotFoundError))
async def get_concern(concern_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ConcernRead:
    """Return a concern."""
    return _read(await usecases.get_concern(uow=uow, principal=principal, concern_id=concern_id), principal)


@router.get("/concerns/{concern_id}/actions", responses=problems(*AUTH_ERRORS, ConcernNotFoundError))
async def list_concern_actions(concern_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a concern now."""
    state, actions = await usecases.list_actions(uow=uow, principal=principal, concern_id=concern_id)
    return ActionList(state=state, actions=list(actions))


@router.post("/concerns/{concern_id}/triages", responses=problems(*COMMAND, ReasonMissingError))
async def triage_concern(concern_id: UUID, body: ConcernTriage, uow: Uow, principal: CurrentPrincipal) -> ConcernRead:
    """Sort a concern (三事分流). For grid workers, committee members, the secretary and the administrator."""
    concern = await usecases.triage_concern(
        uow=uow, principal=principal, concern_id=concern_id, level=body.level, reason=body.reason
    )
    return _read(concern, principal)


@router.post("/concerns/{concern_id}/answers", responses=problems(*COMMAND))
async def answer_concern(concern_id: UUID, body: ConcernAnswer, uow: Uow, principal: CurrentPrincipal) -> ConcernRead:
    """Answer a concern; its author is told."""
    concern = await usecases.answer_concern(uow=uow, principal=principal, concern_id=concern_id, text=body.text)
    return _read(concern, principal)


@router.post("/concerns/{concern_id}/closures", responses=problems(*COMMAND))
async def close_concern(concern_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ConcernRead:
    """End an answered concern, as its author or as staff."""
    return _read(await usecases.close_concern(uow=uow, principal=principal, concern_id=concern_id), principal)


@router.post("/concerns/{concern_id}/reopenings", responses=problems(*COMMAND))
async def reopen_concern(concern_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ConcernRead:
    """Refuse the answer as the author; the concern goes back to work with a fresh clock."""
    return _read(await usecases.reopen_concern(uow=uow, principal=principal, concern_id=concern_id), principal)


@router.post("/concerns/{concern_id}/mergers", responses=problems(*COMMAND, MergeIntoItselfError))
async def merge_concern(concern_id: UUID, body: ConcernMerge, uow: Uow, principal: CurrentPrincipal) -> ConcernRead:
    """Merge a concern into another that says the same."""
    concern = await usecases.merge_concern(uow=uow, principal=principal, concern_id=concern_id, into_id=body.into_id)
    return _read(concern, principal)


@router.post(
    "/concerns/{concern_id}/supports",
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ConcernNotFoundError, NoHouseholdError, ConcernMergedError),
)
async def support_concern(concern_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ConcernRead:
    """Say the same as a household; once is enough and twice does no harm."""
    return _read(await usecases.support_concern(uow=uow, principal=principal, concern_id=concern_id), principal)
