"""The life of a period, every state against every action, its days and the hash over its totals."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.points.periods.domain import (
    LIFE,
    Action,
    Actor,
    Hindrances,
    Period,
    State,
    actions_now,
    check_dates,
    check_objection,
    collect,
    first_day,
    last_day,
    moments,
    notice_ends_at,
    publicise,
    seal,
    send_back,
)
from services.points.periods.errors import (
    PeriodDatesInvalidError,
    PeriodNoticeRunsError,
    PeriodNotOverError,
    PeriodObjectionLateError,
    PeriodObjectionsOpenError,
    PeriodOnePersonError,
    PeriodReasonMissingError,
)
from shared.ids import new_id
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError

OUTCOMES = {
    (State.OPEN, Action.COLLECT): State.COLLECTING,
    (State.COLLECTING, Action.REVIEW): State.REVIEWED,
    (State.REVIEWED, Action.PUBLICISE): State.PUBLICISED,
    (State.REVIEWED, Action.SEND_BACK): State.COLLECTING,
    (State.PUBLICISED, Action.OBJECT): State.PUBLICISED,
    (State.PUBLICISED, Action.SEND_BACK): State.COLLECTING,
    (State.PUBLICISED, Action.SEAL): State.SEALED,
}
EVERYBODY = frozenset(Actor)
UNTIL = datetime(2026, 7, 10, 16, tzinfo=UTC)

PERIOD = Period(
    id=new_id(),
    number=1,
    name="2026年5—6月",
    begins_on=date(2026, 5, 1),
    ends_on=date(2026, 6, 30),
    notice_days=5,
    state=State.OPEN,
    edition=0,
    opened_at=datetime(2026, 5, 1, tzinfo=UTC),
    reviewed_by=None,
    reviewed_at=None,
    publicised_at=None,
    objections_until=UNTIL,
    sealed_at=None,
    root=None,
    ledger_seal_number=None,
    ledger_seal_root=None,
    reason="",
)
PUBLICISED = replace(PERIOD, state=State.PUBLICISED)


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("state", list(State))
def test_every_state_against_every_action(state: State, action: Action) -> None:
    expected = OUTCOMES.get((state, action))
    if expected is None:
        with pytest.raises(WrongStateError):
            LIFE.perform(state, action, EVERYBODY)
    else:
        assert LIFE.perform(state, action, EVERYBODY) is expected


@pytest.mark.parametrize("action", list(Action))
def test_nobody_else_may(action: Action) -> None:
    with pytest.raises(ForbiddenError):
        LIFE.perform(State.OPEN, action, EVERYBODY - LIFE.actors[action])


ME, ANOTHER = new_id(), new_id()
REVIEWED = replace(PERIOD, state=State.REVIEWED, reviewed_by=ANOTHER)
MOMENT = timedelta(microseconds=1)
THE_DAY_AFTER = datetime(2026, 6, 30, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "now", "hindrances", "offered"),
    [
        (PERIOD, THE_DAY_AFTER - MOMENT, Hindrances(), set()),
        (PERIOD, THE_DAY_AFTER, Hindrances(), {Action.COLLECT}),
        (replace(PERIOD, state=State.COLLECTING), UNTIL, Hindrances(), {Action.REVIEW}),
        (replace(PERIOD, state=State.COLLECTING), UNTIL, Hindrances(pending_claims=1), set()),
        (REVIEWED, UNTIL, Hindrances(), {Action.PUBLICISE, Action.SEND_BACK}),
        (REVIEWED, UNTIL, Hindrances(pending_claims=1), {Action.SEND_BACK}),
        (REVIEWED, UNTIL, Hindrances(earlier="2026年3—4月"), {Action.SEND_BACK}),
        (replace(REVIEWED, reviewed_by=ME), UNTIL, Hindrances(), {Action.SEND_BACK}),
        (PUBLICISED, UNTIL - MOMENT, Hindrances(), {Action.OBJECT, Action.SEND_BACK}),
        (PUBLICISED, UNTIL - MOMENT, Hindrances(open_objections=1, has_objected=True), {Action.SEND_BACK}),
        (PUBLICISED, UNTIL, Hindrances(), {Action.SEND_BACK, Action.SEAL}),
        (PUBLICISED, UNTIL, Hindrances(open_objections=1), {Action.SEND_BACK}),
        (replace(PUBLICISED, state=State.SEALED), UNTIL, Hindrances(), set()),
    ],
)
def test_only_what_would_not_be_refused_is_offered(
    period: Period, now: datetime, hindrances: Hindrances, offered: set[Action]
) -> None:
    assert set(actions_now(period, EVERYBODY, ME, hindrances, now)) == offered


@pytest.mark.parametrize(
    ("begins_on", "ends_on", "follows", "is_fine"),
    [
        (date(2026, 5, 1), date(2026, 6, 30), None, True),
        (date(2026, 5, 1), date(2026, 6, 30), date(2026, 4, 30), True),
        (date(2026, 5, 1), date(2026, 5, 7), None, True),
        (date(2026, 1, 1), date(2026, 7, 5), None, True),
        (date(2026, 5, 1), date(2026, 5, 6), None, False),
        (date(2026, 1, 1), date(2026, 7, 6), None, False),
        (date(2026, 5, 1), date(2026, 4, 1), None, False),
        (date(2026, 5, 2), date(2026, 6, 30), date(2026, 4, 30), False),
        (date(2026, 4, 30), date(2026, 6, 30), date(2026, 4, 30), False),
    ],
)
def test_a_period_has_a_length_and_follows_the_last(
    begins_on: date, ends_on: date, follows: date | None, is_fine: bool
) -> None:
    if is_fine:
        check_dates(begins_on, ends_on, follows)
    else:
        with pytest.raises(PeriodDatesInvalidError):
            check_dates(begins_on, ends_on, follows)


@pytest.mark.parametrize(
    ("begins_on", "ends_on"),
    [
        (date(2026, 5, 1), date(2026, 6, 30)),
        (date(2025, 12, 1), date(2026, 1, 31)),
        (date(2026, 11, 1), date(2026, 12, 31)),
        (date(2028, 1, 1), date(2028, 2, 29)),
        (date(2026, 5, 11), date(2026, 6, 30)),
    ],
)
def test_two_months_by_default(begins_on: date, ends_on: date) -> None:
    assert last_day(begins_on) == ends_on


def test_the_first_begins_with_this_month_and_later_ones_where_the_last_ended() -> None:
    assert first_day(None, date(2026, 5, 11)) == date(2026, 5, 1)
    assert first_day(date(2026, 6, 30), date(2026, 9, 9)) == date(2026, 7, 1)


def test_its_days_are_days_in_china() -> None:
    assert moments(PERIOD) == (datetime(2026, 4, 30, 16, tzinfo=UTC), datetime(2026, 6, 30, 16, tzinfo=UTC))


def test_a_notice_hangs_out_for_whole_days() -> None:
    nine_in_the_evening = datetime(2026, 7, 5, 13, tzinfo=UTC)
    assert notice_ends_at(nine_in_the_evening, 5) == datetime(2026, 7, 10, 16, tzinfo=UTC)


@pytest.mark.parametrize(("today", "is_over"), [(date(2026, 6, 30), False), (date(2026, 7, 1), True)])
def test_it_is_collected_when_its_days_are_over(today: date, is_over: bool) -> None:
    if is_over:
        assert collect(PERIOD, EVERYBODY, today) is State.COLLECTING
    else:
        with pytest.raises(PeriodNotOverError):
            collect(PERIOD, EVERYBODY, today)


def test_two_people_review_and_publish() -> None:
    reviewer = new_id()
    reviewed = replace(PERIOD, state=State.REVIEWED, reviewed_by=reviewer)
    assert publicise(reviewed, EVERYBODY, new_id()) is State.PUBLICISED
    with pytest.raises(PeriodOnePersonError):
        publicise(reviewed, EVERYBODY, reviewer)


def test_objections_end_with_the_notice() -> None:
    check_objection(PUBLICISED, EVERYBODY, UNTIL - timedelta(seconds=1))
    with pytest.raises(PeriodObjectionLateError):
        check_objection(PUBLICISED, EVERYBODY, UNTIL)


def test_a_period_is_sealed_after_its_notice_and_with_nothing_left_open() -> None:
    assert seal(PUBLICISED, EVERYBODY, 0, UNTIL) is State.SEALED
    with pytest.raises(PeriodNoticeRunsError):
        seal(PUBLICISED, EVERYBODY, 0, UNTIL - timedelta(seconds=1))
    with pytest.raises(PeriodObjectionsOpenError):
        seal(PUBLICISED, EVERYBODY, 1, UNTIL)


def test_sending_back_needs_a_reason() -> None:
    assert send_back(PUBLICISED, EVERYBODY, "漏记") is State.COLLECTING
    with pytest.raises(PeriodReasonMissingError):
        send_back(PUBLICISED, EVERYBODY, "  ")
