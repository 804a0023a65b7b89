"""One's share of a gig over HTTP: take it, check in, report it done, have it looked at."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.gig_places.domain import PlaceState
from services.points.gig_places.errors import (
    AlreadyTakenError,
    GigClosedError,
    GigFullError,
    GigNotFoundError,
    GigOfOwnHouseholdError,
    GigPlaceNotFoundError,
    NotCheckedInError,
    OwnWorkError,
    SplitInvalidError,
    TooEarlyError,
    TooLateError,
    TooManyTakenError,
    WorkPhotosMissingError,
)
from services.points.jobs import usecases
from services.points.jobs.schemas import JobClaim, JobCompletion, JobNote, JobRead, JobReason, JobSettlement
from services.points.ledger.errors import AccountNotFoundError, HouseholdClosedError
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import NoHouseholdError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList

router = APIRouter(prefix="/api/v1/points/jobs", tags=["零工超市"], route_class=CommandRoute)

MOVE_ERRORS = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, GigPlaceNotFoundError, ForbiddenError, WrongStateError)


@router.post(
    "",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        NoHouseholdError,
        AccountNotFoundError,
        HouseholdClosedError,
        GigNotFoundError,
        GigClosedError,
        GigFullError,
        GigOfOwnHouseholdError,
        AlreadyTakenError,
        TooManyTakenError,
    ),
)
async def claim_job(payload: JobClaim, uow: Uow, principal: CurrentPrincipal, response: Response) -> JobRead:
    """Take a place of a gig for the caller's household. However many try at once, each place goes to one."""
    job = JobRead.of(*await usecases.claim_job(uow=uow, principal=principal, gig_id=payload.gig_id))
    response.headers["Location"] = f"{router.prefix}/{job.id}"
    return job


@router.get("", responses=problems(*AUTH_ERRORS, ForbiddenError, NoHouseholdError, CursorInvalidError))
async def list_jobs(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[PlaceState | None, Query(description="Only this state.")] = None,
    mine: Annotated[bool, Query(description="The caller's household; false: all, for staff.")] = True,
) -> Page[JobRead]:
    """List jobs, newest first: the own household's, or all for officials, grid workers and supervisors."""
    rows = await usecases.list_jobs(uow=uow, principal=principal, page=page, state=state, is_mine=mine)
    return page_of(rows.map(lambda row: JobRead.of(*row)), request, response)


@router.get("/{place_id}", responses=problems(*AUTH_ERRORS, GigPlaceNotFoundError))
async def get_job(place_id: UUID, uow: Uow, principal: CurrentPrincipal) -> JobRead:
    """Return one job."""
    return JobRead.of(*await usecases.get_job(uow=uow, principal=principal, job_id=place_id))


@router.get("/{place_id}/actions", responses=problems(*AUTH_ERRORS, GigPlaceNotFoundError))
async def list_job_actions(place_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a job now."""
    job, actions = await usecases.list_job_actions(uow=uow, principal=principal, job_id=place_id)
    return ActionList(state=job.state, actions=[action.value for action in actions])


@router.post("/{place_id}/check-ins", responses=problems(*MOVE_ERRORS, TooEarlyError, TooLateError))
async def check_in_to_job(place_id: UUID, uow: Uow, principal: CurrentPrincipal) -> JobRead:
    """Say on the spot that the work begins. A second check-in changes nothing."""
    return JobRead.of(*await usecases.check_in(uow=uow, principal=principal, job_id=place_id))


@router.post("/{place_id}/completions", responses=problems(*MOVE_ERRORS, NotCheckedInError, WorkPhotosMissingError))
async def complete_job(place_id: UUID, payload: JobCompletion, uow: Uow, principal: CurrentPrincipal) -> JobRead:
    """Report the work done, with photos."""
    moved = await usecases.complete_job(
        uow=uow, principal=principal, job_id=place_id, photo_ids=payload.photo_ids, note=payload.note
    )
    return JobRead.of(*moved)


@router.post("/{place_id}/releases", responses=problems(*MOVE_ERRORS, TooLateError))
async def give_up_job(place_id: UUID, payload: JobReason, uow: Uow, principal: CurrentPrincipal) -> JobRead:
    """Give a job back before the work has begun, so that another may take it."""
    moved = await usecases.give_up_job(uow=uow, principal=principal, job_id=place_id, reason=payload.reason)
    return JobRead.of(*moved)


@router.post("/{place_id}/verifications", responses=problems(*MOVE_ERRORS, OwnWorkError))
async def verify_job(place_id: UUID, payload: JobNote, uow: Uow, principal: CurrentPrincipal) -> JobRead:
    """Confirm the work, never that of one's own household. The poster's word pays at once; a grid worker's after time to object."""
    moved = await usecases.verify_job(uow=uow, principal=principal, job_id=place_id, note=payload.note)
    return JobRead.of(*moved)


@router.post("/{place_id}/disputes", responses=problems(*MOVE_ERRORS))
async def dispute_job(place_id: UUID, payload: JobReason, uow: Uow, principal: CurrentPrincipal) -> JobRead:
    """Object to the work or to its judgement, as worker or poster. The points stay where they are until a supervisor settles it."""
    moved = await usecases.dispute_job(uow=uow, principal=principal, job_id=place_id, reason=payload.reason)
    return JobRead.of(*moved)


@router.post("/{place_id}/settlements", responses=problems(*MOVE_ERRORS, OwnWorkError, SplitInvalidError))
async def settle_job(place_id: UUID, payload: JobSettlement, uow: Uow, principal: CurrentPrincipal) -> JobRead:
    """Divide the points of a disputed job between worker and poster. For supervisors of neither household."""
    moved = await usecases.settle_job(
        uow=uow,
        principal=principal,
        job_id=place_id,
        worker_points=payload.worker_points,
        poster_points=payload.poster_points,
        reason=payload.reason,
    )
    return JobRead.of(*moved)
