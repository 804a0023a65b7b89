"""Gigs with their places and the escrow behind each: the moves that `gigs` and `jobs` are made of."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.points.budgets import usecases as budgets
from services.points.gig_places import repository
from services.points.gig_places.decisions import decide_claim, due_at, is_cancellable, is_over
from services.points.gig_places.domain import (
    GIG_CLOCK,
    GIG_LIFE,
    Gig,
    GigAction,
    GigLine,
    GigState,
    Place,
    PlaceState,
    new_place,
)
from services.points.gig_places.errors import GigFullError
from services.points.ledger import usecases as ledger
from services.points.ledger.domain import AccountKind, Asset, TransferKind
from shared.contracts.events import GigMoved, GigPlaceMoved
from shared.kernel.principal import Principal
from shared.kernel.values import Points
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def add_gig(*, uow: UnitOfWork, gig: Gig, source_account_id: UUID, by: Principal) -> None:
    """Enter a gig and put what each of its places pays into escrow, one transfer per place so that each can be undone alone.

    What the community pays is charged to its budget place by place, and given back to it the same way.

    Locks/IO: the budget's row, or the source's account and its lots.
    Errors: InsufficientBalanceError, BudgetExhaustedError.
    """
    ids = [uow.new_id() for _ in range(gig.places)]
    if gig.poster_household_id is None:
        for place_id in ids:
            await budgets.charge_budget(uow=uow, amount=gig.points, source_id=place_id)
    places = []
    for number, place_id in enumerate(ids, 1):
        transfer_id = await ledger.post(
            uow=uow,
            asset=Asset.SPENDABLE,
            amount=gig.points,
            from_account_id=source_account_id,
            to_account_id=gig.escrow_account_id,
            kind=TransferKind.GIG_ESCROW,
            source_id=place_id,
            summary=f"发布零工：{gig.title}（第 {number} 份）",
            acting_account_id=by.account_id,
        )
        places.append(new_place(place_id, gig.id, number, transfer_id))
    await repository.add(uow.session, uow.community_id, gig, places)
    await _log(uow, gig, None, "post", by, "")


async def get_gig(*, uow: UnitOfWork, principal: Principal, gig_id: UUID, for_update: bool = False) -> Gig:
    """Return a gig; `for_update` locks its row, which every change of its places takes first.

    Errors: GigNotFoundError, also for one the caller may not see.
    """
    return await repository.get(uow.session, principal, gig_id, for_update=for_update)


async def find_due_gig(*, uow: UnitOfWork, gig_id: UUID) -> Gig | None:
    """Return a gig nobody may take any more and lock it; None when it moved on or somebody is at it."""
    gig = await repository.find_gig_for_update(uow.session, gig_id)
    is_due = gig is not None and gig.state in {GigState.BUDGETED, GigState.OPEN} and uow.now >= gig.apply_until
    return gig if is_due else None


async def list_gigs(
    *,
    uow: UnitOfWork,
    principal: Principal,
    page: PageRequest,
    state: GigState | None,
    grid_id: UUID | None,
    poster_household_id: UUID | None,
    has_free_places: bool | None,
) -> Slice[Gig]:
    """Return the gigs the caller may see, newest first."""
    return await repository.list_page(
        uow.session,
        principal,
        page,
        state=state,
        grid_id=grid_id,
        poster_household_id=poster_household_id,
        has_free_places=has_free_places,
    )


async def list_places_of(*, uow: UnitOfWork, gig_id: UUID) -> list[Place]:
    """Return the places of a gig by number."""
    return await repository.list_places(uow.session, gig_id)


async def list_lines_of(*, uow: UnitOfWork, gig_id: UUID) -> list[GigLine]:
    """Return who did what with a gig and why, oldest first."""
    return await repository.list_lines(uow.session, gig_id)


async def list_for_export(*, uow: UnitOfWork, since: datetime, until: datetime) -> list[tuple[Gig, Place]]:
    """Return every place of the gigs posted in a span with its gig, oldest first."""
    return await repository.list_for_export(uow.session, since, until)


async def take_place(*, uow: UnitOfWork, principal: Principal, gig_id: UUID) -> tuple[Gig, Place]:
    """Take a free place of a gig for the caller's household.

    Locks/IO: the gig's row, by one conditional update that every taker waits for; then the household's count, then the places.
    Errors: GigNotFoundError, NoHouseholdError, GigOfOwnHouseholdError, GigClosedError, GigFullError, TooManyTakenError,
        AlreadyTakenError, AccountNotFoundError, HouseholdClosedError.
    """
    household_id = decide_claim(await repository.get(uow.session, principal, gig_id), principal, 0, uow.now)
    await ledger.get_open_household(uow=uow, household_id=household_id)
    if not await repository.take_free_place(uow.session, gig_id):
        raise GigFullError
    gig = await repository.get(uow.session, principal, gig_id, for_update=True)
    await repository.lock_household(uow.session, household_id)
    decide_claim(gig, principal, await repository.count_in_hand(uow.session, household_id), uow.now)
    places = await repository.list_places(uow.session, gig_id, for_update=True)
    claimed = replace(
        next(place for place in places if place.state is PlaceState.OPEN),
        worker_household_id=household_id,
        worker_account_id=principal.account_id,
        worker_name=principal.name,
        claimed_at=uow.now,
    )
    return gig, await move_place(
        uow=uow, gig=gig, place=claimed, state=PlaceState.CLAIMED, action="claim", by=principal
    )


async def load_place(*, uow: UnitOfWork, principal: Principal, place_id: UUID) -> tuple[Gig, Place]:
    """Return a place and its gig for a change.

    Locks/IO: the gig's row, then its places.
    Errors: GigPlaceNotFoundError.
    """
    return await repository.get_of_place(uow.session, principal, place_id, for_update=True)


async def load_due_place(*, uow: UnitOfWork, place_id: UUID) -> tuple[Gig, Place] | None:
    """Return a place past its time and its gig for the clock, or None when it moved on or somebody is at it.

    Locks/IO: the gig's row unless somebody is at it, then its places.
    """
    gig_id = await repository.find_gig_id_of_place(uow.session, place_id)
    gig = None if gig_id is None else await repository.find_gig_for_update(uow.session, gig_id)
    if gig is None:
        return None
    places = await repository.list_places(uow.session, gig.id, for_update=True)
    (place,) = [place for place in places if place.id == place_id]
    return None if place.due_at is None or uow.now < place.due_at else (gig, place)


async def get_place(*, uow: UnitOfWork, principal: Principal, place_id: UUID) -> tuple[Gig, Place]:
    """Return one place and its gig.

    Errors: GigPlaceNotFoundError.
    """
    return await repository.get_of_place(uow.session, principal, place_id)


async def list_places(
    *,
    uow: UnitOfWork,
    principal: Principal,
    page: PageRequest,
    state: PlaceState | None,
    worker_household_id: UUID | None,
) -> Slice[tuple[Gig, Place]]:
    """Return places with their gigs, newest first: one household's, or those of the gigs the caller looks after."""
    return await repository.list_place_page(
        uow.session, principal, page, state=state, worker_household_id=worker_household_id
    )


