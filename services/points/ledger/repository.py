"""Every statement of the ledger."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause, or_, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.ledger.domain import (
    AccountKind,
    Asset,
    HoldOutcome,
    OpeningPolicy,
    Posting,
    SystemAccount,
    TransferKind,
)
from services.points.ledger.errors import AccountNotFoundError
from services.points.ledger.models import Account, Household
from shared.contracts.events import HouseholdRegistered
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.kernel.values import Points

WHOLE_COMMUNITY = (
    Role.COMMUNITY_ADMIN,
    Role.SUPERVISOR,
    Role.ASSESSOR,
    Role.STOREKEEPER,
    Role.BRANCH_SECRETARY,
    Role.COMMITTEE_MEMBER,
)


def _visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return which households this principal may look into: its own, those of its grids, or all of the community."""
    if principal.has(*WHOLE_COMMUNITY):
        return true()
    grids = principal.reach_of(Role.GRID_WORKER, ScopeKind.GRID)
    if grids is None:
        return true()
    return or_(col(Household.id) == principal.household_id, col(Household.grid_id).in_([UUID(grid) for grid in grids]))


async def open_households(
    session: AsyncSession,
    *,
    community_id: UUID,
    registered: Sequence[HouseholdRegistered],
    policy: OpeningPolicy,
    summary: str,
    now: datetime,
) -> None:
    """Enter households, each with an account in standing and one in spendable points and what it opens with.

    IO: one journey for all of them. Idempotency: a household already entered is left as it is.
    """
    rows = [
        {
            "p_community": community_id,
            "p_household": told.household_id,
            "p_number": told.household_number,
            "p_householder": told.householder_name,
            "p_grid": told.grid_id,
            "p_grid_name": told.grid_name,
            "p_building": told.building_id,
            "p_building_name": told.building_name,
            "p_standing": policy.standing,
            "p_spendable": policy.spendable_of(is_formed=told.formed_from_id is not None),
            "p_summary": summary,
            "p_now": now,
        }
        for told in sorted(registered, key=lambda told: told.household_id)
    ]
    await session.execute(_statement("open_household", rows[0]), rows)


async def list_households(session: AsyncSession) -> Sequence[Household]:
    """Return every household of this community, by number."""
    statement = select(Household).order_by(col(Household.number), col(Household.id))
    return (await session.execute(statement)).scalars().all()


async def find_household(
    session: AsyncSession, household_id: UUID, *, visible_to: Principal | None = None
) -> Household | None:
    """Return a household of this community, or None; also for one that `visible_to` may not look into."""
    statement = select(Household).where(col(Household.id) == household_id)
    if visible_to is not None:
        statement = statement.where(_visible_to(visible_to))
    return (await session.execute(statement)).scalar_one_or_none()


async def get_arrears(session: AsyncSession, household_id: UUID) -> Points:
    """Return what a household owes."""
    statement = select(col(Account.available)).where(
        col(Account.kind) == AccountKind.ARREARS,
        col(Account.owner_id) == household_id,
        col(Account.asset) == Asset.SPENDABLE,
    )
    return Points(-((await session.execute(statement)).scalar_one_or_none() or 0))


async def get_account_id(
    session: AsyncSession, owner_id: UUID, asset: Asset, *, kind: AccountKind = AccountKind.HOUSEHOLD
) -> UUID:
    """Return the id of an owner's account.

    Errors: AccountNotFoundError.
    """
    statement = select(col(Account.id)).where(
        col(Account.kind) == kind, col(Account.owner_id) == owner_id, col(Account.asset) == asset
    )
    account_id: UUID | None = (await session.execute(statement)).scalar_one_or_none()
    if account_id is None:
        raise AccountNotFoundError
    return account_id


