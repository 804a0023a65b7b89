"""Every statement over calendars, promised times, clocks and escalations."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.property.sla.business_time import Interval
from services.property.sla.domain import ServiceLevel, SpecialDay, Targets, WeekPattern
from services.property.sla.models import (
    CalendarDayRow,
    CalendarRow,
    CalendarYearRow,
    ClockRow,
    EscalationRow,
    PolicyRow,
    RulesRow,
)
from services.property.tickets.domain import TicketPolicy

_clock = ClockRow.__table__  # type: ignore[attr-defined]  # set by SQLAlchemy on mapped classes.


async def find_revision(session: AsyncSession, community_id: UUID) -> UUID | None:
    """Return the revision of the community's rules, or None when it has none yet."""
    query = select(col(RulesRow.revision)).where(col(RulesRow.community_id) == community_id)
    return (await session.execute(query)).scalar_one_or_none()


async def save_revision(session: AsyncSession, community_id: UUID, revision: UUID) -> None:
    """Say that calendars or promises changed.

    Locks: the community's revision row, until the commit.
    """
    statement = insert(RulesRow).values(community_id=community_id, revision=revision)
    await session.execute(statement.on_conflict_do_update(index_elements=["community_id"], set_={"revision": revision}))


async def list_patterns(session: AsyncSession, community_id: UUID) -> list[WeekPattern]:
    """Return the community's calendars."""
    query = (
        select(col(CalendarRow.code), col(CalendarRow.name), col(CalendarRow.week), col(CalendarRow.observes_holidays))
        .where(col(CalendarRow.community_id) == community_id)
        .order_by(col(CalendarRow.code))
    )
    return [
        WeekPattern(code, name, tuple(tuple(Interval(*span) for span in plan) for plan in week), observes_holidays)
        for code, name, week, observes_holidays in await session.execute(query)
    ]


async def list_days(session: AsyncSession, community_id: UUID) -> list[SpecialDay]:
    """Return every special day, earliest first."""
    query = (
        select(col(CalendarDayRow.on_date), col(CalendarDayRow.works_like), col(CalendarDayRow.name))
        .where(col(CalendarDayRow.community_id) == community_id)
        .order_by(col(CalendarDayRow.on_date))
    )
    return [SpecialDay(*row) for row in await session.execute(query)]


async def list_years(session: AsyncSession, community_id: UUID) -> list[tuple[int, bool, str]]:
    """Return (year, is provisional, source) of every year entered."""
    query = (
        select(col(CalendarYearRow.year), col(CalendarYearRow.is_provisional), col(CalendarYearRow.source))
        .where(col(CalendarYearRow.community_id) == community_id)
        .order_by(col(CalendarYearRow.year))
    )
    return [(year, provisional, source) for year, provisional, source in await session.execute(query)]


async def get_level(session: AsyncSession, community_id: UUID) -> ServiceLevel:
    """Return the newest promise."""
    query = (
        select(col(PolicyRow.version), col(PolicyRow.adopted_by), col(PolicyRow.targets), col(PolicyRow.policy))
        .where(col(PolicyRow.community_id) == community_id)
        .order_by(col(PolicyRow.version).desc())
        .limit(1)
    )
    version, adopted_by, targets, policy = (await session.execute(query)).one()
    by_priority = {priority: Targets(**seconds) for priority, seconds in targets.items()}
    return ServiceLevel(version, adopted_by, by_priority, TicketPolicy(**policy))


async def add_patterns(session: AsyncSession, community_id: UUID, patterns: Sequence[WeekPattern]) -> None:
    """Enter calendars that are not there yet."""
    rows = [
        {
            "community_id": community_id,
            "code": pattern.code,
            "name": pattern.name,
            "week": [[[span.start_second, span.end_second] for span in plan] for plan in pattern.week],
            "observes_holidays": pattern.observes_holidays,
        }
        for pattern in patterns
    ]
    await session.execute(insert(CalendarRow).values(rows).on_conflict_do_nothing())


async def add_year(session: AsyncSession, community_id: UUID, year: int, *, source: str) -> bool:
    """Begin a year nobody has entered yet, as provisional; tell whether it was new."""
    statement = insert(CalendarYearRow).values(community_id=community_id, year=year, is_provisional=True, source=source)
    begun = statement.on_conflict_do_nothing().returning(col(CalendarYearRow.year))
    return (await session.execute(begun)).first() is not None


async def save_year(
    session: AsyncSession,
    community_id: UUID,
    *,
    year: int,
    days: Sequence[SpecialDay],
    is_provisional: bool,
    source: str,
) -> None:
    """Replace a year's special days."""
    await session.execute(
        delete(CalendarDayRow).where(
            col(CalendarDayRow.community_id) == community_id,
            col(CalendarDayRow.on_date) >= datetime(year, 1, 1).date(),  # noqa: DTZ001 - a date, not a moment.
            col(CalendarDayRow.on_date) <= datetime(year, 12, 31).date(),  # noqa: DTZ001
        )
    )
    rows = [
        {
            "community_id": community_id,
            "on_date": day.on_date,
            "kind": "off" if day.works_like is None else "work",
            "works_like": day.works_like,
            "name": day.name,
        }
        for day in days
    ]
    if rows:
        await session.execute(insert(CalendarDayRow).values(rows).on_conflict_do_nothing())
    statement = insert(CalendarYearRow).values(
        community_id=community_id, year=year, is_provisional=is_provisional, source=source
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["community_id", "year"], set_={"is_provisional": is_provisional, "source": source}
        )
    )


