"""The life of an adoption, terms, adopters and the days of care."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.points.adoptions.domain import (
    LIFE,
    Action,
    Actor,
    AdopterKind,
    Adoption,
    State,
    acting_as,
    allowed_actions,
    check_adopter,
    check_place,
    check_term,
    decide,
    end_of,
    next_duty,
)
from services.points.adoptions.errors import (
    AdopterInvalidError,
    AdoptionRecusedError,
    PlaceInvalidError,
    TermInvalidError,
)
from shared.ids import new_id
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Role
from shared.kernel.state_machine import WrongStateError
from shared.testing.clients import People

TODAY = date(2026, 5, 11)
PEOPLE = People(new_id())
ADOPTER, COMMITTEE, CLOCK = frozenset({Actor.ADOPTER}), frozenset({Actor.COMMITTEE}), frozenset({Actor.CLOCK})


def adoption(state: State = State.APPLIED) -> Adoption:
    return Adoption(
        id=new_id(),
        asset_id=new_id(),
        asset_name="南门口的香樟树",
        adopter_kind=AdopterKind.HOUSEHOLD,
        adopter_name="王**家",
        account_id=new_id(),
        household_id=new_id(),
        resident_id=None,
        motive="",
        agreement="",
        plaque="",
        starts_on=None,
        ends_on=None,
        term=0,
        duty_days=7,
        state=state,
        deadline_at=None,
        duty_due_on=None,
        remind_at=None,
        reason="",
        created_at=datetime(2026, 5, 11, tzinfo=UTC),
        ended_at=None,
    )


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_every_state_against_every_action(state: State, action: Action) -> None:
    for actors in (frozenset({Actor.ANYBODY}), ADOPTER, COMMITTEE, CLOCK):
        if not actors & LIFE.actors[action]:
            with pytest.raises(ForbiddenError):
                LIFE.perform(state, action, actors)
        elif (expected := LIFE.transitions.get((state, action))) is not None:
            assert LIFE.perform(state, action, actors) is expected
        else:
            with pytest.raises(WrongStateError):
                LIFE.perform(state, action, actors)


def test_who_is_who() -> None:
    one = adoption()
    assert acting_as(PEOPLE.resident(), one) == {Actor.ANYBODY}
    assert acting_as(PEOPLE.resident(one.household_id), one) == {Actor.ANYBODY, Actor.ADOPTER}
    assert acting_as(PEOPLE.staff(Role.COMMITTEE_MEMBER), one) == {Actor.ANYBODY, Actor.COMMITTEE}


@pytest.mark.parametrize("action", [Action.AGREE, Action.REFUSE])
def test_a_committee_member_steps_aside_for_the_own_household(action: Action) -> None:
    one = adoption()
    member = PEOPLE.staff(Role.COMMITTEE_MEMBER, household_id=one.household_id)
    with pytest.raises(AdoptionRecusedError):
        decide(one, action, member)
    assert allowed_actions(one, member) == [Action.WITHDRAW]
    assert action in allowed_actions(one, PEOPLE.staff(Role.COMMITTEE_MEMBER))


@pytest.mark.parametrize(
    ("kind", "name", "has_household", "is_fine"),
    [
        ("resident", "", True, True),
        ("household", "", True, True),
        ("household", "", False, False),
        ("household", "王家", True, False),
        ("firm", "城关粮油店", False, True),
        ("firm", "城关粮油店", True, True),
        ("firm", "", True, False),
        ("association", "太极拳协会", False, True),
    ],
)
def test_adopters_are_named_as_their_kind_asks(kind: str, name: str, has_household: bool, is_fine: bool) -> None:
    household = new_id() if has_household else None
    if is_fine:
        check_adopter(AdopterKind(kind), name, household)
    else:
        with pytest.raises(AdopterInvalidError):
            check_adopter(AdopterKind(kind), name, household)


@pytest.mark.parametrize(
    ("starts", "ends", "after", "is_fine"),
    [
        (0, 1, None, True),
        (0, 0, None, False),
        (-10, 0, None, False),
        (-10, 1, None, True),
        (5, 5, None, False),
        (0, 1098, None, True),
        (0, 1099, None, False),
        (0, 30, 30, False),
        (0, 31, 30, True),
    ],
)
def test_terms(starts: int, ends: int, after: int | None, is_fine: bool) -> None:
    begins, finishes = TODAY + timedelta(days=starts), TODAY + timedelta(days=ends)
    renewed = None if after is None else TODAY + timedelta(days=after)
    if is_fine:
        check_term(begins, finishes, TODAY, after=renewed)
    else:
        with pytest.raises(TermInvalidError):
            check_term(begins, finishes, TODAY, after=renewed)


def test_a_place_is_whole_or_left_out() -> None:
    check_place(None, None)
    check_place(0, 0)
    for latitude, longitude in ((1, None), (None, 1)):
        with pytest.raises(PlaceInvalidError):
            check_place(latitude, longitude)


def test_days_end_at_midnight_in_china() -> None:
    assert end_of(date(2026, 12, 31)) == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert next_duty(TODAY, 7) == (date(2026, 5, 18), datetime(2026, 5, 18, 16, tzinfo=UTC))
