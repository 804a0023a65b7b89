"""Discussing a list over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.claim_photos.errors import MinutesNotArrivedError
from services.points.rulebook_drafts import usecases
from services.points.rulebook_drafts.domain import State
from services.points.rulebook_drafts.errors import DraftNotFoundError, ProposalTakenError
from services.points.rulebook_drafts.schemas import Adoption, DraftBody, DraftBrief, DraftRead, ProposalLink
from services.points.rulebooks.errors import (
    ClaimantInvalidError,
    DecisionNotFoundError,
    DecisionUsedError,
    ItemCodeRepeatedError,
    MinutesMissingError,
    QuantityCapInvalidError,
)
from services.points.rulebooks.schemas import ComparisonRead, RulebookRead
from services.points.steps import usecases as steps
from services.points.steps.schemas import StepRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.etags import IF_MATCH_ERRORS, IfMatch, set_etag
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList

router = APIRouter(prefix="/api/v1/points/rulebook_drafts", tags=["积分细则草案"], route_class=CommandRoute)

LIST_ERRORS = (ItemCodeRepeatedError, ClaimantInvalidError, QuantityCapInvalidError)
MOVE_ERRORS = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, DraftNotFoundError, ForbiddenError, WrongStateError)


@router.post("", status_code=201, responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, *LIST_ERRORS))
async def write_rulebook_draft(
    payload: DraftBody, uow: Uow, principal: CurrentPrincipal, response: Response
) -> DraftRead:
    """Write a list to be discussed. For committee members and administrators."""
    draft = await usecases.write_draft(uow=uow, principal=principal, **payload.content())
    set_etag(response, draft.revision)
    response.headers["Location"] = f"{router.prefix}/{draft.id}"
    return DraftRead.of(draft)


@router.get("", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_rulebook_drafts(
    uow: Uow,
    _principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[State | None, Query(description="Only this state.")] = None,
) -> Page[DraftBrief]:
    """List the drafts without their lines, newest first."""
    rows = await usecases.list_drafts(uow=uow, page=page, state=state)
    return page_of(rows.map(DraftBrief.model_validate), request, response)


@router.get("/{draft_id}", responses=problems(*AUTH_ERRORS, DraftNotFoundError))
async def get_rulebook_draft(draft_id: UUID, uow: Uow, _principal: CurrentPrincipal, response: Response) -> DraftRead:
    """Return a draft."""
    draft = await usecases.get_draft(uow=uow, draft_id=draft_id)
    set_etag(response, draft.revision)
    return DraftRead.of(draft)


@router.put(
    "/{draft_id}",
    responses=problems(
        *AUTH_ERRORS, *IF_MATCH_ERRORS, DraftNotFoundError, ForbiddenError, WrongStateError, *LIST_ERRORS
    ),
)
async def change_rulebook_draft(
    draft_id: UUID, payload: DraftBody, uow: Uow, principal: CurrentPrincipal, seen: IfMatch, response: Response
) -> DraftRead:
    """Change a draft. For committee members and administrators; one that is before the vote is taken off it."""
    draft = await usecases.change_draft(uow=uow, principal=principal, draft_id=draft_id, seen=seen, **payload.content())
    set_etag(response, draft.revision)
    return DraftRead.of(draft)


@router.get("/{draft_id}/actions", responses=problems(*AUTH_ERRORS, DraftNotFoundError))
async def list_draft_actions(draft_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a draft now."""
    draft, actions = await usecases.list_actions(uow=uow, principal=principal, draft_id=draft_id)
    return ActionList(state=draft.state, actions=[action.value for action in actions])


@router.get("/{draft_id}/steps", responses=problems(*AUTH_ERRORS, DraftNotFoundError, CursorInvalidError))
async def list_draft_steps(
    draft_id: UUID, uow: Uow, _principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[StepRead]:
    """Return who wrote, changed, proposed, adopted or dropped a draft, oldest first; nobody for a decision that adopted it by itself."""
    draft = await usecases.get_draft(uow=uow, draft_id=draft_id)
    rows = await steps.list_steps(uow=uow, subject_id=draft.id, page=page)
    return page_of(rows.map(StepRead.model_validate), request, response)


@router.get("/{draft_id}/comparison", responses=problems(*AUTH_ERRORS, DraftNotFoundError))
async def compare_rulebook_draft(
    draft_id: UUID,
    uow: Uow,
    _principal: CurrentPrincipal,
    against: Annotated[UUID | None, Query(description="Another draft; the version in force when not given.")] = None,
    is_complete: Annotated[bool, Query(description="Whether to show what stayed the same too.")] = False,
) -> ComparisonRead:
    """Lay a draft beside another one or beside the version in force."""
    comparison = await usecases.compare_draft(uow=uow, draft_id=draft_id, against=against)
    return ComparisonRead.of(comparison if is_complete else comparison.only_changes())


@router.post("/{draft_id}/proposals", responses=problems(*MOVE_ERRORS, ProposalTakenError, DecisionUsedError))
async def propose_rulebook_draft(
    draft_id: UUID, payload: ProposalLink, uow: Uow, principal: CurrentPrincipal
) -> DraftRead:
    """Say which proposal puts a draft to the vote. Its published decision adopts the draft without anybody entering it."""
    draft = await usecases.propose_draft(
        uow=uow, principal=principal, draft_id=draft_id, proposal_id=payload.proposal_id
    )
    return DraftRead.of(draft)


@router.post(
    "/{draft_id}/adoptions",
    status_code=201,
    responses=problems(
        *MOVE_ERRORS, MinutesMissingError, MinutesNotArrivedError, DecisionNotFoundError, DecisionUsedError
    ),
)
async def adopt_rulebook_draft(
    draft_id: UUID, payload: Adoption, uow: Uow, principal: CurrentPrincipal, response: Response
) -> RulebookRead:
    """Enter that a meeting or vote adopted a draft, with the decision's proposal or the minutes."""
    version = await usecases.adopt_draft(
        uow=uow,
        principal=principal,
        draft_id=draft_id,
        decision=payload.decision,
        decision_id=payload.decision_id,
        minutes_asset_id=payload.minutes_asset_id,
    )
    response.headers["Location"] = f"/api/v1/points/rulebooks/{version.version}"
    return RulebookRead.of(version)


@router.post("/{draft_id}/discards", responses=problems(*MOVE_ERRORS))
async def discard_rulebook_draft(draft_id: UUID, uow: Uow, principal: CurrentPrincipal) -> DraftRead:
    """Drop a draft. For committee members and administrators."""
    return DraftRead.of(await usecases.discard_draft(uow=uow, principal=principal, draft_id=draft_id))
