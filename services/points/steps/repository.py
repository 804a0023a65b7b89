"""Every statement of the book of steps."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.steps.domain import Step
from services.points.steps.models import StepRow


async def add(session: AsyncSession, row: StepRow) -> None:
    """Enter a step."""
    session.add(row)
    await session.flush()


async def find_last(session: AsyncSession, subject_ids: Sequence[UUID], actions: Sequence[str]) -> dict[UUID, Step]:
    """Return the last step of these kinds of each thing that has one."""
    statement = (
        select(StepRow)
        .where(col(StepRow.subject_id).in_(subject_ids), col(StepRow.action).in_(actions))
        .order_by(col(StepRow.id))
    )
    return {
        row.subject_id: Step(row.action, row.account_id, row.reason, row.at)
        for row in (await session.execute(statement)).scalars()
    }


async def list_of(session: AsyncSession, subject_id: UUID) -> Sequence[StepRow]:
    """Return the steps of one thing, oldest first."""
    statement = select(StepRow).where(col(StepRow.subject_id) == subject_id).order_by(col(StepRow.id)).limit(500)
    return (await session.execute(statement)).scalars().all()
