"""Every statement of stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.histories.domain import Span
from services.points.stock.domain import BY_HAND, MOST_BUCKETS, PIECES_A_BUCKET, QUIET, RUSH, RUSH_WINDOW, Demand
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


async def get_demand(session: AsyncSession, product_id: UUID, *, changed_at: datetime, now: datetime) -> Demand:
    """Return how a product goes; no more of the last redemptions are counted than could change anything."""
    last = (
        select(col(StockMove.created_at))
        .where(
            col(StockMove.product_id) == product_id,
            col(StockMove.destination) == "reserved",
            col(StockMove.created_at) > now - QUIET,
        )
        .order_by(col(StockMove.created_at).desc())
        .limit(MOST_BUCKETS * RUSH)
        .subquery()
    )
    at = last.c.created_at
    counted = select(func.count().filter(at > now - RUSH_WINDOW), func.max(at)).select_from(last)
    redeemed, redeemed_at = (await session.execute(counted)).one()
    free = select(func.coalesce(func.sum(StockBucket.available), 0)).where(
        col(StockBucket.product_id) == product_id,
        or_(col(StockBucket.sell_until).is_(None), col(StockBucket.sell_until) > now),
    )
    pieces = int((await session.execute(free)).scalar_one())
    return Demand(redeemed=redeemed, free=pieces, idle=now - max(changed_at, redeemed_at or changed_at))


UNFIT: Final = """
    WITH rush AS (
        SELECT c.community_id, m.product_id, count(*) AS redeemed
        FROM points.seal_schedule c CROSS JOIN LATERAL (
            SELECT product_id, destination FROM points.stock_move
            WHERE community_id = c.community_id AND created_at > :rush_since
            ORDER BY created_at DESC, id DESC LIMIT :counted) m
        WHERE m.destination = 'reserved'
        GROUP BY c.community_id, m.product_id HAVING count(*) > :rush
    ), wanted AS (
        SELECT p.community_id, p.id, :pieces * least(2 * p.buckets, :most) AS at_least, NULL AS below
        FROM rush r CROSS JOIN LATERAL (
            SELECT * FROM points.product WHERE community_id = r.community_id AND id = r.product_id LIMIT 1) p
        WHERE p.buckets < :most AND r.redeemed > :rush * p.buckets AND (p.buckets_set_at IS NULL OR p.buckets_set_at <= :by_hand)
        UNION ALL
        SELECT p.community_id, p.id, NULL, CASE WHEN last.at > :quiet_since THEN :pieces * p.buckets END
        FROM points.product p CROSS JOIN LATERAL (
            SELECT greatest(p.updated_at, (
                SELECT m.created_at FROM points.stock_move m
                WHERE m.community_id = p.community_id AND m.product_id = p.id AND m.destination = 'reserved' AND m.created_at > :quiet_since
                ORDER BY m.created_at DESC LIMIT 1)) AS at OFFSET 0) last
        WHERE p.buckets > 1 AND last.at <= :rush_since AND (p.buckets_set_at IS NULL OR p.buckets_set_at <= :by_hand)
    )
    SELECT w.community_id, w.id FROM wanted w CROSS JOIN LATERAL (
        SELECT coalesce(sum(s.available), 0) AS free FROM points.stock_bucket s
        WHERE s.community_id = w.community_id AND s.product_id = w.id AND (s.sell_until IS NULL OR s.sell_until > :now)) shelf
    WHERE (w.at_least IS NULL OR shelf.free >= w.at_least) AND (w.below IS NULL OR shelf.free < w.below)
    ORDER BY w.community_id, w.id LIMIT :limit
"""
"""A community has a schedule of seals from its first household on. One that nobody redeems in costs one look into an index."""


async def find_unfit(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return products of all communities whose stock lies in too few or too many buckets; what a storekeeper said is left alone."""
    facts: dict[str, datetime | int] = {
        "now": now,
        "rush_since": now - RUSH_WINDOW,
        "quiet_since": now - QUIET,
        "by_hand": now - BY_HAND,
        "rush": RUSH,
        "counted": MOST_BUCKETS * RUSH,
        "most": MOST_BUCKETS,
        "pieces": PIECES_A_BUCKET,
        "limit": limit,
    }
    return [(row.community_id, row.id) for row in (await session.execute(text(UNFIT), facts)).all()]


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
