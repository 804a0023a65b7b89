"""The life of a request for help, the mathematics of minutes, and the codes that bind both sides."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.points.help_policies.domain import TimePolicy
from services.points.help_policies.domain import check as check_policy
from services.points.help_policies.errors import PolicyInvalidError
from services.points.passbooks.domain import (
    Member,
    Quarter,
    check_gift,
    check_grant,
    exchange,
    quarter_of,
    read_quarter,
    require_resident,
)
from services.points.passbooks.errors import (
    ExchangeClosedError,
    ExchangeLimitError,
    ExchangeUnevenError,
    GiftOutsideFamilyError,
    GiftToSelfError,
    GrantToOwnHouseholdError,
    QuarterInvalidError,
    ResidentNeededError,
)
from services.points.time_bank.codes import Phase, code_of
from services.points.time_bank.decisions import (
    cancel,
    confirm,
    decide_approval,
    decide_join,
    decide_leave,
    enter_code,
    offered_actions,
    run_out,
    settle,
)
from services.points.time_bank.domain import (
    LIFE,
    Action,
    Actor,
    Payer,
    Request,
    Side,
    State,
    check_new,
    new_participant,
)
from services.points.time_bank.errors import (
    AlreadyConfirmedError,
    AlreadyTakesPartError,
    HelpFullError,
    HelpNotApprovedError,
    HelpOfOwnHouseholdError,
    HelpSettlementInvalidError,
    HelpTimesInvalidError,
    NotPresentError,
    OwnHelpError,
    TimeCodeUsedError,
    TimeCodeWrongError,
)
from services.points.time_bank.minutes import credit, escrow_needed, served
from shared.ids import new_id
from shared.kernel.errors import DomainError, ForbiddenError
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import WrongStateError
from shared.kernel.values import Minutes
from shared.testing.clients import People

NOW = datetime(2026, 5, 11, 1, tzinfo=UTC)
POLICY = TimePolicy()
PEOPLE = People(new_id())
KEY = b"a key"
ELSEWHERE = frozenset({new_id()})
"""Where kin live whom nothing here concerns."""

OUTCOMES = {
    ("requested", "approve"): "requested",
    ("requested", "help"): "matched",
    ("requested", "accompany"): "requested",
    ("requested", "leave"): "requested",
    ("requested", "cancel"): "cancelled",
    ("matched", "help"): "matched",
    ("matched", "accompany"): "matched",
    ("matched", "leave"): "matched",
    ("matched", "unmatch"): "requested",
    ("matched", "cancel"): "cancelled",
    ("matched", "enter_start"): "matched",
    ("matched", "start"): "started",
    ("started", "enter_start"): "started",
    ("started", "enter_stop"): "started",
    ("started", "stop"): "ended",
    ("ended", "confirm"): "ended",
    ("ended", "credit"): "credited",
    ("ended", "dispute"): "disputed",
    ("disputed", "settle"): "settled",
}


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("state", list(State))
def test_every_state_against_every_action(state: State, action: Action) -> None:
    expected = OUTCOMES.get((state.value, action.value))
    if expected is None:
        with pytest.raises(WrongStateError):
            LIFE.perform(state, action, frozenset(Actor))
    else:
        assert LIFE.perform(state, action, frozenset(Actor)) == expected


@pytest.mark.parametrize(
    ("seconds", "most", "minutes"),
    [(0, 120, 0), (59, 120, 0), (60, 120, 1), (7199, 120, 119), (7200, 120, 120), (99999, 120, 120), (-60, 120, 0)],
)
def test_minutes_are_rounded_down_and_capped(seconds: int, most: int, minutes: int) -> None:
    assert served(NOW, NOW + timedelta(seconds=seconds), most) == minutes


@pytest.mark.parametrize(
    ("minutes", "rate", "step", "credited"),
    [(120, 100, 5, 120), (119, 100, 5, 115), (4, 100, 5, 0), (120, 150, 5, 180), (61, 150, 1, 91), (59, 50, 5, 25)],
)
def test_credit_is_rounded_down(minutes: int, rate: int, step: int, credited: int) -> None:
    assert credit(minutes, rate, TimePolicy(round_to_minutes=step)) == credited


@given(st.integers(1, 720), st.integers(0, 10**6), st.integers(50, 300), st.integers(1, 60), st.integers(1, 20))
def test_escrow_always_suffices(asked: int, seconds: int, rate: int, step: int, helpers: int) -> None:
    policy = TimePolicy(round_to_minutes=step)
    worth = credit(served(NOW, NOW + timedelta(seconds=seconds), asked), rate, policy)
    assert helpers * worth <= escrow_needed(helpers, asked, rate, policy)


def test_codes_differ_by_person_request_phase_and_key() -> None:
    request, person = new_id(), new_id()
    codes = {
        code_of(KEY, request, person, Phase.START),
        code_of(KEY, request, person, Phase.STOP),
        code_of(KEY, request, new_id(), Phase.START),
        code_of(KEY, new_id(), person, Phase.START),
        code_of(b"another", request, person, Phase.START),
    }
    assert len(codes) >= 4
    assert all(len(code) == 6 and code.isdigit() for code in codes)


def asked(*helpers: Principal, requester: Principal | None = None, **facts: Any) -> Request:
    """Return a request with some helpers."""
    who = requester or PEOPLE.resident()
    assert who.household_id is not None
    assert who.resident_id is not None
    base = Request(
        id=new_id(),
        kind_code="escort",
        kind_version=1,
        kind_name="陪同就医",
        rate_percent=100,
        note="",
        location="3栋",
        payer=Payer.OWN,
        requester_resident_id=who.resident_id,
        requester_household_id=who.household_id,
        requester_account_id=who.account_id,
        helpers_wanted=2,
        minutes=Minutes(120),
        wanted_from=NOW,
        wanted_until=NOW + timedelta(hours=4),
        state=State.MATCHED if helpers else State.REQUESTED,
        approved_by=None,
        escrow_account_id=new_id(),
        escrow_minutes=Minutes(240),
        started_at=None,
        ended_at=None,
        is_ended_by_clock=False,
        policy=POLICY,
        due_at=NOW + timedelta(hours=4),
        reason="",
        created_at=NOW,
        participants=(new_participant(new_id(), who, who.household_id, Side.HELPED, NOW),),
    )
    joined = tuple(
        new_participant(new_id(), helper, helper.household_id or new_id(), Side.HELPER, NOW) for helper in helpers
    )
    return replace(base, participants=base.participants + joined, **facts)


def enter(request: Request, reader: Principal, shower: Principal, phase: Phase, minute: int = 0) -> Request:
    """Let one enter the code another shows, some minutes after nine."""
    codes = {p.resident_id: code_of(KEY, request.id, p.resident_id, phase) for p in request.participants}
    assert shower.resident_id is not None
    code = codes[shower.resident_id]
    return enter_code(request, reader, phase, code, codes, NOW + timedelta(minutes=minute))


def test_neither_side_can_begin_or_end_alone() -> None:
    helper, helped = PEOPLE.resident(), PEOPLE.resident()
    request = enter(asked(helper, requester=helped), helped, helper, Phase.START)
    assert (request.state, request.started_at) == (State.MATCHED, None)
    request = enter(request, helper, helped, Phase.START, 5)
    assert (request.state, request.started_at) == (State.STARTED, NOW + timedelta(minutes=5))
    request = enter(request, helper, helped, Phase.STOP, 65)
    assert request.state is State.STARTED
    request = enter(request, helped, helper, Phase.STOP, 67)
    assert request.state is State.ENDED
    assert [p.served_minutes for p in request.helpers] == [62], "from when both were there"
    assert request.due_at == NOW + timedelta(minutes=67, hours=72)


def test_own_wrong_used_and_early_codes() -> None:
    helper, helped = PEOPLE.resident(), PEOPLE.resident()
    request = asked(helper, requester=helped)
    with pytest.raises(TimeCodeWrongError):
        enter(request, helper, helper, Phase.START)
    with pytest.raises(WrongStateError):
        enter(request, helper, helped, Phase.STOP)
    with pytest.raises(ForbiddenError):
        enter(request, PEOPLE.resident(), helped, Phase.START)
    request = enter(request, helper, helped, Phase.START)
    with pytest.raises(TimeCodeUsedError):
        enter(request, helper, helped, Phase.START, 9)


def test_many_helpers_count_each_their_own_time() -> None:
    first, second, absent, helped = [PEOPLE.resident() for _ in range(4)]
    request = asked(first, second, absent, requester=helped, helpers_wanted=3)
    request = enter(request, first, helped, Phase.START)
    request = enter(request, helped, first, Phase.START)
    with pytest.raises(NotPresentError):
        enter(request, second, helped, Phase.STOP, 10)
    request = enter(request, helped, second, Phase.START, 30)
    request = enter(request, helped, first, Phase.STOP, 60)
    request = enter(request, first, helped, Phase.STOP, 61)
    assert request.state is State.STARTED, "the second is still at it"
    request = enter(request, helped, second, Phase.STOP, 200)
    assert [(p.served_minutes, p.credited_minutes) for p in request.helpers] == [(60, 60), (120, 120), (0, 0)]
    confirmed, is_agreed = confirm(request, helped, NOW)
    assert not is_agreed
    confirmed, is_agreed = confirm(confirmed, first, NOW)
    assert not is_agreed
    with pytest.raises(AlreadyConfirmedError):
        confirm(confirmed, first, NOW)
    with pytest.raises(NotPresentError):
        confirm(confirmed, absent, NOW)
    assert confirm(confirmed, second, NOW)[1]


def test_forgotten_to_stop_needs_both_to_agree() -> None:
    helper, helped = PEOPLE.resident(), PEOPLE.resident()
    request = asked(helper, requester=helped)
    request = enter(request, helper, helped, Phase.START)
    request = enter(request, helped, helper, Phase.START)
    assert request.due_at == NOW + timedelta(minutes=240)
    ended = run_out(request, NOW + timedelta(minutes=240))
    assert (ended.state, ended.is_ended_by_clock) == (State.ENDED, True)
    assert [p.served_minutes for p in ended.helpers] == [120], "never longer than asked for"
    assert run_out(ended, NOW).state is State.DISPUTED


def test_silence_after_codes_is_consent() -> None:
    helper, helped = PEOPLE.resident(), PEOPLE.resident()
    request = asked(helper, requester=helped)
    for phase, minute in ((Phase.START, 0), (Phase.STOP, 60)):
        request = enter(request, helper, helped, phase, minute)
        request = enter(request, helped, helper, phase, minute)
    assert run_out(request, NOW).state is State.CREDITED
    assert run_out(asked(), NOW).state is State.CANCELLED
    assert run_out(asked(helper), NOW).state is State.CANCELLED


def test_a_half_begun_request_frees_its_helper_when_cancelled() -> None:
    helper, helped = PEOPLE.resident(), PEOPLE.resident()
    request = enter(asked(helper, requester=helped), helped, helper, Phase.START)
    assert [p.ended_at for p in cancel(request, State.CANCELLED, "", NOW).helpers] == [NOW]


def joins(request: Request, who: Principal, side: Side = Side.HELPER) -> State:
    return decide_join(request, side, who, who.household_id or new_id())


def test_who_may_join_which_side() -> None:
    helper, helped = PEOPLE.resident(), PEOPLE.resident()
    request = asked(helper, requester=helped)
    assert joins(asked(), PEOPLE.resident()) is State.MATCHED
    assert joins(asked(), PEOPLE.resident(), Side.HELPED) is State.REQUESTED
    cases: list[tuple[Request, Principal, Side, type[DomainError]]] = [
        (request, helper, Side.HELPER, AlreadyTakesPartError),
        (request, helped, Side.HELPER, AlreadyTakesPartError),
        (request, PEOPLE.resident(helped.household_id), Side.HELPER, HelpOfOwnHouseholdError),
        (request, PEOPLE.resident(helper.household_id), Side.HELPED, HelpOfOwnHouseholdError),
        (replace(request, helpers_wanted=1), PEOPLE.resident(), Side.HELPER, HelpFullError),
        (asked(payer=Payer.POOL), PEOPLE.resident(), Side.HELPER, HelpNotApprovedError),
        (replace(request, state=State.STARTED), PEOPLE.resident(), Side.HELPER, WrongStateError),
    ]
    for thing, who, side, error in cases:
        with pytest.raises(error):
            joins(thing, who, side)


def test_leaving() -> None:
    helper, other, helped = [PEOPLE.resident() for _ in range(3)]
    assert decide_leave(asked(helper, other), helper)[1] is State.MATCHED
    assert decide_leave(asked(helper), helper)[1] is State.REQUESTED
    for request, who in ((asked(helper, requester=helped), helped), (asked(helper), PEOPLE.resident())):
        with pytest.raises(ForbiddenError):
            decide_leave(request, who)


def test_the_pool_pays_after_an_official_of_another_household_agreed() -> None:
    request = asked(payer=Payer.POOL)
    official = PEOPLE.staff(Role.COMMUNITY_ADMIN)
    assert decide_approval(request, official, ELSEWHERE) is State.REQUESTED
    assert Action.APPROVE in offered_actions(request, official, ELSEWHERE)
    own = PEOPLE.staff(Role.COMMUNITY_ADMIN, household_id=request.requester_household_id)
    for concerned, kin in ((own, ELSEWHERE), (official, frozenset({request.requester_household_id}))):
        assert Action.APPROVE not in offered_actions(request, concerned, kin)
        with pytest.raises(OwnHelpError):
            decide_approval(request, concerned, kin)
    with pytest.raises(AlreadyConfirmedError):
        decide_approval(asked(), official, ELSEWHERE)


@pytest.mark.parametrize(
    ("count", "error"), [(0, None), (120, None), (121, HelpSettlementInvalidError), (-1, HelpSettlementInvalidError)]
)
def test_a_settlement_keeps_within_what_was_asked(count: int, error: type[DomainError] | None) -> None:
    helper, helped = PEOPLE.resident(), PEOPLE.resident()
    request = asked(helper, requester=helped)
    request = enter(enter(request, helper, helped, Phase.START), helped, helper, Phase.START)
    request = replace(request, state=State.DISPUTED)
    supervisor = PEOPLE.staff(Role.SUPERVISOR)
    assert helper.resident_id is not None
    found: dict[UUID, int] = {helper.resident_id: count}
    if error is None:
        assert [p.credited_minutes for p in settle(request, supervisor, ELSEWHERE, found).helpers] == [count]
    else:
        with pytest.raises(error):
            settle(request, supervisor, ELSEWHERE, found)
    with pytest.raises(HelpSettlementInvalidError):
        settle(request, supervisor, ELSEWHERE, {new_id(): 1})
    assert Action.SETTLE in offered_actions(request, supervisor, ELSEWHERE)
    for household_id in (helper.require_household(), helped.require_household()):
        own = PEOPLE.staff(Role.SUPERVISOR, household_id=household_id)
        for concerned, kin in ((own, ELSEWHERE), (supervisor, frozenset({household_id}))):
            assert Action.SETTLE not in offered_actions(request, concerned, kin)
            with pytest.raises(OwnHelpError):
                settle(request, concerned, kin, found)


@pytest.mark.parametrize(
    ("minutes", "begins", "ends", "is_fine"),
    [(240, 0, 60, True), (241, 0, 60, False), (60, 60, 60, False), (60, -60, 0, False), (60, -60, 1, True)],
)
def test_what_may_be_asked_for(minutes: int, begins: int, ends: int, is_fine: bool) -> None:
    times = {"wanted_from": NOW + timedelta(minutes=begins), "wanted_until": NOW + timedelta(minutes=ends)}
    if is_fine:
        check_new(minutes=minutes, policy=POLICY, now=NOW, **times)
    else:
        with pytest.raises(HelpTimesInvalidError):
            check_new(minutes=minutes, policy=POLICY, now=NOW, **times)


@pytest.mark.parametrize(
    ("rate", "minutes", "before", "points"),
    [
        (None, 60, 0, ExchangeClosedError),
        (30, 60, 0, 2),
        (30, 61, 0, ExchangeUnevenError),
        (30, 600, 0, 20),
        (30, 600, 30, ExchangeLimitError),
        (30, 570, 30, 19),
    ],
)
def test_exchange(rate: int | None, minutes: int, before: int, points: Any) -> None:
    policy = TimePolicy(minutes_per_point=rate)
    if isinstance(points, int):
        assert exchange(policy, minutes, before) == points
    else:
        with pytest.raises(points):
            exchange(policy, minutes, before)


def test_gifts_stay_in_the_family_and_grants_outside_ones_own() -> None:
    giver, home = new_id(), new_id()
    check_gift(giver, home, Member(new_id(), home, "王**", is_present=True))
    for receiver, error in (
        (Member(giver, home, "", is_present=True), GiftToSelfError),
        (Member(new_id(), new_id(), "", is_present=True), GiftOutsideFamilyError),
        (Member(new_id(), home, "", is_present=False), GiftOutsideFamilyError),
    ):
        with pytest.raises(error):
            check_gift(giver, home, receiver)
    receiver = Member(new_id(), home, "", is_present=True)
    check_grant(PEOPLE.staff(), receiver, ELSEWHERE)
    for concerned, kin in ((PEOPLE.staff(household_id=home), ELSEWHERE), (PEOPLE.staff(), frozenset({home}))):
        with pytest.raises(GrantToOwnHouseholdError):
            check_grant(concerned, receiver, kin)
    with pytest.raises(ResidentNeededError):
        require_resident(PEOPLE.staff())


@pytest.mark.parametrize(
    ("moment", "quarter"),
    [
        (datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC), "2026Q1"),
        (datetime(2026, 3, 31, 16, tzinfo=UTC), "2026Q2"),
        (datetime(2026, 12, 31, 15, tzinfo=UTC), "2026Q4"),
        (datetime(2026, 12, 31, 16, tzinfo=UTC), "2027Q1"),
    ],
)
def test_quarters_follow_the_calendar_in_china(moment: datetime, quarter: str) -> None:
    found = quarter_of(moment)
    assert str(found) == quarter
    assert found.begins_at <= moment < found.ends_at
    assert read_quarter(quarter) == found


@pytest.mark.parametrize("text", ["", "2026", "2026Q5", "2026q1", "1999Q1", "2026Q1 ", "２０２６Q1"])
def test_other_quarters_are_refused(text: str) -> None:
    with pytest.raises(QuarterInvalidError):
        read_quarter(text)


def test_quarters_meet_without_gap() -> None:
    assert Quarter(2026, 4).ends_at == Quarter(2027, 1).begins_at
    assert Quarter(2026, 1).ends_at == Quarter(2026, 2).begins_at


def test_a_step_longer_than_the_longest_help_is_no_policy() -> None:
    with pytest.raises(PolicyInvalidError):
        check_policy(TimePolicy(longest_minutes=15, round_to_minutes=16))
    check_policy(TimePolicy(longest_minutes=15, round_to_minutes=15))
