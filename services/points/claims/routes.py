"""Claiming points over HTTP: enter, verify, judge, object, answer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.points.claim_photos import usecases as photos
from services.points.claim_photos.errors import PhotosNotArrivedError
from services.points.claims import usecases
from services.points.claims.columns import HEADER, line_of
from services.points.claims.domain import Filters, State
from services.points.claims.errors import (
    AlreadyVotedError,
    CapReachedError,
    ClaimNotFoundError,
    ClerkError,
    CommunityCapReachedError,
    ExportTooLargeError,
    HappenedOnInvalidError,
    HouseholdCapReachedError,
    ItemNotClaimableError,
    ItemNotFoundError,
    PhotosMissingError,
    QuantityTooLargeError,
    ReasonMissingError,
    RecusedError,
    ResubmissionError,
)
from services.points.claims.schemas import (
    Answer,
    ClaimBody,
    ClaimCreate,
    ClaimRead,
    ClaimWithPhotos,
    DuplicateRead,
    Objection,
    ObjectionRead,
    Verification,
    Vote,
    VoteRead,
)
from services.points.ledger.errors import AccountNotFoundError, HouseholdClosedError
from services.points.passbooks.errors import MemberNotFoundError
from services.points.periods.errors import PeriodClosedError
from services.points.rulebooks.domain import ItemGroup
from services.points.rulebooks.errors import RulebookNotFoundError
from services.points.steps import usecases as steps
from services.points.steps.schemas import StepRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import NoHouseholdError, Principal
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList, Day
from shared.sheets import SHEET_RESPONSES, SheetFormat, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points/claims", tags=["积分申报"], route_class=CommandRoute)

DRAFT_ERRORS = (
    *AUTH_ERRORS,
    ForbiddenError,
    NoHouseholdError,
    AccountNotFoundError,
    HouseholdClosedError,
    MemberNotFoundError,
    RulebookNotFoundError,
    ItemNotFoundError,
    ResubmissionError,
)
SUBMIT_ERRORS = (
    *DRAFT_ERRORS,
    *IDEMPOTENCY_ERRORS,
    ItemNotClaimableError,
    HappenedOnInvalidError,
    QuantityTooLargeError,
    PhotosMissingError,
    PeriodClosedError,
    CapReachedError,
    CommunityCapReachedError,
    HouseholdCapReachedError,
)
ONE_ERRORS = (*AUTH_ERRORS, ClaimNotFoundError)
MOVE_ERRORS = (*ONE_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, WrongStateError)
JUDGE_ERRORS = (*MOVE_ERRORS, RecusedError, ClerkError, ReasonMissingError)


async def _filters(
    state: Annotated[State | None, Query(description="Only this state; publicised is what hangs out now.")] = None,
    household_id: Annotated[UUID | None, Query(description="Only this household.")] = None,
    grid_id: Annotated[UUID | None, Query(description="Only this grid.")] = None,
    item_code: Annotated[
        str | None, Query(max_length=100, pattern=r"^[^\x00]*$", description="Only this item.")
    ] = None,
    group: Annotated[ItemGroup | None, Query(description="Only plus, minus or panel items.")] = None,
    sheet_id: Annotated[UUID | None, Query(description="Only lines of this sheet.")] = None,
    happened_from: Annotated[Day | None, Query(description="Happened on this day or later.")] = None,
    happened_to: Annotated[Day | None, Query(description="Happened on this day or earlier.")] = None,
) -> Filters:
    return Filters(state, household_id, grid_id, item_code, group, sheet_id, happened_from, happened_to)


Filtered = Annotated[Filters, Depends(_filters)]


def _household_of(payload: ClaimBody, principal: Principal) -> UUID | None:
    """Return the caller's household; only who names another one needs none."""
    return principal.household_id if payload.household_id else principal.require_household()


