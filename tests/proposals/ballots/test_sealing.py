from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.proposals.ballots.sealing import (
    KEY_LIFETIME,
    SealBrokenError,
    SealingKey,
    SealingKeys,
    join_secret,
    pad_choice,
    public_key_of,
    split_secret,
    unseal,
)

SECRET, OTHER, ONCE = b"\x11" * 32, b"\x22" * 32, b"\x33" * 32
NOW = datetime(2026, 5, 11, 1, tzinfo=UTC)


def seal(choice: bytes, *, bound_to: bytes) -> bytes:
    return SealingKey(public_key_of(SECRET), ONCE).seal(choice, bound_to=bound_to)


@given(st.binary(max_size=200))
def test_a_sealed_choice_opens_with_the_rounds_key(choice: bytes) -> None:
    sealed = seal(choice, bound_to=b"round|ballot")
    assert choice not in sealed or len(choice) < 3
    assert unseal(sealed, secret=SECRET, bound_to=b"round|ballot") == choice


@pytest.mark.parametrize(
    ("secret", "bound_to"), [(OTHER, b"ballot 1"), (SECRET, b"ballot 2")], ids=["another key", "another ballot"]
)
def test_it_opens_for_nothing_else(secret: bytes, bound_to: bytes) -> None:
    sealed = seal(b"yes", bound_to=b"ballot 1")
    with pytest.raises(SealBrokenError):
        unseal(sealed, secret=secret, bound_to=bound_to)


@pytest.mark.parametrize("position", [0, 31, 32, 40])
def test_one_altered_bit_is_noticed(position: int) -> None:
    sealed = bytearray(seal(b"abstain", bound_to=b"x"))
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


def test_ballots_of_one_moment_share_a_one_time_key_and_nothing_else() -> None:
    key = SealingKey(public_key_of(SECRET), ONCE)
    first, second = (key.seal(b"yes", bound_to=ballot) for ballot in (b"ballot 1", b"ballot 2"))
    assert first[:32] == second[:32]
    assert first[32:] != second[32:]
    with pytest.raises(SealBrokenError):
        unseal(first, secret=SECRET, bound_to=b"ballot 2")


def test_a_one_time_key_lives_a_moment_and_serves_one_round() -> None:
    keys, secrets = SealingKeys(), (bytes([number]) * 32 for number in count(1))

    def key_of(secret: bytes, now: datetime) -> SealingKey:
        return keys.key_of(public_key_of(secret), now=now, make_secret=lambda: next(secrets))

    used = key_of(SECRET, NOW)
    assert key_of(SECRET, NOW + KEY_LIFETIME - timedelta(microseconds=1)) is used
    assert key_of(OTHER, NOW) is not used
    assert key_of(SECRET, NOW + KEY_LIFETIME) is not used


def test_an_old_one_time_key_is_forgotten_when_the_next_is_made() -> None:
    keys = SealingKeys()
    keys.key_of(public_key_of(SECRET), now=NOW, make_secret=lambda: ONCE)
    keys.key_of(public_key_of(OTHER), now=NOW + KEY_LIFETIME, make_secret=lambda: ONCE)
    assert list(keys._kept) == [public_key_of(OTHER)]
