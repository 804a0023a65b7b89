"""How long a log-in lasts and what a refresh token is worth.

A session is one log-in on one device and, with it, one family of refresh tokens. Every refresh moves the family to the next
generation and makes the earlier ones worthless. An earlier generation that comes back was copied: the family ends. One
exception: a phone in a lift loses the answer to its refresh and asks again; for a few seconds the last generation but one is
answered with the same new token again.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.identity.sessions.errors import RefreshRefusedError, SecondProofNeededError
from shared.kernel.principal import AccountKind

RETRY_GRACE = timedelta(seconds=15)
_SALT_BYTES = 16
_MAC_BYTES = 32


class EndReason(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"
    REVOKED = "revoked"
    REUSED = "reused"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a reason.
    ACCOUNT_CLOSED = "account_closed"


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """How long a session may lie unused, and how long it may live at all."""

    idle: timedelta
    longest: timedelta


POLICIES = {
    # A resident's phone is a personal thing; a desk in the community hall is not.
    AccountKind.RESIDENT: SessionPolicy(idle=timedelta(days=60), longest=timedelta(days=365)),
    AccountKind.STAFF: SessionPolicy(idle=timedelta(hours=12), longest=timedelta(days=7)),
}


@dataclass(frozen=True, slots=True)
class Session:
    """One log-in and the generation its refresh tokens have reached; `has_totp` tells that six digits were asked for and right."""

    id: UUID
    community_id: UUID
    account_id: UUID
    kind: AccountKind
    salt: bytes
    generation: int
    started_at: datetime
    refreshed_at: datetime
    device: str = ""
    has_totp: bool = False
    ended_at: datetime | None = None
    end_reason: EndReason | None = None

    @property
    def policy(self) -> SessionPolicy:
        """How long this kind of session lasts."""
        return POLICIES[self.kind]

    @property
    def expires_at(self) -> datetime:
        """When the session ends by itself."""
        return min(self.refreshed_at + self.policy.idle, self.started_at + self.policy.longest)

    def is_open(self, now: datetime) -> bool:
        """Tell whether the session can still be refreshed."""
        return self.ended_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Rotated:
    """The session moved on (or, on a retry, stays where it just moved); its token may be handed out."""

    session: Session


@dataclass(frozen=True, slots=True)
class Reused:
    """An old token came back: the family ends here."""

    session: Session


def start_session(
    *,
    session_id: UUID,
    community_id: UUID,
    account_id: UUID,
    kind: AccountKind,
    salt: bytes,
    device: str,
    now: datetime,
    has_totp: bool = False,
) -> Session:
    """Open a session at its first generation."""
    return Session(
        id=session_id,
        community_id=community_id,
        account_id=account_id,
        kind=kind,
        salt=salt,
        generation=0,
        started_at=now,
        refreshed_at=now,
        device=device[:200],
        has_totp=has_totp,
    )


def refresh(session: Session, *, generation: int, now: datetime) -> Rotated | Reused:
    """Decide what an authentic refresh token of this session is worth.

    Errors: RefreshRefusedError when the session has ended or run out.
    """
    if not session.is_open(now) or generation > session.generation:
        raise RefreshRefusedError
    if generation == session.generation:
        return Rotated(replace(session, generation=generation + 1, refreshed_at=now))
    is_retry = generation == session.generation - 1 and now - session.refreshed_at <= RETRY_GRACE
    return Rotated(session) if is_retry else Reused(end_session(session, reason=EndReason.REUSED, now=now))


def require_proof(session: Session, *, needs_totp: bool) -> None:
    """Pass when this log-in was proved as well as its account's roles ask today.

    Somebody may sign in with the password alone and be given a role of weight afterwards: it waits for the next sign-in.

    Errors: SecondProofNeededError.
    """
    if needs_totp and not session.has_totp:
        raise SecondProofNeededError


def end_session(session: Session, *, reason: EndReason, now: datetime) -> Session:
    """Close a session; one that has ended keeps its first reason."""
    return session if session.ended_at is not None else replace(session, ended_at=now, end_reason=reason)


@dataclass(frozen=True, slots=True)
class TokenClaim:
    """What a refresh token says of itself, before anything of it is believed."""

    community_id: UUID
    session_id: UUID
    generation: int
    mac: bytes


def refresh_token(session: Session, *, key: bytes) -> str:
    """Spell the refresh token of the session's present generation.

    Nothing of it is stored: it takes the database (salt) and the deployment's key to make one, and the same generation
    always spells the same token, which is what makes a retry harmless.
    """
    head = session.community_id.bytes + session.id.bytes + session.generation.to_bytes(4, "big")
    return base64.urlsafe_b64encode(head + _mac(session, session.generation, key)).decode().rstrip("=")


def read_refresh_token(text: str) -> TokenClaim:
    """Take a refresh token apart.

    Errors: RefreshRefusedError when it cannot be one.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise RefreshRefusedError from error
    if len(raw) != 16 + 16 + 4 + _MAC_BYTES:
        raise RefreshRefusedError
    return TokenClaim(UUID(bytes=raw[:16]), UUID(bytes=raw[16:32]), int.from_bytes(raw[32:36], "big"), raw[36:])


def is_authentic(claim: TokenClaim, session: Session, *, key: bytes) -> bool:
    """Tell whether identity itself once handed out this token for this session."""
    return hmac.compare_digest(claim.mac, _mac(session, claim.generation, key))


def _mac(session: Session, generation: int, key: bytes) -> bytes:
    head = session.community_id.bytes + session.id.bytes + generation.to_bytes(4, "big")
    return hmac.new(key, b"refresh" + session.salt + head, hashlib.sha256).digest()
