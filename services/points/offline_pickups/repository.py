"""Every statement of pickups without network."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, column, exists, select, table
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.histories.domain import Span
from services.points.offline_pickups.domain import Outcome, Use
from services.points.offline_pickups.errors import OfflineConflictNotFoundError, OfflineListInvalidError
from services.points.offline_pickups.models import OfflineList, OfflinePickup
from shared.pagination import PageRequest, Slice, before, within

STEP = table("step", column("community_id", Uuid), column("subject_id", Uuid), column("action"), schema="points")
SETTLE = "settle"
"""What the book of steps calls the settling of a conflict."""


async def add_list(session: AsyncSession, row: OfflineList) -> None:
    """Note that a list was given out."""
    session.add(row)
    await session.flush()


async def get_list(session: AsyncSession, list_id: UUID) -> OfflineList:
    """Return a list that was given out.

    Errors: OfflineListInvalidError.
    """
    row = (await session.execute(select(OfflineList).where(col(OfflineList.id) == list_id))).scalar_one_or_none()
    if row is None:
        raise OfflineListInvalidError
    return row


async def list_told(session: AsyncSession, list_id: UUID) -> dict[tuple[UUID, datetime], OfflinePickup]:
    """Return what was already told from a list, by redemption and the device's time."""
    rows = (await session.execute(select(OfflinePickup).where(col(OfflinePickup.list_id) == list_id))).scalars().all()
    return {(row.redemption_id, row.handed_over_at): row for row in rows}


async def find_uses(session: AsyncSession, redemption_ids: Sequence[UUID]) -> dict[UUID, Use]:
    """Return where and when the codes of these redemptions were applied from a device."""
    statement = select(OfflinePickup).where(
        col(OfflinePickup.redemption_id).in_(redemption_ids), col(OfflinePickup.outcome) == Outcome.APPLIED
    )
    rows = (await session.execute(statement)).scalars().all()
    return {row.redemption_id: Use(row.device, row.handed_over_at) for row in rows}


async def add_pickups(session: AsyncSession, rows: Sequence[OfflinePickup]) -> None:
    """Write down what came of an upload."""
    session.add_all(rows)
    await session.flush()


async def get_conflict(session: AsyncSession, pickup_id: UUID) -> OfflinePickup:
    """Return a hand-over that could not be applied.

    Errors: OfflineConflictNotFoundError.
    """
    statement = select(OfflinePickup).where(
        col(OfflinePickup.id) == pickup_id, col(OfflinePickup.outcome) != Outcome.APPLIED
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise OfflineConflictNotFoundError
    return row


async def list_conflicts(
    session: AsyncSession, page: PageRequest, *, is_settled: bool | None, span: Span
) -> Slice[OfflinePickup]:
    """Return hand-overs told in a time that could not be applied, newest first; perhaps only those that were settled, or that still wait."""
    statement = (
        select(OfflinePickup)
        .where(col(OfflinePickup.outcome) != Outcome.APPLIED)
        .where(within(col(OfflinePickup.uploaded_at), span.begins_at, span.ends_at))
        .order_by(col(OfflinePickup.uploaded_at).desc(), col(OfflinePickup.id).desc())
        .limit(page.limit + 1)
    )
    if is_settled is not None:
        settled = exists().where(
            STEP.c.community_id == col(OfflinePickup.community_id),
            STEP.c.subject_id == col(OfflinePickup.id),
            STEP.c.action == SETTLE,
        )
        statement = statement.where(settled if is_settled else ~settled)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(OfflinePickup.uploaded_at), col(OfflinePickup.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut(rows, page.limit, lambda row: (row.uploaded_at, row.id))
