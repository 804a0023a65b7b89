"""Every statement over ratings, and the counts behind the published rates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.property.ratings.models import RatingRow

_rating = RatingRow.__table__  # type: ignore[attr-defined]  # set by SQLAlchemy on mapped classes.


@dataclass(frozen=True, slots=True)
class RatingSums:
    """Sums over the ratings of a span."""

    n: int
    satisfied: int
    by_axis: Mapping[str, int]


async def add_rating(session: AsyncSession, row: Mapping[str, Any]) -> None:
    """Enter a rating.

    Errors: a violation of pk_rating when this attempt was rated before.
    """
    await session.execute(insert(RatingRow).values(**row))


async def list_ratings(session: AsyncSession, community_id: UUID, ticket_id: UUID) -> list[Mapping[str, Any]]:
    """Return a ticket's ratings by attempt."""
    query = (
        select(_rating)
        .where(_rating.c.community_id == community_id, _rating.c.ticket_id == ticket_id)
        .order_by(_rating.c.attempt)
    )
    return [dict(row) for row in (await session.execute(query)).mappings()]


async def sum_ratings(
    session: AsyncSession,
    community_id: UUID,
    *,
    since: datetime,
    until: datetime,
    department: str | None,
    satisfied_total: int,
) -> RatingSums:
    """Add up the ratings of a span; `satisfied_total` is the least sum of axes that counts as satisfied."""
    axes = ("quality", "attitude", "charges", "security", "hygiene")
    where: list[ColumnElement[bool]] = [
        _rating.c.community_id == community_id,
        _rating.c.rated_at >= since,
        _rating.c.rated_at < until,
    ]
    if department is not None:
        where.append(_rating.c.department == department)
    total: ColumnElement[int] = sum((_rating.c[axis] for axis in axes), start=literal_column("0"))
    query = select(
        func.count().label("n"),
        func.count().filter(total >= satisfied_total).label("satisfied"),
        *(func.coalesce(func.sum(_rating.c[axis]), 0).label(axis) for axis in axes),
    ).where(and_(*where))
    row = (await session.execute(query)).mappings().one()
    return RatingSums(row["n"], row["satisfied"], {axis: int(row[axis]) for axis in axes})
