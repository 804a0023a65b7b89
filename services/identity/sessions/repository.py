"""Every statement about log-ins."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.identity.sessions.domain import EndReason, Session
from services.identity.sessions.models import SessionRow
from shared.kernel.principal import AccountKind
from shared.pagination import PageRequest, Slice, before


async def add_session(session: AsyncSession, opened: Session) -> None:
    """Enter a new log-in."""
    session.add(
        SessionRow(
            community_id=opened.community_id,
            id=opened.id,
            account_id=opened.account_id,
            kind=opened.kind,
            salt=opened.salt,
            generation=opened.generation,
            device=opened.device,
            has_totp=opened.has_totp,
            started_at=opened.started_at,
            refreshed_at=opened.refreshed_at,
        )
    )
    await session.flush()


async def find_session_for_update(session: AsyncSession, session_id: UUID) -> Session | None:
    """Return a log-in of this community, or None.

    Locks/IO: its row, so that two refreshes of one session are decided one after the other.
    """
    statement = select(SessionRow).where(col(SessionRow.id) == session_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _session(row)


async def save_session(session: AsyncSession, changed: Session) -> None:
    """Write how far a log-in has come, or how it ended."""
    await session.execute(
        update(SessionRow)
        .where(col(SessionRow.id) == changed.id)
        .values(
            generation=changed.generation,
            refreshed_at=changed.refreshed_at,
            ended_at=changed.ended_at,
            end_reason=changed.end_reason,
        )
    )


async def end_all(
    session: AsyncSession, account_id: UUID, *, reason: EndReason, now: datetime, but: UUID | None = None
) -> int:
    """End every open log-in of an account, but one when named; return how many."""
    statement = (
        update(SessionRow)
        .where(col(SessionRow.account_id) == account_id, col(SessionRow.ended_at).is_(None))
        .values(ended_at=now, end_reason=reason)
        .returning(col(SessionRow.id))
    )
    if but is not None:
        statement = statement.where(col(SessionRow.id) != but)
    ended: Sequence[UUID] = (await session.execute(statement)).scalars().all()
    return len(ended)


async def list_open(session: AsyncSession, account_id: UUID, page: PageRequest) -> Slice[Session]:
    """List an account's log-ins that were not ended, last used first."""
    keys = (col(SessionRow.refreshed_at), col(SessionRow.id))
    statement = (
        select(SessionRow)
        .where(col(SessionRow.account_id) == account_id, col(SessionRow.ended_at).is_(None))
        .order_by(keys[0].desc(), keys[1].desc())
        .limit(page.limit + 1)
    )
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before(keys, after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_session(row) for row in rows], page.limit, lambda s: (s.refreshed_at, s.id))


def _session(row: SessionRow) -> Session:
    return Session(
        id=row.id,
        community_id=row.community_id,
        account_id=row.account_id,
        kind=AccountKind(row.kind),
        salt=row.salt,
        generation=row.generation,
        started_at=row.started_at,
        refreshed_at=row.refreshed_at,
        device=row.device,
        has_totp=row.has_totp,
        ended_at=row.ended_at,
        end_reason=None if row.end_reason is None else EndReason(row.end_reason),
    )
