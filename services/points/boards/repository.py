"""Every statement of boards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, column, exists, func, or_, select, table, text, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.boards.domain import OPEN, WATCHERS, Board, Change, Entry, Policy, State, Tone, Vote
from services.points.boards.errors import BoardEntryNotFoundError
from services.points.boards.models import BoardEntry, BoardExemption, BoardPolicy, BoardVote
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.pagination import PageRequest, Slice, before


@dataclass(frozen=True, slots=True)
class Exemption:
    """A household that is not warned until a day, and why."""

    household_id: UUID
    kind: str
    until: date
    note: str
    entered_at: datetime


HOME = table(
    "household",
    column("community_id", Uuid),
    column("id", Uuid),
    column("grid_id", Uuid),
    column("status"),
    schema="points",
)


def _is_watched(principal: Principal, community_id: Any, household_id: Any) -> ColumnElement[bool]:
    """Return which households' matters this principal looks after: all, or for a grid worker those of the own grids."""
    if principal.has(*WATCHERS):
        return true()
    grids = principal.reach_of(Role.GRID_WORKER, ScopeKind.GRID)
    if grids is None:
        return true()
    of_grids = HOME.c.grid_id.in_([UUID(grid) for grid in grids])
    return exists().where(HOME.c.community_id == community_id, HOME.c.id == household_id, of_grids)


def visible_to(principal: Principal, *, is_warning_public: bool) -> ColumnElement[bool]:
    """Return which entries this principal may see: its household's, what hangs where neighbours may read it, or all for officials."""
    if principal.has(*WATCHERS):
        return true()
    # A household that went up in another, or left, hangs nowhere any more.
    is_here = exists().where(
        HOME.c.community_id == col(BoardEntry.community_id),
        HOME.c.id == col(BoardEntry.household_id),
        HOME.c.status == "active",
    )
    hanging = and_(col(BoardEntry.state) == State.LISTED, is_here)
    if not is_warning_public:
        hanging = and_(hanging, col(BoardEntry.board) == Board.HONOUR)
    watched = _is_watched(principal, col(BoardEntry.community_id), col(BoardEntry.household_id))
    return or_(col(BoardEntry.household_id) == principal.household_id, hanging, watched)


def _domain(row: BoardEntry) -> Entry:
    facts = {name: getattr(row, name) for name in Entry.__slots__}
    return Entry(**facts | {"board": Board(row.board), "tone": Tone(row.tone), "state": State(row.state)})


async def add(session: AsyncSession, row: BoardEntry) -> None:
    """Enter a proposal.

    Errors: BoardEntryOpenError (uq_board_entry_open).
    """
    session.add(row)
    await session.flush()


async def get(
    session: AsyncSession, entry_id: UUID, visible: ColumnElement[bool] | None = None, *, for_update: bool = False
) -> Entry:
    """Return an entry, among those visible when that is said; `for_update` locks its row.

    Errors: BoardEntryNotFoundError.
    """
    statement = select(BoardEntry).where(col(BoardEntry.id) == entry_id).execution_options(populate_existing=True)
    if visible is not None:
        statement = statement.where(visible)
    if for_update:
        statement = statement.with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise BoardEntryNotFoundError
    return _domain(row)


