"""What happens to accounts: opened, credited, debited, looked into, checked."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.points.ledger import repository
from services.points.ledger.domain import Asset, OpeningPolicy, SystemAccount, TransferKind, find_break
from services.points.ledger.errors import AccountNotFoundError, AmountInvalidError
from services.points.ledger.models import Household
from services.points.ledger.repository import Balance, StatementRow
from shared.contracts.events import HouseholdRegistered
from shared.kernel.principal import Principal
from shared.kernel.values import Points
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def open_household(*, uow: UnitOfWork, registered: HouseholdRegistered, policy: OpeningPolicy) -> None:
    """Open a household's file: an account in standing and one in spendable points, each with what the policy gives.

    Idempotency: a household already entered is left as it is.
    """
    await repository.open_household(
        uow.session,
        community_id=uow.community_id,
        registered=registered,
        standing=policy.standing,
        spendable=policy.base_spendable,
        summary="建档基础分",
        now=uow.now,
    )


async def get_household(*, uow: UnitOfWork, household_id: UUID) -> Household:
    """Return what points knows of a household.

    Errors: AccountNotFoundError.
    """
    household = await repository.find_household(uow.session, household_id)
    if household is None:
        raise AccountNotFoundError
    return household


async def credit_household(
    *,
    uow: UnitOfWork,
    household_id: UUID,
    asset: Asset,
    amount: Points,
    kind: TransferKind,
    source_id: UUID,
    summary: str,
    acting_account_id: UUID | None = None,
    rule_version: int | None = None,
    event_at: datetime | None = None,
    lot_expires_at: datetime | None = None,
) -> UUID:
    """Credit a household and return the transfer's id.

    Locks/IO: the household's account.
    Errors: AmountInvalidError, AccountNotFoundError.
    Idempotency: one transfer per asset, kind and source.
    """
    if amount <= 0:
        raise AmountInvalidError
    account_id = await repository.get_account_id(uow.session, household_id, asset)
    transfer_id = uow.new_id()
    await repository.credit(
        uow.session,
        community_id=uow.community_id,
        account_id=account_id,
        asset=asset,
        amount=amount,
        from_system=SystemAccount.STORE if kind is TransferKind.RETURN else SystemAccount.ISSUANCE,
        kind=kind,
        source_id=source_id,
        summary=summary,
        rule_version=rule_version,
        acting_account_id=acting_account_id,
        transfer_id=transfer_id,
        event_at=event_at or uow.now,
        lot_expires_at=lot_expires_at,
        now=uow.now,
    )
    return transfer_id


async def debit_household(
    *,
    uow: UnitOfWork,
    household_id: UUID,
    asset: Asset,
    amount: Points,
    kind: TransferKind,
    source_id: UUID,
    summary: str,
    acting_account_id: UUID | None = None,
    rule_version: int | None = None,
    event_at: datetime | None = None,
) -> UUID:
    """Take points from a household and return the transfer's id.

    Locks/IO: the household's account, then its lots.
    Errors: AmountInvalidError, AccountNotFoundError, InsufficientBalanceError.
    Idempotency: one transfer per asset, kind and source.
    """
    if amount <= 0:
        raise AmountInvalidError
    account_id = await repository.get_account_id(uow.session, household_id, asset)
    transfer_id = uow.new_id()
    await repository.debit(
        uow.session,
        community_id=uow.community_id,
        account_id=account_id,
        asset=asset,
        amount=amount,
        to_system=SystemAccount.ISSUANCE,
        kind=kind,
        source_id=source_id,
        summary=summary,
        rule_version=rule_version,
        acting_account_id=acting_account_id,
        transfer_id=transfer_id,
        event_at=event_at or uow.now,
        now=uow.now,
    )
    return transfer_id


async def capture_hold(
    *,
    uow: UnitOfWork,
    hold_id: UUID,
    to: SystemAccount,
    kind: TransferKind,
    source_id: UUID,
    summary: str,
    acting_account_id: UUID,
) -> UUID:
    """Turn a hold into spending and return the transfer's id.

    Locks/IO: the household's account.
    Errors: HoldAlreadyResolvedError.
    """
    transfer_id = uow.new_id()
    await repository.capture_hold(
        uow.session,
        community_id=uow.community_id,
        hold_id=hold_id,
        to_system=to,
        kind=kind,
        source_id=source_id,
        summary=summary,
        acting_account_id=acting_account_id,
        transfer_id=transfer_id,
        now=uow.now,
    )
    return transfer_id


async def reverse_capture(
    *, uow: UnitOfWork, hold_id: UUID, kind: TransferKind, source_id: UUID, summary: str, acting_account_id: UUID
) -> UUID:
    """Undo spending that came from a hold and return the reversal's id; the points go back to their own lots.

    Locks/IO: the household's account, then its lots.
    Errors: AlreadyReversedError.
    """
    transfer_id = uow.new_id()
    await repository.reverse_capture(
        uow.session,
        community_id=uow.community_id,
        hold_id=hold_id,
        kind=kind,
        source_id=source_id,
        summary=summary,
        acting_account_id=acting_account_id,
        transfer_id=transfer_id,
        now=uow.now,
    )
    return transfer_id


@dataclass(frozen=True, slots=True)
class HouseholdAccount:
    """A household's file at a glance."""

    household: Household
    balances: list[Balance]
    expiries: list[tuple[datetime, int]]


async def get_household_account(*, uow: UnitOfWork, principal: Principal, household_id: UUID) -> HouseholdAccount:
    """Return a household's balances and every coming expiry.

    Errors: AccountNotFoundError, also for a household the caller may not look into.
    """
    household = await repository.find_household(uow.session, household_id)
    if household is None or not await repository.can_see(uow.session, principal, household_id):
        raise AccountNotFoundError
    spendable = await repository.get_account_id(uow.session, household_id, Asset.SPENDABLE)
    return HouseholdAccount(
        household=household,
        balances=await repository.list_balances(uow.session, household_id, uow.now),
        expiries=await repository.list_coming_expiries(uow.session, spendable),
    )


async def list_statement(
    *, uow: UnitOfWork, principal: Principal, household_id: UUID, asset: Asset, page: PageRequest
) -> Slice[StatementRow]:
    """Return a household's lines in one asset, newest first, with the balance after each.

    Errors: AccountNotFoundError, also for a household the caller may not look into.
    """
    if not await repository.can_see(uow.session, principal, household_id):
        raise AccountNotFoundError
    account_id = await repository.get_account_id(uow.session, household_id, asset)
    return await repository.list_statement(uow.session, account_id, page)


async def find_broken_line(*, uow: UnitOfWork, principal: Principal, household_id: UUID, asset: Asset) -> int | None:
    """Check the hash chain of a household's account and return the version of the first altered line, or None.

    Errors: AccountNotFoundError, also for a household the caller may not look into.
    """
    if not await repository.can_see(uow.session, principal, household_id):
        raise AccountNotFoundError
    account_id = await repository.get_account_id(uow.session, household_id, asset)
    return find_break(account_id, await repository.list_lines(uow.session, account_id))
