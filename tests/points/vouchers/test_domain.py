"""The life of a voucher, and its code."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.points.vouchers import voucher_code
from services.points.vouchers.domain import LIFE, Action, Actor, State, Voucher, acting_as, decide
from services.points.vouchers.errors import (
    OwnShopError,
    VoucherExpiredError,
    VoucherSettledError,
    VoucherTokenInvalidError,
)
from shared.ids import new_id
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError
from shared.kernel.values import Fen, Points
from shared.testing.clients import People

NOW = datetime(2026, 5, 11, 1, tzinfo=UTC)
PEOPLE = People(new_id())
SHOP, HOLDER, CLOCK = frozenset({Actor.SHOP}), frozenset({Actor.HOLDER}), frozenset({Actor.CLOCK})
BY = {Action.USE: SHOP, Action.GIVE_UP: HOLDER, Action.TAKE_BACK: SHOP, Action.EXPIRE: CLOCK}


def voucher(state: State = State.ISSUED) -> Voucher:
    return Voucher(
        id=new_id(),
        offer_id=new_id(),
        merchant_id=new_id(),
        merchant_name="城关粮油店",
        household_id=new_id(),
        account_id=new_id(),
        title="代金券",
        points=Points(20),
        value_fen=Fen(2000),
        discount_percent=None,
        code="01234567",
        state=state,
        hold_id=new_id(),
        transfer_id=None,
        expires_at=NOW + timedelta(days=1),
        created_at=NOW,
        used_at=None,
        used_by=None,
        bill_fen=None,
        ended_at=None,
        settlement_id=None,
        reason="",
    )


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_every_state_against_every_action(state: State, action: Action) -> None:
    if (expected := LIFE.transitions.get((state, action))) is not None:
        assert decide(voucher(state), action, BY[action], NOW) is expected
    else:
        with pytest.raises(WrongStateError):
            decide(voucher(state), action, BY[action], NOW)


@pytest.mark.parametrize("action", Action)
def test_others_do_nothing(action: Action) -> None:
    for actors in (SHOP, HOLDER, CLOCK, frozenset[Actor]()):
        if not actors & BY[action]:
            with pytest.raises(ForbiddenError):
                decide(voucher(), action, actors, NOW)


def test_nobody_stands_on_both_sides_of_the_counter() -> None:
    with pytest.raises(OwnShopError):
        decide(voucher(), Action.USE, SHOP | HOLDER, NOW)
    with pytest.raises(OwnShopError):
        decide(voucher(State.USED), Action.TAKE_BACK, SHOP | HOLDER, NOW)
    assert decide(voucher(), Action.GIVE_UP, SHOP | HOLDER, NOW) is State.REFUNDED


def test_a_voucher_ends_at_its_moment() -> None:
    one = voucher()
    assert decide(one, Action.USE, SHOP, one.expires_at - timedelta(microseconds=1)) is State.USED
    with pytest.raises(VoucherExpiredError):
        decide(one, Action.USE, SHOP, one.expires_at)


def test_a_settled_voucher_is_not_taken_back() -> None:
    with pytest.raises(VoucherSettledError):
        decide(replace(voucher(State.USED), settlement_id=new_id()), Action.TAKE_BACK, SHOP, NOW)


def test_who_is_who() -> None:
    one = voucher()
    assert acting_as(PEOPLE.resident(one.household_id), one, None) == HOLDER
    assert acting_as(PEOPLE.resident(), one, one.merchant_id) == SHOP
    assert acting_as(PEOPLE.resident(), one, new_id()) == frozenset()


def test_codes_have_eight_digits() -> None:
    assert voucher_code.codes_of(12_345_678_00000009, 3) == ["00000009", "12345678", "00000000"]


def test_a_token_stands_for_its_voucher_alone() -> None:
    one, key = new_id(), b"key"
    token = voucher_code.sign(key, one, "01234567")
    assert voucher_code.read(key, f" {token}\n") == (one, "01234567")
    pickup = token.replace("DV1", "DY1")
    for bad in (token[:-1], token + "0", pickup, token.replace("01234567", "01234568"), "", "DV1.a.b", "...", "码"):
        with pytest.raises(VoucherTokenInvalidError):
            voucher_code.read(key, bad)
    with pytest.raises(VoucherTokenInvalidError):
        voucher_code.read(b"other", token)
