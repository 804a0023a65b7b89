"""Every combination of password, digits, state and lock of a staff sign-in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.identity.accounts.domain import AccountStatus
from services.identity.staff.domain import Credential, fold_user_name, judge_attempt, require_unlocked
from services.identity.staff.errors import AccountLockedError
from services.identity.staff.lockout import Attempts, LockoutPolicy
from shared.kernel.errors import DomainError

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
FRESH = Credential(UUID(int=1), UUID(int=2), "zhang.san", "hash", False, "secret", 40, Attempts())
LOCKED = Attempts(failures=5, failed_at=NOW, locked_until=NOW + timedelta(minutes=1))
ALMOST = Attempts(failures=4, failed_at=NOW)
USED = Attempts(failures=3, failed_at=NOW)


@pytest.mark.parametrize(
    ("attempts", "status", "is_right", "needs_totp", "has_code", "step", "refusal", "failures", "used_step"),
    [
        (Attempts(), "active", True, False, False, None, None, 0, 40),
        (USED, "active", True, False, False, None, None, 0, 40),
        (USED, "active", True, True, True, 41, None, 0, 41),
        # Digits that nobody asked for are taken note of, so that they cannot be used again.
        (USED, "active", True, False, True, 41, None, 0, 41),
        (USED, "active", True, False, True, None, None, 0, 40),
        (USED, "active", True, True, False, None, "identity.totp_needed", 3, 40),
        (USED, "active", True, True, True, None, "identity.totp_wrong", 4, 40),
        (USED, "active", False, True, True, 41, "identity.sign_in_refused", 4, 40),
        (USED, "active", False, False, False, None, "identity.sign_in_refused", 4, 40),
        (ALMOST, "active", False, False, False, None, "identity.account_locked", 5, 40),
        (ALMOST, "active", True, True, True, None, "identity.account_locked", 5, 40),
        (LOCKED, "active", True, True, True, 41, "identity.account_locked", 5, 40),
        (LOCKED, "active", False, False, False, None, "identity.account_locked", 5, 40),
        (USED, "suspended", True, True, True, 41, "identity.account_suspended", 3, 40),
        (USED, "suspended", False, False, False, None, "identity.sign_in_refused", 4, 40),
        (USED, "deleted", True, False, False, None, "identity.account_suspended", 3, 40),
    ],
)
def test_one_attempt(
    attempts: Attempts,
    status: str,
    is_right: bool,
    needs_totp: bool,
    has_code: bool,
    step: int | None,
    refusal: str | None,
    failures: int,
    used_step: int,
) -> None:
    verdict = judge_attempt(
        replace(FRESH, attempts=attempts),
        status=AccountStatus(status),
        is_right=is_right,
        needs_totp=needs_totp,
        has_code=has_code,
        step=step,
        has_new_password=False,
        now=NOW,
        policy=LockoutPolicy(),
    )
    told: DomainError | None = verdict.refusal
    assert (None if told is None else told.code) == refusal
    assert (verdict.credential.attempts.failures, verdict.credential.totp_used_step) == (failures, used_step)


@pytest.mark.parametrize(
    ("is_right", "step", "has_new_password", "refusal", "failures", "used_step"),
    [
        (True, 41, True, None, 0, 41),
        # The digits are still good for the same sign-in with a new password.
        (True, 41, False, "identity.password_change_needed", 3, 40),
        (True, None, True, "identity.totp_wrong", 4, 40),
        (True, None, False, "identity.totp_wrong", 4, 40),
        (False, 41, True, "identity.sign_in_refused", 4, 40),
        (False, 41, False, "identity.sign_in_refused", 4, 40),
    ],
)
def test_one_attempt_with_the_password_handed_out(
    is_right: bool, step: int | None, has_new_password: bool, refusal: str | None, failures: int, used_step: int
) -> None:
    verdict = judge_attempt(
        replace(FRESH, attempts=USED, must_change_password=True),
        status=AccountStatus.ACTIVE,
        is_right=is_right,
        needs_totp=True,
        has_code=True,
        step=step,
        has_new_password=has_new_password,
        now=NOW,
        policy=LockoutPolicy(),
    )
    assert (None if verdict.refusal is None else verdict.refusal.code) == refusal
    assert (verdict.credential.attempts.failures, verdict.credential.totp_used_step) == (failures, used_step)


def test_a_locked_account_says_how_long() -> None:
    with pytest.raises(AccountLockedError) as refused:
        require_unlocked(LOCKED, NOW + timedelta(seconds=20))
    assert refused.value.facts["retry_after_seconds"] == 40
    assert "40 秒" in refused.value.message
    require_unlocked(LOCKED, NOW + timedelta(minutes=1))


@pytest.mark.parametrize("typed", ["Zhang.San", " zhang.san ", "ZHANG.SAN\n"])
def test_a_user_name_is_the_same_however_typed(typed: str) -> None:
    assert fold_user_name(typed) == "zhang.san"
