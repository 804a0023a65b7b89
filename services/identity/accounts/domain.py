"""Accounts: somebody who can sign in, and whether he may."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.identity.accounts.errors import AccountSuspendedError
from shared.kernel.principal import AccountKind


class AccountStatus(StrEnum):
    """A deleted account keeps its id, because ledgers and ballots name it, and loses everything else."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody an account is opened for."""

    name: str
    resident_id: UUID | None = None
    household_id: UUID | None = None
    wechat_openid: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A resident bound to the roster, or a member of staff who may also live here."""

    id: UUID
    community_id: UUID
    kind: AccountKind
    name: str
    status: AccountStatus
    resident_id: UUID | None = None
    household_id: UUID | None = None
    created_at: datetime | None = None
    signed_in_at: datetime | None = None

    def require_active(self) -> None:
        """Pass when the account may sign in.

        Errors: AccountSuspendedError.
        """
        if self.status is not AccountStatus.ACTIVE:
            raise AccountSuspendedError
