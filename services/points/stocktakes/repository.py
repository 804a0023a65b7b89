"""Every statement of stock-takes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.histories.domain import Span
from services.points.stocktakes.domain import Line, State, Stocktake
from services.points.stocktakes.errors import StocktakeNotFoundError
from services.points.stocktakes.models import Stocktake as Row
from services.points.stocktakes.models import StocktakeLine as LineRow
from shared.pagination import PageRequest, Slice, before, within


def _domain(row: Row) -> Stocktake:
    return Stocktake(
        id=row.id,
        title=row.title,
        state=State(row.state),
        clerk_account_id=row.clerk_account_id,
        clerk_name=row.clerk_name,
        started_at=row.started_at,
        submitted_at=row.submitted_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        remark=row.remark,
    )


async def add(session: AsyncSession, row: Row) -> Stocktake:
    """Enter a stock-take."""
    session.add(row)
    await session.flush()
    return _domain(row)


async def get(session: AsyncSession, stocktake_id: UUID) -> Stocktake:
    """Return a stock-take.

    Errors: StocktakeNotFoundError.
    """
    statement = select(Row).where(col(Row.id) == stocktake_id).execution_options(populate_existing=True)
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise StocktakeNotFoundError
    return _domain(row)


async def get_for_update(session: AsyncSession, stocktake_id: UUID) -> Stocktake:
    """Return a stock-take and lock its row.

    Errors: StocktakeNotFoundError.
    """
    statement = select(Row).where(col(Row.id) == stocktake_id).with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise StocktakeNotFoundError
    return _domain(row)


async def save_state(
    session: AsyncSession,
    stocktake_id: UUID,
    state: State,
    *,
    submitted_at: datetime | None,
    decided_by: UUID | None,
    decided_at: datetime | None,
    remark: str,
) -> None:
    """Write what a locked stock-take became."""
    await session.execute(
        update(Row)
        .where(col(Row.id) == stocktake_id)
        .values(state=state, submitted_at=submitted_at, decided_by=decided_by, decided_at=decided_at, remark=remark)
    )


async def save_line(session: AsyncSession, community_id: UUID, stocktake_id: UUID, line: Line) -> None:
    """Write what was counted of a batch; a second count replaces the first."""
    facts = {
        "product_id": line.product_id,
        "product_name": line.product_name,
        "expected": line.expected,
        "counted": line.counted,
        "explanation": line.explanation,
        "counted_at": line.counted_at,
    }
    statement = insert(LineRow).values(
        community_id=community_id, stocktake_id=stocktake_id, batch_id=line.batch_id, **facts
    )
    await session.execute(
        statement.on_conflict_do_update(index_elements=["community_id", "stocktake_id", "batch_id"], set_=facts)
    )


async def list_lines(session: AsyncSession, stocktake_id: UUID) -> list[Line]:
    """Return what was counted, in the order in which stock is locked."""
    statement = (
        select(LineRow)
        .where(col(LineRow.stocktake_id) == stocktake_id)
        .order_by(col(LineRow.product_id), col(LineRow.batch_id))
    )
    return [
        Line(
            batch_id=row.batch_id,
            product_id=row.product_id,
            product_name=row.product_name,
            expected=row.expected,
            counted=row.counted,
            explanation=row.explanation,
            counted_at=row.counted_at,
        )
        for row in (await session.execute(statement.execution_options(populate_existing=True))).scalars().all()
    ]


async def list_page(
    session: AsyncSession, page: PageRequest, *, state: State | None, product_id: UUID | None, span: Span
) -> Slice[Stocktake]:
    """Return stock-takes begun in a time, newest first; perhaps only those in which a product was counted."""
    statement = (
        select(Row)
        .where(within(col(Row.started_at), span.begins_at, span.ends_at))
        .order_by(col(Row.started_at).desc(), col(Row.id).desc())
        .limit(page.limit + 1)
    )
    if state is not None:
        statement = statement.where(col(Row.state) == state)
    if product_id is not None:
        counted = select(col(LineRow.stocktake_id)).where(col(LineRow.product_id) == product_id)
        statement = statement.where(col(Row.id).in_(counted))
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(Row.started_at), col(Row.id)], after))
    rows: Sequence[Row] = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, lambda one: (one.started_at, one.id))
