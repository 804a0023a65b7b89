"""The life of a settlement, its months, and who may sign and pay."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.points.settlements.domain import (
    LIFE,
    Action,
    Settlement,
    State,
    allowed_actions,
    check_books,
    check_month,
    decide,
    ends_at,
    next_month,
    previous_month,
)
from services.points.settlements.errors import MonthInvalidError, SettlementMismatchError, SettlementRecusedError
from shared.ids import new_id
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Role
from shared.kernel.state_machine import WrongStateError
from shared.kernel.values import Fen, Points
from shared.testing.clients import People

PEOPLE = People(new_id())


def settlement(state: State = State.DRAFTED) -> Settlement:
    return Settlement(
        id=new_id(),
        merchant_id=new_id(),
        merchant_name="城关粮油店",
        month=date(2026, 5, 1),
        vouchers=1,
        points=Points(20),
        value_fen=Fen(2000),
        state=state,
        drafted_by=None,
        confirmed_by=None,
        countersigned_by=None,
        paid_by=None,
        payment_reference="",
        transfer_id=None,
        reason="",
        created_at=datetime(2026, 6, 1, tzinfo=UTC),
        paid_at=None,
    )


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_every_state_against_every_action(state: State, action: Action) -> None:
    one = settlement(state)
    is_shop = action in {Action.CONFIRM, Action.DISPUTE}
    caller = PEOPLE.resident() if is_shop else PEOPLE.staff(Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)
    own = one.merchant_id if is_shop else None
    if (expected := LIFE.transitions.get((state, action))) is not None:
        assert decide(one, action, caller, own) is expected
    else:
        with pytest.raises(WrongStateError):
            decide(one, action, caller, own)


def test_a_shop_does_not_act_for_the_community() -> None:
    one = settlement(State.MERCHANT_CONFIRMED)
    chair = PEOPLE.staff(Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)
    with pytest.raises(SettlementRecusedError):
        decide(one, Action.COUNTERSIGN, chair, one.merchant_id)
    assert allowed_actions(one, chair, one.merchant_id) == [Action.DISPUTE]
    assert allowed_actions(one, chair, None) == [Action.DISPUTE, Action.COUNTERSIGN]
    with pytest.raises(SettlementRecusedError):
        decide(replace(one, confirmed_by=chair.account_id), Action.COUNTERSIGN, chair, None)
    with pytest.raises(ForbiddenError):
        decide(one, Action.COUNTERSIGN, PEOPLE.staff(Role.COMMUNITY_ADMIN), None)


def test_who_signs_does_not_pay() -> None:
    both = PEOPLE.staff(Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)
    one = replace(settlement(State.COMMUNITY_CONFIRMED), countersigned_by=both.account_id)
    with pytest.raises(SettlementRecusedError):
        decide(one, Action.PAY, both, None)
    assert allowed_actions(one, both, None) == []
    assert decide(one, Action.PAY, PEOPLE.staff(Role.COMMUNITY_ADMIN), None) is State.PAID


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        (date(2026, 1, 1), date(2025, 12, 1), date(2026, 2, 1)),
        (date(2026, 12, 31), date(2026, 11, 1), date(2027, 1, 1)),
        (date(2026, 3, 31), date(2026, 2, 1), date(2026, 4, 1)),
    ],
)
def test_months_around_a_day(day: date, before: date, after: date) -> None:
    assert (previous_month(day), next_month(day)) == (before, after)


def test_a_month_ends_at_midnight_in_china() -> None:
    assert ends_at(date(2026, 12, 1)) == datetime(2026, 12, 31, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("month", "is_fine"),
    [
        (date(2026, 4, 1), True),
        (date(2026, 5, 1), False),
        (date(2026, 4, 2), False),
        (date(2027, 1, 1), False),
        (date(9999, 12, 1), False),
    ],
)
def test_only_months_that_are_over(month: date, is_fine: bool) -> None:
    if is_fine:
        check_month(month, date(2026, 5, 1))
    else:
        with pytest.raises(MonthInvalidError):
            check_month(month, date(2026, 5, 1))


def test_books_that_differ_are_not_settled() -> None:
    check_books(Points(20), 20)
    with pytest.raises(SettlementMismatchError):
        check_books(Points(20), 21)
