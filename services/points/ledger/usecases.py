"""What happens to accounts: opened, credited, debited, held, reversed."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from services.points.ledger import repository
from services.points.ledger.domain import (
    AccountKind,
    Asset,
    Deduction,
    HoldOutcome,
    OpeningPolicy,
    Posting,
    SystemAccount,
    TransferKind,
)
from services.points.ledger.errors import AccountNotFoundError, AmountInvalidError, HouseholdClosedError
from services.points.ledger.models import Household
from shared.contracts.events import HouseholdRegistered
from shared.kernel.principal import Principal
from shared.kernel.values import Points
from shared.uow import UnitOfWork


async def open_households(*, uow: UnitOfWork, registered: Sequence[HouseholdRegistered], policy: OpeningPolicy) -> None:
    """Open households' files: an account in standing and one in spendable points, each with what the policy gives.

    A household formed out of another begins with nothing to spend: its share comes by the split of that one's points.

    Idempotency: a household already entered is left as it is.
    """
    await repository.open_households(
        uow.session,
        community_id=uow.community_id,
        registered=registered,
        policy=policy,
        summary="建档基础分",
        now=uow.now,
    )


async def list_households(*, uow: UnitOfWork) -> Sequence[Household]:
    """Return every household points knows in this community, by number, for work on all of them at once."""
    return await repository.list_households(uow.session)


async def get_household(*, uow: UnitOfWork, household_id: UUID) -> Household:
    """Return what points knows of a household.

    Errors: AccountNotFoundError.
    """
    if (household := await repository.find_household(uow.session, household_id)) is None:
        raise AccountNotFoundError
    return household


async def get_open_household(*, uow: UnitOfWork, household_id: UUID) -> Household:
    """Return what points knows of a household that may earn and spend.

    Errors: AccountNotFoundError, HouseholdClosedError.
    """
    if (household := await require_open_household(uow=uow, household_id=household_id)) is None:
        raise AccountNotFoundError
    return household


async def require_open_household(*, uow: UnitOfWork, household_id: UUID) -> Household | None:
    """Return what points knows of a household, if anything: one that went up in another earns and spends there.

    Errors: HouseholdClosedError; under lock the ledger itself refuses to hold or spend (`require_open` in `ledger.sql`).
    """
    household = await repository.find_household(uow.session, household_id)
    if household is not None and household.merged_into_id is not None:
        raise HouseholdClosedError
    return household


async def get_visible_household(*, uow: UnitOfWork, principal: Principal, household_id: UUID) -> Household:
    """Return a household the caller may look into. Errors: AccountNotFoundError."""
    if (household := await repository.find_household(uow.session, household_id, visible_to=principal)) is None:
        raise AccountNotFoundError
    return household


async def arrears_of(*, uow: UnitOfWork, household_id: UUID) -> Points:
    """Return how many spendable points a household owes."""
    return await repository.get_arrears(uow.session, household_id)


async def open_account(*, uow: UnitOfWork, kind: AccountKind, owner_id: UUID, asset: Asset) -> UUID:
    """Return an owner's account of a kind and asset, opened when there is none."""
    return await repository.open_account(
        uow.session, community_id=uow.community_id, kind=kind, owner_id=owner_id, asset=asset, now=uow.now
    )


async def account_of(*, uow: UnitOfWork, kind: AccountKind, owner_id: UUID, asset: Asset) -> UUID:
    """Return the id of an owner's account.

    Errors: AccountNotFoundError.
    """
    return await repository.get_account_id(uow.session, owner_id, asset, kind=kind)


async def balance_of(*, uow: UnitOfWork, account_id: UUID) -> tuple[int, int]:
    """Return what a live account has available and held.

    Errors: AccountNotFoundError.
    """
    return await repository.get_balance(uow.session, account_id)


async def lock_owners(*, uow: UnitOfWork, owner_ids: Collection[UUID]) -> None:
    """Lock every account of some owners but their arrears: the first thing to do before posting more than once in a transaction.

    Locks/IO: the accounts in the order of their ids; those not yet opened are not there to be locked.
    """
    await repository.lock_owners(uow.session, uow.community_id, owner_ids)


async def system_account(*, uow: UnitOfWork, name: SystemAccount, asset: Asset) -> UUID:
    """Return the community's own account of a name and asset, made when first needed."""
    return await repository.system_account(
        uow.session, community_id=uow.community_id, name=name, asset=asset, now=uow.now
    )