async def open_account(
    session: AsyncSession, *, community_id: UUID, kind: AccountKind, owner_id: UUID, asset: Asset, now: datetime
) -> UUID:
    """Return an owner's account of a kind and asset, opened when there is none.

    Idempotency: the same account every time.
    """
    account_id: UUID = await _call(
        session, "open_account", p_community=community_id, p_kind=kind, p_owner=owner_id, p_asset=asset, p_now=now
    )
    return account_id


async def system_account(
    session: AsyncSession, *, community_id: UUID, name: SystemAccount, asset: Asset, now: datetime
) -> UUID:
    """Return the community's own account of a name and asset, made when first needed."""
    account_id: UUID = await _call(
        session, "system_account", p_community=community_id, p_name=name, p_asset=asset, p_now=now
    )
    return account_id


async def lock_owners(session: AsyncSession, community_id: UUID, owner_ids: Collection[UUID]) -> None:
    """Lock every account of some owners but their arrears.

    Locks/IO: in the order of the accounts' ids, until the transaction ends.
    """
    await _call(session, "lock_owners", p_community=community_id, p_owners=list(owner_ids))


async def get_owner(session: AsyncSession, account_id: UUID) -> UUID:
    """Return whose account it is.

    Errors: AccountNotFoundError.
    """
    statement = select(col(Account.owner_id)).where(col(Account.id) == account_id)
    owner_id: UUID | None = (await session.execute(statement)).scalar_one_or_none()
    if owner_id is None:
        raise AccountNotFoundError
    return owner_id


async def expire_lots(
    session: AsyncSession, *, community_id: UUID, account_id: UUID, transfer_id: UUID, summary: str, now: datetime
) -> Points:
    """Take what is past its time from an account and return how much that was.

    Locks/IO: the account unless somebody is at it, then its lots.
    """
    points: Points = await _call(
        session,
        "expire_lots",
        p_community=community_id,
        p_account=account_id,
        p_transfer=transfer_id,
        p_summary=summary,
        p_now=now,
    )
    return points


async def get_balance(session: AsyncSession, account_id: UUID) -> tuple[int, int]:
    """Return what an account has available and held.

    Errors: AccountNotFoundError.
    """
    statement = select(col(Account.available), col(Account.held)).where(col(Account.id) == account_id)
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise AccountNotFoundError
    return row.available, row.held


async def post(
    session: AsyncSession,
    community_id: UUID,
    posting: Posting,
    *,
    from_account_id: UUID,
    to_account_id: UUID,
    lot_expires_at: datetime | None = None,
    keep_lots: bool = False,
) -> None:
    """Move points between two accounts.

    Locks/IO: live accounts by id, lots, arrears, until the transaction ends.
    Errors: InsufficientBalanceError (DP001), AccountNotFoundError (DP003), AlreadyPostedError (unique source).
    """
    await _call(
        session,
        "post",
        p_community=community_id,
        p_from=from_account_id,
        p_to=to_account_id,
        p_lot_expires=lot_expires_at,
        p_keep_lots=keep_lots,
        **_posting(posting),
    )


async def credit(
    session: AsyncSession,
    community_id: UUID,
    posting: Posting,
    *,
    account_id: UUID,
    from_system: SystemAccount,
    lot_expires_at: datetime | None,
) -> None:
    """Credit an account from a system account.

    Locks/IO: the account's row, its arrears, until the transaction ends.
    Errors: AlreadyPostedError (unique source).
    """
    await _call(
        session,
        "credit",
        p_community=community_id,
        p_account=account_id,
        p_from=from_system,
        p_lot_expires=lot_expires_at,
        **_posting(posting),
    )


async def deduct(session: AsyncSession, community_id: UUID, posting: Posting, *, account_id: UUID) -> int:
    """Take points whether or not they are there, and return how many had to be lent.

    Locks/IO: the account's row, its lots, its arrears, until the transaction ends.
    Errors: AlreadyPostedError (unique source).
    """
    lent: int = await _call(session, "deduct", p_community=community_id, p_account=account_id, **_posting(posting))
    return lent


