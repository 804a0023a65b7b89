"""The life of a delivery, every state against every action, and who gives goods out."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.points.deliveries.domain import LIFE, Action, Actor, Delivery, State, acting_as, decide
from services.points.deliveries.errors import OwnDeliveryError
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.kernel.state_machine import WrongStateError
from shared.kernel.values import Points
from shared.testing.clients import People

OUTCOMES = {
    (State.REQUESTED, Action.TAKE): State.TAKEN,
    (State.REQUESTED, Action.CANCEL): State.CANCELLED,
    (State.TAKEN, Action.DROP): State.REQUESTED,
    (State.TAKEN, Action.SEND): State.SENT,
    (State.TAKEN, Action.CANCEL): State.CANCELLED,
    (State.SENT, Action.HAND_OVER): State.DELIVERED,
    (State.SENT, Action.BRING_BACK): State.REQUESTED,
}


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("state", list(State))
def test_every_state_against_every_action(state: State, action: Action) -> None:
    expected = OUTCOMES.get((state, action))
    if expected is None:
        with pytest.raises(WrongStateError):
            LIFE.perform(state, action, frozenset(Actor))
    else:
        assert LIFE.perform(state, action, frozenset(Actor)) is expected


def delivery(state: State, volunteer: UUID | None = None) -> Delivery:
    return Delivery(
        id=new_id(),
        redemption_id=new_id(),
        household_id=new_id(),
        product_name="大米",
        quantity=1,
        building_name="1栋",
        note="",
        state=state,
        reward_points=Points(2),
        volunteer_account_id=volunteer,
        volunteer_household_id=None,
        volunteer_name="",
        sent_by=None,
        requested_at=datetime(2026, 5, 11, tzinfo=UTC),
        ended_at=None,
    )


def test_who_is_what() -> None:
    people = People(new_id())
    one = delivery(State.TAKEN)
    assert acting_as(people.resident(one.household_id), one) == {Actor.BUYER}
    assert acting_as(people.resident(), one) == {Actor.NEIGHBOUR}
    assert acting_as(people.staff(Role.STOREKEEPER), one) == {Actor.STOREKEEPER}


def test_goods_are_given_out_by_somebody_who_has_no_part_in_it() -> None:
    people = People(new_id())
    volunteer = people.staff(Role.STOREKEEPER, household_id=new_id())
    with pytest.raises(OwnDeliveryError):
        decide(delivery(State.TAKEN, volunteer.account_id), Action.SEND, volunteer)
    one = delivery(State.TAKEN)
    with pytest.raises(OwnDeliveryError):
        decide(one, Action.SEND, people.staff(Role.STOREKEEPER, household_id=one.household_id))
    assert decide(one, Action.SEND, people.staff(Role.STOREKEEPER)) is State.SENT


def test_nobody_brings_home_what_is_their_own() -> None:
    people = People(new_id())
    one = delivery(State.REQUESTED)
    with pytest.raises(OwnDeliveryError):
        decide(one, Action.TAKE, people.resident(one.household_id))
    gone = delivery(State.CANCELLED)
    with pytest.raises(WrongStateError):
        decide(gone, Action.TAKE, people.resident(gone.household_id))
    assert decide(one, Action.TAKE, people.resident()) is State.TAKEN
