"""Every statement about roster imports."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.rosters.domain import ImportState, RosterProblem
from services.identity.rosters.models import (
    RosterCardRow,
    RosterChangeRow,
    RosterFileRow,
    RosterImportRow,
    RosterProblemRow,
    RosterProgressRow,
)
from services.identity.rosters.planning import ShownChange
from shared.pagination import Slice, before

IMPORT, FILE = RosterImportRow.__table__, RosterFileRow.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass sets it.
PROBLEM, CHANGE = RosterProblemRow.__table__, RosterChangeRow.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass sets it.
PROGRESS, CARD = RosterProgressRow.__table__, RosterCardRow.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass sets it.

MAX_ATTEMPTS = 3
CHECKED_KEPT = timedelta(days=7)
"""How long a checked file waits to be applied."""


async def insert_import(session: AsyncSession, row: Mapping[str, Any], sealed: str) -> None:
    """Insert an import with its sealed file."""
    await session.execute(insert(IMPORT), [dict(row)])
    await session.execute(
        insert(FILE), [{"community_id": row["community_id"], "import_id": row["id"], "sealed": sealed}]
    )


async def find_due(session: AsyncSession, _now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Find imports that wait for a worker, in any community; one that failed three times waits for a person."""
    rows = await session.execute(
        select(IMPORT.c.community_id, IMPORT.c.id)
        .outerjoin(PROGRESS, (PROGRESS.c.community_id == IMPORT.c.community_id) & (PROGRESS.c.import_id == IMPORT.c.id))
        .where(
            IMPORT.c.state.in_([ImportState.UPLOADED.value, ImportState.APPLYING.value]),
            or_(PROGRESS.c.attempts.is_(None), PROGRESS.c.attempts < MAX_ATTEMPTS),
        )
        .order_by(IMPORT.c.uploaded_at)
        .limit(limit)
    )
    return [(row.community_id, row.id) for row in rows]


