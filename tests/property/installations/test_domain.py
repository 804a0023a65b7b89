"""The life of an installation, every state against every action, and when somebody may come."""

from datetime import UTC, datetime, timedelta

import pytest

from services.property.installations.domain import LIFE, Action, Actor, Installation, State, complete, schedule
from services.property.installations.errors import AppointmentInvalidError, InstallationOverdueError, OwnHomeError
from shared.ids import new_id
from shared.kernel.state_machine import WrongStateError

NOW = datetime(2026, 5, 11, 1, tzinfo=UTC)
EVERYBODY = frozenset(Actor)
OUTCOMES = {
    (State.ORDERED, Action.SCHEDULE): State.SCHEDULED,
    (State.SCHEDULED, Action.SCHEDULE): State.SCHEDULED,
    (State.SCHEDULED, Action.COMPLETE): State.INSTALLED,
    (State.ORDERED, Action.CANCEL): State.CANCELLED,
    (State.SCHEDULED, Action.CANCEL): State.CANCELLED,
    (State.ORDERED, Action.REFUSE): State.CANCELLED,
    (State.SCHEDULED, Action.REFUSE): State.CANCELLED,
}


def installation(state: State = State.ORDERED) -> Installation:
    return Installation(
        redemption_id=new_id(),
        household_id=new_id(),
        address="1栋1单元201",
        product_name="锁芯",
        quantity=1,
        state=state,
        ordered_at=NOW,
        expires_at=NOW + timedelta(days=30),
        worker_id=None,
        worker_account_id=None,
        worker_name="",
        scheduled_for=None,
        installed_at=None,
        note="",
        photo_ids=(),
        ended_at=None,
        end_reason="",
        is_conflict=False,
    )


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
    ("after", "is_possible"),
    [
        (timedelta(seconds=-1), False),
        (timedelta(0), True),
        (timedelta(days=30, seconds=-1), True),
        (timedelta(days=30), False),
    ],
)
def test_an_appointment_lies_ahead_and_before_the_goods_are_let_go(after: timedelta, is_possible: bool) -> None:
    def make() -> State:
        return schedule(installation(), EVERYBODY, at=NOW + after, worker_household_id=None, now=NOW)

    if is_possible:
        assert make() is State.SCHEDULED
    else:
        with pytest.raises(AppointmentInvalidError):
            make()


def test_nobody_is_sent_to_their_own_home() -> None:
    order = installation()
    with pytest.raises(OwnHomeError):
        schedule(order, EVERYBODY, at=NOW, worker_household_id=order.household_id, now=NOW)


@pytest.mark.parametrize(("late_by", "is_over"), [(-1, False), (0, True)])
def test_nothing_is_fitted_once_points_has_let_the_goods_go(late_by: int, is_over: bool) -> None:
    order = installation(State.SCHEDULED)
    now = order.expires_at + timedelta(seconds=late_by)
    if is_over:
        with pytest.raises(InstallationOverdueError):
            complete(order, EVERYBODY, now)
    else:
        assert complete(order, EVERYBODY, now) is State.INSTALLED
