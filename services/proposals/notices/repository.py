"""Every statement of public notices."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.proposals.notices import domain
from services.proposals.notices.domain import NoticeState
from services.proposals.notices.errors import NoticeNotFoundError, ObjectionNotFoundError
from services.proposals.notices.models import Notice, Objection
from services.proposals.processes.templates import DayKind
from shared.pagination import PageRequest, Slice, before


async def add(session: AsyncSession, row: Notice | Objection) -> None:
    """Enter a notice or an objection."""
    session.add(row)
    await session.flush()


async def get(session: AsyncSession, notice_id: UUID) -> Notice:
    """Return a notice.

    Errors: NoticeNotFoundError.
    """
    row = (await session.execute(select(Notice).where(col(Notice.id) == notice_id))).scalar_one_or_none()
    if row is None:
        raise NoticeNotFoundError
    return row


async def get_for_update(session: AsyncSession, notice_id: UUID) -> Notice:
    """Return and lock a notice.

    Errors: NoticeNotFoundError.
    """
    statement = select(Notice).where(col(Notice.id) == notice_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NoticeNotFoundError
    return row


async def find_due_for_update(session: AsyncSession, notice_id: UUID, now: datetime) -> Notice | None:
    """Return and lock a notice that can be completed, or None when it cannot or somebody is at it."""
    statement = (
        select(Notice)
        .where(
            col(Notice.id) == notice_id,
            col(Notice.state) == NoticeState.RUNNING,
            col(Notice.due_at) <= now,
            col(Notice.open_objections) == 0,
        )
        .with_for_update(skip_locked=True)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def list_running_for_update(session: AsyncSession, process_id: UUID) -> Sequence[Notice]:
    """Return and lock the running notices of a process."""
    statement = (
        select(Notice)
        .where(col(Notice.process_id) == process_id, col(Notice.state) == NoticeState.RUNNING)
        .order_by(col(Notice.id))
        .with_for_update()
    )
    return (await session.execute(statement)).scalars().all()


async def list_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return the notices of all communities that can be completed, the longest due first."""
    statement: Select[*tuple[Any, ...]] = (
        select(col(Notice.community_id), col(Notice.id))
        .where(
            col(Notice.state) == NoticeState.RUNNING,
            col(Notice.open_objections) == 0,
            col(Notice.due_at) <= now,
        )
        .order_by(col(Notice.due_at))
        .limit(limit)
    )
    return [(community_id, notice_id) for community_id, notice_id in (await session.execute(statement)).all()]


async def list_notices(
    session: AsyncSession, page: PageRequest, *, state: NoticeState | None, process_id: UUID | None
) -> Slice[Notice]:
    """Return the notices of a community, newest first."""
    key = (col(Notice.started_at), col(Notice.id))
    statement = select(Notice).order_by(*(column.desc() for column in key)).limit(page.limit + 1)
    if state is not None:
        statement = statement.where(col(Notice.state) == state)
    if process_id is not None:
        statement = statement.where(col(Notice.process_id) == process_id)
    after = page.after_moment_and_id()
    if after is not None:
        statement = statement.where(before(key, after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut(rows, page.limit, lambda row: (row.started_at, row.id))


async def get_objection_for_update(session: AsyncSession, objection_id: UUID) -> Objection:
    """Return and lock an objection.

    Errors: ObjectionNotFoundError.
    """
    statement = select(Objection).where(col(Objection.id) == objection_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise ObjectionNotFoundError
    return row


async def list_objections(session: AsyncSession, notice_id: UUID, page: PageRequest) -> Slice[Objection]:
    """Return the objections to a notice, newest first."""
    key = (col(Objection.raised_at), col(Objection.id))
    statement = (
        select(Objection)
        .where(col(Objection.notice_id) == notice_id)
        .order_by(*(column.desc() for column in key))
        .limit(page.limit + 1)
    )
    after = page.after_moment_and_id()
    if after is not None:
        statement = statement.where(before(key, after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut(rows, page.limit, lambda row: (row.raised_at, row.id))


def to_domain(row: Notice) -> domain.Notice:
    """Return a row as the domain knows it."""
    return domain.Notice(
        notice_id=row.id,
        process_id=row.process_id,
        step_code=row.step_code,
        state=NoticeState(row.state),
        days=row.days,
        day_kind=DayKind(row.day_kind),
        content_hash=row.content_hash,
        started_at=row.started_at,
        due_at=row.due_at,
        restarts=row.restarts,
        open_objections=row.open_objections,
    )


def apply(row: Notice, notice: domain.Notice) -> None:
    """Write what was decided onto the row."""
    row.state = notice.state
    row.content_hash = notice.content_hash
    row.started_at = notice.started_at
    row.due_at = notice.due_at
    row.restarts = notice.restarts
    row.open_objections = notice.open_objections
