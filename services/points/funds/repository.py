"""Every statement of the points funds."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.funds.domain import AccountKind, FundSource, FundTransferKind, PublicFund
from services.points.funds.errors import FundNotFoundError, FundTransferNotFoundError
from services.points.funds.models import FundAccount, FundTransfer
from shared.kernel.values import Fen
from shared.pagination import PageRequest, Slice, before, beyond, on_days


async def add_accounts(session: AsyncSession, accounts: Sequence[FundAccount]) -> None:
    """Enter the three accounts of a fund.

    Errors: FundNameTakenError (uq_fund_account_community_id_kind_name).
    """
    session.add_all(accounts)
    await session.flush()


async def get_accounts(session: AsyncSession, fund_id: UUID) -> dict[AccountKind, FundAccount]:
    """Return a fund's three accounts.

    Errors: FundNotFoundError.
    """
    rows = (await session.execute(select(FundAccount).where(col(FundAccount.fund_id) == fund_id))).scalars().all()
    if not rows:
        raise FundNotFoundError
    return {AccountKind(row.kind): row for row in rows}


TOTALS: Select[*tuple[Any, ...]] = (
    select(
        col(FundAccount.fund_id),
        func.max(col(FundAccount.name)),
        func.max(col(FundAccount.source)),
        func.sum(col(FundAccount.balance_fen)).filter(col(FundAccount.kind) == AccountKind.INCOME),
        func.sum(col(FundAccount.balance_fen)).filter(col(FundAccount.kind) == AccountKind.SPENDING),
        func.sum(col(FundAccount.balance_fen)).filter(col(FundAccount.kind) == AccountKind.FUND),
    )
    .group_by(col(FundAccount.fund_id))
    .order_by(col(FundAccount.fund_id))
)
"""Every fund with what came in, what went out and what is left, oldest first."""


def _fund(row: Sequence[Any]) -> PublicFund:
    return PublicFund(row[0], row[1], FundSource(row[2]), Fen(-int(row[3])), Fen(int(row[4])), Fen(int(row[5])))


async def list_funds(session: AsyncSession) -> list[PublicFund]:
    """Return every fund, oldest first."""
    return [_fund(row) for row in (await session.execute(TOTALS)).all()]


async def list_page(session: AsyncSession, page: PageRequest) -> Slice[PublicFund]:
    """Return a page of the funds, oldest first."""
    statement = TOTALS.limit(page.limit + 1)
    if (after := page.after_id()) is not None:
        statement = statement.where(beyond([col(FundAccount.fund_id)], [after]))
    rows = (await session.execute(statement)).all()
    return Slice.cut([_fund(row) for row in rows], page.limit, lambda fund: (fund.id,))


async def move_money(
    session: AsyncSession,
    *,
    community_id: UUID,
    transfer_id: UUID,
    fund_id: UUID,
    kind: str,
    amount_fen: int,
    from_account_id: UUID,
    to_account_id: UUID,
    source_id: UUID,
    counterparty: str,
    summary: str,
    happened_on: date,
    reverses_id: UUID | None,
    acting_account_id: UUID,
    now: datetime,
) -> None:
    """Move money between two accounts.

    Locks/IO: both accounts, lower id first.
    Errors: FundExhaustedError (DP020), FundNotFoundError (DP021); FundTransferReversedError (unique `reverses_id`).
    """
    await session.execute(
        text(
            "SELECT points.move_money(:community_id, :transfer_id, :fund_id, :kind, :amount_fen, :from_account_id, :to_account_id,"
            " :source_id, :counterparty, :summary, :happened_on, :reverses_id, :acting_account_id, :now)"
        ),
        {
            "community_id": community_id,
            "transfer_id": transfer_id,
            "fund_id": fund_id,
            "kind": kind,
            "amount_fen": amount_fen,
            "from_account_id": from_account_id,
            "to_account_id": to_account_id,
            "source_id": source_id,
            "counterparty": counterparty,
            "summary": summary,
            "happened_on": happened_on,
            "reverses_id": reverses_id,
            "acting_account_id": acting_account_id,
            "now": now,
        },
    )


async def get_transfer(session: AsyncSession, transfer_id: UUID) -> FundTransfer:
    """Return a transfer.

    Errors: FundTransferNotFoundError.
    """
    statement = select(FundTransfer).where(col(FundTransfer.id) == transfer_id)
    transfer = (await session.execute(statement)).scalar_one_or_none()
    if transfer is None:
        raise FundTransferNotFoundError
    return transfer


async def is_reversed(session: AsyncSession, transfer_id: UUID) -> bool:
    """Tell whether a transfer was put right already."""
    statement = select(col(FundTransfer.id)).where(col(FundTransfer.reverses_id) == transfer_id)
    return (await session.execute(statement)).first() is not None


async def list_transfers(
    session: AsyncSession,
    fund_id: UUID,
    page: PageRequest,
    *,
    kind: FundTransferKind | None,
    from_on: date | None,
    to_on: date | None,
) -> Slice[FundTransfer]:
    """Return a fund's transfers, newest first; the days are those on the bank slips, both included."""
    statement = (
        select(FundTransfer)
        .where(col(FundTransfer.fund_id) == fund_id, on_days(col(FundTransfer.happened_on), from_on, to_on))
        .order_by(col(FundTransfer.created_at).desc(), col(FundTransfer.id).desc())
        .limit(page.limit + 1)
    )
    if kind is not None:
        statement = statement.where(col(FundTransfer.kind) == kind)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(FundTransfer.created_at), col(FundTransfer.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut(rows, page.limit, lambda transfer: (transfer.created_at, transfer.id))


async def list_all_transfers(session: AsyncSession, fund_id: UUID) -> Sequence[FundTransfer]:
    """Return every transfer of a fund, oldest first, for the sheet."""
    statement = (
        select(FundTransfer)
        .where(col(FundTransfer.fund_id) == fund_id)
        .order_by(col(FundTransfer.created_at), col(FundTransfer.id))
    )
    return (await session.execute(statement)).scalars().all()
