"""Every statement of stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.histories.domain import Span
from services.points.stock.errors import BatchNotFoundError
from services.points.stock.models import Batch, StockBucket, StockMove
from shared.pagination import CursorInvalidError, PageRequest, Slice, before, beyond, within


@dataclass(frozen=True, slots=True)
class BatchStock:
    """Where the pieces of a batch are; received = available + reserved + sold + lost, returns and finds counted back in."""

    batch: Batch
    available: int
    reserved: int
    sold: int
    lost: int


async def add_batch(
    session: AsyncSession,
    batch: Batch,
    buckets: Sequence[int],
    move_ids: Sequence[UUID],
    sell_until: datetime | None,
) -> None:
    """Enter a batch, put its pieces into buckets and write the moves from the supplier to the shelf."""
    session.add(batch)
    await session.flush()
    for number, (quantity, move_id) in enumerate(zip(buckets, move_ids, strict=True)):
        session.add(
            StockBucket(
                community_id=batch.community_id,
                product_id=batch.product_id,
                batch_id=batch.id,
                number=number,
                available=quantity,
                sell_until=sell_until,
            )
        )
        session.add(
            StockMove(
                community_id=batch.community_id,
                id=move_id,
                product_id=batch.product_id,
                batch_id=batch.id,
                bucket_number=number,
                source="supplier",
                destination="shelf",
                quantity=quantity,
                cause_id=batch.id,
                acting_account_id=batch.received_by,
                created_at=batch.received_at,
            )
        )
    await session.flush()


async def get_batch(session: AsyncSession, batch_id: UUID) -> Batch:
    """Return a batch.

    Errors: BatchNotFoundError.
    """
    batch = (await session.execute(select(Batch).where(col(Batch.id) == batch_id))).scalar_one_or_none()
    if batch is None:
        raise BatchNotFoundError
    return batch


async def lock_buckets(session: AsyncSession, product_id: UUID, batch_id: UUID | None = None) -> Sequence[StockBucket]:
    """Return a product's buckets, or those of one batch, and lock them.

    Locks/IO: in the order in which buyers wait for them, so nobody waits in a circle.
    """
    statement = select(StockBucket).where(col(StockBucket.product_id) == product_id)
    if batch_id is not None:
        statement = statement.where(col(StockBucket.batch_id) == batch_id)
    statement = statement.order_by(col(StockBucket.batch_id), col(StockBucket.number)).with_for_update()
    return (await session.execute(statement.execution_options(populate_existing=True))).scalars().all()


async def move_stock(session: AsyncSession, move: StockMove) -> None:
    """Move pieces out of or into one bucket as the move says, and write it down.

    Locks/IO: the bucket's row, last of all.
    """
    bucket = (
        await session.execute(
            select(StockBucket)
            .where(
                col(StockBucket.product_id) == move.product_id,
                col(StockBucket.batch_id) == move.batch_id,
                col(StockBucket.number) == move.bucket_number,
            )
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).scalar_one()
    if move.source == "reserved":
        bucket.reserved -= move.quantity
    if move.source == "shelf":
        bucket.available -= move.quantity
    if move.destination == "shelf":
        bucket.available += move.quantity
    session.add(move)
    await session.flush()


async def add_buckets(session: AsyncSession, buckets: Sequence[StockBucket]) -> None:
    """Enter further buckets of a batch, and save what locked ones hold now."""
    session.add_all(buckets)
    await session.flush()


def _with_stock(*wanted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    free = (
        select(
            col(StockBucket.batch_id).label("batch_id"),
            func.sum(StockBucket.available).label("available"),
            func.sum(StockBucket.reserved).label("reserved"),
        )
        .where(col(StockBucket.product_id) == col(Batch.product_id), col(StockBucket.batch_id) == col(Batch.id))
        .group_by(col(StockBucket.batch_id))
        .lateral("free")
    )
    quantity = func.coalesce
    out = (
        select(
            (
                quantity(func.sum(StockMove.quantity).filter(col(StockMove.destination) == "household"), 0)
                - quantity(func.sum(StockMove.quantity).filter(col(StockMove.source) == "household"), 0)
            ).label("sold"),
            (
                quantity(func.sum(StockMove.quantity).filter(col(StockMove.destination) == "loss"), 0)
                - quantity(func.sum(StockMove.quantity).filter(col(StockMove.source) == "loss"), 0)
            ).label("lost"),
        )
        .where(col(StockMove.product_id) == col(Batch.product_id), col(StockMove.batch_id) == col(Batch.id))
        .lateral("gone")
    )
    return (
        select(Batch, free.c.available, free.c.reserved, out.c.sold, out.c.lost)
        .join(free, free.c.batch_id == col(Batch.id))
        .join(out, col(Batch.id).is_not(None))
        .where(*wanted)
    )


def _stock(row: Any) -> BatchStock:
    return BatchStock(row[0], int(row[1]), int(row[2]), int(row[3]), int(row[4]))


async def list_batches(session: AsyncSession, product_id: UUID) -> list[BatchStock]:
    """Return a product's batches and where their pieces are, oldest first."""
    statement = _with_stock(col(Batch.product_id) == product_id).order_by(col(Batch.id))
    return [_stock(row) for row in (await session.execute(statement)).all()]