async def add_level(session: AsyncSession, community_id: UUID, level: ServiceLevel, effective_at: datetime) -> None:
    """Enter a version of the promise; a version that is there already stays as it is."""
    targets = {
        priority: {"respond_seconds": one.respond_seconds, "resolve_seconds": one.resolve_seconds}
        for priority, one in level.by_priority.items()
    }
    await session.execute(
        insert(PolicyRow)
        .values(
            community_id=community_id,
            version=level.version,
            effective_at=effective_at,
            adopted_by=level.adopted_by,
            targets=targets,
            policy=asdict(level.policy),
        )
        .on_conflict_do_nothing()
    )


async def list_clocks(
    session: AsyncSession, community_id: UUID, ticket_id: UUID, *, lock: bool = False, skip_locked: bool = False
) -> list[Mapping[str, Any]]:
    """Return a ticket's clocks, oldest attempt first; `lock` holds them until the commit."""
    query = (
        select(_clock)
        .where(_clock.c.community_id == community_id, _clock.c.ticket_id == ticket_id)
        .order_by(_clock.c.kind, _clock.c.attempt)
    )
    if lock:
        query = query.with_for_update(skip_locked=skip_locked)
    return [dict(row) for row in (await session.execute(query)).mappings()]


async def add_clocks(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Enter the clocks of a new ticket."""
    await session.execute(insert(_clock), [dict(row) for row in rows])


async def save_clocks(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write clocks, new or known."""
    if not rows:
        return
    statement = insert(_clock)
    changing = (
        "state",
        "calendar",
        "policy_version",
        "target_seconds",
        "elapsed_seconds",
        "marks",
        "told",
        "is_late",
        "is_counted",
        "department",
    )
    moments = ("started_at", "due_at", "stopped_at", "next_check_at")
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["community_id", "ticket_id", "kind", "attempt"],
            set_={name: statement.excluded[name] for name in (*changing, *moments)},
        ),
        [dict(row) for row in rows],
    )


async def add_escalation(session: AsyncSession, row: Mapping[str, Any]) -> bool:
    """Write that a rung was told; tell whether it was the first time."""
    statement = insert(EscalationRow).values(**row).on_conflict_do_nothing().returning(col(EscalationRow.percent))
    return (await session.execute(statement)).first() is not None


async def list_escalations(session: AsyncSession, community_id: UUID, ticket_id: UUID) -> list[Mapping[str, Any]]:
    """Return who was told about a ticket, earliest first."""
    table = EscalationRow.__table__  # type: ignore[attr-defined]  # set by SQLAlchemy on mapped classes.
    query = (
        select(table)
        .where(table.c.community_id == community_id, table.c.ticket_id == ticket_id)
        .order_by(table.c.at, table.c.percent)
    )
    return [dict(row) for row in (await session.execute(query)).mappings()]


async def count_kept(
    session: AsyncSession,
    community_id: UUID,
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    department: str | None,
) -> Mapping[str, tuple[int, int]]:
    """Return (kept, all) by clock of those that stopped in a span, or fell due in it and still run."""
    stopped = and_(col(ClockRow.stopped_at) >= since, col(ClockRow.stopped_at) < until)
    overdue = and_(
        col(ClockRow.stopped_at).is_(None), col(ClockRow.due_at) >= since, col(ClockRow.due_at) < min(until, now)
    )
    query = (
        select(
            col(ClockRow.kind),
            func.count().filter(col(ClockRow.state) == "met").label("kept"),
            func.count().label("counted"),
        )
        .where(col(ClockRow.community_id) == community_id, col(ClockRow.is_counted), or_(stopped, overdue))
        .group_by(col(ClockRow.kind))
    )
    if department is not None:
        query = query.where(col(ClockRow.department) == department)
    return {row.kind: (row.kept, row.counted) for row in await session.execute(query)}


async def look_again(session: AsyncSession, community_id: UUID, now: datetime) -> None:
    """Have the sweep read every running clock anew, because calendars or promises changed."""
    await session.execute(
        update(ClockRow)
        .where(col(ClockRow.community_id) == community_id, col(ClockRow.state) == "running")
        .values(next_check_at=now)
    )


async def find_due_clocks(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return (community, ticket) of clocks to look at, across communities, longest waiting first."""
    query = (
        select(col(ClockRow.community_id), col(ClockRow.ticket_id))
        .where(col(ClockRow.next_check_at) <= now)
        .order_by(col(ClockRow.next_check_at))
        .limit(limit)
    )
    found = [(community_id, ticket_id) for community_id, ticket_id in await session.execute(query)]
    return list(dict.fromkeys(found))
