import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.proposals.ballots.sealing import (
    SealBrokenError,
    join_secret,
    pad_choice,
    public_key_of,
    seal,
    split_secret,
    unseal,
)

SECRET, OTHER, ONCE = b"\x11" * 32, b"\x22" * 32, b"\x33" * 32


@given(st.binary(max_size=200))
def test_a_sealed_choice_opens_with_the_rounds_key(choice: bytes) -> None:
    sealed = seal(choice, public_key=public_key_of(SECRET), one_time_secret=ONCE, bound_to=b"round|ballot")
    assert choice not in sealed or len(choice) < 3
    assert unseal(sealed, secret=SECRET, bound_to=b"round|ballot") == choice


@pytest.mark.parametrize(
    ("secret", "bound_to"), [(OTHER, b"ballot 1"), (SECRET, b"ballot 2")], ids=["another key", "another ballot"]
)
def test_it_opens_for_nothing_else(secret: bytes, bound_to: bytes) -> None:
    sealed = seal(b"yes", public_key=public_key_of(SECRET), one_time_secret=ONCE, bound_to=b"ballot 1")
    with pytest.raises(SealBrokenError):
        unseal(sealed, secret=secret, bound_to=bound_to)


@pytest.mark.parametrize("position", [0, 31, 32, 40])
def test_one_altered_bit_is_noticed(position: int) -> None:
    sealed = bytearray(seal(b"abstain", public_key=public_key_of(SECRET), one_time_secret=ONCE, bound_to=b"x"))
    sealed[position] ^= 1
    with pytest.raises(SealBrokenError):
        unseal(bytes(sealed), secret=SECRET, bound_to=b"x")


def test_a_truncated_seal_is_refused() -> None:
    with pytest.raises(SealBrokenError):
        unseal(b"short", secret=SECRET, bound_to=b"x")


def test_all_choices_of_a_round_have_one_length() -> None:
    assert len(pad_choice(b'"yes"', size=64)) == len(pad_choice(b'"abstain"', size=64)) == 64
    with pytest.raises(ValueError, match="does not fit"):
        pad_choice(b"x" * 65, size=64)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_two_keyholders_together_have_the_key(secret: bytes, pad: bytes) -> None:
    assert join_secret(*split_secret(secret, pad)) == secret
