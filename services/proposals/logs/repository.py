"""Every statement of the log."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.proposals.ballots.merkle import CHAIN_START
from services.proposals.logs.errors import LeafNotFoundError, LogNotFoundError
from services.proposals.logs.models import LogEntry, LogState, TreeHead
from shared.pagination import CursorInvalidError, PageRequest, Slice


async def lock_state(session: AsyncSession, community_id: UUID, round_id: UUID) -> LogState:
    """Return and lock where a round's log stands, creating an empty log at first."""
    first = insert(LogState).values(community_id=community_id, round_id=round_id, size=0, peaks=[], chain=CHAIN_START)
    await session.execute(first.on_conflict_do_nothing())
    statement = select(LogState).where(col(LogState.round_id) == round_id).with_for_update()
    return (await session.execute(statement, execution_options={"populate_existing": True})).scalar_one()


async def add_entries(session: AsyncSession, entries: Sequence[LogEntry], head: TreeHead) -> None:
    """Append entries and the tree head after them."""
    await session.execute(insert(LogEntry), [entry.model_dump() for entry in entries])
    await session.execute(insert(TreeHead), [head.model_dump()])
    await session.flush()


async def get_head(session: AsyncSession, round_id: UUID) -> TreeHead:
    """Return the newest tree head.

    Errors: LogNotFoundError.
    """
    statement = select(TreeHead).where(col(TreeHead.round_id) == round_id).order_by(col(TreeHead.size).desc()).limit(1)
    head = (await session.execute(statement)).scalar_one_or_none()
    if head is None:
        raise LogNotFoundError
    return head


async def list_heads(session: AsyncSession, round_id: UUID) -> Sequence[TreeHead]:
    """Return every tree head of a round, oldest first."""
    statement = select(TreeHead).where(col(TreeHead.round_id) == round_id).order_by(col(TreeHead.size))
    return (await session.execute(statement)).scalars().all()


async def find_position(session: AsyncSession, round_id: UUID, leaf_hash: bytes) -> int:
    """Return where a leaf stands.

    Errors: LeafNotFoundError.
    """
    statement = select(col(LogEntry.position)).where(
        col(LogEntry.round_id) == round_id, col(LogEntry.leaf_hash) == leaf_hash
    )
    position: int | None = (await session.execute(statement)).scalars().first()
    if position is None:
        raise LeafNotFoundError
    return position


async def list_hashes(session: AsyncSession, round_id: UUID, size: int) -> list[bytes]:
    """Return the first `size` leaf hashes of a round."""
    statement = (
        select(col(LogEntry.leaf_hash))
        .where(col(LogEntry.round_id) == round_id, col(LogEntry.position) < size)
        .order_by(col(LogEntry.position))
    )
    return list((await session.execute(statement)).scalars())


async def list_entries(session: AsyncSession, round_id: UUID, page: PageRequest) -> Slice[LogEntry]:
    """Return the entries of a round's log in order."""
    statement = (
        select(LogEntry)
        .where(col(LogEntry.round_id) == round_id)
        .order_by(col(LogEntry.position))
        .limit(page.limit + 1)
    )
    if page.after is not None:
        statement = statement.where(col(LogEntry.position) > _position(page.after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut(rows, page.limit, lambda row: (row.position,))


def _position(after: tuple[str, ...]) -> int:
    try:
        (position,) = after
        found = int(position)
    except ValueError:
        raise CursorInvalidError from None
    if not 0 <= found < 2**31:
        raise CursorInvalidError
    return found


async def list_all(session: AsyncSession, round_id: UUID) -> Sequence[LogEntry]:
    """Return the whole log of a round."""
    statement = select(LogEntry).where(col(LogEntry.round_id) == round_id).order_by(col(LogEntry.position))
    return (await session.execute(statement)).scalars().all()


async def count_of_kind(session: AsyncSession, round_id: UUID, kind: str) -> int:
    """Return how many entries of a kind a log holds."""
    statement = select(func.count()).where(col(LogEntry.round_id) == round_id, col(LogEntry.kind) == kind)
    return int((await session.execute(statement)).scalar_one())
