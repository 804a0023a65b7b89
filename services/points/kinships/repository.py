"""Every statement of kinships."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.kinships.domain import Kinship
from services.points.kinships.errors import KinshipNotFoundError
from services.points.kinships.models import KinshipRow
from shared.pagination import PageRequest, Slice, before


def _domain(row: KinshipRow) -> Kinship:
    return Kinship(**{name: getattr(row, name) for name in Kinship.__slots__})


async def add(session: AsyncSession, row: KinshipRow) -> None:
    """Enter a declaration.

    Errors: KinshipKnownError (uq_kinship_standing).
    """
    session.add(row)
    await session.flush()


async def get_standing_for_update(session: AsyncSession, kinship_id: UUID) -> Kinship:
    """Return a declaration that was not ended and lock its row.

    Errors: KinshipNotFoundError.
    """
    statement = (
        select(KinshipRow).where(col(KinshipRow.id) == kinship_id, col(KinshipRow.ended_at).is_(None)).with_for_update()
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise KinshipNotFoundError
    return _domain(row)


async def end(session: AsyncSession, kinship_id: UUID, *, ended_by: UUID, now: datetime) -> None:
    """Write that a locked declaration ended."""
    await session.execute(
        update(KinshipRow)
        .where(col(KinshipRow.id) == kinship_id)
        .values(ended_by=ended_by, ended_at=now)
        .execution_options(synchronize_session=False)
    )


async def list_page(
    session: AsyncSession,
    page: PageRequest,
    *,
    account_ids: Sequence[UUID],
    household_id: UUID | None,
    is_ended: bool,
) -> Slice[Kinship]:
    """Return declarations that stand, or were ended, newest first; `account_ids` are persons each must be about."""
    ended_at = col(KinshipRow.ended_at)
    statement = (
        select(KinshipRow)
        .where(ended_at.is_not(None) if is_ended else ended_at.is_(None))
        .where(*(col(KinshipRow.account_id) == account_id for account_id in account_ids))
        .order_by(col(KinshipRow.declared_at).desc(), col(KinshipRow.id).desc())
        .limit(page.limit + 1)
    )
    if household_id is not None:
        statement = statement.where(col(KinshipRow.household_id) == household_id)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(KinshipRow.declared_at), col(KinshipRow.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, lambda row: (row.declared_at, row.id))


async def list_households(session: AsyncSession, account_id: UUID) -> frozenset[UUID]:
    """Return the households in which a person has kin."""
    statement = select(col(KinshipRow.household_id)).where(
        col(KinshipRow.account_id) == account_id, col(KinshipRow.ended_at).is_(None)
    )
    return frozenset((await session.execute(statement)).scalars())