async def find_due_for_update(session: AsyncSession, entry_id: UUID, today: date) -> Entry | None:
    """Return an entry whose days are over and lock it; None when it moved on or somebody is at it."""
    statement = (
        select(BoardEntry).where(col(BoardEntry.id) == entry_id, _is_due(today)).with_for_update(skip_locked=True)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _domain(row)


def _is_due(today: date) -> ColumnElement[bool]:
    return or_(
        and_(col(BoardEntry.state) == State.NOTIFIED, col(BoardEntry.cure_until) < today),
        and_(col(BoardEntry.state) == State.LISTED, col(BoardEntry.removal_on) <= today),
    )


async def find_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return entries that hang from now on or come down, in all communities."""
    statement = select(col(BoardEntry.community_id), col(BoardEntry.id)).where(_is_due(local_date(now))).limit(limit)
    return [(community, row_id) for community, row_id in (await session.execute(statement)).all()]


async def list_page(
    session: AsyncSession,
    visible: ColumnElement[bool],
    page: PageRequest,
    *,
    board: Board | None,
    state: State | None,
    household_id: UUID | None,
) -> Slice[Entry]:
    """Return the entries among those visible, newest first."""
    statement = (
        select(BoardEntry)
        .where(visible)
        .order_by(col(BoardEntry.proposed_at).desc(), col(BoardEntry.id).desc())
        .limit(page.limit + 1)
    )
    if board is not None:
        statement = statement.where(col(BoardEntry.board) == board)
    if state is not None:
        statement = statement.where(col(BoardEntry.state) == state)
    if household_id is not None:
        statement = statement.where(col(BoardEntry.household_id) == household_id)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(BoardEntry.proposed_at), col(BoardEntry.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, lambda entry: (entry.proposed_at, entry.id))


async def list_hanging(
    session: AsyncSession, boards: Sequence[Board], limit: int
) -> list[tuple[Entry, str, str, bool]]:
    """Return what hangs on some boards, newest first: entry, masked householder, building, and whether it wants to stay unnamed."""
    statement = text(
        "SELECT e.id, h.householder_name, h.building_name, coalesce(p.is_anonymous, false) FROM points.board_entry e"
        " JOIN points.household h ON h.community_id = e.community_id AND h.id = e.household_id AND h.status = 'active'"
        " LEFT JOIN points.ranking_preference p ON p.community_id = e.community_id AND p.household_id = e.household_id"
        " WHERE e.board = ANY(:boards) AND e.state = 'listed' ORDER BY e.proposed_at DESC, e.id DESC LIMIT :limit"
    )
    found = (await session.execute(statement, {"boards": [b.value for b in boards], "limit": limit})).all()
    rows = await session.execute(select(BoardEntry).where(col(BoardEntry.id).in_([row[0] for row in found])))
    entries = {row.id: _domain(row) for row in rows.scalars()}
    return [(entries[row[0]], row[1], row[2], row[3]) for row in found]


async def save(session: AsyncSession, entry_id: UUID, change: Change, **facts: Any) -> None:
    """Write what a locked entry became."""
    await session.execute(
        update(BoardEntry)
        .where(col(BoardEntry.id) == entry_id)
        .values(
            state=change.state,
            cure_until=change.cure_until,
            listed_on=change.listed_on,
            removal_on=change.removal_on,
            **facts,
        )
        .execution_options(synchronize_session=False)
    )


async def list_open_warnings_for_update(session: AsyncSession, household_id: UUID) -> list[Entry]:
    """Return a household's warnings that are under way or hang, and lock them."""
    statement = (
        select(BoardEntry)
        .where(
            col(BoardEntry.household_id) == household_id,
            col(BoardEntry.board) == Board.WARNING,
            col(BoardEntry.state).in_(OPEN),
        )
        .order_by(col(BoardEntry.id))
        .with_for_update()
    )
    return [_domain(row) for row in (await session.execute(statement)).scalars()]


async def add_vote(session: AsyncSession, vote: BoardVote) -> None:
    """Enter an assessor's vote.

    Errors: BoardAlreadyVotedError (pk_board_vote).
    """
    session.add(vote)
    await session.flush()


async def list_votes(session: AsyncSession, entry_id: UUID) -> list[Vote]:
    """Return the panel's votes so far, oldest first."""
    columns = [col(getattr(BoardVote, name)) for name in Vote.__slots__]
    statement = (
        select(*columns)
        .where(col(BoardVote.entry_id) == entry_id)
        .order_by(col(BoardVote.cast_at), col(BoardVote.account_id))
    )
    return [Vote(*row) for row in (await session.execute(statement)).all()]


async def is_exempt(session: AsyncSession, household_id: UUID, today: date) -> bool:
    """Tell whether a household is not to be warned today."""
    statement = select(col(BoardExemption.household_id)).where(
        col(BoardExemption.household_id) == household_id, col(BoardExemption.until) >= today
    )
    return (await session.execute(statement)).first() is not None


async def save_exemption(session: AsyncSession, row: BoardExemption) -> None:
    """Write that a household is not warned until a day."""
    facts = row.model_dump()
    changed = {name: facts[name] for name in ("kind", "until", "note", "entered_by", "entered_at")}
    statement = insert(BoardExemption).values(**facts)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["community_id", "household_id"], set_=changed)
    )


async def list_exemptions(
    session: AsyncSession,
    principal: Principal,
    page: PageRequest,
    today: date,
    *,
    is_current: bool | None,
    household_id: UUID | None,
) -> Slice[Exemption]:
    """Return the households that are not warned, by id, as far as this principal looks after them."""
    watched = _is_watched(principal, col(BoardExemption.community_id), col(BoardExemption.household_id))
    statement = select(BoardExemption).where(watched).order_by(col(BoardExemption.household_id)).limit(page.limit + 1)
    if is_current is not None:
        holds = col(BoardExemption.until) >= today
        statement = statement.where(holds if is_current else ~holds)
    if household_id is not None:
        statement = statement.where(col(BoardExemption.household_id) == household_id)
    if (after := page.after_id()) is not None:
        statement = statement.where(col(BoardExemption.household_id) > after)
    rows = [
        Exemption(row.household_id, row.kind, row.until, row.note, row.entered_at)
        for row in (await session.execute(statement)).scalars()
    ]
    return Slice.cut(rows, page.limit, lambda exemption: (exemption.household_id,))


async def find_policy(session: AsyncSession, on: date) -> Policy | None:
    """Return the rules of the boards in force on a day, or None before a community adopts its own."""
    statement = (
        select(BoardPolicy)
        .where(col(BoardPolicy.effective_on) <= on)
        .order_by(col(BoardPolicy.version).desc())
        .limit(1)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else Policy(**{name: getattr(row, name) for name in Policy.__slots__})


async def next_policy_version(session: AsyncSession, community_id: UUID) -> int:
    """Return the number of the next version of the rules.

    Locks/IO: adoption in this community, until the transaction ends.
    """
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"board policy {community_id}"}
    )
    return int((await session.execute(select(func.coalesce(func.max(col(BoardPolicy.version)), 0)))).scalar_one()) + 1


async def add_policy(session: AsyncSession, row: BoardPolicy) -> None:
    """Write a version of the rules."""
    session.add(row)
    await session.flush()
