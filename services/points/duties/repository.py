"""Every statement of the duty log."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.duties.domain import Duty, Result
from services.points.duties.errors import DutyNotFoundError
from services.points.duties.models import DutyRow
from shared.kernel.values import Points
from shared.pagination import PageRequest, Slice, before


def _domain(row: DutyRow) -> Duty:
    return Duty(
        id=row.id,
        adoption_id=row.adoption_id,
        asset_id=row.asset_id,
        household_id=row.household_id,
        account_id=row.account_id,
        done_on=row.done_on,
        note=row.note,
        photo_ids=tuple(row.photo_ids),
        result=Result(row.result),
        item_code=row.item_code,
        points=Points(row.points),
        rulebook_version=row.rulebook_version,
        finding=row.finding,
        inspected_by=row.inspected_by,
        inspected_at=row.inspected_at,
        created_at=row.created_at,
    )


async def add(session: AsyncSession, community_id: UUID, duty: Duty) -> None:
    """Enter a day of care.

    Errors: DutyAlreadyLoggedError (uq_adoption_duty_community_id_adoption_id_done_on).
    """
    fields = {name: getattr(duty, name) for name in Duty.__slots__} | {"photo_ids": list(duty.photo_ids)}
    session.add(DutyRow(community_id=community_id, **fields))
    await session.flush()


async def get(session: AsyncSession, duty_id: UUID, *, for_update: bool = False) -> Duty:
    """Return a day of care; `for_update` locks its row.

    Errors: DutyNotFoundError.
    """
    statement = select(DutyRow).where(col(DutyRow.id) == duty_id)
    if for_update:
        statement = statement.with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise DutyNotFoundError
    return _domain(row)


async def save(session: AsyncSession, duty_id: UUID, **changed: Any) -> None:
    """Write what an inspection made of a locked day of care."""
    await session.execute(
        update(DutyRow).where(col(DutyRow.id) == duty_id).values(**changed).execution_options(synchronize_session=False)
    )


async def list_all(session: AsyncSession, *, result: Result | None) -> Sequence[Duty]:
    """Return every day of care of the community, newest first."""
    statement = select(DutyRow).order_by(col(DutyRow.created_at).desc(), col(DutyRow.id).desc())
    if result is not None:
        statement = statement.where(col(DutyRow.result) == result)
    return [_domain(row) for row in (await session.execute(statement)).scalars()]


async def list_page(
    session: AsyncSession, adoption_id: UUID, page: PageRequest, *, result: Result | None
) -> Slice[Duty]:
    """Return the log of an adoption, newest first."""
    statement = (
        select(DutyRow)
        .where(col(DutyRow.adoption_id) == adoption_id)
        .order_by(col(DutyRow.created_at).desc(), col(DutyRow.id).desc())
        .limit(page.limit + 1)
    )
    if result is not None:
        statement = statement.where(col(DutyRow.result) == result)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(DutyRow.created_at), col(DutyRow.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, lambda r: (r.created_at, r.id))
