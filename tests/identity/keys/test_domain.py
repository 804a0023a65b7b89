"""Signing keys: published before they sign, and until their last token has run out."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.keys.domain import (
    ACCESS_LIFETIME,
    KEY_SET_MAX_AGE,
    PUBLISHED_AFTER,
    PUBLISHED_BEFORE,
    SigningKey,
    next_key,
    published_keys,
    signing_key,
    withdraw,
)
from services.identity.keys.errors import NoSigningKeyError

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
OLD, NEW = SigningKey("old", NOW - timedelta(days=90)), SigningKey("new", NOW)


def kids(keys: list[SigningKey]) -> set[str]:
    return {key.kid for key in keys}


@pytest.mark.parametrize(
    ("at", "signs", "published"),
    [
        (NOW - PUBLISHED_BEFORE, "old", {"old", "new"}),
        (NOW - timedelta(seconds=1), "old", {"old", "new"}),
        (NOW, "new", {"old", "new"}),
        (NOW + PUBLISHED_AFTER - timedelta(seconds=1), "new", {"old", "new"}),
        (NOW + PUBLISHED_AFTER, "new", {"new"}),
    ],
)
def test_a_rotation_overlaps(at: datetime, signs: str, published: set[str]) -> None:
    assert signing_key([NEW, OLD], at).kid == signs
    assert kids(published_keys([NEW, OLD], at)) == published


def test_the_first_key_signs_at_once_and_later_ones_wait() -> None:
    first = next_key([], kid="a", now=NOW)
    assert first.signs_from == NOW
    assert next_key([first], kid="b", now=NOW).signs_from == NOW + PUBLISHED_BEFORE
    assert next_key([withdraw(first, now=NOW)], kid="b", now=NOW).signs_from == NOW


def test_without_a_key_nothing_is_signed() -> None:
    with pytest.raises(NoSigningKeyError):
        signing_key([], NOW)
    with pytest.raises(NoSigningKeyError):
        signing_key([SigningKey("future", NOW + timedelta(seconds=1))], NOW)


def test_a_withdrawn_key_neither_signs_nor_shows() -> None:
    leaked = withdraw(NEW, now=NOW)
    assert signing_key([OLD, leaked], NOW).kid == "old"
    assert kids(published_keys([OLD, leaked], NOW)) == {"old"}
    assert withdraw(leaked, now=NOW + timedelta(days=1)) == leaked


def test_a_new_key_is_shown_for_longer_than_anyone_keeps_a_copy() -> None:
    assert PUBLISHED_BEFORE > KEY_SET_MAX_AGE


@given(
    st.lists(st.integers(0, 10_000), min_size=1, max_size=8, unique=True), st.integers(0, 12_000), st.integers(0, 900)
)
def test_every_live_token_was_signed_by_a_published_key(starts: list[int], minute: int, age: int) -> None:
    keys = [SigningKey(str(start), NOW + timedelta(minutes=start)) for start in starts]
    checked_at = NOW + timedelta(minutes=minute)
    signed_at = checked_at - min(timedelta(seconds=age), ACCESS_LIFETIME)
    if any(key.signs_from <= signed_at for key in keys):
        assert signing_key(keys, signed_at) in published_keys(keys, checked_at)
