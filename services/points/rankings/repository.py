"""Every statement of rankings."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, column, exists, func, select, table, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.rankings.domain import Place
from services.points.rankings.models import Ranking, RankingPreference, RankingRow
from services.points.statements.domain import Level
from shared.pagination import Slice, beyond

REFRESH_AFTER = timedelta(hours=1)
"""For so long an order stands before it is drawn up anew."""


async def refresh(session: AsyncSession, community_id: UUID, now: datetime) -> None:
    """Draw up the order by standing unless it is fresh or somebody is at it.

    Locks/IO: one call; no account is locked.
    """
    await session.execute(
        text("SELECT points.refresh_ranking(:community_id, :before, :now)"),
        {"community_id": community_id, "before": now - REFRESH_AFTER, "now": now},
    )


async def find_edition(session: AsyncSession) -> tuple[int, datetime] | None:
    """Return the last edition and when it was drawn up, or None before the first."""
    row = (await session.execute(select(col(Ranking.edition), col(Ranking.made_at)))).one_or_none()
    return None if row is None else (row.edition, row.made_at)


async def find_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return communities whose order has stood long enough, oldest first; the second id is the community's own."""
    statement = (
        select(col(Ranking.community_id))
        .where(col(Ranking.made_at) <= now - REFRESH_AFTER)
        .order_by(col(Ranking.made_at))
        .limit(limit)
    )
    return [(community, community) for community in (await session.execute(statement)).scalars()]


def _is_gone() -> ColumnElement[bool]:
    """Tell of a household's row whether it went up in another, or left, since the order was drawn up."""
    home = table("household", column("community_id"), column("id"), column("status"), schema="points")
    return exists().where(
        home.c.community_id == col(RankingRow.community_id),
        home.c.id == col(RankingRow.subject_id),
        home.c.status != "active",
    )


async def list_page(
    session: AsyncSession, edition: int, level: Level, after: tuple[int, UUID] | None, limit: int
) -> Slice[Place]:
    """Return the places of an edition from the first on; `after` is the last rank and subject seen."""
    statement: Select[*tuple[Any, ...]] = (
        select(
            *(col(getattr(RankingRow, name)) for name in Place.__slots__[:-1]),
            func.coalesce(col(RankingPreference.is_anonymous), False).label("is_unnamed"),
        )
        .outerjoin(
            RankingPreference,
            and_(
                col(RankingPreference.community_id) == col(RankingRow.community_id),
                col(RankingPreference.household_id) == col(RankingRow.subject_id),
            ),
        )
        .where(col(RankingRow.edition) == edition, col(RankingRow.level) == level, ~_is_gone())
        .order_by(col(RankingRow.rank), col(RankingRow.subject_id))
        .limit(limit + 1)
    )
    if after is not None:
        statement = statement.where(beyond([col(RankingRow.rank), col(RankingRow.subject_id)], after))
    rows = [Place(row.rank, Level(row.level), *row[2:]) for row in (await session.execute(statement)).all()]
    return Slice.cut(rows, limit, lambda place: (edition, place.rank, place.subject_id))


async def is_anonymous(session: AsyncSession, household_id: UUID) -> bool:
    """Tell whether a household wants to stay unnamed."""
    statement = select(col(RankingPreference.is_anonymous)).where(col(RankingPreference.household_id) == household_id)
    return bool((await session.execute(statement)).scalar_one_or_none())


async def save_preference(session: AsyncSession, row: RankingPreference) -> None:
    """Write whether a household wants to stay unnamed."""
    facts = row.model_dump()
    statement = insert(RankingPreference).values(**facts)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["community_id", "household_id"],
            set_={name: facts[name] for name in ("is_anonymous", "set_by", "set_at")},
        )
    )
