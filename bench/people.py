"""Who sends the load: households with numbers for ids, and a signer that stands in for identity's."""

import time
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import OKPKey

from shared.auth import ALGORITHM, ISSUER, claims_of
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind

COMMUNITY = UUID("0198c0de-0000-7000-8000-000000000001")
SIGNING_SECONDS = 6 * 3600
RESIDENTS = 1_000
"""Residents whose tokens take part; whoever redeems or votes has looked before, so that their token is known by then."""


def numbered(kind: int, number: int) -> UUID:
    """Return the id of the `number`th thing of a kind, as the pgbench scripts spell it."""
    return UUID(f"{kind:08x}-0000-7000-8000-{number:012x}")


HOUSEHOLD, ACCOUNT, PRODUCT, GRID, BUILDING = range(1, 6)
STAFF = 10


def resident(number: int) -> Principal:
    """Return the adult of the `number`th household."""
    return Principal(
        account_id=numbered(ACCOUNT, number),
        kind=AccountKind.RESIDENT,
        community_id=COMMUNITY,
        household_id=numbered(HOUSEHOLD, number),
        resident_id=numbered(ACCOUNT, number),
        name="王**",
        roles=frozenset({RoleGrant(Role.RESIDENT, ScopeKind.COMMUNITY, str(COMMUNITY))}),
    )


def official(number: int, role: Role) -> Principal:
    """Return the `number`th of those who work for the community, in a role over all of it."""
    return Principal(
        account_id=numbered(STAFF, number),
        kind=AccountKind.STAFF,
        community_id=COMMUNITY,
        household_id=None,
        resident_id=None,
        name="工作人员",
        roles=frozenset({RoleGrant(role, ScopeKind.COMMUNITY, str(COMMUNITY))}),
    )


def make_key() -> OKPKey:
    """Return a fresh signing key."""
    return OKPKey.generate_key("Ed25519", {"kid": "bench"})


def token(key: OKPKey, principal: Principal) -> str:
    """Return an access token that outlives the run."""
    now = int(time.time())
    claims = claims_of(principal) | {"iss": ISSUER, "iat": now, "exp": now + SIGNING_SECONDS, "jti": "bench"}
    return jwt.encode({"alg": ALGORITHM, "kid": "bench"}, claims, key, algorithms=[ALGORITHM])
