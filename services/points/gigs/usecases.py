"""What those who post gigs, officials and the clock do with them."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from services.points.gig_places import usecases as book
from services.points.gig_places.decisions import check_grid, check_new, decide_gig, offered_gig_actions
from services.points.gig_places.domain import (
    GIG_CLOCK,
    GIG_LIFE,
    OFFICIALS,
    Gig,
    GigAction,
    GigLine,
    GigState,
    Place,
    PlaceState,
)
from services.points.help_policies import usecases as policies
from services.points.ledger import usecases as ledger
from services.points.ledger.domain import AccountKind, Asset, SystemAccount
from shared.kernel.clock import CHINA
from shared.kernel.principal import Principal, Role
from shared.kernel.values import Points
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def post_gig(
    *,
    uow: UnitOfWork,
    principal: Principal,
    title: str,
    description: str,
    location: str,
    grid_id: UUID | None,
    points: Points,
    places: int,
    photos_required: int,
    apply_until: datetime,
    work_from: datetime,
    work_until: datetime,
    is_published: bool,
) -> Gig:
    """Post a gig for the caller's household or, with a `grid_id`, for the community.

    All that it will pay leaves the household, or is issued for the community, into escrow at once. What the community pays waits for a
    second official to publish it; a grid worker posts for the own grid.

    Locks/IO: the poster's spendable account and its lots.
    Errors: NoHouseholdError, AccountNotFoundError, ForbiddenError, GigTimesInvalidError, GigTooExpensiveError,
        InsufficientBalanceError, BudgetExhaustedError.
    """
    policy = await policies.get_gig_policy(uow=uow)
    check_new(
        points=points,
        places=places,
        apply_until=apply_until,
        work_from=work_from,
        work_until=work_until,
        policy=policy,
        now=uow.now,
    )
    gig_id = uow.new_id()
    if grid_id is None:
        household_id = principal.require_household()
        grid_id = (await ledger.get_open_household(uow=uow, household_id=household_id)).grid_id
        source = await ledger.account_of(
            uow=uow, kind=AccountKind.HOUSEHOLD, owner_id=household_id, asset=Asset.SPENDABLE
        )
    else:
        household_id = None
        check_grid(principal, grid_id)
        source = await ledger.system_account(uow=uow, name=SystemAccount.ISSUANCE, asset=Asset.SPENDABLE)
    gig = Gig(
        id=gig_id,
        title=title,
        description=description,
        location=location,
        grid_id=grid_id,
        poster_household_id=household_id,
        poster_account_id=principal.account_id,
        points=points,
        places=places,
        free_places=places,
        photos_required=photos_required,
        apply_until=apply_until,
        work_from=work_from,
        work_until=work_until,
        state=GigState.BUDGETED,
        escrow_account_id=await ledger.open_account(
            uow=uow, kind=AccountKind.ESCROW, owner_id=gig_id, asset=Asset.SPENDABLE
        ),
        policy=policy,
        reason="",
        created_at=uow.now,
    )
    await book.add_gig(uow=uow, gig=gig, source_account_id=source, by=principal)
    if is_published and household_id is not None:
        state = decide_gig(gig, GigAction.PUBLISH, principal)
        gig = await book.move_gig(uow=uow, gig=gig, state=state, action="publish", by=principal)
    return gig


async def publish_gig(*, uow: UnitOfWork, principal: Principal, gig_id: UUID) -> Gig:
    """Let neighbours take the gig; what the community pays is published by somebody other than who entered it.

    Locks/IO: the gig's row.
    Errors: GigNotFoundError, ForbiddenError, WrongStateError, OwnPostingError.
    """
    gig = await book.get_gig(uow=uow, principal=principal, gig_id=gig_id, for_update=True)
    state = decide_gig(gig, GigAction.PUBLISH, principal)
    return await book.move_gig(uow=uow, gig=gig, state=state, action="publish", by=principal)


async def cancel_gig(*, uow: UnitOfWork, principal: Principal, gig_id: UUID, reason: str) -> Gig:
    """Call the gig off: places nobody is at work on end and their points go back to the lots they came from.

    Who has checked in goes on and is paid; the gig is then wound down instead of cancelled.

    Locks/IO: the gig's row, its places, then the poster's account and lots.
    Errors: GigNotFoundError, ForbiddenError, WrongStateError.
    """
    gig = await book.get_gig(uow=uow, principal=principal, gig_id=gig_id, for_update=True)
    state = decide_gig(gig, GigAction.CANCEL, principal)
    return await book.end_gig(uow=uow, gig=gig, state=state, to=PlaceState.CANCELLED, by=principal, reason=reason)


async def close_gig(*, uow: UnitOfWork, gig_id: UUID) -> None:
    """End what nobody took in time and give its points back; what was taken goes on.

    Locks/IO: the gig's row unless somebody is at it, its places, then the poster's account and lots.
    Idempotency: without effect when it is no longer due.
    """
    gig = await book.find_due_gig(uow=uow, gig_id=gig_id)
    if gig is not None:
        state = GIG_LIFE.perform(gig.state, GigAction.EXPIRE, GIG_CLOCK)
        await book.end_gig(uow=uow, gig=gig, state=state, to=PlaceState.EXPIRED, by=None, reason="报名截止")


async def get_gig(*, uow: UnitOfWork, principal: Principal, gig_id: UUID) -> tuple[Gig, list[Place]]:
    """Return a gig with its places.

    Errors: GigNotFoundError, also for one the caller may not see.
    """
    gig = await book.get_gig(uow=uow, principal=principal, gig_id=gig_id)
    return gig, await book.list_places_of(uow=uow, gig_id=gig_id)


async def list_gigs(
    *,
    uow: UnitOfWork,
    principal: Principal,
    page: PageRequest,
    state: GigState | None,
    grid_id: UUID | None,
    is_mine: bool,
    has_free_places: bool | None,
) -> Slice[Gig]:
    """Return the gigs the caller may see, newest first; `is_mine` leaves those of the caller's household.

    Errors: NoHouseholdError.
    """
    return await book.list_gigs(
        uow=uow,
        principal=principal,
        page=page,
        state=state,
        grid_id=grid_id,
        poster_household_id=principal.require_household() if is_mine else None,
        has_free_places=has_free_places,
    )


async def list_actions(*, uow: UnitOfWork, principal: Principal, gig_id: UUID) -> tuple[Gig, list[str]]:
    """Return a gig and what the caller could do with it now, taking a place included.

    Errors: GigNotFoundError.
    """
    gig = await book.get_gig(uow=uow, principal=principal, gig_id=gig_id)
    return gig, offered_gig_actions(gig, principal, uow.now)


async def list_lines(*, uow: UnitOfWork, principal: Principal, gig_id: UUID) -> list[GigLine]:
    """Return who did what with a gig and why, oldest first.

    Errors: GigNotFoundError.
    """
    await book.get_gig(uow=uow, principal=principal, gig_id=gig_id)
    return await book.list_lines_of(uow=uow, gig_id=gig_id)


async def export_gigs(*, uow: UnitOfWork, principal: Principal, from_on: date, to_on: date) -> list[tuple[Gig, Place]]:
    """Return every place of the gigs posted from one day to another, both included.

    Errors: ForbiddenError.
    """
    principal.require(*OFFICIALS, Role.SUPERVISOR)
    begin = datetime.combine(from_on, time(), CHINA)
    end = datetime.combine(to_on, time(), CHINA) + timedelta(days=1)
    return await book.list_for_export(uow=uow, since=begin, until=end)
