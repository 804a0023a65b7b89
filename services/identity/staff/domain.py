"""A staff sign-in, judged: password, six digits, mistakes so far."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.identity.accounts.domain import AccountStatus
from services.identity.accounts.errors import AccountSuspendedError
from services.identity.roles.domain import WantedRole
from services.identity.staff.errors import (
    AccountLockedError,
    PasswordChangeNeededError,
    SignInRefusedError,
    TotpNeededError,
    TotpWrongError,
)
from services.identity.staff.lockout import Attempts, LockoutPolicy, after_failure
from shared.kernel.errors import DomainError

MOST_AT_ONCE = 200
"""Members of staff taken on with one request; each costs a password hash."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What a member of staff signs in with."""

    community_id: UUID
    account_id: UUID
    user_name: str
    password_hash: str
    must_change_password: bool
    totp_secret: str
    totp_used_step: int
    attempts: Attempts


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a sign-in came to; the credential is saved whether or not there is a refusal."""

    credential: Credential
    refusal: DomainError | None


@dataclass(frozen=True, slots=True)
class NewColleague:
    """Somebody to be taken on."""

    user_name: str
    name: str
    password: str | None
    resident_id: UUID | None
    roles: tuple[WantedRole, ...]


def fold_user_name(text: str) -> str:
    """Return the form user names are compared in."""
    return text.strip().casefold()


def require_unlocked(attempts: Attempts, now: datetime) -> None:
    """Pass when the account may be tried.

    Errors: AccountLockedError.
    """
    if attempts.is_locked(now):
        raise AccountLockedError(retry_after_seconds=attempts.wait_seconds(now))


def judge_attempt(
    credential: Credential,
    *,
    status: AccountStatus,
    is_right: bool,
    needs_totp: bool,
    has_code: bool,
    step: int | None,
    has_new_password: bool,
    now: datetime,
    policy: LockoutPolicy,
) -> Verdict:
    """Judge one attempt: `is_right` says of the password, `step` which half-minute the six digits belong to, if any.

    Nothing is told about the account to somebody who does not know its password. Missing digits are no mistake; wrong ones are.
    Nobody gets in with the password that was handed out unless he gives one of his own; the digits are good once more for that.
    """
    if credential.attempts.is_locked(now):
        return Verdict(credential, AccountLockedError(retry_after_seconds=credential.attempts.wait_seconds(now)))
    if not is_right:
        return _failed(credential, SignInRefusedError(), now, policy)
    if status is not AccountStatus.ACTIVE:
        return Verdict(credential, AccountSuspendedError())
    if needs_totp and not has_code:
        return Verdict(credential, TotpNeededError())
    if needs_totp and step is None:
        return _failed(credential, TotpWrongError(), now, policy)
    return _proven(credential, step, has_new_password=has_new_password)


def _proven(credential: Credential, step: int | None, *, has_new_password: bool) -> Verdict:
    if credential.must_change_password and not has_new_password:
        return Verdict(credential, PasswordChangeNeededError())
    used_step = credential.totp_used_step if step is None else step
    return Verdict(replace(credential, attempts=Attempts(), totp_used_step=used_step), None)


def _failed(credential: Credential, refusal: DomainError, now: datetime, policy: LockoutPolicy) -> Verdict:
    attempts = after_failure(credential.attempts, now=now, policy=policy)
    if attempts.is_locked(now):
        refusal = AccountLockedError(retry_after_seconds=attempts.wait_seconds(now))
    return Verdict(replace(credential, attempts=attempts), refusal)
