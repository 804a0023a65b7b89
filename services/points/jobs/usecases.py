"""What workers, those who posted, grid workers, supervisors and the clock do with one share of a gig."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.points.gig_places import usecases as gigs
from services.points.gig_places.decisions import check_split, clock_action, decide_place, judge_place, offered_actions
from services.points.gig_places.domain import CLOCK, OFFICIALS, PLACE_LIFE, Gig, Place, PlaceAction, PlaceState
from services.points.kinships import usecases as kinships
from shared.kernel.principal import Principal, Role
from shared.kernel.values import Points
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def claim_job(*, uow: UnitOfWork, principal: Principal, gig_id: UUID) -> tuple[Gig, Place]:
    """Take a free place of a gig for the caller's household.

    Locks/IO: the gig's row, by one conditional update that every taker waits for; then the household's count, then the places.
    Errors: GigNotFoundError, NoHouseholdError, GigOfOwnHouseholdError, GigClosedError, GigFullError, TooManyTakenError,
        AlreadyTakenError, AccountNotFoundError.
    """
    return await gigs.take_place(uow=uow, principal=principal, gig_id=gig_id)


async def get_job(*, uow: UnitOfWork, principal: Principal, job_id: UUID) -> tuple[Gig, Place]:
    """Return one share of a gig.

    Errors: GigPlaceNotFoundError.
    """
    return await gigs.get_place(uow=uow, principal=principal, place_id=job_id)


async def list_jobs(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, state: PlaceState | None, is_mine: bool
) -> Slice[tuple[Gig, Place]]:
    """Return shares of gigs, newest first: the caller's own, or all for officials and supervisors, those of the own grid for grid workers.

    Errors: NoHouseholdError, ForbiddenError.
    """
    if not is_mine:
        principal.require(*OFFICIALS, Role.SUPERVISOR, Role.GRID_WORKER)
    household_id = principal.require_household() if is_mine else None
    return await gigs.list_places(
        uow=uow, principal=principal, page=page, state=state, worker_household_id=household_id
    )


async def list_job_actions(*, uow: UnitOfWork, principal: Principal, job_id: UUID) -> tuple[Place, list[PlaceAction]]:
    """Return a share of a gig and what the caller could do with it now.

    Errors: GigPlaceNotFoundError.
    """
    gig, place = await gigs.get_place(uow=uow, principal=principal, place_id=job_id)
    return place, offered_actions(gig, place, principal, await kinships.kin_of(uow=uow, principal=principal))


async def check_in(*, uow: UnitOfWork, principal: Principal, job_id: UUID) -> tuple[Gig, Place]:
    """Say on the spot that the work begins.

    Locks/IO: the gig's row, then its places.
    Errors: GigPlaceNotFoundError, ForbiddenError, WrongStateError, TooEarlyError, TooLateError.
    Idempotency: a second check-in keeps the time of the first.
    """
    gig, place = await gigs.load_place(uow=uow, principal=principal, place_id=job_id)
    state = decide_place(gig, place, PlaceAction.CHECK_IN, principal, uow.now)
    arrived = replace(place, checked_in_at=place.checked_in_at or uow.now)
    return gig, await gigs.move_place(uow=uow, gig=gig, place=arrived, state=state, action="check_in", by=principal)


async def complete_job(
    *, uow: UnitOfWork, principal: Principal, job_id: UUID, photo_ids: Sequence[UUID], note: str
) -> tuple[Gig, Place]:
    """Say that the work is done, with photos.

    Locks/IO: the gig's row, then its places.
    Errors: GigPlaceNotFoundError, ForbiddenError, WrongStateError, NotCheckedInError, WorkPhotosMissingError.
    """
    gig, place = await gigs.load_place(uow=uow, principal=principal, place_id=job_id)
    state = decide_place(gig, place, PlaceAction.COMPLETE, principal, uow.now, len(photo_ids))
    done = replace(place, done_at=uow.now, photo_ids=tuple(photo_ids), note=note)
    moved = await gigs.move_place(uow=uow, gig=gig, place=done, state=state, action="complete", by=principal, note=note)
    return gig, moved


async def give_up_job(*, uow: UnitOfWork, principal: Principal, job_id: UUID, reason: str) -> tuple[Gig, Place]:
    """Give a place back before the work has begun; another may take it.

    Locks/IO: the gig's row, then its places.
    Errors: GigPlaceNotFoundError, ForbiddenError, WrongStateError, TooLateError.
    """
    gig, place = await gigs.load_place(uow=uow, principal=principal, place_id=job_id)
    decide_place(gig, place, PlaceAction.GIVE_UP, principal, uow.now)
    return gig, await gigs.free_place(uow=uow, gig=gig, place=place, action="give_up", by=principal, note=reason)


async def verify_job(*, uow: UnitOfWork, principal: Principal, job_id: UUID, note: str) -> tuple[Gig, Place]:
    """Confirm the work. The poster's word pays at once; a grid worker's leaves the poster time to object.

    Not for the own household, nor, unless the own points pay, for kin.

    Locks/IO: the gig's row, its places, then escrow and the worker's account.
    Errors: GigPlaceNotFoundError, ForbiddenError, WrongStateError, OwnWorkError.
    """
    gig, place = await gigs.load_place(uow=uow, principal=principal, place_id=job_id)
    kin = await kinships.kin_of(uow=uow, principal=principal)
    state = judge_place(gig, place, PlaceAction.VERIFY, principal, kin)
    looked = replace(place, verified_by=principal.account_id)
    verified = await gigs.move_place(
        uow=uow, gig=gig, place=looked, state=state, action="verify", by=principal, note=note
    )
    if gig.poster_household_id in {None, principal.household_id}:
        verified = await _pay(uow, gig, verified, principal)
    return gig, verified


async def dispute_job(*, uow: UnitOfWork, principal: Principal, job_id: UUID, reason: str) -> tuple[Gig, Place]:
    """Object to the work or to its judgement; until a supervisor settles it the points stay in escrow.

    Locks/IO: the gig's row, then its places.
    Errors: GigPlaceNotFoundError, ForbiddenError, WrongStateError.
    """
    gig, place = await gigs.load_place(uow=uow, principal=principal, place_id=job_id)
    state = decide_place(gig, place, PlaceAction.DISPUTE, principal, uow.now)
    doubted = replace(place, reason=reason)
    moved = await gigs.move_place(
        uow=uow, gig=gig, place=doubted, state=state, action="dispute", by=principal, note=reason
    )
    return gig, moved


async def settle_job(
    *, uow: UnitOfWork, principal: Principal, job_id: UUID, worker_points: int, poster_points: int, reason: str
) -> tuple[Gig, Place]:
    """Divide the place's escrow between worker and poster, as a supervisor who belongs to neither and has kin in neither.

    Locks/IO: the gig's row, its places, the budget's row when something goes back to it, then escrow and the accounts of both households by id.
    Errors: GigPlaceNotFoundError, ForbiddenError, WrongStateError, OwnWorkError, SplitInvalidError.
    """
    gig, place = await gigs.load_place(uow=uow, principal=principal, place_id=job_id)
    kin = await kinships.kin_of(uow=uow, principal=principal)
    state = judge_place(gig, place, PlaceAction.SETTLE, principal, kin)
    check_split(gig, worker_points, poster_points)
    if poster_points:
        await gigs.give_back_budget(uow=uow, gig=gig, place=place, points=Points(poster_points))
    if worker_points and poster_points:
        await gigs.lock_parties(uow=uow, gig=gig, place=place)
    if worker_points:
        await gigs.pay_worker(uow=uow, gig=gig, place=place, points=Points(worker_points), by=principal)
    if poster_points:
        await gigs.refund_poster(uow=uow, gig=gig, place=place, points=Points(poster_points), by=principal)
    divided = replace(place, reason=reason, paid_points=worker_points, refunded_points=poster_points)
    settled = await gigs.move_place(
        uow=uow, gig=gig, place=divided, state=state, action="settle", by=principal, note=reason
    )
    await gigs.finish_if_over(uow=uow, gig=gig)
    return gig, settled


async def move_due_job(*, uow: UnitOfWork, job_id: UUID) -> None:
    """Do what the clock does with a place past its time: free it, end it, confirm or pay the work, or ask a supervisor.

    Locks/IO: the gig's row unless somebody is at it, its places, then escrow and accounts.
    Idempotency: without effect when it is no longer due.
    """
    due = await gigs.load_due_place(uow=uow, place_id=job_id)
    if due is None:
        return
    gig, place = due
    action = clock_action(gig, place, uow.now)
    state = PLACE_LIFE.perform(place.state, action, CLOCK)
    match action:
        case PlaceAction.RELEASE:
            await gigs.free_place(uow=uow, gig=gig, place=place, action="release", by=None, note="未按时签到")
        case PlaceAction.PAY:
            await _pay(uow, gig, place, None)
        case PlaceAction.VERIFY | PlaceAction.DISPUTE:
            note = "发布人逾期未验收"
            waited = replace(place, reason=note)
            await gigs.move_place(uow=uow, gig=gig, place=waited, state=state, action=action.value, note=note)
        case _:
            await gigs.return_place(uow=uow, gig=gig, place=place, state=state, by=None, note="逾期未完工")


async def _pay(uow: UnitOfWork, gig: Gig, place: Place, by: Principal | None) -> Place:
    state = PLACE_LIFE.perform(place.state, PlaceAction.PAY, CLOCK)
    await gigs.pay_worker(uow=uow, gig=gig, place=place, points=gig.points, by=by)
    paid = replace(place, paid_points=gig.points)
    paid = await gigs.move_place(uow=uow, gig=gig, place=paid, state=state, action="pay", by=by)
    await gigs.finish_if_over(uow=uow, gig=gig)
    return paid
