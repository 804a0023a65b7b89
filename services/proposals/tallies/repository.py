"""Every statement of tallies."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.proposals.tallies.errors import TallyNotFoundError
from services.proposals.tallies.models import Tally


async def add(session: AsyncSession, tally: Tally) -> None:
    """Enter a result."""
    session.add(tally)
    await session.flush()


async def get(session: AsyncSession, round_id: UUID) -> Tally:
    """Return the result of a round.

    Errors: TallyNotFoundError.
    """
    tally = (await session.execute(select(Tally).where(col(Tally.round_id) == round_id))).scalar_one_or_none()
    if tally is None:
        raise TallyNotFoundError
    return tally
