"""Who is calling: the verification of identity's access tokens, done again by every service, and the caller as a Principal.

Claims of an access token (Ed25519): `iss` diyuan, `sub` account id, `kind`, `cid` community, `hid` household, `rid` resident, `name`,
`roles` as `role@scope_kind:scope_id`, `scope` for clients, `iat`, `exp`, `jti`. A token is verified once and then recognised by its
text until it expires or the keys are fetched anew.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, Final, cast
from uuid import UUID

import structlog
from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from shared.headers import header_of
from shared.kernel.errors import UnauthenticatedError, UnavailableError
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind, ScopeMissingError

if TYPE_CHECKING:
    from shared.app import ServiceApp
    from shared.kernel.clock import Clock
    from shared.runtime import Runtime

log = structlog.get_logger(__name__)

ISSUER: Final = "diyuan"
ALGORITHM: Final = "Ed25519"
"""The fully specified name of RFC 9864; the older polymorphic `EdDSA` is deprecated by it."""
CACHED_TOKENS: Final = 20_000
LEEWAY_SECONDS: Final = 5
KEYS_AGE_SECONDS: Final = 300
"""How old the key set may be, so that a key identity has withdrawn is not believed for longer. identity's max-age is the same."""
REFETCH_SECONDS: Final = 5
"""Least time between two fetches of the key set, so that a flood of unknown key ids does not become a flood of fetches."""


class TokenExpiredError(UnauthenticatedError):
    code = "token_expired"
    detail = "登录已过期，请重新登录。"


class TokenInvalidError(UnauthenticatedError):
    code = "token_invalid"
    detail = "登录凭证无效，请重新登录。"


class KeysUnavailableError(UnavailableError):
    code = "keys_unavailable"


AUTH_ERRORS: Final = (
    UnauthenticatedError,
    TokenExpiredError,
    TokenInvalidError,
    ScopeMissingError,
    KeysUnavailableError,
)

READING: Final = frozenset({"GET", "HEAD"})

JwksFetch = Callable[[], Awaitable[dict[str, Any]]]
"""Fetches identity's JWKS document."""


def encode_roles(grants: frozenset[RoleGrant]) -> list[str]:
    """Write role grants as claims, in a stable order."""
    return sorted(f"{g.role}@{g.scope_kind}:{g.scope_id}" for g in grants)


def decode_role(claim: str) -> RoleGrant:
    """Read one role claim.

    Errors: ValueError for a role or scope this code does not know.
    """
    role, _, scope = claim.partition("@")
    kind, _, scope_id = scope.partition(":")
    return RoleGrant(Role(role), ScopeKind(kind), scope_id)


def claims_of(principal: Principal) -> dict[str, Any]:
    """Return the claims that say who a principal is; identity adds times and id, then signs."""
    claims: dict[str, Any] = {
        "sub": str(principal.account_id),
        "kind": principal.kind.value,
        "cid": str(principal.community_id),
        "name": principal.name,
        "roles": encode_roles(principal.roles),
    }
    if principal.household_id is not None:
        claims["hid"] = str(principal.household_id)
    if principal.resident_id is not None:
        claims["rid"] = str(principal.resident_id)
    if principal.scopes:
        claims["scope"] = " ".join(sorted(principal.scopes))
    return claims


def principal_of(claims: dict[str, Any]) -> Principal:
    """Read a principal from verified claims.

    Errors: KeyError or ValueError for claims this system never signed.
    """
    return Principal(
        account_id=UUID(claims["sub"]),
        kind=AccountKind(claims["kind"]),
        community_id=UUID(claims["cid"]),
        household_id=UUID(claims["hid"]) if "hid" in claims else None,
        resident_id=UUID(claims["rid"]) if "rid" in claims else None,
        name=claims.get("name", ""),
        roles=frozenset(decode_role(claim) for claim in claims.get("roles", [])),
        scopes=frozenset(claims.get("scope", "").split()),
    )


