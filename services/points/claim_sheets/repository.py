"""Every statement of claim sheets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.claim_sheets.checking import Problem
from services.points.claim_sheets.domain import ClaimSheet, State
from services.points.claim_sheets.errors import ClaimSheetNotFoundError
from services.points.claim_sheets.models import ClaimSheetFile, ClaimSheetProblem, ClaimSheetRow
from shared.pagination import PageRequest, Slice, before, beyond, on_days

MAX_ATTEMPTS: Final = 3
_WORKING: Final = (State.UPLOADED, State.APPLYING)


@dataclass(frozen=True, slots=True)
class ReportedProblem:
    """A problem with its place in the report."""

    number: int
    row: int | None
    column: str | None
    value: str
    advice: str


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """A line the panel has decided: `group` is plus, minus or panel; a published one hangs out for `notice_days`."""

    claim_id: UUID
    household_id: UUID
    item_name: str
    group: str
    points: int
    notice_days: int
    state: str


def _domain(row: ClaimSheetRow) -> ClaimSheet:
    return ClaimSheet(**{name: getattr(row, name) for name in ClaimSheet.__slots__} | {"state": State(row.state)})


async def allow_long_statements(session: AsyncSession) -> None:
    """Let statements of this transaction work on thousands of lines, longer than one for a person at a screen may."""
    await session.execute(text("SELECT set_config('statement_timeout', '60s', true)"))


async def add(session: AsyncSession, row: ClaimSheetRow, content: bytes) -> None:
    """Enter a sheet with its file."""
    session.add(row)
    await session.flush()
    await session.execute(
        insert(ClaimSheetFile).values(community_id=row.community_id, sheet_id=row.id, content=content)
    )


async def get(session: AsyncSession, sheet_id: UUID, *, for_update: bool = False) -> ClaimSheet:
    """Return a sheet; `for_update` locks its row.

    Errors: ClaimSheetNotFoundError.
    """
    statement = select(ClaimSheetRow).where(col(ClaimSheetRow.id) == sheet_id)
    statement = statement.execution_options(populate_existing=True)
    if for_update:
        statement = statement.with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise ClaimSheetNotFoundError
    return _domain(row)


async def list_page(
    session: AsyncSession, page: PageRequest, *, state: State | None, from_on: date | None, to_on: date | None
) -> Slice[ClaimSheet]:
    """Return sheets, newest first; the days are those of the assessments, both included."""
    statement = (
        select(ClaimSheetRow)
        .where(on_days(col(ClaimSheetRow.assessed_on), from_on, to_on))
        .order_by(col(ClaimSheetRow.uploaded_at).desc(), col(ClaimSheetRow.id).desc())
        .limit(page.limit + 1)
    )
    if state is not None:
        statement = statement.where(col(ClaimSheetRow.state) == state)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(ClaimSheetRow.uploaded_at), col(ClaimSheetRow.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, lambda row: (row.uploaded_at, row.id))


async def save(session: AsyncSession, sheet_id: UUID, **values: Any) -> None:
    """Write what changed about a sheet."""
    await session.execute(
        update(ClaimSheetRow)
        .where(col(ClaimSheetRow.id) == sheet_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


async def find_due(session: AsyncSession, _now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return sheets that wait for a worker in all communities; one that failed three times waits for a person."""
    statement = (
        select(col(ClaimSheetRow.community_id), col(ClaimSheetRow.id))
        .where(col(ClaimSheetRow.state).in_(_WORKING), col(ClaimSheetRow.attempts) < MAX_ATTEMPTS)
        .order_by(col(ClaimSheetRow.uploaded_at))
        .limit(limit)
    )
    return [(community, row_id) for community, row_id in (await session.execute(statement)).all()]


async def take(session: AsyncSession, sheet_id: UUID) -> ClaimSheet | None:
    """Return a sheet that waits for a worker, or None when another is at it or it moved on.

    Its row stays free, so that progress can be told beside the work.

    Locks/IO: the work on this sheet, until the transaction ends.
    """
    lock = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")
    if not (await session.execute(lock, {"name": f"claim_sheet:{sheet_id}"})).scalar_one():
        return None
    statement = select(ClaimSheetRow).where(col(ClaimSheetRow.id) == sheet_id, col(ClaimSheetRow.state).in_(_WORKING))
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _domain(row)