async def post(
    *,
    uow: UnitOfWork,
    asset: Asset,
    amount: int,
    from_account_id: UUID,
    to_account_id: UUID,
    kind: TransferKind,
    source_id: UUID,
    summary: str,
    acting_account_id: UUID | None = None,
    rule_version: int | None = None,
    event_at: datetime | None = None,
    lot_expires_at: datetime | None = None,
    keep_lots: bool = False,
) -> UUID:
    """Move points between any two accounts of an asset and return the transfer's id.

    A household's spendable points leave its lots, earliest expiry first, and arrive as one lot that expires at `lot_expires_at`, or with
    `keep_lots` as the lots they left. What a household receives repays its arrears first. A closed household spends nothing.

    Locks/IO: live accounts in the order of their ids.
    Errors: AmountInvalidError, AccountNotFoundError, InsufficientBalanceError, HouseholdClosedError, AlreadyPostedError.
    Idempotency: one transfer per asset, kind and source; a second one is refused.
    """
    posting = _posting(
        uow, asset, amount, kind, source_id, summary, acting_account_id, rule_version=rule_version, event_at=event_at
    )
    await repository.post(
        uow.session,
        uow.community_id,
        posting,
        from_account_id=from_account_id,
        to_account_id=to_account_id,
        lot_expires_at=lot_expires_at,
        keep_lots=keep_lots,
    )
    return posting.transfer_id


async def credit_household(
    *,
    uow: UnitOfWork,
    household_id: UUID,
    asset: Asset,
    amount: int,
    kind: TransferKind,
    source_id: UUID,
    summary: str,
    acting_account_id: UUID | None = None,
    rule_version: int | None = None,
    event_at: datetime | None = None,
    lot_expires_at: datetime | None = None,
) -> UUID:
    """Credit a household and return the transfer's id; spendable points repay its arrears first.

    Locks/IO: the household's account, then its arrears.
    Errors: AmountInvalidError, AccountNotFoundError, AlreadyPostedError.
    Idempotency: one transfer per asset, kind and source; a second one is refused.
    """
    posting = _posting(
        uow, asset, amount, kind, source_id, summary, acting_account_id, rule_version=rule_version, event_at=event_at
    )
    await repository.credit(
        uow.session,
        uow.community_id,
        posting,
        account_id=await repository.get_account_id(uow.session, household_id, asset),
        from_system=SystemAccount.STORE if kind is TransferKind.RETURN else SystemAccount.ISSUANCE,
        lot_expires_at=lot_expires_at,
    )
    return posting.transfer_id


async def deduct_household(
    *,
    uow: UnitOfWork,
    household_id: UUID,
    amount: int,
    kind: TransferKind = TransferKind.DEDUCTION,
    source_id: UUID,
    summary: str,
    acting_account_id: UUID | None = None,
    rule_version: int | None = None,
    event_at: datetime | None = None,
) -> Deduction:
    """Take standing in full and spendable points as far as there are any; the rest is owed and repaid by what comes in next.

    Points held for a redemption stay held.

    Locks/IO: both accounts of the household in the order of their ids.
    Errors: AmountInvalidError, AccountNotFoundError, AlreadyPostedError.
    Idempotency: one transfer per asset, kind and source; a second one is refused.
    Source: points.md §2.
    """
    ids, owed = [], 0
    await lock_owners(uow=uow, owner_ids=[household_id])
    for asset in (Asset.STANDING, Asset.SPENDABLE):
        about = (kind, source_id, summary, acting_account_id)
        posting = _posting(uow, asset, amount, *about, rule_version=rule_version, event_at=event_at)
        account_id = await repository.get_account_id(uow.session, household_id, asset)
        owed = await repository.deduct(uow.session, uow.community_id, posting, account_id=account_id)
        ids.append(posting.transfer_id)
    return Deduction(
        standing_taken=Points(amount),
        spendable_taken=Points(amount - owed),
        arrears=Points(owed),
        standing_transfer_id=ids[0],
        spendable_transfer_id=ids[1],
    )


async def hold_points(*, uow: UnitOfWork, household_id: UUID, amount: int, purpose: str, expires_at: datetime) -> UUID:
    """Set spendable points of a household aside and return the hold's id.

    Locks/IO: the household's account, then its lots.
    Errors: AmountInvalidError, AccountNotFoundError, InsufficientBalanceError, HouseholdClosedError.
    """
    if amount <= 0:
        raise AmountInvalidError
    hold_id = uow.new_id()
    await repository.hold_points(
        uow.session,
        community_id=uow.community_id,
        account_id=await repository.get_account_id(uow.session, household_id, Asset.SPENDABLE),
        amount=amount,
        purpose=purpose,
        hold_id=hold_id,
        expires_at=expires_at,
        now=uow.now,
    )
    return hold_id