async def hold_points(
    session: AsyncSession,
    *,
    community_id: UUID,
    account_id: UUID,
    amount: int,
    purpose: str,
    hold_id: UUID,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Set points of an account aside.

    Locks/IO: the account's row, then its lots, until the transaction ends.
    Errors: InsufficientBalanceError (DP001).
    """
    await _call(
        session,
        "hold_points",
        p_community=community_id,
        p_account=account_id,
        p_amount=amount,
        p_purpose=purpose,
        p_hold=hold_id,
        p_expires=expires_at,
        p_now=now,
    )


async def release_hold(
    session: AsyncSession, *, community_id: UUID, hold_id: UUID, outcome: HoldOutcome, now: datetime
) -> None:
    """End a hold without spending it.

    Locks/IO: the account's row, then its lots, until the transaction ends.
    Errors: HoldNotFoundError (DP004), HoldAlreadyResolvedError (pk_hold_end).
    """
    await _call(session, "release_hold", p_community=community_id, p_hold=hold_id, p_outcome=outcome, p_now=now)


async def capture_hold(
    session: AsyncSession,
    *,
    community_id: UUID,
    hold_id: UUID,
    to: SystemAccount | UUID,
    kind: TransferKind,
    source_id: UUID,
    summary: str,
    acting_account_id: UUID | None,
    transfer_id: UUID,
    now: datetime,
) -> None:
    """Turn a hold into spending.

    Locks/IO: both live accounts by id, until the transaction ends.
    Errors: HoldNotFoundError (DP004), AccountNotFoundError (DP003), HoldAlreadyResolvedError (pk_hold_end).
    """
    await _call(
        session,
        "capture_hold",
        p_community=community_id,
        p_hold=hold_id,
        p_to=to if isinstance(to, SystemAccount) else None,
        p_to_account=to if isinstance(to, UUID) else None,
        p_kind=kind,
        p_source=source_id,
        p_summary=summary,
        p_actor=acting_account_id,
        p_transfer=transfer_id,
        p_now=now,
    )


async def reverse(
    session: AsyncSession,
    *,
    community_id: UUID,
    transfer_id: UUID | None = None,
    hold_id: UUID | None = None,
    kind: TransferKind,
    source_id: UUID,
    summary: str,
    acting_account_id: UUID | None,
    reversal_id: UUID,
    now: datetime,
) -> None:
    """Undo a transfer, or the spending a hold became, by a transfer that goes the other way.

    Locks/IO: both live accounts by id, lots, arrears, until the transaction ends.
    Errors: TransferNotFoundError (DP005), NotReversibleError (DP006), AlreadyReversedError (DP007, unique reverses_id),
        InsufficientBalanceError (DP001).
    """
    undone = {"p_original": transfer_id} if hold_id is None else {"p_hold": hold_id}
    await _call(
        session,
        "reverse_transfer" if hold_id is None else "reverse_capture",
        p_community=community_id,
        **undone,
        p_kind=kind,
        p_source=source_id,
        p_summary=summary,
        p_actor=acting_account_id,
        p_transfer=reversal_id,
        p_now=now,
    )


def _posting(posting: Posting) -> dict[str, Any]:
    return {
        "p_transfer": posting.transfer_id,
        "p_asset": posting.asset,
        "p_amount": posting.amount,
        "p_kind": posting.kind,
        "p_source": posting.source_id,
        "p_summary": posting.summary,
        "p_rule_version": posting.rule_version,
        "p_actor": posting.acting_account_id,
        "p_event_at": posting.event_at,
        "p_now": posting.created_at,
    }


async def _call(session: AsyncSession, function: str, **arguments: Any) -> Any:
    return (await session.execute(_statement(function, arguments), arguments)).scalar_one()


def _statement(function: str, arguments: Iterable[str]) -> TextClause:
    """Return the call of one of the ledger's functions by the names of its parameters, which are constants of this module."""
    return text(f"SELECT points.{function}({', '.join(f'{name} => :{name}' for name in arguments)})")