async def find_stale(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Find checked imports nobody applied in time."""
    rows = await session.execute(
        select(IMPORT.c.community_id, IMPORT.c.id)
        .where(IMPORT.c.state == ImportState.CHECKED.value, IMPORT.c.uploaded_at < now - CHECKED_KEPT)
        .order_by(IMPORT.c.uploaded_at)
        .limit(limit)
    )
    return [(row.community_id, row.id) for row in rows]


async def take(session: AsyncSession, import_id: UUID) -> Any | None:
    """Lock an import for work; None when another worker is at it or it is gone.

    Locks/IO: one row, SKIP LOCKED, and the community's import lock, so that two imports never write at once.
    """
    row = (
        await session.execute(select(IMPORT).where(IMPORT.c.id == import_id).with_for_update(skip_locked=True))
    ).one_or_none()
    if row is None:
        return None
    lock = text("SELECT pg_try_advisory_xact_lock(hashtextextended('roster:' || :community_id, 0))")
    free = (await session.execute(lock, {"community_id": str(row.community_id)})).scalar_one()
    return row if free else None


async def get_for_update(session: AsyncSession, import_id: UUID) -> Any | None:
    """Read and lock an import, waiting for who holds it."""
    return (await session.execute(select(IMPORT).where(IMPORT.c.id == import_id).with_for_update())).one_or_none()


async def load_file(session: AsyncSession, import_id: UUID) -> str:
    """Read the sealed file."""
    return str((await session.execute(select(FILE.c.sealed).where(FILE.c.import_id == import_id))).scalar_one())


async def save_import(session: AsyncSession, import_id: UUID, **values: Any) -> None:
    """Write what changed about an import."""
    await session.execute(update(IMPORT).where(IMPORT.c.id == import_id).values(**values))


async def drop_file(session: AsyncSession, import_id: UUID) -> None:
    """Forget the file."""
    await session.execute(delete(FILE).where(FILE.c.import_id == import_id))


async def save_problems(
    session: AsyncSession, community_id: UUID, import_id: UUID, problems: Sequence[RosterProblem]
) -> None:
    """Write the report."""
    rows = [
        {
            "community_id": community_id,
            "import_id": import_id,
            "number": number,
            "sheet": str(problem.sheet),
            "row": problem.row,
            "column": problem.column,
            "value": problem.value,
            "advice": problem.advice,
            "is_blocking": problem.is_blocking,
        }
        for number, problem in enumerate(problems, start=1)
    ]
    if rows:
        await session.execute(insert(PROBLEM), rows)


async def save_changes(
    session: AsyncSession, community_id: UUID, import_id: UUID, changes: Iterable[ShownChange]
) -> None:
    """Write what applying would do."""
    rows = [
        {
            "community_id": community_id,
            "import_id": import_id,
            "number": number,
            "kind": change.kind,
            "change": change.change,
            "label": change.label,
            "fields": list(change.fields),
        }
        for number, change in enumerate(changes, start=1)
    ]
    if rows:
        await session.execute(insert(CHANGE), rows)


async def save_progress(
    session: AsyncSession,
    community_id: UUID,
    import_id: UUID,
    *,
    phase: str,
    done: int,
    total: int,
    now: datetime,
    begins: bool,
) -> None:
    """Write how far the work has come; a beginning counts as an attempt."""
    statement = upsert(PROGRESS).values(
        community_id=community_id, import_id=import_id, phase=phase, done=done, total=total, attempts=1, updated_at=now
    )
    changes: dict[str, Any] = {"phase": phase, "done": done, "total": total, "updated_at": now}
    if begins:
        changes["attempts"] = PROGRESS.c.attempts + 1
    await session.execute(statement.on_conflict_do_update(index_elements=["community_id", "import_id"], set_=changes))


async def reset_attempts(session: AsyncSession, import_id: UUID) -> None:
    """Count attempts anew: the step before this one ended well."""
    await session.execute(update(PROGRESS).where(PROGRESS.c.import_id == import_id).values(attempts=0))


def _imports() -> Any:
    return select(IMPORT, PROGRESS.c.phase, PROGRESS.c.done, PROGRESS.c.total, PROGRESS.c.attempts).outerjoin(
        PROGRESS, (PROGRESS.c.community_id == IMPORT.c.community_id) & (PROGRESS.c.import_id == IMPORT.c.id)
    )


async def find_import(session: AsyncSession, import_id: UUID) -> Any | None:
    """Read an import with its progress."""
    return (await session.execute(_imports().where(IMPORT.c.id == import_id))).one_or_none()


async def list_imports(session: AsyncSession, *, after: tuple[datetime, UUID] | None, limit: int) -> Slice[Any]:
    """Read a page of imports, newest first."""
    statement = _imports().order_by(IMPORT.c.uploaded_at.desc(), IMPORT.c.id.desc()).limit(limit + 1)
    if after is not None:
        statement = statement.where(before([IMPORT.c.uploaded_at, IMPORT.c.id], after))
    rows = (await session.execute(statement)).all()
    return Slice.cut(rows, limit, lambda row: (row.uploaded_at, row.id))


async def list_lines(session: AsyncSession, table: Any, import_id: UUID, *, after: int, limit: int) -> Slice[Any]:
    """Read a page of a report, by number."""
    statement = (
        select(table)
        .where(table.c.import_id == import_id, table.c.number > after)
        .order_by(table.c.number)
        .limit(limit + 1)
    )
    rows = (await session.execute(statement)).all()
    return Slice.cut(rows, limit, lambda row: (row.number,))


async def insert_cards(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep sealed codes until the list is taken."""
    if rows:
        await session.execute(insert(CARD), list(rows))


async def take_cards(session: AsyncSession, import_id: UUID) -> Sequence[Any]:
    """Take the sealed codes out, by household number; they are gone afterwards."""
    rows = await session.execute(delete(CARD).where(CARD.c.import_id == import_id).returning(CARD))
    return sorted(rows, key=lambda row: row.household_number)


async def count_cards(session: AsyncSession, import_id: UUID) -> int:
    """Return how many codes wait to be taken."""
    counted = await session.execute(select(func.count()).select_from(CARD).where(CARD.c.import_id == import_id))
    return int(counted.scalar_one())
