"""Every statement of the book of steps."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.steps.models import StepRow


async def add(session: AsyncSession, row: StepRow) -> None:
    """Enter a step."""
    session.add(row)
    await session.flush()


async def list_of(session: AsyncSession, subject_id: UUID) -> Sequence[StepRow]:
    """Return the steps of one thing, oldest first."""
    statement = select(StepRow).where(col(StepRow.subject_id) == subject_id).order_by(col(StepRow.id)).limit(500)
    return (await session.execute(statement)).scalars().all()