async def list_batch_page(session: AsyncSession, product_id: UUID, page: PageRequest) -> Slice[BatchStock]:
    """Return a product's batches and where their pieces are, newest first."""
    statement = _with_stock(col(Batch.product_id) == product_id)
    if (after := page.after_id()) is not None:
        statement = statement.where(before([col(Batch.id)], [after]))
    statement = statement.order_by(col(Batch.id).desc()).limit(page.limit + 1)
    rows = [_stock(row) for row in (await session.execute(statement)).all()]
    return Slice.cut(rows, page.limit, lambda stock: (stock.batch.id,))


async def get_stock(session: AsyncSession, batch_id: UUID) -> BatchStock:
    """Return a batch and where its pieces are.

    Errors: BatchNotFoundError.
    """
    row = (await session.execute(_with_stock(col(Batch.id) == batch_id))).one_or_none()
    if row is None:
        raise BatchNotFoundError
    return _stock(row)


async def list_all_batches(session: AsyncSession) -> list[BatchStock]:
    """Return every batch of the community and where its pieces are, for the sheet that is handed out."""
    statement = _with_stock().order_by(col(Batch.product_id), col(Batch.id))
    return [_stock(row) for row in (await session.execute(statement)).all()]


def _after_day_and_id(page: PageRequest) -> tuple[date, UUID] | None:
    if page.after is None:
        return None
    try:
        day, row_id = page.after
        return date.fromisoformat(day), UUID(row_id)
    except ValueError:
        raise CursorInvalidError from None


async def list_expiring(session: AsyncSession, page: PageRequest, *, until: date) -> Slice[BatchStock]:
    """Return batches with pieces left whose last day is not after `until`, soonest first; those already over are among them."""
    statement = _with_stock(col(Batch.keeps_until_on).is_not(None), col(Batch.keeps_until_on) <= until)
    if (after := _after_day_and_id(page)) is not None:
        statement = statement.where(beyond([col(Batch.keeps_until_on), col(Batch.id)], after))
    left = statement.selected_columns.available + statement.selected_columns.reserved
    statement = statement.where(left > 0).order_by(col(Batch.keeps_until_on), col(Batch.id)).limit(page.limit + 1)
    rows = [_stock(row) for row in (await session.execute(statement)).all()]
    return Slice.cut(rows, page.limit, lambda stock: (stock.batch.keeps_until_on, stock.batch.id))


async def list_moves(
    session: AsyncSession, page: PageRequest, *, product_id: UUID | None, destination: str | None, span: Span
) -> Slice[StockMove]:
    """Return moves of stock in a time, newest first; perhaps only those that ended in one place."""
    statement = (
        select(StockMove)
        .where(within(col(StockMove.created_at), span.begins_at, span.ends_at))
        .order_by(col(StockMove.created_at).desc(), col(StockMove.id).desc())
        .limit(page.limit + 1)
    )
    if destination is not None:
        statement = statement.where(col(StockMove.destination) == destination)
    if product_id is not None:
        statement = statement.where(col(StockMove.product_id) == product_id)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(StockMove.created_at), col(StockMove.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut(rows, page.limit, lambda move: (move.created_at, move.id))


async def list_moves_between(session: AsyncSession, since: datetime, until: datetime) -> Sequence[StockMove]:
    """Return moves of stock from `since` to before `until`, oldest first, for the sheet."""
    statement = (
        select(StockMove)
        .where(col(StockMove.created_at) >= since, col(StockMove.created_at) < until)
        .order_by(col(StockMove.created_at), col(StockMove.id))
    )
    return (await session.execute(statement)).scalars().all()