async def move_place(
    *,
    uow: UnitOfWork,
    gig: Gig,
    place: Place,
    state: PlaceState,
    action: str,
    by: Principal | None = None,
    note: str = "",
) -> Place:
    """Write a locked place in its new state, with its next deadline, and tell everybody concerned.

    Errors: AlreadyTakenError.
    """
    moved = replace(place, state=state, due_at=due_at(gig, place, state, uow.now))
    await repository.save_place(uow.session, moved)
    await _log(uow, gig, place, action, by, note)
    uow.announce(
        gig.id,
        GigPlaceMoved(
            gig_id=gig.id,
            place_id=place.id,
            title=gig.title,
            state=state.value,
            points=gig.points,
            poster_household_id=gig.poster_household_id,
            worker_household_id=place.worker_household_id,
            paid_points=place.paid_points,
            reason=note,
            grid_id=gig.grid_id,
            acting_household_id=by.household_id if by else None,
            before=place.state.value,
            due_at=moved.due_at,
            moved_at=uow.now,
        ),
    )
    return moved


async def free_place(*, uow: UnitOfWork, gig: Gig, place: Place, action: str, by: Principal | None, note: str) -> Place:
    """Give a taken place free again, or end it when nobody may take it any more.

    Locks/IO: when it ends, the poster's account and lots.
    """
    if gig.state is not GigState.OPEN or uow.now >= gig.apply_until:
        return await return_place(uow=uow, gig=gig, place=place, state=PlaceState.EXPIRED, by=by, note=note)
    freed = replace(place, worker_household_id=None, worker_account_id=None, worker_name="", claimed_at=None)
    await _log(uow, gig, place, action, by, note)
    await repository.save_gig(uow.session, replace(gig, free_places=gig.free_places + 1))
    return await move_place(uow=uow, gig=gig, place=freed, state=PlaceState.OPEN, action="reopen", by=by)


async def return_place(
    *, uow: UnitOfWork, gig: Gig, place: Place, state: PlaceState, by: Principal | None, note: str
) -> Place:
    """End a place unpaid: its points go back to the lots they came from, or to the community's budget.

    Locks/IO: the budget's row, then the poster's account and lots.
    """
    await give_back_budget(uow=uow, gig=gig, place=place, points=gig.points)
    await refund_poster(uow=uow, gig=gig, place=place, points=gig.points, by=by)
    ended = replace(place, refunded_points=gig.points, reason=note)
    ended = await move_place(uow=uow, gig=gig, place=ended, state=state, action=state.value, by=by, note=note)
    await finish_if_over(uow=uow, gig=gig)
    return ended


async def give_back_budget(*, uow: UnitOfWork, gig: Gig, place: Place, points: Points) -> None:
    """Free what the community does not pay for a place after all in the budget it was charged to. Call it before any account is locked.

    Locks/IO: the budget's row.
    """
    if gig.poster_household_id is None:
        await budgets.refund_budget(uow=uow, source_id=place.id, amount=points)


