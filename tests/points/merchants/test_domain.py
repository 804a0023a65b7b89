"""Shops and offers: every state against every action, terms, periods, own shops."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.points.merchants.domain import (
    LIFE,
    OFFER_LIFE,
    Action,
    Actor,
    Merchant,
    Offer,
    OfferAction,
    OfferKind,
    OfferState,
    State,
    acting_as,
    allowed_actions,
    check_offer,
    check_open,
    decide,
    is_own_shop,
    voucher_expires_at,
)
from services.points.merchants.errors import (
    MerchantRecusedError,
    OfferNotOpenError,
    OfferPeriodError,
    OfferTermsError,
)
from shared.ids import new_id
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Role
from shared.kernel.state_machine import WrongStateError
from shared.kernel.values import Fen, Points
from shared.testing.clients import People

NOW = datetime(2026, 5, 11, 1, tzinfo=UTC)
PEOPLE = People(new_id())


def merchant(state: State = State.ACTIVE) -> Merchant:
    return Merchant(
        id=new_id(),
        name="城关粮油店",
        category="粮油",
        address="青龙路18号",
        note="",
        account_id=new_id(),
        household_id=new_id(),
        state=state,
        reason="",
        created_at=NOW,
    )


def offer(**facts: Any) -> Offer:
    good: dict[str, Any] = {
        "id": new_id(),
        "merchant_id": new_id(),
        "kind": OfferKind.POINTS,
        "title": "代金券",
        "terms": "",
        "points": Points(20),
        "value_fen": Fen(2000),
        "discount_percent": None,
        "total_limit": None,
        "household_limit": 1,
        "is_for_adopters": False,
        "valid_from": NOW,
        "valid_until": NOW + timedelta(days=30),
        "voucher_days": 10,
        "issued": 0,
        "state": OfferState.OPEN,
        "created_at": NOW,
    }
    return Offer(**good | facts)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_every_state_of_a_shop_against_every_action(state: State, action: Action) -> None:
    admin = PEOPLE.staff(Role.COMMUNITY_ADMIN)
    if (expected := LIFE.transitions.get((state, action))) is not None:
        assert decide(merchant(state), action, admin, None) is expected
    else:
        with pytest.raises(WrongStateError):
            decide(merchant(state), action, admin, None)


def test_a_shop_does_nothing_but_leave() -> None:
    one = merchant()
    assert LIFE.actions(one.state, acting_as(PEOPLE.resident(), one.id, one.id)) == [Action.CLOSE]
    assert LIFE.actions(one.state, acting_as(PEOPLE.resident(), one.id, new_id())) == []
    with pytest.raises(ForbiddenError):
        decide(merchant(State.APPLIED), Action.APPROVE, PEOPLE.resident(), None)


@pytest.mark.parametrize("tie", ["account", "household", "bound"])
def test_nobody_approves_an_own_shop(tie: str) -> None:
    one = merchant(State.APPLIED)
    admin = PEOPLE.staff(Role.COMMUNITY_ADMIN)
    if tie == "account":
        admin = replace(admin, account_id=one.account_id)
    if tie == "household":
        admin = replace(admin, household_id=one.household_id)
    own = one.id if tie == "bound" else None
    with pytest.raises(MerchantRecusedError):
        decide(one, Action.APPROVE, admin, own)
    assert allowed_actions(one, admin, own) == [Action.CLOSE]
    assert Action.APPROVE in allowed_actions(one, PEOPLE.staff(Role.COMMUNITY_ADMIN), None)


@pytest.mark.parametrize("state", OfferState)
@pytest.mark.parametrize("action", OfferAction)
def test_every_state_of_an_offer_against_every_action(state: OfferState, action: OfferAction) -> None:
    everybody = frozenset(Actor)
    if (expected := OFFER_LIFE.transitions.get((state, action))) is not None:
        assert OFFER_LIFE.perform(state, action, everybody) is expected
    else:
        with pytest.raises(WrongStateError):
            OFFER_LIFE.perform(state, action, everybody)


@pytest.mark.parametrize(
    "facts",
    [
        {"points": 0},
        {"value_fen": 0},
        {"discount_percent": 90},
        {"kind": OfferKind.DISCOUNT},
        {"kind": OfferKind.DISCOUNT, "points": 0, "value_fen": 0},
        {"kind": OfferKind.DISCOUNT, "points": 1, "value_fen": 0, "discount_percent": 90},
    ],
)
def test_terms_that_contradict_the_kind(facts: dict[str, Any]) -> None:
    with pytest.raises(OfferTermsError):
        check_offer(offer(**facts), NOW)


def test_good_terms_pass() -> None:
    check_offer(offer(), NOW)
    check_offer(offer(kind=OfferKind.DISCOUNT, points=0, value_fen=0, discount_percent=90), NOW)


@pytest.mark.parametrize(("begins", "ends"), [(1, 1), (2, 1), (-2, 0), (-2, -1)])
def test_periods_that_end_before_they_begin_or_now(begins: int, ends: int) -> None:
    with pytest.raises(OfferPeriodError):
        check_offer(offer(valid_from=NOW + timedelta(days=begins), valid_until=NOW + timedelta(days=ends)), NOW)


@pytest.mark.parametrize(
    ("facts", "shop", "after", "is_open"),
    [
        ({}, State.ACTIVE, timedelta(0), True),
        ({}, State.ACTIVE, timedelta(microseconds=-1), False),
        ({}, State.ACTIVE, timedelta(days=30) - timedelta(microseconds=1), True),
        ({}, State.ACTIVE, timedelta(days=30), False),
        ({}, State.SUSPENDED, timedelta(0), False),
        ({"state": OfferState.PROPOSED}, State.ACTIVE, timedelta(0), False),
        ({"state": OfferState.CLOSED}, State.ACTIVE, timedelta(0), False),
    ],
)
def test_when_an_offer_can_be_taken(facts: dict[str, Any], shop: State, after: timedelta, is_open: bool) -> None:
    if is_open:
        check_open(offer(**facts), merchant(shop), NOW + after)
    else:
        with pytest.raises(OfferNotOpenError):
            check_open(offer(**facts), merchant(shop), NOW + after)


@pytest.mark.parametrize(("after_days", "good_days"), [(0, 10), (20, 10), (25, 5)])
def test_a_voucher_is_not_good_beyond_its_offer(after_days: int, good_days: int) -> None:
    now = NOW + timedelta(days=after_days)
    assert voucher_expires_at(offer(), now) == now + timedelta(days=good_days)


def test_who_has_a_hand_in_a_shop() -> None:
    account, household = new_id(), new_id()
    assert is_own_shop(account, new_id(), [(account, None)])
    assert is_own_shop(new_id(), household, [(new_id(), household)])
    assert not is_own_shop(new_id(), household, [(new_id(), None), (account, new_id())])
    assert not is_own_shop(new_id(), household, [])
