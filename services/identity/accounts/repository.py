"""Every statement about accounts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.identity.accounts.domain import Account, AccountStatus
from services.identity.accounts.errors import AccountNotFoundError
from services.identity.accounts.models import AccountRow
from shared.kernel.principal import AccountKind
from shared.pagination import PageRequest, Slice


async def add_accounts(session: AsyncSession, accounts: Sequence[Account], now: datetime) -> None:
    """Enter new accounts, all in one statement."""
    session.add_all(
        AccountRow(
            community_id=account.community_id,
            id=account.id,
            kind=account.kind,
            name=account.name,
            status=account.status,
            resident_id=account.resident_id,
            household_id=account.household_id,
            created_at=now,
        )
        for account in accounts
    )
    await session.flush()


async def get_account(session: AsyncSession, account_id: UUID, *, for_update: bool = False) -> Account:
    """Return an account of this community.

    Locks/IO: the row, when asked for update.
    Errors: AccountNotFoundError, for deleted ones too.
    """
    statement = select(AccountRow).where(
        col(AccountRow.id) == account_id, col(AccountRow.status) != AccountStatus.DELETED
    )
    row = (await session.execute(statement.with_for_update() if for_update else statement)).scalar_one_or_none()
    if row is None:
        raise AccountNotFoundError
    return to_account(row)


async def list_accounts_of(session: AsyncSession, resident_id: UUID) -> Sequence[Account]:
    """Return the living accounts of one person: at most one as a resident and one as staff."""
    statement = select(AccountRow).where(
        col(AccountRow.resident_id) == resident_id, col(AccountRow.status) != AccountStatus.DELETED
    )
    return [to_account(row) for row in (await session.execute(statement)).scalars()]


async def list_accounts(
    session: AsyncSession, kind: AccountKind, *, status: AccountStatus | None, page: PageRequest
) -> Slice[Account]:
    """List accounts of one kind in the order they were opened."""
    statement = (
        select(AccountRow).where(col(AccountRow.kind) == kind).order_by(col(AccountRow.id)).limit(page.limit + 1)
    )
    if status is not None:
        statement = statement.where(col(AccountRow.status) == status)
    if (after := page.after_id()) is not None:
        statement = statement.where(col(AccountRow.id) > after)
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([to_account(row) for row in rows], page.limit, lambda account: (account.id,))


async def save_status(session: AsyncSession, account_id: UUID, status: AccountStatus) -> None:
    """Write whether an account may sign in."""
    await session.execute(update(AccountRow).where(col(AccountRow.id) == account_id).values(status=status))


async def save_sign_in(session: AsyncSession, account_id: UUID, now: datetime) -> None:
    """Write when an account last signed in."""
    await session.execute(update(AccountRow).where(col(AccountRow.id) == account_id).values(signed_in_at=now))


async def anonymise(session: AsyncSession, account_id: UUID, now: datetime) -> None:
    """Take everything from an account but its id and its kind."""
    await session.execute(
        update(AccountRow)
        .where(col(AccountRow.id) == account_id)
        .values(status=AccountStatus.DELETED, name="已注销", resident_id=None, household_id=None, closed_at=now)
    )


def to_account(row: AccountRow) -> Account:
    """Return a row as the domain knows it."""
    return Account(
        id=row.id,
        community_id=row.community_id,
        kind=AccountKind(row.kind),
        name=row.name,
        status=AccountStatus(row.status),
        resident_id=row.resident_id,
        household_id=row.household_id,
        created_at=row.created_at,
        signed_in_at=row.signed_in_at,
    )
