"""The life of a gig and of its places: every state against every action, who may act, what the clock does, how points divide."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.points.gig_places.decisions import (
    check_new,
    check_split,
    clock_action,
    decide_claim,
    decide_gig,
    decide_place,
    due_at,
    gig_actors,
    is_cancellable,
    judge_place,
    offered_actions,
    offered_gig_actions,
    place_actors,
)
from services.points.gig_places.domain import (
    GIG_LIFE,
    PLACE_LIFE,
    Gig,
    GigAction,
    GigActor,
    GigState,
    Place,
    PlaceAction,
    PlaceActor,
    PlaceState,
    new_place,
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
from shared.ids import new_id
from shared.kernel.errors import DomainError, ForbiddenError
from shared.kernel.principal import NoHouseholdError, Principal, Role
from shared.kernel.state_machine import WrongStateError
from shared.kernel.values import Points
from shared.testing.clients import People

NOW = datetime(2026, 5, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = GigPolicy()
PEOPLE = People(new_id())
POSTER = PEOPLE.resident()
WORKER = PEOPLE.resident()
NO_KIN: frozenset[UUID] = frozenset()


def gig(**facts: object) -> Gig:
    base = Gig(
        id=new_id(),
        title="擦玻璃",
        description="",
        location="3栋",
        grid_id=new_id(),
        poster_household_id=POSTER.household_id,
        poster_account_id=POSTER.account_id,
        points=Points(10),
        places=1,
        free_places=1,
        photos_required=1,
        apply_until=NOW + HOUR,
        work_from=NOW + HOUR,
        work_until=NOW + 3 * HOUR,
        state=GigState.OPEN,
        escrow_account_id=new_id(),
        policy=POLICY,
        reason="",
        created_at=NOW,
    )
    return replace(base, **facts)


def place(state: PlaceState = PlaceState.CLAIMED, **facts: object) -> Place:
    taken = {"worker_household_id": WORKER.household_id, "claimed_at": NOW} if state is not PlaceState.OPEN else {}
    return replace(new_place(new_id(), new_id(), 1, new_id()), state=state, **(taken | facts))


GIG_OUTCOMES = {
    ("budgeted", "publish"): "open",
    ("budgeted", "cancel"): "cancelled",
    ("budgeted", "expire"): "expired",
    ("open", "cancel"): "cancelled",
    ("open", "wind_down"): "working",
    ("open", "expire"): "expired",
    ("open", "finish"): "finished",
    ("working", "finish"): "finished",
}
PLACE_OUTCOMES = {
    ("open", "claim"): "claimed",
    ("open", "cancel"): "cancelled",
    ("open", "expire"): "expired",
    ("claimed", "check_in"): "claimed",
    ("claimed", "complete"): "done",
    ("claimed", "give_up"): "open",
    ("claimed", "release"): "open",
    ("claimed", "cancel"): "cancelled",
    ("claimed", "expire"): "expired",
    ("done", "verify"): "verified",
    ("done", "dispute"): "disputed",
    ("verified", "pay"): "paid",
    ("verified", "dispute"): "disputed",
    ("disputed", "settle"): "settled",
}


@pytest.mark.parametrize("action", list(GigAction))
@pytest.mark.parametrize("state", list(GigState))
def test_every_gig_state_against_every_action(state: GigState, action: GigAction) -> None:
    expected = GIG_OUTCOMES.get((state.value, action.value))
    if expected is None:
        with pytest.raises(WrongStateError):
            GIG_LIFE.perform(state, action, frozenset(GigActor))
    else:
        assert GIG_LIFE.perform(state, action, frozenset(GigActor)) == expected


@pytest.mark.parametrize("action", list(PlaceAction))
@pytest.mark.parametrize("state", list(PlaceState))
def test_every_place_state_against_every_action(state: PlaceState, action: PlaceAction) -> None:
    expected = PLACE_OUTCOMES.get((state.value, action.value))
    if expected is None:
        with pytest.raises(WrongStateError):
            PLACE_LIFE.perform(state, action, frozenset(PlaceActor))
    else:
        assert PLACE_LIFE.perform(state, action, frozenset(PlaceActor)) == expected


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({}, None),
        ({"apply_until": NOW}, GigTimesInvalidError),
        ({"apply_until": NOW + timedelta(seconds=1)}, None),
        ({"apply_until": NOW + 3 * HOUR}, None),
        ({"apply_until": NOW + 3 * HOUR + timedelta(seconds=1)}, GigTimesInvalidError),
        ({"work_from": NOW + 3 * HOUR}, GigTimesInvalidError),
        ({"points": 1000}, None),
        ({"points": 1001}, GigTooExpensiveError),
        ({"points": 500, "places": 3}, GigTooExpensiveError),
    ],
)
def test_what_may_be_posted(facts: dict[str, object], error: type[DomainError] | None) -> None:
    asked = {
        "points": 10,
        "places": 1,
        "apply_until": NOW + HOUR,
        "work_from": NOW + HOUR,
        "work_until": NOW + 3 * HOUR,
        "policy": POLICY,
        "now": NOW,
    } | facts
    if error is None:
        check_new(**asked)  # type: ignore[arg-type]  # a table of facts.
    else:
        with pytest.raises(error):
            check_new(**asked)  # type: ignore[arg-type]  # a table of facts.


def test_who_is_what() -> None:
    thing, share = gig(), place(PlaceState.DONE)
    official = PEOPLE.staff(Role.COMMUNITY_ADMIN)
    assert gig_actors(POSTER, thing) == {GigActor.POSTER}
    assert gig_actors(official, thing) == {GigActor.OFFICIAL}
    assert gig_actors(WORKER, thing) == frozenset()
    assert place_actors(WORKER, thing, share) == {PlaceActor.WORKER, PlaceActor.NEIGHBOUR}
    assert place_actors(POSTER, thing, share) == {PlaceActor.POSTER}
    assert place_actors(official, thing, share) == frozenset()
    assert place_actors(official, gig(poster_household_id=None), share) == {PlaceActor.POSTER}
    assert PlaceActor.GRID_WORKER in place_actors(PEOPLE.staff(Role.GRID_WORKER), thing, share)


def test_a_second_official_publishes_what_the_community_pays() -> None:
    clerk = PEOPLE.staff(Role.COMMUNITY_ADMIN)
    entered = gig(poster_household_id=None, poster_account_id=clerk.account_id, state=GigState.BUDGETED)
    with pytest.raises(OwnPostingError):
        decide_gig(entered, GigAction.PUBLISH, clerk)
    assert decide_gig(entered, GigAction.PUBLISH, PEOPLE.staff(Role.COMMITTEE_MEMBER)) is GigState.OPEN
    assert offered_gig_actions(entered, clerk, NOW) == ["cancel"]


@pytest.mark.parametrize(
    ("thing", "who", "taken", "error"),
    [
        (gig(), WORKER, 0, None),
        (gig(), WORKER, 2, None),
        (gig(), WORKER, 3, TooManyTakenError),
        (gig(), POSTER, 0, GigOfOwnHouseholdError),
        (gig(), PEOPLE.staff(Role.GRID_WORKER), 0, NoHouseholdError),
        (gig(state=GigState.BUDGETED), WORKER, 0, GigClosedError),
        (gig(state=GigState.WORKING), WORKER, 0, GigClosedError),
        (gig(apply_until=NOW), WORKER, 0, GigClosedError),
    ],
)
def test_who_may_take_a_place(thing: Gig, who: object, taken: int, error: type[DomainError] | None) -> None:
    if error is None:
        assert decide_claim(thing, WORKER, taken, NOW) == WORKER.household_id
    else:
        with pytest.raises(error):
            decide_claim(thing, who, taken, NOW)  # type: ignore[arg-type]  # a table of people.


@pytest.mark.parametrize(
    ("moment", "error"),
    [
        (-timedelta(minutes=30, seconds=1), TooEarlyError),
        (-timedelta(minutes=30), None),
        (2 * HOUR - timedelta(seconds=1), None),
        (2 * HOUR, TooLateError),
    ],
)
def test_checking_in_has_its_time(moment: timedelta, error: type[DomainError] | None) -> None:
    now = gig().work_from + moment
    if error is None:
        assert decide_place(gig(), place(), PlaceAction.CHECK_IN, WORKER, now) is PlaceState.CLAIMED
    else:
        with pytest.raises(error):
            decide_place(gig(), place(), PlaceAction.CHECK_IN, WORKER, now)


@pytest.mark.parametrize(
    ("checked_in", "photos", "error"),
    [(None, 1, NotCheckedInError), (NOW, 0, WorkPhotosMissingError), (NOW, 1, None)],
)
def test_done_needs_presence_and_photos(checked_in: datetime | None, photos: int, error: object) -> None:
    share = place(checked_in_at=checked_in)
    if error is None:
        assert decide_place(gig(), share, PlaceAction.COMPLETE, WORKER, NOW, photos) is PlaceState.DONE
    else:
        with pytest.raises(error):  # type: ignore[call-overload]  # a table of errors.
            decide_place(gig(), share, PlaceAction.COMPLETE, WORKER, NOW, photos)


def test_nobody_judges_the_work_of_their_own_household() -> None:
    done = place(PlaceState.DONE)
    own = PEOPLE.staff(Role.GRID_WORKER, household_id=WORKER.household_id)
    with pytest.raises(OwnWorkError):
        judge_place(gig(), done, PlaceAction.VERIFY, own, NO_KIN)
    with pytest.raises(ForbiddenError):
        judge_place(gig(), done, PlaceAction.VERIFY, WORKER, NO_KIN)
    for concerned in (WORKER, POSTER):
        supervisor = PEOPLE.staff(Role.SUPERVISOR, household_id=concerned.household_id)
        with pytest.raises(OwnWorkError):
            judge_place(gig(), place(PlaceState.DISPUTED), PlaceAction.SETTLE, supervisor, NO_KIN)
        assert PlaceAction.SETTLE not in offered_actions(gig(), place(PlaceState.DISPUTED), supervisor, NO_KIN)
    assert judge_place(gig(), done, PlaceAction.VERIFY, POSTER, NO_KIN) is PlaceState.VERIFIED


@pytest.mark.parametrize(
    ("thing", "judge", "action", "kin", "is_refused"),
    [
        (gig(), PEOPLE.staff(Role.GRID_WORKER), PlaceAction.VERIFY, WORKER, True),
        (gig(), PEOPLE.staff(Role.GRID_WORKER), PlaceAction.VERIFY, POSTER, False),
        (gig(), POSTER, PlaceAction.VERIFY, WORKER, False),
        (gig(poster_household_id=None), PEOPLE.staff(Role.COMMUNITY_ADMIN), PlaceAction.VERIFY, WORKER, True),
        (gig(poster_household_id=None), PEOPLE.staff(Role.COMMUNITY_ADMIN), PlaceAction.VERIFY, POSTER, False),
        (gig(), PEOPLE.staff(Role.SUPERVISOR), PlaceAction.SETTLE, WORKER, True),
        (gig(), PEOPLE.staff(Role.SUPERVISOR), PlaceAction.SETTLE, POSTER, True),
        (gig(), PEOPLE.staff(Role.SUPERVISOR), PlaceAction.SETTLE, PEOPLE.resident(), False),
        (gig(poster_household_id=None), PEOPLE.staff(Role.SUPERVISOR), PlaceAction.SETTLE, POSTER, False),
    ],
)
def test_nobody_judges_for_kin_except_with_the_own_points(
    thing: Gig, judge: Principal, action: PlaceAction, kin: Principal, is_refused: bool
) -> None:
    share = place(PlaceState.DONE if action is PlaceAction.VERIFY else PlaceState.DISPUTED)
    households = frozenset({kin.require_household()})
    assert (action not in offered_actions(thing, share, judge, households)) is is_refused
    if is_refused:
        with pytest.raises(OwnWorkError):
            judge_place(thing, share, action, judge, households)
    else:
        assert judge_place(thing, share, action, judge, households)


def test_an_official_settles_nothing_the_community_posted() -> None:
    both = PEOPLE.staff(Role.SUPERVISOR, Role.COMMUNITY_ADMIN)
    disputed = place(PlaceState.DISPUTED)
    with pytest.raises(OwnWorkError):
        judge_place(gig(poster_household_id=None), disputed, PlaceAction.SETTLE, both, NO_KIN)
    assert judge_place(gig(), disputed, PlaceAction.SETTLE, both, NO_KIN) is PlaceState.SETTLED


def test_who_has_come_to_work_neither_leaves_nor_is_sent_home() -> None:
    at_work = place(checked_in_at=NOW)
    with pytest.raises(TooLateError):
        decide_place(gig(), at_work, PlaceAction.GIVE_UP, WORKER, NOW)
    assert not is_cancellable(at_work)
    assert is_cancellable(place())
    assert is_cancellable(place(PlaceState.OPEN))
    assert not is_cancellable(place(PlaceState.DONE))


def test_deadlines() -> None:
    thing = gig()
    assert due_at(thing, place(), PlaceState.CLAIMED, NOW) == thing.work_from + HOUR
    late = place(claimed_at=thing.work_from + HOUR)
    assert due_at(thing, late, PlaceState.CLAIMED, NOW) == thing.work_from + 2 * HOUR
    assert due_at(thing, place(checked_in_at=NOW), PlaceState.CLAIMED, NOW) == thing.work_until + 24 * HOUR
    assert due_at(thing, place(), PlaceState.DONE, NOW) == NOW + 72 * HOUR
    assert due_at(thing, place(), PlaceState.VERIFIED, NOW) == NOW + 24 * HOUR
    for state in (PlaceState.OPEN, PlaceState.PAID, PlaceState.DISPUTED, PlaceState.CANCELLED):
        assert due_at(thing, place(), state, NOW) is None


@pytest.mark.parametrize(
    ("thing", "share", "action"),
    [
        (gig(), place(), PlaceAction.RELEASE),
        (gig(apply_until=NOW), place(), PlaceAction.EXPIRE),
        (gig(state=GigState.WORKING), place(), PlaceAction.EXPIRE),
        (gig(), place(checked_in_at=NOW), PlaceAction.EXPIRE),
        (gig(), place(PlaceState.DONE), PlaceAction.VERIFY),
        (gig(poster_household_id=None), place(PlaceState.DONE), PlaceAction.DISPUTE),
        (gig(), place(PlaceState.VERIFIED), PlaceAction.PAY),
    ],
)
def test_what_the_clock_does(thing: Gig, share: Place, action: PlaceAction) -> None:
    assert clock_action(thing, share, NOW) is action


@pytest.mark.parametrize(
    ("worker", "poster", "fits"), [(10, 0, True), (0, 10, True), (6, 4, True), (6, 5, False), (-1, 11, False)]
)
def test_a_settlement_adds_up(worker: int, poster: int, fits: bool) -> None:
    if fits:
        check_split(gig(), worker, poster)
    else:
        with pytest.raises(SplitInvalidError):
            check_split(gig(), worker, poster)
