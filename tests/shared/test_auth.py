"""Tokens: who signed them, for whom, until when; and what happens when identity's keys change or cannot be read."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import Request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OKPKey

from shared.auth import (
    ALGORITHM,
    ISSUER,
    KEYS_AGE_SECONDS,
    LEEWAY_SECONDS,
    REFETCH_SECONDS,
    VERIFIED,
    KeysUnavailableError,
    TokenExpiredError,
    TokenInvalidError,
    TokenVerifier,
    claims_of,
    current_principal,
    decode_role,
    encode_roles,
    principal_of,
)
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.errors import UnauthenticatedError
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind
from shared.testing.clients import People, Signer
from tests.shared.conftest import NoteClient
from tests.shared.trial import Trial


class KeyServer:
    """Publishes keys like identity, counts fetches and can be down."""

    def __init__(self, *keys: OKPKey) -> None:
        self.keys = list(keys)
        self.fetches = 0
        self.is_down = False

    async def fetch(self) -> dict[str, Any]:
        self.fetches += 1
        if self.is_down:
            raise ConnectionRefusedError
        return {"keys": [key.as_dict(private=False) for key in self.keys]}


def new_key(kid: str) -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"kid": kid})


def claims(clock: FixedClock, principal: Principal, **changes: Any) -> dict[str, Any]:
    now = int(clock.now().timestamp())
    made = claims_of(principal) | {"iss": ISSUER, "iat": now, "exp": now + 600, "jti": "1"} | changes
    return {name: value for name, value in made.items() if value is not None}


def sign(key: OKPKey, body: dict[str, Any], **header: Any) -> str:
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid} | header, body, key, algorithms=[ALGORITHM])


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.fixture
def key() -> OKPKey:
    return new_key("k1")


@pytest.fixture
def server(key: OKPKey) -> KeyServer:
    return KeyServer(key)


@pytest.fixture
def verifier(server: KeyServer, clock: FixedClock) -> TokenVerifier:
    return TokenVerifier(server.fetch, clock)


def test_principal_survives_the_claims(people: People) -> None:
    household, grid = new_id(), str(new_id())
    resident = people.resident(household, Role.HOUSEHOLDER)
    worker = Principal(
        account_id=new_id(),
        kind=AccountKind.STAFF,
        community_id=people.community_id,
        roles=frozenset({RoleGrant(Role.GRID_WORKER, ScopeKind.GRID, grid)}),
    )
    for principal in (resident, worker, people.client("points.read", "points.write"), people.client()):
        assert principal_of(claims_of(principal)) == principal


def test_roles_are_written_in_a_stable_order() -> None:
    grants = [RoleGrant(role, ScopeKind.GRID, "a:b@c") for role in (Role.SUPERVISOR, Role.ASSESSOR)]
    assert encode_roles(frozenset(grants)) == ["assessor@grid:a:b@c", "supervisor@grid:a:b@c"]
    assert [decode_role(claim) for claim in encode_roles(frozenset(grants))] == [grants[1], grants[0]]


async def test_token_is_verified_once_and_then_recognised(
    verifier: TokenVerifier, server: KeyServer, key: OKPKey, clock: FixedClock, people: People
) -> None:
    principal = people.resident()
    token = sign(key, claims(clock, principal))

    assert await verifier.verify(token) == principal
    server.is_down = True
    assert await verifier.verify(token) == principal
    assert server.fetches == 1


async def test_expired_token(verifier: TokenVerifier, key: OKPKey, clock: FixedClock, people: People) -> None:
    token = sign(key, claims(clock, people.resident()))
    clock.advance(timedelta(seconds=600 + LEEWAY_SECONDS))
    assert await verifier.verify(token)
    clock.advance(timedelta(seconds=1))
    for _ in range(2):  # a token once recognised, and the same token read anew
        with pytest.raises(TokenExpiredError):
            await verifier.verify(token)


BAD_CLAIMS: list[dict[str, Any]] = [
    {"iss": "somebody-else"},
    {"iss": None},
    {"exp": None},
    {"exp": "tomorrow"},
    {"sub": None},
    {"sub": "not-a-uuid"},
    {"sub": 7},
    {"kind": None},
    {"kind": "king"},
    {"cid": None},
    {"cid": ["x"]},
    {"hid": "x"},
    {"rid": 1},
    {"roles": ["emperor@community:1"]},
    {"roles": ["resident"]},
    {"roles": "resident@community:1"},
    {"roles": 5},
    {"roles": [5]},
    {"scope": 5},
    {"scope": ["a"]},
]


@pytest.mark.parametrize("changes", BAD_CLAIMS, ids=[json.dumps(c) for c in BAD_CLAIMS])
async def test_claims_this_system_never_signs(
    verifier: TokenVerifier, key: OKPKey, clock: FixedClock, people: People, changes: dict[str, Any]
) -> None:
    with pytest.raises(TokenInvalidError):
        await verifier.verify(sign(key, claims(clock, people.resident(), **changes)))


async def test_signature_of_another_key_under_a_known_name(
    verifier: TokenVerifier, clock: FixedClock, people: People
) -> None:
    with pytest.raises(TokenInvalidError):
        await verifier.verify(sign(new_key("k1"), claims(clock, people.resident())))


async def test_changed_payload(verifier: TokenVerifier, key: OKPKey, clock: FixedClock, people: People) -> None:
    head, _, signature = sign(key, claims(clock, people.resident())).split(".")
    forged = part(claims(clock, people.staff(Role.COMMUNITY_ADMIN)))
    with pytest.raises(TokenInvalidError):
        await verifier.verify(f"{head}.{forged}.{signature}")


async def test_token_that_claims_to_need_no_signature(
    verifier: TokenVerifier, clock: FixedClock, people: People
) -> None:
    for algorithm in ("none", "None", "NONE"):
        for signature in ("", part(b"x" * 64)):
            token = f"{part({'alg': algorithm, 'kid': 'k1'})}.{part(claims(clock, people.resident()))}.{signature}"
            with pytest.raises(TokenInvalidError):
                await verifier.verify(token)


async def test_public_key_used_as_a_shared_secret(
    verifier: TokenVerifier, key: OKPKey, clock: FixedClock, people: People
) -> None:
    public = key.as_dict(private=False)
    raw = base64.urlsafe_b64decode(public["x"] + "=")
    signed = f"{part({'alg': 'HS256', 'kid': 'k1'})}.{part(claims(clock, people.resident()))}"
    for secret in (raw, public["x"].encode(), key.as_pem(private=False)):
        token = f"{signed}.{part(hmac.digest(secret, signed.encode(), 'sha256'))}"
        with pytest.raises(TokenInvalidError):
            await verifier.verify(token)


async def test_key_brought_along_in_the_header_is_not_believed(
    verifier: TokenVerifier, clock: FixedClock, people: People
) -> None:
    mine = new_key("mine")
    token = sign(mine, claims(clock, people.resident()), jwk=mine.as_dict(private=False))
    with pytest.raises(TokenInvalidError):
        await verifier.verify(token)


@pytest.mark.parametrize(
    "token",
    ["", "x", "a.b", "a.b.c", "....", "é.è.ê", "\x00", "[].{}.x", f"{part([])}.{part({})}.x", f"{part('k1')}.e30.x"],
)
async def test_text_that_is_no_token(verifier: TokenVerifier, token: str) -> None:
    with pytest.raises(TokenInvalidError):
        await verifier.verify(token)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    header=st.dictionaries(
        st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk"]),
        st.none() | st.text() | st.integers() | st.lists(st.text(), max_size=2),
    ),
    body=st.binary(max_size=40),
    rest=st.text(max_size=20),
)
async def test_no_token_makes_the_verifier_stumble(
    verifier: TokenVerifier, header: dict[str, Any], body: bytes, rest: str
) -> None:
    with pytest.raises(TokenInvalidError):
        await verifier.verify(f"{part(header)}.{part(body)}.{rest}")


async def test_rotated_key_is_fetched(
    verifier: TokenVerifier, server: KeyServer, key: OKPKey, clock: FixedClock, people: People, pass_time: Any
) -> None:
    old = sign(key, claims(clock, people.resident()))
    assert await verifier.verify(old)
    fresh = new_key("k2")
    server.keys = [fresh, key]
    pass_time(REFETCH_SECONDS + 1)

    assert await verifier.verify(sign(fresh, claims(clock, people.resident())))
    assert await verifier.verify(sign(key, claims(clock, people.staff())))
    assert server.fetches == 2


async def test_a_withdrawn_key_is_not_believed_for_long(
    verifier: TokenVerifier, server: KeyServer, key: OKPKey, clock: FixedClock, people: People, pass_time: Any
) -> None:
    """Nor what it signed before: whoever has it wrote into the token until when it is good."""
    forged = sign(key, claims(clock, people.resident()) | {"exp": 2**33})
    assert await verifier.verify(forged)
    server.keys = [new_key("k2")]
    pass_time(KEYS_AGE_SECONDS + 1)

    for token in (forged, sign(key, claims(clock, people.staff())), forged):
        with pytest.raises(TokenInvalidError):
            await verifier.verify(token)


async def test_flood_of_unknown_keys_is_no_flood_of_fetches(
    verifier: TokenVerifier, server: KeyServer, key: OKPKey, clock: FixedClock, people: People, pass_time: Any
) -> None:
    await verifier.verify(sign(key, claims(clock, people.resident())))
    pass_time(REFETCH_SECONDS + 1)
    for number in range(20):
        with pytest.raises(TokenInvalidError):
            await verifier.verify(sign(new_key(f"u{number}"), claims(clock, people.resident())))
    assert server.fetches == 2


async def test_keys_that_cannot_be_read_are_our_fault_not_the_callers(
    verifier: TokenVerifier, server: KeyServer, key: OKPKey, clock: FixedClock, people: People
) -> None:
    server.is_down = True
    token = sign(key, claims(clock, people.resident()))
    with pytest.raises(KeysUnavailableError):
        await verifier.verify(token)
    server.is_down = False
    assert await verifier.verify(token)


async def test_known_keys_outlive_an_identity_that_is_down(
    verifier: TokenVerifier, server: KeyServer, key: OKPKey, clock: FixedClock, people: People, pass_time: Any
) -> None:
    await verifier.verify(sign(key, claims(clock, people.resident())))
    server.is_down = True
    pass_time(REFETCH_SECONDS + 1)
    with pytest.raises(TokenInvalidError):
        await verifier.verify(sign(new_key("k9"), claims(clock, people.resident())))
    assert await verifier.verify(sign(key, claims(clock, people.staff())))


@pytest.mark.parametrize("document", [{}, {"keys": []}, {"keys": [{"kty": "OKP"}]}, {"keys": "x"}, [], None])
async def test_key_set_that_makes_no_sense(document: Any, key: OKPKey, clock: FixedClock, people: People) -> None:
    async def fetch() -> Any:
        return document

    with pytest.raises((KeysUnavailableError, TokenInvalidError)):
        await TokenVerifier(fetch, clock).verify(sign(key, claims(clock, people.resident())))


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a way to let the event loop's clock appear later to the verifier."""
    import asyncio

    def later(seconds: float) -> None:
        loop = asyncio.get_running_loop()
        at = loop.time
        monkeypatch.setattr(loop, "time", lambda: at() + seconds)

    return later


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "unauthenticated"),
        ("", "unauthenticated"),
        ("Basic eDp5", "unauthenticated"),
        ("Bearer", "unauthenticated"),
        ("Bearer x.y.z", "token_invalid"),
    ],
)
async def test_routes_are_closed_without_a_token(notes_for: NoteClient, authorization: str | None, code: str) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = await notes_for().get("/api/v1/trial/notes", headers=headers)
    assert (response.status_code, response.json()["code"]) == (401, code)
    assert response.headers["www-authenticate"] == "Bearer"


async def test_token_of_an_expired_session_is_told_apart(
    notes_for: NoteClient, people: People, signer: Signer, clock: FixedClock
) -> None:
    client = notes_for(people.resident())
    clock.advance(timedelta(hours=2))
    response = await client.get("/api/v1/trial/notes")
    assert (response.status_code, response.json()["code"]) == (401, "token_expired")


async def test_caller_whom_the_door_has_verified_is_believed(service: Trial, people: People) -> None:
    """Only the server's own code can write into a request's scope; without it the token is asked for as ever."""
    principal, strange = people.resident(), people.staff()
    request = Request({"type": "http", "headers": [], "app": service.app, VERIFIED: principal})
    assert await current_principal(request) == principal
    headers = [(VERIFIED.encode(), str(strange.account_id).encode())]
    with pytest.raises(UnauthenticatedError):
        await current_principal(Request({"type": "http", "headers": headers, "app": service.app}))
