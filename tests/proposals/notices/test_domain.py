from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.proposals.notices import domain
from services.proposals.notices.domain import Notice, NoticeAction, NoticeState, due_at
from services.proposals.notices.errors import (
    NoticeRunningError,
    NoticeTooShortError,
    ObjectionAnsweredError,
    ObjectionOpenError,
)
from services.proposals.processes.templates import DayKind
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind
from shared.kernel.state_machine import WrongStateError

START = datetime(2026, 9, 28, 9, 0, tzinfo=UTC)
DUE = datetime(2026, 10, 5, 16, 0, tzinfo=UTC)
NOTICE = Notice(
    UUID(int=1), UUID(int=2), "decision_published", NoticeState.RUNNING, 7, DayKind.CALENDAR, "h", START, DUE, 0, 0
)


def person(*roles: Role, household: bool = False) -> Principal:
    grants = frozenset(RoleGrant(role, ScopeKind.COMMUNITY, "c") for role in roles)
    return Principal(
        UUID(int=7), AccountKind.STAFF, UUID(int=1), roles=grants, household_id=UUID(int=5) if household else None
    )


SECRETARY, NEIGHBOUR = person(Role.BRANCH_SECRETARY), person(household=True)


def is_working(day: date) -> bool:
    """The real autumn of 2025: National Day from 1 to 8 October, Sunday 28 September and Saturday 11 October made up."""
    if date(2025, 10, 1) <= day <= date(2025, 10, 8):
        return False
    return day in (date(2025, 9, 28), date(2025, 10, 11)) or day.weekday() < 5


@pytest.mark.parametrize(
    ("started", "days", "kind", "last_day"),
    [
        # The first day does not count; late in the evening in UTC is already tomorrow in China.
        (datetime(2025, 9, 26, 9, 0, tzinfo=UTC), 7, DayKind.CALENDAR, date(2025, 10, 3)),
        (datetime(2025, 9, 26, 17, 0, tzinfo=UTC), 7, DayKind.CALENDAR, date(2025, 10, 4)),
        (datetime(2025, 9, 26, 9, 0, tzinfo=UTC), 3, DayKind.WORKING, date(2025, 9, 30)),
        (datetime(2025, 9, 26, 9, 0, tzinfo=UTC), 4, DayKind.WORKING, date(2025, 10, 9)),
        (datetime(2025, 9, 26, 9, 0, tzinfo=UTC), 6, DayKind.WORKING, date(2025, 10, 11)),
        (datetime(2025, 9, 26, 9, 0, tzinfo=UTC), 7, DayKind.WORKING, date(2025, 10, 13)),
    ],
)
def test_days_are_counted_as_people_count_them(started: datetime, days: int, kind: DayKind, last_day: date) -> None:
    ends = due_at(started, days, kind, is_working)
    assert ends.astimezone(UTC) == datetime(last_day.year, last_day.month, last_day.day, 16, 0, tzinfo=UTC)


def test_a_notice_is_complete_only_by_rule() -> None:
    with pytest.raises(NoticeRunningError):
        domain.complete(NOTICE, SECRETARY, now=DUE - timedelta(seconds=1))
    with pytest.raises(ObjectionOpenError):
        domain.complete(replace(NOTICE, open_objections=1), None, now=DUE)
    assert domain.complete(NOTICE, None, now=DUE).state is NoticeState.COMPLETED
    with pytest.raises(ForbiddenError):
        domain.complete(NOTICE, NEIGHBOUR, now=DUE)


def test_a_change_restarts_the_clock_and_no_change_does_not() -> None:
    later = START + timedelta(days=3)
    changed = domain.amend(NOTICE, SECRETARY, new_hash="h2", now=later, due=later + timedelta(days=7))
    assert (changed.restarts, changed.started_at, changed.due_at) == (1, later, later + timedelta(days=7))
    assert domain.amend(NOTICE, SECRETARY, new_hash="h", now=later, due=later) == NOTICE
    with pytest.raises(ForbiddenError):
        domain.amend(NOTICE, NEIGHBOUR, new_hash="h2", now=later, due=later)


def test_objections_are_answered_one_by_one() -> None:
    objected = domain.object_to(domain.object_to(NOTICE, NEIGHBOUR), NEIGHBOUR)
    assert objected.open_objections == 2
    answered = domain.answer_objection(objected, SECRETARY, is_answered=False, is_upheld=False)
    assert (answered.open_objections, answered.state) == (1, NoticeState.RUNNING)
    with pytest.raises(ObjectionAnsweredError):
        domain.answer_objection(objected, SECRETARY, is_answered=True, is_upheld=False)
    with pytest.raises(ForbiddenError):
        domain.answer_objection(objected, NEIGHBOUR, is_answered=False, is_upheld=False)
    with pytest.raises(ForbiddenError):
        domain.object_to(NOTICE, SECRETARY)


def test_an_upheld_objection_stops_the_notice() -> None:
    stopped = domain.answer_objection(replace(NOTICE, open_objections=1), SECRETARY, is_answered=False, is_upheld=True)
    assert stopped.state is NoticeState.STOPPED
    with pytest.raises(WrongStateError):
        domain.complete(stopped, None, now=DUE)


@pytest.mark.parametrize("state", NoticeState)
@pytest.mark.parametrize("action", NoticeAction)
def test_only_a_running_notice_moves(state: NoticeState, action: NoticeAction) -> None:
    if state is NoticeState.RUNNING:
        assert domain.LIFE.next_state(state, action) in NoticeState
    else:
        with pytest.raises(WrongStateError):
            domain.LIFE.next_state(state, action)


def test_a_notice_is_as_long_as_the_template_asks() -> None:
    domain.require_long_enough(7, 7)
    with pytest.raises(NoticeTooShortError):
        domain.require_long_enough(6, 7)
