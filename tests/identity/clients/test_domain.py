"""Clients: ids that name their community, scopes, and secrets that overlap."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.clients.domain import (
    OVERLAP,
    Client,
    ClientSecret,
    digest_of,
    granted_scopes,
    read_client_id,
    require_known_scopes,
    require_secret,
    rotate_secret,
    spell_client_id,
    spell_secret,
)
from services.identity.clients.errors import ClientRefusedError, ScopeRefusedError, ScopeUnknownError

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@given(st.uuids(), st.uuids())
def test_an_id_names_community_and_client(community_id: UUID, client_id: UUID) -> None:
    assert read_client_id(spell_client_id(community_id, client_id)) == (community_id, client_id)


@pytest.mark.parametrize("text", ["", "dyc_", "dyc_abc", "A" * 43, "dyc_" + "A" * 44, "dyc_🀄"])
def test_what_cannot_be_an_id_is_refused(text: str) -> None:
    with pytest.raises(ClientRefusedError) as refused:
        read_client_id(text)
    assert refused.value.facts["error"] == "invalid_client"


def rotations(*times: datetime) -> list[ClientSecret]:
    secrets: list[ClientSecret] = []
    for number, at in enumerate(times):
        secrets = rotate_secret(secrets, secret_id=UUID(int=number), digest=digest_of(f"s{number}"), now=at)
    return secrets


def works(secrets: list[ClientSecret], given_secret: str, at: datetime) -> bool:
    try:
        require_secret(secrets, given_secret, now=at)
    except ClientRefusedError:
        return False
    return True


@pytest.mark.parametrize(
    ("after", "old", "new"),
    [
        (timedelta(), True, True),
        (OVERLAP - timedelta(seconds=1), True, True),
        (OVERLAP, False, True),
        (timedelta(days=900), False, True),
    ],
)
def test_the_old_secret_lives_on_for_the_overlap(after: timedelta, old: bool, new: bool) -> None:
    secrets = rotations(NOW - timedelta(days=30), NOW)
    assert (works(secrets, "s0", NOW + after), works(secrets, "s1", NOW + after)) == (old, new)
    assert not works(secrets, "guess", NOW + after)


def test_at_most_two_secrets_work() -> None:
    secrets = rotations(NOW - timedelta(days=2), NOW - timedelta(days=1), NOW)
    assert [works(secrets, f"s{n}", NOW) for n in range(3)] == [False, True, True]


def test_a_rotation_never_prolongs_a_secret() -> None:
    secrets = rotations(NOW - timedelta(days=30), NOW - timedelta(days=6))
    secrets = rotate_secret(secrets, secret_id=UUID(int=9), digest=digest_of("s9"), now=NOW)
    ends = {s.digest: s.expires_at for s in secrets}
    assert ends[digest_of("s0")] == NOW
    assert ends[digest_of("s1")] == NOW + OVERLAP


def test_a_secret_is_only_kept_as_its_hash() -> None:
    secret = spell_secret(bytes(range(32)))
    assert secret.startswith("dys_")
    assert len(secret) == 47
    assert secret.encode() not in digest_of(secret)


@pytest.mark.parametrize(
    ("asked", "granted"),
    [("", {"points:read", "property:write"}), ("points:read", {"points:read"}), ("points:write", None), ("x", None)],
)
def test_a_token_carries_no_more_than_was_given(asked: str, granted: set[str] | None) -> None:
    client = Client(UUID(int=1), UUID(int=2), "12345 热线", frozenset({"points:read", "property:write"}), NOW)
    if granted is None:
        with pytest.raises(ScopeRefusedError) as refused:
            granted_scopes(client, asked)
        assert refused.value.facts["error"] == "invalid_scope"
    else:
        assert granted_scopes(client, asked) == granted


def test_only_scopes_that_exist_can_be_given() -> None:
    assert require_known_scopes(["open311:read", "points:read"]) == {"open311:read", "points:read"}
    with pytest.raises(ScopeUnknownError) as refused:
        require_known_scopes(["points:read", "points:admin"])
    assert "points:admin" in refused.value.message
