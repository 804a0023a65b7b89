"""Every statement about audit lines."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.identity.audits.domain import FIRST_HASH, AuditLine, SealedLine
from services.identity.audits.models import AuditLineRow
from shared.pagination import CursorInvalidError, PageRequest, Slice


async def lock_chain(session: AsyncSession, community_id: object) -> tuple[int, bytes]:
    """Return the number and hash of the last line, and keep everybody else from adding one.

    Locks/IO: an advisory lock per community until the transaction ends.
    """
    name = f"audit:{community_id}"
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
    statement = (
        select(col(AuditLineRow.number), col(AuditLineRow.hash)).order_by(col(AuditLineRow.number).desc()).limit(1)
    )
    last = (await session.execute(statement)).first()
    return (0, FIRST_HASH) if last is None else (last[0], last[1])


async def add_lines(session: AsyncSession, sealed: Sequence[SealedLine]) -> None:
    """Write lines, all in one statement."""
    session.add_all(
        AuditLineRow(
            community_id=line.community_id,
            number=line.number,
            at=line.at,
            actor_id=line.actor_id,
            actor_name=line.actor_name,
            act=line.act,
            subject_kind=line.subject_kind,
            subject_id=line.subject_id,
            reason=line.reason,
            facts=dict(line.facts),
            hash=hash_,
        )
        for line, hash_ in ((one.line, one.hash) for one in sealed)
    )
    await session.flush()


async def list_lines(
    session: AsyncSession, *, act: str | None, subject_id: str | None, page: PageRequest
) -> Slice[SealedLine]:
    """List lines, newest first."""
    statement = select(AuditLineRow).order_by(col(AuditLineRow.number).desc()).limit(page.limit + 1)
    if act is not None:
        statement = statement.where(col(AuditLineRow.act) == act)
    if subject_id is not None:
        statement = statement.where(col(AuditLineRow.subject_id) == subject_id)
    if (after := _after_number(page)) is not None:
        statement = statement.where(col(AuditLineRow.number) < after)
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_sealed(row) for row in rows], page.limit, lambda sealed: (sealed.line.number,))


async def read_chain(session: AsyncSession, *, after: int, limit: int) -> Sequence[SealedLine]:
    """Return lines in chain order."""
    statement = (
        select(AuditLineRow)
        .where(col(AuditLineRow.number) > after)
        .order_by(col(AuditLineRow.number))
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [_sealed(row) for row in (await session.execute(statement)).scalars()]


def _after_number(page: PageRequest) -> int | None:
    if page.after is None:
        return None
    try:
        (number,) = page.after
        return int(number)
    except ValueError:
        raise CursorInvalidError from None


def _sealed(row: AuditLineRow) -> SealedLine:
    return SealedLine(
        AuditLine(
            community_id=row.community_id,
            number=row.number,
            at=row.at,
            actor_id=row.actor_id,
            actor_name=row.actor_name,
            act=row.act,
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            reason=row.reason,
            facts=row.facts,
        ),
        row.hash,
    )
