"""Who may do what with a gig or a place, and what the clock does: decisions over the tables in `domain`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.points.gig_places.domain import (
    GIG_LIFE,
    OFFICIALS,
    PLACE_LIFE,
    Gig,
    GigAction,
    GigActor,
    GigState,
    Place,
    PlaceAction,
    PlaceActor,
    PlaceState,
)
from services.points.gig_places.errors import (
    GigClosedError,
    GigOfOwnHouseholdError,
    GigTimesInvalidError,
    GigTooExpensiveError,
    NotCheckedInError,
    OwnPostingError,
    OwnWorkError,
    SplitInvalidError,
    TooEarlyError,
    TooLateError,
    TooManyTakenError,
    WorkPhotosMissingError,
)
from services.points.help_policies.domain import GigPolicy
from services.points.kinships.domain import steps_aside
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Principal, Role, ScopeKind


def check_new(
    *,
    points: int,
    places: int,
    apply_until: datetime,
    work_from: datetime,
    work_until: datetime,
    policy: GigPolicy,
    now: datetime,
) -> None:
    """Pass when such a gig may be posted.

    Errors: GigTimesInvalidError, GigTooExpensiveError.
    """
    if not now < apply_until <= work_until or not work_from < work_until:
        raise GigTimesInvalidError
    if points * places > policy.most_points:
        raise GigTooExpensiveError(needed=points * places, most=policy.most_points)


def check_grid(principal: Principal, grid_id: UUID) -> None:
    """Pass when the caller may post in the community's name for this grid.

    Errors: ForbiddenError.
    """
    if not (principal.has(*OFFICIALS) or principal.has_over([Role.GRID_WORKER], ScopeKind.GRID, str(grid_id))):
        raise ForbiddenError(required_roles=sorted((*OFFICIALS, Role.GRID_WORKER)))


def gig_actors(principal: Principal, gig: Gig) -> frozenset[GigActor]:
    """Return what the caller is to this gig; the community's own are in the hands of its officials."""
    actors = set()
    if gig.poster_household_id is not None and principal.household_id == gig.poster_household_id:
        actors.add(GigActor.POSTER)
    if principal.has(*OFFICIALS) or principal.has_over([Role.GRID_WORKER], ScopeKind.GRID, str(gig.grid_id)):
        actors.add(GigActor.OFFICIAL)
    return frozenset(actors)


def place_actors(principal: Principal, gig: Gig, place: Place) -> frozenset[PlaceActor]:
    """Return what the caller is to one place of a gig."""
    actors = set()
    if principal.household_id is not None:
        if principal.household_id == place.worker_household_id:
            actors.add(PlaceActor.WORKER)
        if principal.household_id == gig.poster_household_id:
            actors.add(PlaceActor.POSTER)
        else:
            actors.add(PlaceActor.NEIGHBOUR)
    if gig.poster_household_id is None and principal.has(*OFFICIALS):
        actors.add(PlaceActor.POSTER)
    if principal.has_over([Role.GRID_WORKER], ScopeKind.GRID, str(gig.grid_id)):
        actors.add(PlaceActor.GRID_WORKER)
    if principal.has(Role.SUPERVISOR):
        actors.add(PlaceActor.SUPERVISOR)
    return frozenset(actors)


def decide_gig(gig: Gig, action: GigAction, principal: Principal) -> GigState:
    """Return the state the action leads to; what the community pays for is published by a second official.

    Errors: ForbiddenError, WrongStateError, OwnPostingError.
    Source: points.md I15 (clerk ≠ approver).
    """
    state = GIG_LIFE.perform(gig.state, action, gig_actors(principal, gig))
    is_own = gig.poster_household_id is None and principal.account_id == gig.poster_account_id
    if action is GigAction.PUBLISH and is_own:
        raise OwnPostingError
    return state


def decide_claim(gig: Gig, principal: Principal, taken: int, now: datetime) -> UUID:
    """Return the household that may take a place of this gig.

    `taken` are the jobs the household has in hand.

    Errors: NoHouseholdError, GigOfOwnHouseholdError, GigClosedError, TooManyTakenError.
    """
    household_id = principal.require_household()
    if household_id == gig.poster_household_id:
        raise GigOfOwnHouseholdError
    if gig.state is not GigState.OPEN or now >= gig.apply_until:
        raise GigClosedError
    if taken >= gig.policy.most_taken:
        raise TooManyTakenError(most=gig.policy.most_taken)
    return household_id


def offered_gig_actions(gig: Gig, principal: Principal, now: datetime) -> list[str]:
    """Return what the caller could do with a gig now; taking one of its places is called `claim`."""
    is_own = gig.poster_household_id is None and principal.account_id == gig.poster_account_id
    offered = [
        action.value
        for action in GIG_LIFE.actions(gig.state, gig_actors(principal, gig))
        if not (action is GigAction.PUBLISH and is_own)
    ]
    is_free = gig.state is GigState.OPEN and gig.free_places > 0 and now < gig.apply_until
    if is_free and principal.household_id not in {None, gig.poster_household_id}:
        offered.append(PlaceAction.CLAIM.value)
    return offered


