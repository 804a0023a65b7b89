"""Every statement of the book of steps."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.steps.domain import Step
from services.points.steps.models import StepRow
from shared.pagination import PageRequest, Slice, beyond


def _domain(row: StepRow) -> Step:
    return Step(**{name: getattr(row, name) for name in Step.__slots__})


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
    return {row.subject_id: _domain(row) for row in (await session.execute(statement)).scalars()}


async def list_page(
    session: AsyncSession, subject_id: UUID, page: PageRequest, *, first: Step | None = None
) -> Slice[Step]:
    """Return the steps of one thing, oldest first; `first` comes before all that are written."""
    statement = (
        select(StepRow).where(col(StepRow.subject_id) == subject_id).order_by(col(StepRow.id)).limit(page.limit + 1)
    )
    if (after := page.after_id()) is not None:
        statement = statement.where(beyond([col(StepRow.id)], [after]))
    rows = [_domain(row) for row in (await session.execute(statement)).scalars().all()]
    if first is not None and after is None:
        rows.insert(0, first)
    return Slice.cut(rows, page.limit, lambda step: (step.id,))
