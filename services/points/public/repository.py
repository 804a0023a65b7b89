"""Every statement of the public pages."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def has_households(session: AsyncSession) -> bool:
    """Tell whether the community of this transaction is one points knows."""
    # In order of the key: without it the planner would read everybody's households until it met one of these.
    statement = text("SELECT 1 FROM points.household ORDER BY community_id, id LIMIT 1")
    return (await session.execute(statement)).first() is not None


async def list_unnamed(session: AsyncSession, household_ids: Collection[UUID]) -> set[UUID]:
    """Return which of some households want to stay unnamed wherever neighbours read."""
    rows = await session.execute(
        text("SELECT household_id FROM points.ranking_preference WHERE is_anonymous AND household_id = ANY(:ids)"),
        {"ids": list(household_ids)},
    )
    return set(rows.scalars())
