"""Claiming points over HTTP: submit, verify, judge, object, answer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.claims import usecases
from services.points.claims.domain import State
from services.points.claims.errors import (
    AlreadyVotedError,
    CapReachedError,
    ClaimNotFoundError,
    HappenedOnInvalidError,
    ItemNotClaimableError,
    ItemNotFoundError,
    PhotosMissingError,
    ReasonMissingError,
    RecusedError,
)
from services.points.claims.schemas import Answer, ClaimCreate, ClaimRead, Objection, Verification, Vote
from services.points.ledger.errors import AccountNotFoundError
from services.points.rulebooks.errors import RulebookNotFoundError
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import NoHouseholdError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList

router = APIRouter(prefix="/api/v1/points/claims", tags=["积分申报"], route_class=CommandRoute)

MOVE_ERRORS = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ClaimNotFoundError, ForbiddenError, WrongStateError)


@router.post(
    "",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        NoHouseholdError,
        AccountNotFoundError,
        RulebookNotFoundError,
        ItemNotFoundError,
        ItemNotClaimableError,
        HappenedOnInvalidError,
        PhotosMissingError,
        CapReachedError,
    ),
)
async def submit_claim(payload: ClaimCreate, uow: Uow, principal: CurrentPrincipal, response: Response) -> ClaimRead:
    """Claim points for the caller's household. The claim is judged by the rules in force on the day it is submitted."""
    claim = await usecases.submit_claim(
        uow=uow,
        principal=principal,
        item_code=payload.item_code,
        happened_on=payload.happened_on,
        place=payload.place,
        note=payload.note,
        photo_ids=payload.photo_ids,
    )
    response.headers["Location"] = f"{router.prefix}/{claim.id}"
    return ClaimRead.model_validate(claim)


@router.get("", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_claims(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[State | None, Query(description="Only this state; publicised is what hangs out now.")] = None,
    household_id: Annotated[UUID | None, Query(description="Only this household.")] = None,
) -> Page[ClaimRead]:
    """List claims, newest first: the own household's, what hangs out in public, and for those who judge all."""
    rows = await usecases.list_claims(uow=uow, principal=principal, page=page, state=state, household_id=household_id)
    return page_of(rows.map(ClaimRead.model_validate), request, response)


@router.get("/{claim_id}", responses=problems(*AUTH_ERRORS, ClaimNotFoundError))
async def get_claim(claim_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ClaimRead:
    """Return a claim."""
    return ClaimRead.model_validate(await usecases.get_claim(uow=uow, principal=principal, claim_id=claim_id))


@router.get("/{claim_id}/actions", responses=problems(*AUTH_ERRORS, ClaimNotFoundError))
async def list_claim_actions(claim_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a claim now."""
    claim, actions = await usecases.list_actions(uow=uow, principal=principal, claim_id=claim_id)
    return ActionList(state=claim.state, actions=[action.value for action in actions])


@router.post("/{claim_id}/verifications", responses=problems(*MOVE_ERRORS, RecusedError, ReasonMissingError))
async def verify_claim(claim_id: UUID, payload: Verification, uow: Uow, principal: CurrentPrincipal) -> ClaimRead:
    """Say, having looked, whether it happened. For the grid worker of the household's grid."""
    claim = await usecases.verify_claim(
        uow=uow, principal=principal, claim_id=claim_id, is_confirmed=payload.is_confirmed, reason=payload.reason
    )
    return ClaimRead.model_validate(claim)


@router.post("/{claim_id}/votes", responses=problems(*MOVE_ERRORS, RecusedError, ReasonMissingError, AlreadyVotedError))
async def vote_on_claim(claim_id: UUID, payload: Vote, uow: Uow, principal: CurrentPrincipal) -> ClaimRead:
    """Vote on a claim. For assessors, each once, not on their own household; enough votes decide and publish it."""
    claim = await usecases.vote_on_claim(
        uow=uow, principal=principal, claim_id=claim_id, is_approved=payload.is_approved, reason=payload.reason
    )
    return ClaimRead.model_validate(claim)


@router.post("/{claim_id}/objections", responses=problems(*MOVE_ERRORS, NoHouseholdError, ReasonMissingError))
async def object_to_claim(claim_id: UUID, payload: Objection, uow: Uow, principal: CurrentPrincipal) -> ClaimRead:
    """Object to a published claim. For any other household; the notice stops until it is answered."""
    claim = await usecases.object_to_claim(uow=uow, principal=principal, claim_id=claim_id, reason=payload.reason)
    return ClaimRead.model_validate(claim)


@router.post("/{claim_id}/answers", responses=problems(*MOVE_ERRORS, RecusedError, ReasonMissingError))
async def answer_objection(claim_id: UUID, payload: Answer, uow: Uow, principal: CurrentPrincipal) -> ClaimRead:
    """Answer the objections to a claim. For supervisors; dismissed, the claim hangs out again for the whole time."""
    claim = await usecases.answer_objection(
        uow=uow, principal=principal, claim_id=claim_id, is_upheld=payload.is_upheld, answer=payload.answer
    )
    return ClaimRead.model_validate(claim)


@router.post("/{claim_id}/withdrawals", responses=problems(*MOVE_ERRORS))
async def withdraw_claim(claim_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ClaimRead:
    """Take a claim back before the panel has decided. For its household."""
    return ClaimRead.model_validate(await usecases.withdraw_claim(uow=uow, principal=principal, claim_id=claim_id))
