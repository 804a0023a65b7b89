"""Every statement of installations."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, column, exists, select, table, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.installations.errors import InstallationNotFoundError
from services.points.installations.models import Installation
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice, before

WATCHERS = (Role.STOREKEEPER, Role.SUPERVISOR, Role.COMMUNITY_ADMIN, Role.PROPERTY_MANAGER)

STEP = table("step", column("community_id", Uuid), column("subject_id", Uuid), column("action"), schema="points")
SETTLE = "settle_conflict"
"""What the book of steps calls the settling of a conflict."""


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return which installations this principal may see: its household's, or all for those who run and watch the store."""
    if principal.has(*WATCHERS):
        return true()
    return col(Installation.household_id) == principal.household_id


async def get(session: AsyncSession, principal: Principal, redemption_id: UUID) -> Installation:
    """Return an installation this principal may see.

    Errors: InstallationNotFoundError.
    """
    statement = select(Installation).where(col(Installation.redemption_id) == redemption_id, visible_to(principal))
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise InstallationNotFoundError
    return row


async def get_for_update(session: AsyncSession, redemption_id: UUID) -> Installation:
    """Return an installation and lock its row.

    Locks/IO: after the redemption's row, which alone keeps others away; this one is asked for so that whoever comes without it waits too.
    Errors: InstallationNotFoundError.
    """
    statement = select(Installation).where(col(Installation.redemption_id) == redemption_id).with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise InstallationNotFoundError
    return row


async def list_page(
    session: AsyncSession, principal: Principal, page: PageRequest, *, is_conflict: bool, is_settled: bool
) -> Slice[Installation]:
    """Return installations this principal may see, newest first; perhaps only those a person must look at, or has looked at."""
    statement = (
        select(Installation)
        .where(visible_to(principal))
        .order_by(col(Installation.ordered_at).desc(), col(Installation.redemption_id).desc())
        .limit(page.limit + 1)
    )
    if is_conflict:
        statement = statement.where(col(Installation.conflict) != "")
    if is_settled:
        settled = exists().where(
            STEP.c.community_id == col(Installation.community_id),
            STEP.c.subject_id == col(Installation.redemption_id),
            STEP.c.action == SETTLE,
        )
        statement = statement.where(col(Installation.conflict) == "", settled)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(Installation.ordered_at), col(Installation.redemption_id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut(rows, page.limit, lambda row: (row.ordered_at, row.redemption_id))


async def find_silent(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return installations in all communities that nobody objected to in time, oldest deadline first."""
    statement = (
        select(col(Installation.community_id), col(Installation.redemption_id))
        .where(
            col(Installation.installed_at).is_not(None),
            col(Installation.ended_at).is_(None),
            col(Installation.accept_by) <= now,
        )
        .order_by(col(Installation.accept_by))
        .limit(limit)
    )
    return [(community, row_id) for community, row_id in (await session.execute(statement)).all()]
