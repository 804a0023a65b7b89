"""Every statement of statements: drawing up an edition, and reading one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, column, exists, func, or_, select, table, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.statements.domain import Correction, Level, Span, Total
from services.points.statements.models import StatementCorrection, StatementEdition, StatementTotal
from shared.pagination import PageRequest, Slice, beyond

PREFERENCE = table(
    "ranking_preference",
    column("community_id"),
    column("household_id"),
    column("is_anonymous"),
    schema="points",
)
"""Who wants to stay unnamed; kept by rankings."""

BY_LABEL: ColumnElement[str] = func.points.reading_order(col(StatementTotal.label), type_=Text)
TOTAL = [col(getattr(StatementTotal, name)) for name in Total.__slots__]
CORRECTION = [col(getattr(StatementCorrection, name)) for name in Correction.__slots__]


def _total(row: Sequence[Any]) -> Total:
    return Total(Level(row[0]), *row[1:])


async def write(session: AsyncSession, community_id: UUID, span: Span, edition: int, now: datetime) -> str:
    """Draw up an edition of all totals and return the hash over it.

    Locks/IO: one call; the totals of all levels come from one statement.
    """
    outcome = await session.execute(
        text(
            "SELECT points.write_statements(:community_id, :period_id, :edition, :name, :begins_on, :ends_on, :begins_at, :ends_at,"
            " :previous_period_id, :previous_edition, :now)"
        ),
        {name: getattr(span, name) for name in Span.__slots__}
        | {"community_id": community_id, "edition": edition, "now": now},
    )
    return str(outcome.scalar_one())


async def count_changed(session: AsyncSession, community_id: UUID, period_id: UUID, edition: int) -> int:
    """Return how many households' totals would come out differently now than an edition says."""
    statement = text("SELECT points.count_changed_totals(:community_id, :period_id, :edition)")
    facts = {"community_id": community_id, "period_id": period_id, "edition": edition}
    return int((await session.execute(statement, facts)).scalar_one())


async def get_root(session: AsyncSession, period_id: UUID, edition: int) -> str:
    """Return the hash over an edition."""
    statement = select(col(StatementEdition.root)).where(
        col(StatementEdition.period_id) == period_id, col(StatementEdition.edition) == edition
    )
    return str((await session.execute(statement)).scalar_one())


def _of(period_id: UUID, edition: int) -> ColumnElement[bool]:
    return and_(col(StatementTotal.period_id) == period_id, col(StatementTotal.edition) == edition)


def _is_unnamed() -> ColumnElement[bool]:
    return exists(
        select(1).where(
            PREFERENCE.c.community_id == col(StatementTotal.community_id),
            PREFERENCE.c.household_id == col(StatementTotal.subject_id),
            PREFERENCE.c.is_anonymous,
        )
    )


async def find_total(
    session: AsyncSession, period_id: UUID, edition: int, level: Level, subject_id: UUID
) -> Total | None:
    """Return the totals of one subject, or None."""
    statement: Select[*tuple[Any, ...]] = select(*TOTAL).where(
        _of(period_id, edition), col(StatementTotal.level) == level, col(StatementTotal.subject_id) == subject_id
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _total(row)


async def list_page(
    session: AsyncSession,
    period_id: UUID,
    edition: int,
    page: PageRequest,
    *,
    level: Level,
    grid_id: UUID | None,
    building_id: UUID | None,
    named_for: UUID | None,
    is_complete: bool,
) -> Slice[Total]:
    """Return totals of a level by label, numbers in it as numbers.

    Unless `is_complete`, households that want to stay unnamed are left out, but never `named_for`, the reader's own.
    """
    statement: Select[*tuple[Any, ...]] = (
        select(*TOTAL, BY_LABEL.label("place"))
        .where(_of(period_id, edition), col(StatementTotal.level) == level)
        .order_by(BY_LABEL, col(StatementTotal.subject_id))
        .limit(page.limit + 1)
    )
    if grid_id is not None:
        statement = statement.where(col(StatementTotal.grid_id) == grid_id)
    if building_id is not None:
        statement = statement.where(col(StatementTotal.building_id) == building_id)
    if level is Level.HOUSEHOLD and not is_complete:
        statement = statement.where(or_(col(StatementTotal.subject_id) == named_for, ~_is_unnamed()))
    if (after := page.after_text_and_id()) is not None:
        statement = statement.where(beyond([BY_LABEL, col(StatementTotal.subject_id)], after))
    rows = [(_total(row[:-1]), str(row.place)) for row in (await session.execute(statement)).all()]
    found = Slice.cut(rows, page.limit, lambda row: (row[1], row[0].subject_id))
    return found.map(lambda row: row[0])


async def list_all(
    session: AsyncSession, period_id: UUID, edition: int, *, level: Level, grid_id: UUID | None, is_complete: bool
) -> Sequence[Total]:
    """Return every total of a level in no order, for a file or a printed notice."""
    statement: Select[*tuple[Any, ...]] = select(*TOTAL).where(
        _of(period_id, edition), col(StatementTotal.level) == level
    )
    if grid_id is not None:
        statement = statement.where(col(StatementTotal.grid_id) == grid_id)
    if level is Level.HOUSEHOLD and not is_complete:
        statement = statement.where(~_is_unnamed())
    return [_total(row) for row in (await session.execute(statement)).all()]


async def list_ranked(
    session: AsyncSession, period_id: UUID, edition: int, page: PageRequest, *, level: Level
) -> Slice[tuple[Total, bool]]:
    """Return totals of a level by rank, each with whether its household wants to stay unnamed."""
    statement: Select[*tuple[Any, ...]] = (
        select(*TOTAL, _is_unnamed().label("is_unnamed"))
        .where(_of(period_id, edition), col(StatementTotal.level) == level)
        .where(col(StatementTotal.rank) > 0)
        .order_by(col(StatementTotal.rank), col(StatementTotal.subject_id))
        .limit(page.limit + 1)
    )
    if (after := page.after_number_and_id()) is not None:
        statement = statement.where(beyond([col(StatementTotal.rank), col(StatementTotal.subject_id)], after))
    rows = [(_total(row[:-1]), bool(row.is_unnamed)) for row in (await session.execute(statement)).all()]
    return Slice.cut(rows, page.limit, lambda pair: (pair[0].rank, pair[0].subject_id))


async def list_corrections(
    session: AsyncSession, period_id: UUID, edition: int, page: PageRequest, *, household_id: UUID | None
) -> Slice[Correction]:
    """Return the corrections of earlier periods an edition lists, in the order they were made."""
    statement: Select[*tuple[Any, ...]] = (
        select(*CORRECTION)
        .where(col(StatementCorrection.period_id) == period_id, col(StatementCorrection.edition) == edition)
        .order_by(col(StatementCorrection.transfer_id))
        .limit(page.limit + 1)
    )
    if household_id is not None:
        statement = statement.where(col(StatementCorrection.household_id) == household_id)
    if (after := page.after_id()) is not None:
        statement = statement.where(col(StatementCorrection.transfer_id) > after)
    rows = [Correction(*row) for row in (await session.execute(statement)).all()]
    return Slice.cut(rows, page.limit, lambda correction: (correction.transfer_id,))


async def count_corrections(session: AsyncSession, period_id: UUID, edition: int) -> int:
    """Return how many corrections of earlier periods an edition lists."""
    statement = select(func.count()).where(
        col(StatementCorrection.period_id) == period_id, col(StatementCorrection.edition) == edition
    )
    return int((await session.execute(statement)).scalar_one())