def decide_place(
    gig: Gig, place: Place, action: PlaceAction, principal: Principal, now: datetime, photos: int = 0
) -> PlaceState:
    """Return the state an action of a person leads to; what judges the work is `judge_place`.

    Errors: ForbiddenError, WrongStateError, TooEarlyError, TooLateError, NotCheckedInError, WorkPhotosMissingError.
    """
    state = PLACE_LIFE.perform(place.state, action, place_actors(principal, gig, place))
    if action is PlaceAction.CHECK_IN:
        if now < gig.work_from - gig.policy.early:
            raise TooEarlyError(minutes=gig.policy.early_minutes)
        if now >= gig.work_until:
            raise TooLateError
    if action is PlaceAction.GIVE_UP and place.checked_in_at is not None:
        raise TooLateError
    if action is PlaceAction.COMPLETE:
        if place.checked_in_at is None:
            raise NotCheckedInError
        if photos < gig.photos_required:
            raise WorkPhotosMissingError(required=gig.photos_required)
    return state


def judge_place(gig: Gig, place: Place, action: PlaceAction, principal: Principal, kin: frozenset[UUID]) -> PlaceState:
    """Return the state after the work was confirmed or a dispute about it settled; `kin` are the households in which the caller has kin.

    Errors: ForbiddenError, WrongStateError, OwnWorkError.
    Source: points.md I15.
    """
    state = PLACE_LIFE.perform(place.state, action, place_actors(principal, gig, place))
    if _is_own_matter(gig, place, action, principal, kin):
        raise OwnWorkError
    return state


def _is_own_matter(gig: Gig, place: Place, action: PlaceAction, principal: Principal, kin: frozenset[UUID]) -> bool:
    """Tell whether the caller leaves the judgement to others.

    Nobody confirms the work of the own household; that of kin, who pays for it with the own points. A dispute is settled by nobody who steps
    aside for worker or poster, nor by an official where the community posted.
    """
    match action:
        case PlaceAction.VERIFY:
            pays = gig.poster_household_id is not None and gig.poster_household_id == principal.household_id
            return steps_aside(principal, frozenset() if pays else kin, place.worker_household_id)
        case PlaceAction.SETTLE:
            is_poster = PlaceActor.POSTER in place_actors(principal, gig, place)
            return is_poster or steps_aside(principal, kin, place.worker_household_id, gig.poster_household_id)
        case _:
            return False


def is_cancellable(place: Place) -> bool:
    """Tell whether cancelling the gig ends this place: who has come to work is not sent home unpaid."""
    return place.state is PlaceState.OPEN or (place.state is PlaceState.CLAIMED and place.checked_in_at is None)


def due_at(gig: Gig, place: Place, state: PlaceState, now: datetime) -> datetime | None:
    """Return when the clock moves a place that has just come into a state, or None when it waits for people alone.

    Taken: until the grace after the work's beginning; at work: until the report is late; done: until the poster has had time to look;
    confirmed by another: until the poster has had time to object.
    """
    match state:
        case PlaceState.CLAIMED if place.checked_in_at is None:
            return max(place.claimed_at or now, gig.work_from) + gig.policy.no_show
        case PlaceState.CLAIMED:
            return gig.work_until + gig.policy.finish
        case PlaceState.DONE:
            return now + gig.policy.verify
        case PlaceState.VERIFIED:
            return now + gig.policy.objection
        case _:
            return None


def clock_action(gig: Gig, place: Place, now: datetime) -> PlaceAction:
    """Return what the clock does with a place past its time.

    A no-show's place is free again while others may still take it. Silence of a household that posted counts as consent; where the
    community pays, silence goes to a supervisor.
    """
    match place.state:
        case PlaceState.CLAIMED if place.checked_in_at is None and gig.state is GigState.OPEN and now < gig.apply_until:
            return PlaceAction.RELEASE
        case PlaceState.DONE:
            return PlaceAction.DISPUTE if gig.poster_household_id is None else PlaceAction.VERIFY
        case PlaceState.VERIFIED:
            return PlaceAction.PAY
        case _:
            return PlaceAction.EXPIRE


def check_split(gig: Gig, worker_points: int, poster_points: int) -> None:
    """Pass when a settlement gives away exactly what lies in escrow for the place.

    Errors: SplitInvalidError.
    """
    if worker_points < 0 or poster_points < 0 or worker_points + poster_points != gig.points:
        raise SplitInvalidError(points=gig.points)


def is_over(states: Sequence[PlaceState]) -> bool:
    """Tell whether nothing can happen to any of these places any more."""
    return all(PLACE_LIFE.is_final(state) for state in states)


def offered_actions(gig: Gig, place: Place, principal: Principal, kin: frozenset[UUID]) -> list[PlaceAction]:
    """Return what the caller could do with a place now; what would be refused for a reason known beforehand is left out."""
    offered = PLACE_LIFE.actions(place.state, place_actors(principal, gig, place))
    hidden = {action for action in offered if _is_own_matter(gig, place, action, principal, kin)}
    hidden.add(PlaceAction.CANCEL)  # Places are cancelled with their gig.
    hidden |= {PlaceAction.COMPLETE} if place.checked_in_at is None else {PlaceAction.CHECK_IN, PlaceAction.GIVE_UP}
    if gig.state is not GigState.OPEN:
        hidden.add(PlaceAction.CLAIM)
    return [action for action in offered if action not in hidden]
