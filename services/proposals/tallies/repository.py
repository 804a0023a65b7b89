"""Every statement of tallies."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.proposals.tallies.models import Tally


async def add(session: AsyncSession, tally: Tally) -> None:
    """Enter a result."""
    session.add(tally)
    await session.flush()


async def find(session: AsyncSession, round_id: UUID) -> Tally | None:
    """Return the result of a round, or None before the count."""
    return (await session.execute(select(Tally).where(col(Tally.round_id) == round_id))).scalar_one_or_none()
