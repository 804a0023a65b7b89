"""Every statement about staff and what they sign in with."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.identity.accounts.errors import AccountNotFoundError
from services.identity.staff.domain import Credential
from services.identity.staff.lockout import Attempts
from services.identity.staff.models import StaffCredentialRow


async def find_by_user_name(session: AsyncSession, user_name: str) -> Sequence[Credential]:
    """Return who has this user name: in every community on the worker role, in one on the app role."""
    statement = select(StaffCredentialRow).where(col(StaffCredentialRow.user_name) == user_name).limit(20)
    return [_credential(row) for row in (await session.execute(statement)).scalars()]


async def list_taken(session: AsyncSession, user_names: Sequence[str]) -> Sequence[str]:
    """Return which of the user names are taken in this community."""
    statement = (
        select(col(StaffCredentialRow.user_name))
        .where(col(StaffCredentialRow.user_name).in_(user_names))
        .order_by(col(StaffCredentialRow.user_name))
    )
    return (await session.execute(statement)).scalars().all()


async def get_for_update(session: AsyncSession, account_id: UUID) -> Credential:
    """Return what a member of staff signs in with.

    Locks/IO: the row.
    Errors: AccountNotFoundError, for residents too.
    """
    statement = select(StaffCredentialRow).where(col(StaffCredentialRow.account_id) == account_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise AccountNotFoundError
    return _credential(row)


async def add_credentials(session: AsyncSession, credentials: Sequence[Credential], now: datetime) -> None:
    """Enter what new colleagues sign in with, all in one statement.

    Errors: UserNameTakenError (by constraint).
    """
    session.add_all(
        StaffCredentialRow(
            community_id=credential.community_id,
            account_id=credential.account_id,
            user_name=credential.user_name,
            password_hash=credential.password_hash,
            must_change_password=credential.must_change_password,
            totp_secret=credential.totp_secret,
            totp_used_step=credential.totp_used_step,
            failures=0,
            changed_at=now,
        )
        for credential in credentials
    )
    await session.flush()


async def save_attempt(session: AsyncSession, credential: Credential) -> None:
    """Write what an attempt left behind."""
    await session.execute(
        update(StaffCredentialRow)
        .where(col(StaffCredentialRow.account_id) == credential.account_id)
        .values(
            failures=credential.attempts.failures,
            failed_at=credential.attempts.failed_at,
            locked_until=credential.attempts.locked_until,
            totp_used_step=credential.totp_used_step,
        )
    )


async def save_secrets(session: AsyncSession, credential: Credential, now: datetime) -> None:
    """Write a new password and authenticator; earlier mistakes are forgiven."""
    await session.execute(
        update(StaffCredentialRow)
        .where(col(StaffCredentialRow.account_id) == credential.account_id)
        .values(
            password_hash=credential.password_hash,
            must_change_password=credential.must_change_password,
            totp_secret=credential.totp_secret,
            totp_used_step=credential.totp_used_step,
            failures=0,
            failed_at=None,
            locked_until=None,
            changed_at=now,
        )
    )


async def save_as_chosen(session: AsyncSession) -> None:
    """Write of every password in this community that nobody has to change it."""
    changed = update(StaffCredentialRow).where(col(StaffCredentialRow.must_change_password))
    await session.execute(changed.values(must_change_password=False))


async def read_user_names(session: AsyncSession, account_ids: Sequence[UUID]) -> dict[UUID, tuple[str, bool]]:
    """Return, for each account, its user name and whether the password must be changed."""
    statement = select(
        col(StaffCredentialRow.account_id),
        col(StaffCredentialRow.user_name),
        col(StaffCredentialRow.must_change_password),
    ).where(col(StaffCredentialRow.account_id).in_(account_ids))
    return {one: (name, must) for one, name, must in await session.execute(statement)}


def _credential(row: StaffCredentialRow) -> Credential:
    return Credential(
        community_id=row.community_id,
        account_id=row.account_id,
        user_name=row.user_name,
        password_hash=row.password_hash,
        must_change_password=row.must_change_password,
        totp_secret=row.totp_secret,
        totp_used_step=row.totp_used_step,
        attempts=Attempts(row.failures, row.failed_at, row.locked_until),
    )
