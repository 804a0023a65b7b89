"""Every statement of passbooks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.passbooks.domain import Line, Member, Move, MoveKind
from services.points.passbooks.errors import MemberNotFoundError
from services.points.passbooks.models import MemberRow, TimeMove
from shared.kernel.values import Minutes, Points
from shared.pagination import PageRequest, Slice, before

LINES = """
    SELECT e.id, e.created_at, t.kind, t.summary, e.amount, e.available_after
    FROM points.entry e
    JOIN points.transfer t ON t.community_id = e.community_id AND t.id = e.transfer_id
    WHERE e.account_id = :account_id AND e.created_at >= :since AND e.created_at < :until
    ORDER BY e.version
"""
BALANCE_AT = """
    SELECT available_after FROM points.entry
    WHERE account_id = :account_id AND created_at < :moment
    ORDER BY version DESC LIMIT 1
"""


async def keep_members(session: AsyncSession, community_id: UUID, members: Sequence[Member]) -> None:
    """Enter people, or write where they belong now."""
    statement = insert(MemberRow).values(
        [
            {
                "community_id": community_id,
                "resident_id": m.resident_id,
                "household_id": m.household_id,
                "name": m.name,
                "is_present": m.is_present,
            }
            for m in members
        ]
    )
    changed = {name: statement.excluded[name] for name in ("household_id", "name", "is_present")}
    await session.execute(statement.on_conflict_do_update(index_elements=["community_id", "resident_id"], set_=changed))


async def name_again(session: AsyncSession, resident_id: UUID, name: str, *, dropped: str) -> None:
    """Write a person's name where it was dropped."""
    await session.execute(
        update(MemberRow)
        .where(col(MemberRow.resident_id) == resident_id, col(MemberRow.name) == dropped)
        .values(name=name)
        .execution_options(synchronize_session=False)
    )


async def bind_account(session: AsyncSession, resident_id: UUID, account_id: UUID) -> None:
    """Write which account a person has now."""
    await session.execute(
        update(MemberRow)
        .where(col(MemberRow.resident_id) == resident_id)
        .values(account_id=account_id)
        .execution_options(synchronize_session=False)
    )


async def mark_left(session: AsyncSession, resident_id: UUID, household_id: UUID) -> None:
    """Write that a person no longer belongs to a household, unless another has taken them in since."""
    await session.execute(
        update(MemberRow)
        .where(col(MemberRow.resident_id) == resident_id, col(MemberRow.household_id) == household_id)
        .values(is_present=False)
        .execution_options(synchronize_session=False)
    )


async def get_member(session: AsyncSession, resident_id: UUID) -> Member:
    """Return a person.

    Errors: MemberNotFoundError.
    """
    statement = select(MemberRow).where(col(MemberRow.resident_id) == resident_id)
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise MemberNotFoundError
    return Member(row.resident_id, row.household_id, row.name, row.is_present)


async def list_members(session: AsyncSession, household_id: UUID) -> list[Member]:
    """Return the people of a household."""
    statement = (
        select(MemberRow)
        .where(col(MemberRow.household_id) == household_id, col(MemberRow.is_present))
        .order_by(col(MemberRow.resident_id))
    )
    rows = (await session.execute(statement)).scalars()
    return [Member(row.resident_id, row.household_id, row.name, row.is_present) for row in rows]


async def add_move(session: AsyncSession, community_id: UUID, move: Move) -> None:
    """Write a move down."""
    fields = {name: getattr(move, name) for name in Move.__slots__}
    session.add(TimeMove(community_id=community_id, **fields))
    await session.flush()


async def list_moves(session: AsyncSession, page: PageRequest, *, kind: MoveKind | None) -> Slice[Move]:
    """Return what was done with minutes besides help, newest first."""
    statement = select(TimeMove).order_by(col(TimeMove.made_at).desc(), col(TimeMove.id).desc()).limit(page.limit + 1)
    if kind is not None:
        statement = statement.where(col(TimeMove.kind) == kind)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(TimeMove.made_at), col(TimeMove.id)], after))
    rows = [_move(row) for row in (await session.execute(statement)).scalars()]
    return Slice.cut(rows, page.limit, lambda move: (move.made_at, move.id))


def _move(row: TimeMove) -> Move:
    return Move(
        id=row.id,
        kind=MoveKind(row.kind),
        minutes=Minutes(row.minutes),
        points=Points(row.points),
        from_resident_id=row.from_resident_id,
        to_resident_id=row.to_resident_id,
        reason=row.reason,
        account_id=row.account_id,
        made_at=row.made_at,
        decision_id=row.decision_id,
        minutes_asset_id=row.minutes_asset_id,
    )


async def find_issue(session: AsyncSession, decision_id: UUID | None, minutes_asset_id: UUID | None) -> Move | None:
    """Return what was issued to the pool by a decision, or by the minutes of a meeting, or None."""
    named = ((TimeMove.decision_id, decision_id), (TimeMove.minutes_asset_id, minutes_asset_id))
    by_it = or_(*(col(column) == value for column, value in named if value is not None))
    row = (await session.execute(select(TimeMove).where(by_it).limit(1))).scalar_one_or_none()
    return None if row is None else _move(row)


async def lock_purse(session: AsyncSession, owner_id: UUID) -> None:
    """Let minutes leave one purse one after the other, so that what is there is known before it goes.

    Locks/IO: everything that leaves this purse, until the transaction ends.
    """
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"purse:{owner_id}"}
    )


async def sum_exchanged(session: AsyncSession, resident_id: UUID, since: datetime, until: datetime) -> int:
    """Return the minutes a person exchanged in a span."""
    statement = select(func.coalesce(func.sum(col(TimeMove.minutes)), 0)).where(
        col(TimeMove.from_resident_id) == resident_id,
        col(TimeMove.kind) == MoveKind.EXCHANGE,
        col(TimeMove.made_at) >= since,
        col(TimeMove.made_at) < until,
    )
    return int((await session.execute(statement)).scalar_one())


async def list_lines(session: AsyncSession, account_id: UUID, since: datetime, until: datetime) -> list[Line]:
    """Return the lines of an account in a span, oldest first."""
    rows = await session.execute(text(LINES), {"account_id": account_id, "since": since, "until": until})
    return [Line(*row) for row in rows]


async def balance_at(session: AsyncSession, account_id: UUID, moment: datetime) -> int:
    """Return what stood on an account just before a moment."""
    found: Any = (await session.execute(text(BALANCE_AT), {"account_id": account_id, "moment": moment})).scalar()
    return int(found or 0)