@router.post("", status_code=201, responses=problems(*SUBMIT_ERRORS))
async def enter_claim(payload: ClaimCreate, uow: Uow, principal: CurrentPrincipal, response: Response) -> ClaimRead:
    """Claim points for the own household, or enter a claim or deduction for another one as its grid worker or an assessor.

    A claim is judged by the rules in force on the day it is submitted.
    """
    entry = payload.entry(_household_of(payload, principal))
    claim = await usecases.enter_claim(uow=uow, principal=principal, entry=entry, is_draft=payload.is_draft)
    response.headers["Location"] = f"{router.prefix}/{claim.id}"
    return ClaimRead.model_validate(claim)


@router.get("", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_claims(
    uow: Uow, principal: CurrentPrincipal, page: Paging, filters: Filtered, request: Request, response: Response
) -> Page[ClaimWithPhotos]:
    """List claims, newest first: the own household's, what hangs out in public, and for those who judge all."""
    rows = await usecases.list_claims(uow=uow, principal=principal, page=page, filters=filters)
    flags = await photos.list_flags(uow=uow, claim_ids=[claim.id for claim in rows.rows])
    return page_of(rows.map(lambda claim: ClaimWithPhotos.of(claim, flags[claim.id])), request, response)


@router.get(
    "/export",
    response_class=Response,
    responses=problems(*AUTH_ERRORS, ForbiddenError, ExportTooLargeError) | SHEET_RESPONSES,
)
async def export_claims(
    uow: Uow,
    principal: CurrentPrincipal,
    filters: Filtered,
    file_format: WantedFormat = SheetFormat.XLSX,
) -> Response:
    """Download claims as a file, with the same filters as the list. For assessors, supervisors, administrators and grid workers."""
    claims = await usecases.export_claims(uow=uow, principal=principal, filters=filters)
    return await sheet_response(file_format, "积分申报", HEADER, [line_of(claim, number) for claim, number in claims])


@router.get("/{claim_id}", responses=problems(*ONE_ERRORS))
async def get_claim(claim_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ClaimWithPhotos:
    """Return a claim, with how many of its photos are missing and how many other claims show one that looks the same."""
    claim = await usecases.get_claim(uow=uow, principal=principal, claim_id=claim_id)
    return ClaimWithPhotos.of(claim, (await photos.list_flags(uow=uow, claim_ids=[claim_id]))[claim_id])


@router.put("/{claim_id}", responses=problems(*DRAFT_ERRORS, ClaimNotFoundError, WrongStateError))
async def change_claim_draft(claim_id: UUID, payload: ClaimBody, uow: Uow, principal: CurrentPrincipal) -> ClaimRead:
    """Write a draft anew. For who entered it."""
    entry = payload.entry(_household_of(payload, principal))
    claim = await usecases.change_draft(uow=uow, principal=principal, claim_id=claim_id, entry=entry)
    return ClaimRead.model_validate(claim)


@router.post("/{claim_id}/submissions", responses=problems(*SUBMIT_ERRORS, ClaimNotFoundError, WrongStateError))
async def submit_claim_draft(claim_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ClaimRead:
    """Submit a draft under the rules in force today. For who entered it."""
    return ClaimRead.model_validate(await usecases.submit_draft(uow=uow, principal=principal, claim_id=claim_id))


@router.get("/{claim_id}/actions", responses=problems(*ONE_ERRORS))
async def list_claim_actions(claim_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a claim now."""
    claim, actions = await usecases.list_actions(uow=uow, principal=principal, claim_id=claim_id)
    return ActionList(state=claim.state, actions=[action.value for action in actions])


@router.get("/{claim_id}/duplicates", responses=problems(*ONE_ERRORS, ForbiddenError))
async def list_claim_duplicates(claim_id: UUID, uow: Uow, principal: CurrentPrincipal) -> list[DuplicateRead]:
    """Return photos of a claim that look like those of other claims, each with the other claim. For those who verify and judge."""
    found = await usecases.list_duplicates(uow=uow, principal=principal, claim_id=claim_id)
    return [DuplicateRead.model_validate(duplicate) for duplicate in found]


@router.get("/{claim_id}/objections", responses=problems(*ONE_ERRORS))
async def list_claim_objections(claim_id: UUID, uow: Uow, principal: CurrentPrincipal) -> list[ObjectionRead]:
    """Return the objections to a claim and their answers, oldest first."""
    found = await usecases.list_objections(uow=uow, principal=principal, claim_id=claim_id)
    return [ObjectionRead.model_validate(objection) for objection in found]


@router.get("/{claim_id}/steps", responses=problems(*ONE_ERRORS, ForbiddenError, CursorInvalidError))
async def list_claim_steps(
    claim_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[StepRead]:
    """Return who did what with a claim, when and why, oldest first. For its household and for those who verify, judge and watch."""
    claim = await usecases.get_record(uow=uow, principal=principal, claim_id=claim_id)
    rows = await steps.list_steps(uow=uow, subject_id=claim.id, page=page)
    return page_of(rows.map(StepRead.model_validate), request, response)


@router.get("/{claim_id}/votes", responses=problems(*ONE_ERRORS, ForbiddenError))
async def list_claim_votes(claim_id: UUID, uow: Uow, principal: CurrentPrincipal) -> list[VoteRead]:
    """Return the panel's votes with their reasons. Assessors read those of others once the claim is decided; supervisors at any time."""
    votes = await usecases.list_votes(uow=uow, principal=principal, claim_id=claim_id)
    return [VoteRead.model_validate(vote) for vote in votes]


@router.post("/{claim_id}/verifications", responses=problems(*JUDGE_ERRORS, PhotosNotArrivedError))
async def verify_claim(claim_id: UUID, payload: Verification, uow: Uow, principal: CurrentPrincipal) -> ClaimRead:
    """Say, having looked, whether it happened. For whom the item names: grid worker, building head or assessor."""
    claim = await usecases.verify_claim(
        uow=uow, principal=principal, claim_id=claim_id, is_confirmed=payload.is_confirmed, reason=payload.reason
    )
    return ClaimRead.model_validate(claim)


@router.post("/{claim_id}/votes", responses=problems(*JUDGE_ERRORS, AlreadyVotedError))
async def vote_on_claim(claim_id: UUID, payload: Vote, uow: Uow, principal: CurrentPrincipal) -> ClaimRead:
    """Vote on a claim. For assessors, each once, not on their own household, kin or entries; enough votes decide and publish it."""
    claim = await usecases.vote_on_claim(
        uow=uow, principal=principal, claim_id=claim_id, is_approved=payload.is_approved, reason=payload.reason
    )
    return ClaimRead.model_validate(claim)


@router.post("/{claim_id}/objections", responses=problems(*MOVE_ERRORS, NoHouseholdError, ReasonMissingError))
async def object_to_claim(claim_id: UUID, payload: Objection, uow: Uow, principal: CurrentPrincipal) -> ClaimRead:
    """Object to a published claim. For any other household, and against a deduction also the own; the notice stops until it is answered."""
    claim = await usecases.object_to_claim(uow=uow, principal=principal, claim_id=claim_id, reason=payload.reason)
    return ClaimRead.model_validate(claim)


@router.post("/{claim_id}/answers", responses=problems(*JUDGE_ERRORS))
async def answer_objection(claim_id: UUID, payload: Answer, uow: Uow, principal: CurrentPrincipal) -> ClaimRead:
    """Answer the objections to a claim. For supervisors who neither objected nor step aside; dismissed, it hangs out again for the whole time."""
    claim = await usecases.answer_objection(
        uow=uow, principal=principal, claim_id=claim_id, is_upheld=payload.is_upheld, answer=payload.answer
    )
    return ClaimRead.model_validate(claim)


@router.post("/{claim_id}/withdrawals", responses=problems(*MOVE_ERRORS))
async def withdraw_claim(claim_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ClaimRead:
    """Take a claim back before the panel has decided. For its household, or for who entered it."""
    return ClaimRead.model_validate(await usecases.withdraw_claim(uow=uow, principal=principal, claim_id=claim_id))