async def load_file(session: AsyncSession, sheet_id: UUID) -> bytes:
    """Return the uploaded file."""
    statement = select(col(ClaimSheetFile.content)).where(col(ClaimSheetFile.sheet_id) == sheet_id)
    return bytes((await session.execute(statement)).scalar_one())


async def drop_file(session: AsyncSession, sheet_id: UUID) -> None:
    """Forget the file."""
    await session.execute(delete(ClaimSheetFile).where(col(ClaimSheetFile.sheet_id) == sheet_id))


async def save_problems(session: AsyncSession, community_id: UUID, sheet_id: UUID, problems: Sequence[Problem]) -> None:
    """Write the report anew."""
    await session.execute(delete(ClaimSheetProblem).where(col(ClaimSheetProblem.sheet_id) == sheet_id))
    rows = [
        {
            "community_id": community_id,
            "sheet_id": sheet_id,
            "number": number,
            "row": problem.row,
            "column": problem.column,
            "value": problem.value,
            "advice": problem.advice,
        }
        for number, problem in enumerate(problems, start=1)
    ]
    if rows:
        await session.execute(insert(ClaimSheetProblem), rows)


async def list_problems(session: AsyncSession, sheet_id: UUID, page: PageRequest) -> Slice[ReportedProblem]:
    """Return the report, in reading order."""
    statement = (
        select(ClaimSheetProblem)
        .where(col(ClaimSheetProblem.sheet_id) == sheet_id)
        .order_by(col(ClaimSheetProblem.number))
        .limit(page.limit + 1)
    )
    if (after := page.after_number()) is not None:
        statement = statement.where(beyond([col(ClaimSheetProblem.number)], [after]))
    rows = (await session.execute(statement)).scalars().all()
    found = [ReportedProblem(row.number, row.row, row.column, row.value, row.advice) for row in rows]
    return Slice.cut(found, page.limit, lambda row: (row.number,))


async def vote(
    session: AsyncSession,
    community_id: UUID,
    sheet_id: UUID,
    *,
    account_id: UUID,
    aside: Iterable[UUID],
    is_approved: bool,
    reason: str,
    now: datetime,
) -> list[DecidedLine]:
    """Give an assessor's vote to every line he may judge and return the lines this decided.

    Locks/IO: the lines, in order.
    """
    rows = await session.execute(
        text(
            # What a vote does not change may be read beside it; only the state is what the vote has made of it.
            'SELECT v.claim_id, c.household_id, c.item_name, c."group", c.points, c.notice_days, v.state'
            " FROM points.vote_on_sheet("
            ":community_id, :sheet_id, :account_id, CAST(:aside AS uuid[]), :is_approved, :reason, :now) v"
            " JOIN points.claim c ON c.community_id = :community_id AND c.id = v.claim_id"
        ),
        {
            "community_id": community_id,
            "sheet_id": sheet_id,
            "account_id": account_id,
            "aside": list(aside),
            "is_approved": is_approved,
            "reason": reason,
            "now": now,
        },
    )
    return [DecidedLine(*row) for row in rows.all()]


async def count_votes(session: AsyncSession, sheet_id: UUID, account_id: UUID) -> int:
    """Return how many lines of a sheet an assessor has voted on."""
    statement = text(
        # Asked line by line, it takes the votes' key whatever the planner knows of a sheet that came a moment ago.
        "SELECT count((SELECT true FROM points.claim_vote v"
        " WHERE v.community_id = c.community_id AND v.claim_id = c.id AND v.account_id = :account_id))"
        " FROM points.claim c WHERE c.sheet_id = :sheet_id"
    )
    return int((await session.execute(statement, {"sheet_id": sheet_id, "account_id": account_id})).scalar_one())


async def count_lines(session: AsyncSession, sheet_id: UUID) -> dict[str, int]:
    """Return how many lines of a sheet are in each state."""
    statement = text(
        "SELECT state, count(*) FROM points.claim WHERE sheet_id = :sheet_id GROUP BY state ORDER BY state"
    )
    return {state: int(count) for state, count in (await session.execute(statement, {"sheet_id": sheet_id})).all()}
