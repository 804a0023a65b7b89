"""Every statement of budgets."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.budgets.domain import Budget
from services.points.budgets.errors import BudgetNotFoundError
from services.points.budgets.models import BudgetRow
from shared.pagination import PageRequest, Slice, before, on_days


def _domain(row: BudgetRow) -> Budget:
    return Budget(**{name: getattr(row, name) for name in Budget.__slots__})


async def lock_budgets(session: AsyncSession, community_id: UUID) -> None:
    """Let one budget of a community be entered or moved at a time.

    Locks/IO: until the transaction ends.
    """
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"budgets:{community_id}"}
    )


async def find_overlapping(session: AsyncSession, starts_on: date, ends_on: date) -> Budget | None:
    """Return a budget that covers one of these days, or None."""
    statement = (
        select(BudgetRow).where(col(BudgetRow.starts_on) <= ends_on, col(BudgetRow.ends_on) >= starts_on).limit(1)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _domain(row)


async def find_of_day(session: AsyncSession, on: date) -> Budget | None:
    """Return the budget of a day, or None when nothing is limited."""
    return await find_overlapping(session, on, on)


async def add(session: AsyncSession, row: BudgetRow) -> None:
    """Enter a budget."""
    session.add(row)
    await session.flush()


async def get(session: AsyncSession, budget_id: UUID, *, for_update: bool = False) -> Budget:
    """Return a budget; `for_update` locks its row.

    Errors: BudgetNotFoundError.
    """
    statement = select(BudgetRow).where(col(BudgetRow.id) == budget_id).execution_options(populate_existing=True)
    if for_update:
        statement = statement.with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise BudgetNotFoundError
    return _domain(row)


async def list_of_fund(session: AsyncSession, fund_id: UUID) -> list[Budget]:
    """Return every budget a fund stands behind."""
    rows = (await session.execute(select(BudgetRow).where(col(BudgetRow.fund_id) == fund_id))).scalars().all()
    return [_domain(row) for row in rows]


async def list_all(session: AsyncSession) -> list[Budget]:
    """Return every budget, first day first, for the sheet."""
    statement = select(BudgetRow).order_by(col(BudgetRow.starts_on), col(BudgetRow.id))
    return [_domain(row) for row in (await session.execute(statement)).scalars().all()]


async def list_page(
    session: AsyncSession, page: PageRequest, *, fund_id: UUID | None, from_on: date | None, to_on: date | None
) -> Slice[Budget]:
    """Return budgets that hold on one of these days, newest first; perhaps only those a fund stands behind."""
    statement = (
        select(BudgetRow)
        .where(on_days(col(BudgetRow.ends_on), from_on, None), on_days(col(BudgetRow.starts_on), None, to_on))
        .order_by(col(BudgetRow.created_at).desc(), col(BudgetRow.id).desc())
        .limit(page.limit + 1)
        .execution_options(populate_existing=True)
    )
    if fund_id is not None:
        statement = statement.where(col(BudgetRow.fund_id) == fund_id)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(BudgetRow.created_at), col(BudgetRow.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, lambda row: (row.created_at, row.id))


async def save_amount(
    session: AsyncSession, budget: Budget, amount: int, *, decision: str, changed_by: UUID, now: datetime
) -> None:
    """Write how large a locked budget is now."""
    await session.execute(
        update(BudgetRow)
        .where(col(BudgetRow.id) == budget.id)
        .values(amount=amount, decision=decision, revision=budget.revision + 1, changed_by=changed_by, changed_at=now)
        .execution_options(synchronize_session=False)
    )


async def charge(
    session: AsyncSession, community_id: UUID, on: date, amounts: Sequence[tuple[UUID, int]], now: datetime
) -> set[UUID]:
    """Charge causes to the budget of a day and return those that are covered.

    Locks/IO: the budget's row, until the transaction ends.
    """
    rows = await session.execute(
        text(
            "SELECT points.charge_budget(:community_id, :on, CAST(:sources AS uuid[]), CAST(:amounts AS bigint[]), :now)"
        ),
        {
            "community_id": community_id,
            "on": on,
            "sources": [source_id for source_id, _ in amounts],
            "amounts": [amount for _, amount in amounts],
            "now": now,
        },
    )
    return set(rows.scalar_one() or ())


async def refund(session: AsyncSession, community_id: UUID, source_id: UUID, amount: int | None, now: datetime) -> None:
    """Give back what was charged for a cause, or so much of it.

    Locks/IO: the budget's row.
    """
    await session.execute(
        text("SELECT points.refund_budget(:community_id, :source_id, :amount, :now)"),
        {"community_id": community_id, "source_id": source_id, "amount": amount, "now": now},
    )
