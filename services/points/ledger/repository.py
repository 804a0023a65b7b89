"""Every statement of the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.ledger.domain import Asset, Line
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


async def open_household(
    session: AsyncSession,
    *,
    community_id: UUID,
    registered: HouseholdRegistered,
    standing: Points,
    spendable: Points,
    summary: str,
    now: datetime,
) -> None:
    """Enter a household with an account in standing and one in spendable points and what each opens with.

    Idempotency: a household already entered is left as it is.
    """
    await session.execute(
        text(
            "SELECT points.open_household(:community_id, :household_id, :number, :householder_name, :grid_id, :grid_name, :building_id,"
            " :building_name, :standing, :spendable, :summary, :now)"
        ),
        {
            "community_id": community_id,
            "household_id": registered.household_id,
            "number": registered.household_number,
            "householder_name": registered.householder_name,
            "grid_id": registered.grid_id,
            "grid_name": registered.grid_name,
            "building_id": registered.building_id,
            "building_name": registered.building_name,
            "standing": standing,
            "spendable": spendable,
            "summary": summary,
            "now": now,
        },
    )


async def find_household(session: AsyncSession, household_id: UUID) -> Household | None:
    """Return a household of this community, or None."""
    statement = select(Household).where(col(Household.id) == household_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def can_see(session: AsyncSession, principal: Principal, household_id: UUID) -> bool:
    """Tell whether the household exists and this principal may look into it."""
    statement = select(col(Household.id)).where(col(Household.id) == household_id, visible_to(principal))
    return (await session.execute(statement)).first() is not None


async def get_account_id(session: AsyncSession, owner_id: UUID, asset: Asset, *, kind: str = "household") -> UUID:
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


async def credit(
    session: AsyncSession,
    *,
    community_id: UUID,
    account_id: UUID,
    asset: Asset,
    amount: int,
    from_system: str,
    kind: str,
    source_id: UUID,
    summary: str,
    rule_version: int | None,
    acting_account_id: UUID | None,
    transfer_id: UUID,
    event_at: datetime,
    lot_expires_at: datetime | None,
    now: datetime,
) -> None:
    """Credit an account from a system account.

    Locks/IO: the account's row until the transaction ends.
    """
    await session.execute(
        text(
            "SELECT points.credit(:community_id, :account_id, :asset, :amount, :from_system, :kind, :source_id, :summary,"
            " :rule_version, :acting_account_id, :transfer_id, :event_at, :lot_expires_at, :now)"
        ),
        {
            "community_id": community_id,
            "account_id": account_id,
            "asset": asset,
            "amount": amount,
            "from_system": from_system,
            "kind": kind,
            "source_id": source_id,
            "summary": summary,
            "rule_version": rule_version,
            "acting_account_id": acting_account_id,
            "transfer_id": transfer_id,
            "event_at": event_at,
            "lot_expires_at": lot_expires_at,
            "now": now,
        },
    )


async def debit(
    session: AsyncSession,
    *,
    community_id: UUID,
    account_id: UUID,
    asset: Asset,
    amount: int,
    to_system: str,
    kind: str,
    source_id: UUID,
    summary: str,
    rule_version: int | None,
    acting_account_id: UUID | None,
    transfer_id: UUID,
    event_at: datetime,
    now: datetime,
) -> None:
    """Take points from an account to a system account.

    Locks/IO: the account's row, then its lots, until the transaction ends.
    Errors: InsufficientBalanceError (SQLSTATE DP001).
    """
    await session.execute(
        text(
            "SELECT points.debit(:community_id, :account_id, :asset, :amount, :to_system, :kind, :source_id, :summary,"
            " :rule_version, :acting_account_id, :transfer_id, :event_at, :now)"
        ),
        {
            "community_id": community_id,
            "account_id": account_id,
            "asset": asset,
            "amount": amount,
            "to_system": to_system,
            "kind": kind,
            "source_id": source_id,
            "summary": summary,
            "rule_version": rule_version,
            "acting_account_id": acting_account_id,
            "transfer_id": transfer_id,
            "event_at": event_at,
            "now": now,
        },
    )


async def capture_hold(
    session: AsyncSession,
    *,
    community_id: UUID,
    hold_id: UUID,
    to_system: str,
    kind: str,
    source_id: UUID,
    summary: str,
    acting_account_id: UUID,
    transfer_id: UUID,
    now: datetime,
) -> None:
    """Turn a hold into spending.

    Locks/IO: the account's row until the transaction ends.
    Errors: HoldAlreadyResolvedError (pk_hold_end).
    """
    await session.execute(
        text(
            "SELECT points.capture_hold(:community_id, :hold_id, :to_system, :kind, :source_id, :summary, :acting_account_id,"
            " :transfer_id, :now)"
        ),
        {
            "community_id": community_id,
            "hold_id": hold_id,
            "to_system": to_system,
            "kind": kind,
            "source_id": source_id,
            "summary": summary,
            "acting_account_id": acting_account_id,
            "transfer_id": transfer_id,
            "now": now,
        },
    )


async def reverse_capture(
    session: AsyncSession,
    *,
    community_id: UUID,
    hold_id: UUID,
    kind: str,
    source_id: UUID,
    summary: str,
    acting_account_id: UUID,
    transfer_id: UUID,
    now: datetime,
) -> None:
    """Undo a captured hold.

    Locks/IO: the account's row, then its lots, until the transaction ends.
    Errors: AlreadyReversedError (uq_transfer_community_id_reverses_id).
    """
    await session.execute(
        text(
            "SELECT points.reverse_capture(:community_id, :hold_id, :kind, :source_id, :summary, :acting_account_id, :transfer_id, :now)"
        ),
        {
            "community_id": community_id,
            "hold_id": hold_id,
            "kind": kind,
            "source_id": source_id,
            "summary": summary,
            "acting_account_id": acting_account_id,
            "transfer_id": transfer_id,
            "now": now,
        },
    )