class TokenVerifier:
    """Verifies access tokens against identity's published keys."""

    def __init__(self, fetch: JwksFetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: KeySet | None = None
        self._fetched_at = float("-inf")
        self._fetching = asyncio.Lock()
        self._known: OrderedDict[str, tuple[Principal, float]] = OrderedDict()

    async def verify(self, token: str) -> Principal:
        """Return who the token speaks for.

        IO: none for a token seen since the key set was fetched; a fetch of it when it is old or the token's key is unknown.
        Errors: TokenExpiredError, TokenInvalidError, KeysUnavailableError.
        """
        now = self._clock.now().timestamp()
        if self._are_keys_old():
            # What an old key signed is asked again with the new ones: a key that was withdrawn takes its tokens with it.
            self._known.clear()
        known = self._known.get(token)
        if known is None:
            known = await self._read(token)
            self._known[token] = known
            if len(self._known) > CACHED_TOKENS:
                self._known.popitem(last=False)
        principal, expires = known
        if expires + LEEWAY_SECONDS < now:
            self._known.pop(token, None)
            raise TokenExpiredError
        return principal

    async def _read(self, token: str) -> tuple[Principal, float]:
        keys = await self._load() if self._keys is None or self._are_keys_old() else self._keys
        try:
            try:
                decoded = jwt.decode(token, keys, algorithms=[ALGORITHM])
            except InvalidKeyIdError:
                # No key of that id: identity may have rotated since the set was fetched.
                decoded = jwt.decode(token, await self._load(), algorithms=[ALGORITHM])
            claims = decoded.claims
            if claims.get("iss") != ISSUER:
                raise TokenInvalidError
            return principal_of(claims), float(claims["exp"])
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.info("token_refused", reason=type(error).__name__)
            raise TokenInvalidError from error

    def _are_keys_old(self) -> bool:
        return asyncio.get_running_loop().time() - self._fetched_at >= KEYS_AGE_SECONDS

    async def _load(self) -> KeySet:
        async with self._fetching:
            now = asyncio.get_running_loop().time()
            if self._keys is None or now - self._fetched_at > REFETCH_SECONDS:
                try:
                    self._keys = KeySet.import_key_set(cast("Any", await self._fetch()))
                except Exception as error:
                    log.warning("jwks_fetch_failed", error=str(error))
                    if self._keys is None:
                        raise KeysUnavailableError from error
                self._fetched_at = now
            return self._keys


def runtime_of(request: Request) -> Runtime[Any]:
    """Return what the app serving this request runs on."""
    return cast("ServiceApp", request.app).runtime


def _require_scope(request: Request, principal: Principal) -> None:
    """Let another system in by no route but with the scope `<service>:read`, or `<service>:write` for what changes something.

    Asked where the caller is read, so that no route can forget it; people are not asked.
    """
    if principal.kind is AccountKind.CLIENT and cast("ServiceApp", request.app).asks_scopes:
        right = "read" if request.method in READING else "write"
        principal.require_scope(f"{runtime_of(request).service}:{right}")


VERIFIED: Final = "diyuan.principal"
"""Where in a request's scope a door in the same process leaves the caller whose token it has verified; no client can write there."""


class _Bearer(SecurityBase):
    """The caller by its access token, as one dependency that also tells OpenAPI how to sign in.

    A security scheme with a dependency behind it would be solved as two, on every request.
    """

    scheme_name = "bearer"
    model = HTTPBearerModel(description="Access token from identity.", bearerFormat="JWT")

    def __init__(self, *, is_required: bool) -> None:
        self._is_required = is_required

    async def __call__(self, request: Request) -> Principal | None:
        principal: Principal | None = request.scope.get(VERIFIED)
        if principal is None:
            scheme, _, token = (header_of(request.scope, b"authorization") or "").partition(" ")
            if not token or scheme.lower() != "bearer":
                if self._is_required:
                    raise UnauthenticatedError
                return None
            principal = await runtime_of(request).verifier.verify(token)
        _require_scope(request, principal)
        return principal


current_principal = _Bearer(is_required=True)
"""Return the verified caller; UnauthenticatedError without a token, ScopeMissingError, and the errors of TokenVerifier.verify."""
optional_principal = _Bearer(is_required=False)
"""Return the verified caller, or None for a visitor; a bad token is still refused."""

CurrentPrincipal = Annotated[Principal, Depends(current_principal)]
OptionalPrincipal = Annotated[Principal | None, Depends(optional_principal)]
