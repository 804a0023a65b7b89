"""Refresh tokens: rotation, retry, reuse and the end of a session."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.sessions.domain import (
    RETRY_GRACE,
    EndReason,
    Reused,
    Rotated,
    Session,
    end_session,
    is_authentic,
    read_refresh_token,
    refresh,
    refresh_token,
    require_proof,
    start_session,
)
from services.identity.sessions.errors import RefreshRefusedError, SecondProofNeededError
from shared.kernel.principal import AccountKind

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
KEY = b"k" * 32


def session(kind: AccountKind = AccountKind.RESIDENT, **changes: object) -> Session:
    started = start_session(
        session_id=UUID(int=1),
        community_id=UUID(int=2),
        account_id=UUID(int=3),
        kind=kind,
        salt=b"s" * 16,
        device="",
        now=NOW,
    )
    return replace(started, **changes)


def test_a_refresh_moves_the_family_on() -> None:
    later = NOW + timedelta(minutes=14)
    decision = refresh(session(), generation=0, now=later)
    assert isinstance(decision, Rotated)
    assert (decision.session.generation, decision.session.refreshed_at) == (1, later)


@pytest.mark.parametrize(
    ("needs_totp", "has_totp", "is_enough"),
    [(False, False, True), (False, True, True), (True, True, True), (True, False, False)],
)
def test_a_login_is_worth_what_proved_it(needs_totp: bool, has_totp: bool, is_enough: bool) -> None:
    with nullcontext() if is_enough else pytest.raises(SecondProofNeededError):
        require_proof(session(has_totp=has_totp), needs_totp=needs_totp)


@pytest.mark.parametrize(
    ("generation", "after", "decision"),
    [
        (4, timedelta(), Rotated),
        (4, RETRY_GRACE, Rotated),
        (4, RETRY_GRACE + timedelta(microseconds=1), Reused),
        (3, timedelta(), Reused),
        (0, timedelta(), Reused),
        (5, timedelta(days=1), Rotated),
    ],
)
def test_an_old_generation_is_a_retry_only_for_a_moment(generation: int, after: timedelta, decision: type) -> None:
    held = session(generation=5)
    outcome = refresh(held, generation=generation, now=NOW + after)
    assert type(outcome) is decision
    if isinstance(outcome, Reused):
        assert (outcome.session.end_reason, outcome.session.ended_at) == (EndReason.REUSED, NOW + after)


def test_a_retry_gets_the_same_token_again() -> None:
    first = refresh(session(), generation=0, now=NOW)
    second = refresh(first.session, generation=0, now=NOW + timedelta(seconds=5))
    assert isinstance(second, Rotated)
    assert refresh_token(second.session, key=KEY) == refresh_token(first.session, key=KEY)


def test_after_reuse_nothing_of_the_family_works() -> None:
    reused = refresh(session(generation=5), generation=1, now=NOW)
    for generation in range(7):
        with pytest.raises(RefreshRefusedError):
            refresh(reused.session, generation=generation, now=NOW)


@pytest.mark.parametrize(
    ("kind", "idle", "longest"),
    [
        (AccountKind.RESIDENT, timedelta(days=60), timedelta(days=365)),
        (AccountKind.STAFF, timedelta(hours=12), timedelta(days=7)),
    ],
)
def test_a_session_ends_when_unused_and_at_last_anyway(kind: AccountKind, idle: timedelta, longest: timedelta) -> None:
    fresh = session(kind)
    assert fresh.is_open(NOW + idle - timedelta(microseconds=1))
    assert not fresh.is_open(NOW + idle)
    used = replace(fresh, refreshed_at=NOW + longest - timedelta(minutes=1))
    assert used.expires_at == NOW + longest
    with pytest.raises(RefreshRefusedError):
        refresh(used, generation=0, now=NOW + longest)


def test_a_generation_that_was_never_reached_is_refused() -> None:
    with pytest.raises(RefreshRefusedError):
        refresh(session(), generation=1, now=NOW)


def test_an_ended_session_keeps_its_first_reason() -> None:
    ended = end_session(session(), reason=EndReason.SIGNED_OUT, now=NOW)
    assert end_session(ended, reason=EndReason.REUSED, now=NOW + timedelta(days=1)) == ended


@given(st.integers(0, 2**32 - 1), st.binary(min_size=16, max_size=16))
def test_a_token_says_which_generation_it_is_and_is_known_again(generation: int, salt: bytes) -> None:
    held = session(generation=generation, salt=salt)
    claim = read_refresh_token(refresh_token(held, key=KEY))
    assert (claim.community_id, claim.session_id, claim.generation) == (UUID(int=2), UUID(int=1), generation)
    assert is_authentic(claim, held, key=KEY)
    assert is_authentic(claim, replace(held, generation=generation + 7), key=KEY)


@pytest.mark.parametrize(
    "forge",
    [
        lambda c: replace(c, generation=c.generation + 1),
        lambda c: replace(c, mac=bytes(32)),
    ],
)
def test_a_forged_token_is_not_authentic(forge: object) -> None:
    assert callable(forge)
    claim = read_refresh_token(refresh_token(session(), key=KEY))
    assert not is_authentic(forge(claim), session(), key=KEY)
    assert not is_authentic(claim, session(), key=b"x" * 32)
    assert not is_authentic(claim, session(salt=b"t" * 16), key=KEY)


@pytest.mark.parametrize("text", ["", "abc", "🀄", "A" * 90, "A" * 92, "not/url+safe"])
def test_what_cannot_be_a_token_is_refused(text: str) -> None:
    with pytest.raises(RefreshRefusedError):
        read_refresh_token(text)