async def lock_parties(*, uow: UnitOfWork, gig: Gig, place: Place) -> None:
    """Lock escrow and the accounts of worker and poster, for who moves points more than once.

    Locks/IO: the accounts in the order of their ids.
    """
    parties = [gig.id, place.worker_household_id, gig.poster_household_id]
    await ledger.lock_owners(uow=uow, owner_ids=[owner for owner in parties if owner is not None])


async def pay_worker(*, uow: UnitOfWork, gig: Gig, place: Place, points: Points, by: Principal | None) -> None:
    """Pay a worker's household out of escrow.

    Locks/IO: escrow and the household's account.
    Idempotency: one payment per place.
    """
    assert place.worker_household_id is not None
    await ledger.post(
        uow=uow,
        asset=Asset.SPENDABLE,
        amount=points,
        from_account_id=gig.escrow_account_id,
        to_account_id=await ledger.account_of(
            uow=uow, kind=AccountKind.HOUSEHOLD, owner_id=place.worker_household_id, asset=Asset.SPENDABLE
        ),
        kind=TransferKind.GIG_PAY,
        source_id=place.id,
        summary=f"零工报酬：{gig.title}",
        acting_account_id=by.account_id if by else None,
    )


async def refund_poster(*, uow: UnitOfWork, gig: Gig, place: Place, points: Points, by: Principal | None) -> None:
    """Give a place's points back, all or a part, to the very lots they came from; of a part, what lasts longest comes back.

    What the community set aside goes back to its budget too: see `give_back_budget`.

    Locks/IO: escrow, the poster's account and its lots.
    Idempotency: one refund per place.
    """
    summary = f"零工退回：{gig.title}"
    if points == gig.points:
        await ledger.reverse_transfer(
            uow=uow,
            transfer_id=place.escrow_transfer_id,
            source_id=place.id,
            summary=summary,
            acting_account_id=by.account_id if by else None,
            kind=TransferKind.GIG_REFUND,
        )
        return
    await repository.refund_part(
        uow.session,
        uow.community_id,
        place.escrow_transfer_id,
        points=points,
        transfer_id=uow.new_id(),
        source_id=place.id,
        summary=summary,
        acting_account_id=by.account_id if by else None,
        now=uow.now,
    )


async def finish_if_over(*, uow: UnitOfWork, gig: Gig) -> None:
    """Close the book of a gig when nothing can happen to any of its places any more."""
    places = await repository.list_places(uow.session, gig.id)
    if is_over([place.state for place in places]) and (gig.state, GigAction.FINISH) in GIG_LIFE.transitions:
        state = GIG_LIFE.perform(gig.state, GigAction.FINISH, GIG_CLOCK)
        await move_gig(uow=uow, gig=gig, state=state, action="finish", by=None)


async def end_gig(
    *, uow: UnitOfWork, gig: Gig, state: GigState, to: PlaceState, by: Principal | None, reason: str
) -> Gig:
    """End the places nobody is at work on and give their points back; with others at work the gig winds down instead.

    Locks/IO: the places of the locked gig, then the poster's account and lots.
    """
    places = await repository.list_places(uow.session, gig.id, for_update=True)
    ending = [p for p in places if p.state is PlaceState.OPEN or (to is PlaceState.CANCELLED and is_cancellable(p))]
    if not is_over([place.state for place in places if place not in ending]):
        state = GIG_LIFE.perform(gig.state, GigAction.WIND_DOWN, GIG_CLOCK)
    ended = replace(gig, free_places=0, reason=reason)
    gig = await move_gig(uow=uow, gig=ended, state=state, action=state.value, by=by, note=reason)
    for place in ending:
        await return_place(uow=uow, gig=gig, place=place, state=to, by=by, note=reason)
    return gig


async def move_gig(
    *, uow: UnitOfWork, gig: Gig, state: GigState, action: str, by: Principal | None, note: str = ""
) -> Gig:
    """Write a locked gig in its new state and tell everybody concerned."""
    moved = replace(gig, state=state)
    await repository.save_gig(uow.session, moved)
    await _log(uow, gig, None, action, by, note)
    uow.announce(
        gig.id,
        GigMoved(
            gig_id=gig.id,
            title=gig.title,
            state=state.value,
            points=gig.points,
            places=gig.places,
            poster_household_id=gig.poster_household_id,
            apply_until=gig.apply_until,
            reason=note,
            grid_id=gig.grid_id,
        ),
    )
    return moved


async def _log(uow: UnitOfWork, gig: Gig, place: Place | None, action: str, by: Principal | None, note: str) -> None:
    line = GigLine(
        id=uow.new_id(),
        place_number=place.number if place else None,
        action=action,
        account_id=by.account_id if by else None,
        household_id=place.worker_household_id if place else None,
        note=note,
        happened_at=uow.now,
    )
    await repository.add_line(uow.session, uow.community_id, gig.id, line)
