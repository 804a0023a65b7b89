"""Other systems: what they may ask for, and secrets that change without a night shift.

A client has at most two secrets that work: after a rotation the old one lives on for an overlap, so that the other side can
change over in its own time.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.identity.clients.errors import ClientRefusedError, ScopeRefusedError, ScopeUnknownError

SERVICES = ("identity", "points", "proposals", "property", "media", "notifications")
KNOWN_SCOPES = frozenset(f"{service}:{right}" for service in SERVICES for right in ("read", "write")) | {
    "open311:read",
    "open311:write",
}
TOKEN_LIFETIME = timedelta(minutes=15)
OVERLAP = timedelta(days=7)
_PREFIX = "dyc_"


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A secret by its hash, and until when it works."""

    id: UUID
    digest: bytes
    created_at: datetime
    expires_at: datetime | None = None

    def works(self, now: datetime) -> bool:
        """Tell whether the secret opens the door at this moment."""
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True)
class Client:
    """A system that was let in, with the rights it was given."""

    id: UUID
    community_id: UUID
    name: str
    scopes: frozenset[str]
    created_at: datetime
    disabled_at: datetime | None = None


def spell_client_id(community_id: UUID, client_id: UUID) -> str:
    """Spell the public id of a client; it names its community, so that no look-up across communities is needed."""
    return _PREFIX + base64.urlsafe_b64encode(community_id.bytes + client_id.bytes).decode().rstrip("=")


def read_client_id(text: str) -> tuple[UUID, UUID]:
    """Take a public id apart into community and client.

    Errors: ClientRefusedError when it cannot be one.
    """
    body = text.removeprefix(_PREFIX)
    try:
        raw = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ClientRefusedError(error="invalid_client") from error
    if not text.startswith(_PREFIX) or len(raw) != 32:
        raise ClientRefusedError(error="invalid_client")
    return UUID(bytes=raw[:16]), UUID(bytes=raw[16:])


def spell_secret(randomness: bytes) -> str:
    """Spell a secret from 32 random bytes."""
    return "dys_" + base64.urlsafe_b64encode(randomness).decode().rstrip("=")


def digest_of(secret: str) -> bytes:
    """Return what is stored of a secret; it is random enough that a plain hash cannot be guessed back."""
    return hashlib.sha256(secret.encode()).digest()


def require_secret(secrets: Iterable[ClientSecret], given: str, *, now: datetime) -> None:
    """Pass when the given secret is one that works.

    Errors: ClientRefusedError.
    """
    digest = digest_of(given)
    if not any(hmac.compare_digest(s.digest, digest) and s.works(now) for s in secrets):
        raise ClientRefusedError(error="invalid_client")


def rotate_secret(
    secrets: Sequence[ClientSecret], *, secret_id: UUID, digest: bytes, now: datetime, overlap: timedelta = OVERLAP
) -> list[ClientSecret]:
    """Return all secrets after a new one was made: the newest old one works for the overlap, older ones stop at once."""
    working = sorted((s for s in secrets if s.works(now)), key=lambda s: (s.created_at, s.id), reverse=True)
    kept = []
    for position, secret in enumerate(working):
        end = now + overlap if position == 0 else now
        kept.append(replace(secret, expires_at=min(end, secret.expires_at or end)))
    worn_out = [s for s in secrets if not s.works(now)]
    return [ClientSecret(id=secret_id, digest=digest, created_at=now), *kept, *worn_out]


def require_known_scopes(scopes: Iterable[str]) -> frozenset[str]:
    """Return the scopes when all of them exist.

    Errors: ScopeUnknownError.
    """
    asked = frozenset(scopes)
    if unknown := sorted(asked - KNOWN_SCOPES):
        raise ScopeUnknownError(unknown="、".join(unknown))
    return asked


def granted_scopes(client: Client, asked: str) -> frozenset[str]:
    """Return what a token will carry: everything the client has when it asks for nothing, else exactly what it asks for.

    Errors: ScopeRefusedError.
    Source: RFC 6749 §3.3.
    """
    wanted = frozenset(asked.split()) or client.scopes
    if refused := sorted(wanted - client.scopes):
        raise ScopeRefusedError(refused="、".join(refused), error="invalid_scope")
    return wanted
