"""The life of a redemption, every state against every action, and the rules of the counter."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.points.deliveries import domain as deliveries
from services.points.redemptions.domain import (
    LIFE,
    Action,
    Actor,
    Redemption,
    State,
    acting_as,
    decide,
    has_code,
    is_open,
)
from services.points.redemptions.errors import OwnCounterError, RedemptionExpiredError
from services.points.stocktakes import domain as stocktakes
from services.points.store import domain as store
from shared.ids import new_id
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Role
from shared.kernel.state_machine import WrongStateError
from shared.kernel.values import Points
from shared.testing.clients import People

NOW = datetime(2026, 5, 11, 1, tzinfo=UTC)
KEEPER = frozenset({Actor.STOREKEEPER})
BUYER = frozenset({Actor.BUYER})
EVERYBODY = frozenset(Actor)


def redemption(state: State = State.RESERVED, *, expires_in: timedelta = timedelta(hours=1)) -> Redemption:
    return Redemption(
        id=new_id(),
        household_id=new_id(),
        account_id=new_id(),
        product_id=new_id(),
        product_name="食用油",
        quantity=1,
        points=Points(30),
        batch_id=new_id(),
        bucket_number=0,
        hold_id=new_id(),
        state=state,
        pickup_code="123456",
        expires_at=NOW + expires_in,
        created_at=NOW,
        ended_at=None,
        proxy_name=None,
        reason="",
    )


OUTCOMES = {
    (State.RESERVED, Action.PREPARE): State.READY,
    (State.RESERVED, Action.PICK_UP): State.PICKED_UP,
    (State.RESERVED, Action.CANCEL): State.CANCELLED,
    (State.RESERVED, Action.EXPIRE): State.EXPIRED,
    (State.READY, Action.PICK_UP): State.PICKED_UP,
    (State.READY, Action.CANCEL): State.CANCELLED,
    (State.READY, Action.EXPIRE): State.EXPIRED,
    (State.PICKED_UP, Action.RETURN): State.RETURNED,
    (State.RESERVED, Action.SCHEDULE): State.SCHEDULED,
    (State.SCHEDULED, Action.SCHEDULE): State.SCHEDULED,
    (State.SCHEDULED, Action.INSTALL): State.INSTALLED,
    (State.SCHEDULED, Action.CANCEL): State.CANCELLED,
    (State.SCHEDULED, Action.EXPIRE): State.EXPIRED,
    (State.RESERVED, Action.REFUSE): State.CANCELLED,
    (State.READY, Action.REFUSE): State.CANCELLED,
    (State.SCHEDULED, Action.REFUSE): State.CANCELLED,
    (State.INSTALLED, Action.ACCEPT): State.ACCEPTED,
    (State.INSTALLED, Action.RETURN): State.RETURNED,
    (State.ACCEPTED, Action.RETURN): State.RETURNED,
    (State.RESERVED, Action.RENEW_CODE): State.RESERVED,
    (State.READY, Action.RENEW_CODE): State.READY,
}


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("state", list(State))
def test_every_state_against_every_action(state: State, action: Action) -> None:
    expected = OUTCOMES.get((state, action))
    if expected is None:
        with pytest.raises(WrongStateError):
            LIFE.perform(state, action, EVERYBODY)
    else:
        assert LIFE.perform(state, action, EVERYBODY) is expected


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        (Action.PREPARE, KEEPER),
        (Action.PICK_UP, KEEPER | {Actor.VOLUNTEER}),
        (Action.SCHEDULE, frozenset({Actor.PROPERTY})),
        (Action.INSTALL, frozenset({Actor.PROPERTY})),
        (Action.ACCEPT, BUYER | {Actor.CLOCK}),
        (Action.CANCEL, KEEPER | BUYER),
        (Action.EXPIRE, frozenset({Actor.CLOCK})),
        (Action.REFUSE, frozenset({Actor.PROPERTY})),
        (Action.RETURN, KEEPER),
        (Action.RENEW_CODE, KEEPER | BUYER),
    ],
)
@pytest.mark.parametrize("actor", list(Actor))
def test_only_the_right_people_may_act(action: Action, allowed: frozenset[Actor], actor: Actor) -> None:
    state = next(state for state, possible in OUTCOMES if possible is action)
    if actor in allowed:
        assert LIFE.perform(state, action, frozenset({actor}))
    else:
        with pytest.raises(ForbiddenError):
            LIFE.perform(state, action, frozenset({actor}))


@pytest.mark.parametrize("state", [State.RETURNED, State.CANCELLED, State.EXPIRED])
def test_nothing_leads_out_of_the_end(state: State) -> None:
    assert LIFE.is_final(state)


@pytest.mark.parametrize("action", [Action.PREPARE, Action.PICK_UP])
def test_nobody_serves_their_own_household(action: Action) -> None:
    with pytest.raises(OwnCounterError):
        decide(redemption(), action, KEEPER | BUYER, NOW)


def test_a_storekeeper_may_cancel_for_their_own_household() -> None:
    assert decide(redemption(), Action.CANCEL, KEEPER | BUYER, NOW) is State.CANCELLED


@pytest.mark.parametrize("action", [Action.PREPARE, Action.PICK_UP, Action.RENEW_CODE])
@pytest.mark.parametrize(("late_by", "is_over"), [(-1, False), (0, True), (1, True)])
def test_a_hold_is_over_at_the_very_second_it_expires(late_by: int, is_over: bool, action: Action) -> None:
    due = redemption(expires_in=timedelta(0))
    now = NOW + timedelta(seconds=late_by)
    if is_over:
        with pytest.raises(RedemptionExpiredError):
            decide(due, action, KEEPER, now)
    else:
        assert decide(due, action, KEEPER, now) is OUTCOMES[State.RESERVED, action]


def test_who_is_what_to_a_redemption() -> None:
    people = People(new_id())
    bought = redemption()

    assert acting_as(people.resident(bought.household_id), bought) == BUYER
    assert acting_as(people.resident(), bought) == frozenset()
    assert acting_as(people.staff(Role.STOREKEEPER), bought) == KEEPER
    assert acting_as(people.staff(Role.STOREKEEPER, household_id=bought.household_id), bought) == KEEPER | BUYER


@pytest.mark.parametrize(
    ("state", "holds", "opens"),
    [
        (State.RESERVED, True, True),
        (State.READY, True, True),
        (State.SCHEDULED, True, False),
        (State.PICKED_UP, False, False),
        (State.INSTALLED, False, False),
        (State.ACCEPTED, False, False),
        (State.RETURNED, False, False),
        (State.CANCELLED, False, False),
        (State.EXPIRED, False, False),
    ],
)
def test_what_is_held_and_what_the_code_opens(state: State, holds: bool, opens: bool) -> None:
    assert (is_open(state), has_code(state)) == (holds, opens)


def test_the_readme_draws_the_tables_as_they_are() -> None:
    readme = (Path(__file__).parents[3] / "services" / "points" / "README.md").read_text(encoding="utf-8")
    for life in (LIFE, stocktakes.LIFE, deliveries.LIFE, store.LIFE):
        assert life.mermaid() in readme
