"""The wallet: one acceptance, one message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.messages.errors import GrantMissingError
from services.notifications.messages.wallet import Answer, Wallet


@pytest.mark.parametrize(
    ("before", "answer", "after"),
    [
        (0, Answer.ACCEPT, 1),
        (3, Answer.ACCEPT, 4),
        (0, Answer.REJECT, 0),
        (2, Answer.REJECT, 2),
        (2, Answer.FILTER, 2),
        (2, Answer.BAN, 0),
        (0, Answer.BAN, 0),
    ],
)
def test_what_each_answer_in_the_dialogue_means(before, answer, after):
    assert Wallet(before).answered(answer) == Wallet(after)


def test_one_acceptance_is_one_message():
    wallet = Wallet().answered(Answer.ACCEPT).taken()
    assert wallet == Wallet(0)
    with pytest.raises(GrantMissingError):
        wallet.taken()


def test_43101_empties_it_and_a_send_that_failed_for_sure_gives_back():
    assert Wallet(5).found_empty() == Wallet(0)
    assert Wallet(1).taken().given_back() == Wallet(1)


@given(st.lists(st.sampled_from(["accept", "reject", "ban", "take", "back", "empty"])))
def test_it_never_goes_below_nothing_nor_above_what_was_accepted(steps):
    wallet, accepted, held = Wallet(), 0, 0
    for step in steps:
        if step in {"accept", "reject", "ban"}:
            wallet = wallet.answered(Answer(step))
            accepted += step == "accept"
        elif step == "take" and wallet.grants:
            wallet, held = wallet.taken(), held + 1
        elif step == "back" and held:
            wallet, held = wallet.given_back(), held - 1
        elif step == "empty":
            wallet = wallet.found_empty()
        assert 0 <= wallet.grants <= accepted
