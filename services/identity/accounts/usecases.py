"""Opening, finding and closing accounts; how people prove who they are lies in `staff` and `bindings`."""

from collections.abc import Sequence
from uuid import UUID

from services.identity.accounts import repository
from services.identity.accounts.domain import Account, AccountStatus, Newcomer
from shared.contracts.events import AccountBound, AccountDeleted
from shared.kernel.principal import AccountKind
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def open_account(
    *,
    uow: UnitOfWork,
    kind: AccountKind,
    name: str,
    resident_id: UUID | None = None,
    household_id: UUID | None = None,
    wechat_openid: str | None = None,
) -> Account:
    """Open an account and announce whose it is.

    Errors: ResidentBoundError (by constraint) when the person has an account of this kind already.
    """
    newcomer = Newcomer(name, resident_id, household_id, wechat_openid)
    (account,) = await open_accounts(uow=uow, kind=kind, newcomers=[newcomer])
    return account


async def open_accounts(*, uow: UnitOfWork, kind: AccountKind, newcomers: Sequence[Newcomer]) -> list[Account]:
    """Open accounts in the order given and announce whose they are.

    Locks/IO: one statement.
    Errors: ResidentBoundError (by constraint) when a person has an account of this kind already.
    """
    accounts = [
        Account(
            id=uow.new_id(),
            community_id=uow.community_id,
            kind=kind,
            name=newcomer.name,
            status=AccountStatus.ACTIVE,
            resident_id=newcomer.resident_id,
            household_id=newcomer.household_id,
        )
        for newcomer in newcomers
    ]
    await repository.add_accounts(uow.session, accounts, uow.now)
    for account, newcomer in zip(accounts, newcomers, strict=True):
        announce_binding(uow, account, wechat_openid=newcomer.wechat_openid)
    return accounts


def announce_binding(uow: UnitOfWork, account: Account, *, wechat_openid: str | None = None) -> None:
    """Tell the other services whose account it is and how WeChat reaches it."""
    uow.announce(
        account.id,
        AccountBound(
            account_id=account.id,
            kind=account.kind.value,
            resident_id=account.resident_id,
            household_id=account.household_id,
            name=account.name,
            wechat_openid=wechat_openid,
        ),
    )


async def get_account(*, uow: UnitOfWork, account_id: UUID, for_update: bool = False) -> Account:
    """Return a living account.

    Locks/IO: the row, when asked for update.
    Errors: AccountNotFoundError.
    """
    return await repository.get_account(uow.session, account_id, for_update=for_update)


async def list_accounts_of(*, uow: UnitOfWork, account: Account) -> Sequence[Account]:
    """Return every account of the person behind an account, itself included."""
    if account.resident_id is None:
        return [account]
    return await list_accounts_of_resident(uow=uow, resident_id=account.resident_id)


async def list_accounts_of_resident(*, uow: UnitOfWork, resident_id: UUID) -> Sequence[Account]:
    """Return the living accounts of one person on the roster."""
    return await repository.list_accounts_of(uow.session, resident_id)


async def list_accounts(
    *, uow: UnitOfWork, kind: AccountKind, status: AccountStatus | None, page: PageRequest
) -> Slice[Account]:
    """List accounts of one kind in the order they were opened; who may see them is the caller's business."""
    return await repository.list_accounts(uow.session, kind, status=status, page=page)


async def set_status(*, uow: UnitOfWork, account_id: UUID, status: AccountStatus) -> None:
    """Let an account sign in, or not."""
    await repository.save_status(uow.session, account_id, status)


async def record_sign_in(*, uow: UnitOfWork, account_id: UUID) -> None:
    """Note when an account last signed in."""
    await repository.save_sign_in(uow.session, account_id, uow.now)


async def delete_account(*, uow: UnitOfWork, account: Account) -> None:
    """Anonymise an account; what it did stays under its id.

    Source: 个人信息保护法 第四十七条; ledgers and ballots are kept because the law and the community's books require them.
    """
    await repository.anonymise(uow.session, account.id, uow.now)
    uow.announce(
        account.id,
        AccountDeleted(account_id=account.id, resident_id=account.resident_id, household_id=account.household_id),
    )