async def capture_hold(
    *,
    uow: UnitOfWork,
    hold_id: UUID,
    to: SystemAccount | UUID,
    kind: TransferKind,
    source_id: UUID,
    summary: str,
    acting_account_id: UUID | None,
) -> UUID:
    """Turn a hold into spending, to a system account or to the account of an id, and return the transfer's id.

    Locks/IO: both live accounts in the order of their ids.
    Errors: HoldNotFoundError, HoldAlreadyResolvedError, AccountNotFoundError.
    """
    transfer_id = uow.new_id()
    await repository.capture_hold(
        uow.session,
        community_id=uow.community_id,
        hold_id=hold_id,
        to=to,
        kind=kind,
        source_id=source_id,
        summary=summary,
        acting_account_id=acting_account_id,
        transfer_id=transfer_id,
        now=uow.now,
    )
    return transfer_id


async def release_hold(*, uow: UnitOfWork, hold_id: UUID, outcome: HoldOutcome = HoldOutcome.RELEASED) -> None:
    """End a hold without spending it: points go back to the lots they came from.

    Locks/IO: the account, then its lots.
    Errors: HoldNotFoundError, HoldAlreadyResolvedError.
    """
    await repository.release_hold(
        uow.session, community_id=uow.community_id, hold_id=hold_id, outcome=outcome, now=uow.now
    )


async def expire_lots(*, uow: UnitOfWork, account_id: UUID) -> tuple[UUID, Points] | None:
    """Take what is past its time from a household's account; return the household and how much it was, or None for nothing.

    Locks/IO: the account unless somebody is at it, then its lots.
    """
    points = await repository.expire_lots(
        uow.session,
        community_id=uow.community_id,
        account_id=account_id,
        transfer_id=uow.new_id(),
        summary="积分到期",
        now=uow.now,
    )
    return (await repository.get_owner(uow.session, account_id), points) if points else None


async def reverse_capture(
    *, uow: UnitOfWork, hold_id: UUID, kind: TransferKind, source_id: UUID, summary: str, acting_account_id: UUID
) -> UUID:
    """Undo spending that came from a hold and return the reversal's id; the points go back to their own lots.

    Locks/IO: the household's account, then its lots.
    Errors: TransferNotFoundError, AlreadyReversedError.
    """
    reversal_id = uow.new_id()
    await repository.reverse(
        uow.session,
        community_id=uow.community_id,
        hold_id=hold_id,
        kind=kind,
        source_id=source_id,
        summary=summary,
        acting_account_id=acting_account_id,
        reversal_id=reversal_id,
        now=uow.now,
    )
    return reversal_id


async def reverse_transfer(
    *,
    uow: UnitOfWork,
    transfer_id: UUID,
    source_id: UUID,
    summary: str,
    acting_account_id: UUID | None,
    kind: TransferKind = TransferKind.REVERSAL,
) -> UUID:
    """Undo a transfer in full, once, and return the reversal's id.

    What it took goes back to the lots it came from. What it gave is taken from the lot it brought, then from others; what a household no
    longer has it owes. A merchant or a purse that no longer has it refuses.

    Locks/IO: live accounts in the order of their ids.
    Errors: TransferNotFoundError, NotReversibleError, AlreadyReversedError, InsufficientBalanceError.
    """
    reversal_id = uow.new_id()
    await repository.reverse(
        uow.session,
        community_id=uow.community_id,
        transfer_id=transfer_id,
        kind=kind,
        source_id=source_id,
        summary=summary,
        acting_account_id=acting_account_id,
        reversal_id=reversal_id,
        now=uow.now,
    )
    return reversal_id


def _posting(
    uow: UnitOfWork,
    asset: Asset,
    amount: int,
    kind: TransferKind,
    source_id: UUID,
    summary: str,
    acting_account_id: UUID | None,
    *,
    rule_version: int | None,
    event_at: datetime | None,
) -> Posting:
    return Posting(
        transfer_id=uow.new_id(),
        asset=asset,
        amount=Points(amount),
        kind=kind,
        source_id=source_id,
        summary=summary,
        rule_version=rule_version,
        acting_account_id=acting_account_id,
        event_at=event_at or uow.now,
        created_at=uow.now,
    )
