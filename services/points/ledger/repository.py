"""Every statement of the ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, TextClause, func, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.ledger.domain import AccountKind, Asset, HoldOutcome, Line, Posting, SystemAccount, TransferKind
from services.points.ledger.errors import AccountNotFoundError
from services.points.ledger.models import Account, Entry, Hold, HoldEnd, Household, Lot, Transfer
from shared.contracts.events import HouseholdRegistered
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.kernel.values import Points
from shared.pagination import PageRequest, Slice, before


@dataclass(frozen=True, slots=True)
class Balance:
    """What a household has in one asset; `available` already counts holds that are past their time as released."""

    asset: Asset
    available: int
    held: int


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One line of a statement, newest first."""

    id: UUID
    created_at: datetime
    kind: str
    summary: str
    amount: int
    available_after: int
    held_after: int
    version: int


WHOLE_COMMUNITY = (
    Role.COMMUNITY_ADMIN,
    Role.SUPERVISOR,
    Role.ASSESSOR,
    Role.STOREKEEPER,
    Role.BRANCH_SECRETARY,
    Role.COMMITTEE_MEMBER,
)


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return which households this principal may look into: its own, those of its grids, or all of the community."""
    if principal.has(*WHOLE_COMMUNITY):
        return true()
    allowed = col(Household.id) == principal.household_id
    for grant in principal.roles:
        if grant.role is Role.GRID_WORKER:
            if grant.scope_kind is ScopeKind.COMMUNITY:
                return true()
            if grant.scope_kind is ScopeKind.GRID:
                allowed |= col(Household.grid_id) == UUID(grant.scope_id)
    return allowed


async def open_households(
    session: AsyncSession,
    *,
    community_id: UUID,
    registered: Sequence[HouseholdRegistered],
    standing: Points,
    spendable: Points,
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
            "p_standing": standing,
            "p_spendable": spendable,
            "p_summary": summary,
            "p_now": now,
        }
        for told in registered
    ]
    await session.execute(_statement("open_household", rows[0]), rows)


async def find_household(session: AsyncSession, household_id: UUID) -> Household | None:
    """Return a household of this community, or None."""
    statement = select(Household).where(col(Household.id) == household_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def can_see(session: AsyncSession, principal: Principal, household_id: UUID) -> bool:
    """Tell whether the household exists and this principal may look into it."""
    statement = select(col(Household.id)).where(col(Household.id) == household_id, visible_to(principal))
    return (await session.execute(statement)).first() is not None


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


async def list_balances(session: AsyncSession, household_id: UUID, now: datetime) -> list[Balance]:
    """Return a household's balances."""
    stale = (
        select(func.coalesce(func.sum(col(Hold.amount)), 0))
        .outerjoin(
            HoldEnd, (col(HoldEnd.hold_id) == col(Hold.id)) & (col(HoldEnd.community_id) == col(Hold.community_id))
        )
        .where(
            col(Hold.community_id) == col(Account.community_id),
            col(Hold.account_id) == col(Account.id),
            col(Hold.expires_at) <= now,
            col(HoldEnd.hold_id).is_(None),
        )
        .scalar_subquery()
    )
    statement = (
        select(col(Account.asset), col(Account.available), col(Account.held), stale.label("stale"))
        .where(col(Account.kind) == "household", col(Account.owner_id) == household_id)
        .order_by(col(Account.asset))
    )
    return [
        Balance(Asset(row.asset), row.available + row.stale, row.held - row.stale)
        for row in (await session.execute(statement)).all()
    ]


async def list_statement(session: AsyncSession, account_id: UUID, page: PageRequest) -> Slice[StatementRow]:
    """Return an account's lines with the balance after each, newest first."""
    statement: Select[*tuple[Any, ...]] = (
        select(
            col(Entry.id),
            col(Entry.created_at),
            func.coalesce(col(Transfer.kind), "hold").label("kind"),
            func.coalesce(col(Transfer.summary), col(Hold.purpose), "").label("summary"),
            col(Entry.amount),
            col(Entry.available_after),
            col(Entry.held_after),
            col(Entry.version),
        )
        .outerjoin(
            Transfer,
            (col(Transfer.community_id) == col(Entry.community_id)) & (col(Transfer.id) == col(Entry.transfer_id)),
        )
        .outerjoin(Hold, (col(Hold.community_id) == col(Entry.community_id)) & (col(Hold.id) == col(Entry.hold_id)))
        .where(col(Entry.account_id) == account_id)
        .order_by(col(Entry.version).desc())
        .limit(page.limit + 1)
    )
    if (after := page.after_number()) is not None:
        statement = statement.where(before([col(Entry.version)], [after]))
    rows = [StatementRow(*row) for row in (await session.execute(statement)).all()]
    return Slice.cut(rows, page.limit, lambda row: (row.version,))


async def list_lines(session: AsyncSession, account_id: UUID) -> Sequence[Line]:
    """Return every line of an account, oldest first, as it is hashed."""
    statement: Select[*tuple[Any, ...]] = (
        select(
            col(Entry.account_id),
            col(Entry.version),
            col(Entry.transfer_id),
            col(Entry.hold_id),
            col(Entry.amount),
            col(Entry.available_after),
            col(Entry.held_after),
            col(Entry.created_at),
            col(Entry.previous_hash),
            col(Entry.hash),
        )
        .where(col(Entry.account_id) == account_id)
        .order_by(col(Entry.version))
    )
    return [Line(*row) for row in (await session.execute(statement)).all()]


async def list_coming_expiries(session: AsyncSession, account_id: UUID) -> list[tuple[datetime, int]]:
    """Return every moment at which points of an account expire and how many do, soonest first."""
    statement: Select[*tuple[Any, ...]] = (
        select(col(Lot.expires_at), func.sum(col(Lot.remaining)))
        .where(col(Lot.account_id) == account_id, col(Lot.remaining) > 0, col(Lot.expires_at).is_not(None))
        .group_by(col(Lot.expires_at))
        .order_by(col(Lot.expires_at))
    )
    return [(moment, int(amount)) for moment, amount in (await session.execute(statement)).all()]


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


async def debit(
    session: AsyncSession, community_id: UUID, posting: Posting, *, account_id: UUID, to_system: SystemAccount
) -> None:
    """Take points from an account to a system account.

    Locks/IO: the account's row, then its lots, until the transaction ends.
    Errors: InsufficientBalanceError (DP001), AlreadyPostedError (unique source).
    """
    await _call(session, "debit", p_community=community_id, p_account=account_id, p_to=to_system, **_posting(posting))


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
