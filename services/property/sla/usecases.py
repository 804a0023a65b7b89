"""What can be done with calendars, promises and clocks."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.property import calendar_seed
from services.property.catalogue import usecases as catalogue
from services.property.sla import repository
from services.property.sla.clocks import (
    ClockKind,
    ClockState,
    Mark,
    MarkKind,
    Promise,
    due_rungs,
    next_rung_at,
    read_clock,
)
from services.property.sla.domain import (
    AWAKE,
    DEFAULT_LEVEL,
    PATTERNS,
    Rules,
    ServiceLevel,
    SpecialDay,
    WeekPattern,
    calendar_from,
)
from services.property.sla.errors import CalendarInvalidError, ServiceLevelInvalidError
from services.property.sla.marks import passed, resumes_at
from services.property.tickets.transitions import Priority
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal, Role
from shared.uow import UnitOfWork

_KEPT_RULES = 500
_rules: OrderedDict[UUID, Rules] = OrderedDict()
"""Rules already read, by revision: what a revision stands for never changes, so nothing here can be stale."""

ADMINS = (Role.PROPERTY_MANAGER, Role.COMMUNITY_ADMIN)


@dataclass(frozen=True, slots=True)
class ClockPlan:
    """One clock of one attempt, as the log has it.

    A clock that ended because the report was withdrawn or refused is not counted in the published rates.
    """

    kind: ClockKind
    attempt: int
    marks: Sequence[Mark]
    department: str | None = None
    is_counted: bool = True


@dataclass(frozen=True, slots=True)
class Escalated:
    """A rung that was reached and is now told, for the first and only time."""

    kind: ClockKind
    attempt: int
    percent: int
    tells: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class CalendarBook:
    """What the calendar page shows."""

    patterns: Sequence[WeekPattern]
    days: Sequence[SpecialDay]
    years: Sequence[tuple[int, bool, str]]


async def get_rules(*, uow: UnitOfWork) -> Rules:
    """Return the rules in force; a community without any first gets those of the model community.

    IO: one short query when this process has read the revision before. Once a year the next year's days are entered.
    """
    revision = await repository.find_revision(uow.session, uow.community_id)
    if revision is None:
        revision = await _adopt_defaults(uow)
    if revision not in _rules:
        _rules[revision] = await _read_rules(uow, revision)
        if len(_rules) > _KEPT_RULES:
            _rules.popitem(last=False)
    rules = _rules[revision]
    this_year = local_date(uow.now).year
    if this_year in rules.years and this_year + 1 in rules.years:
        return rules
    await _enter_years(uow, this_year)
    return await get_rules(uow=uow)


async def _read_rules(uow: UnitOfWork, revision: UUID) -> Rules:
    days = await repository.list_days(uow.session, uow.community_id)
    years = await repository.list_years(uow.session, uow.community_id)
    confirmed = frozenset(year for year, is_provisional, _ in years if not is_provisional)
    patterns = await repository.list_patterns(uow.session, uow.community_id)
    return Rules(
        revision=revision,
        level=await repository.get_level(uow.session, uow.community_id),
        calendars={pattern.code: calendar_from(pattern, days, confirmed) for pattern in patterns},
        departments={one.code: one.calendar for one in await catalogue.list_departments(uow=uow)},
        quiet=AWAKE,
        years=frozenset(year for year, _, _ in years),
    )


async def _adopt_defaults(uow: UnitOfWork) -> UUID:
    await repository.add_patterns(uow.session, uow.community_id, PATTERNS)
    await repository.add_level(uow.session, uow.community_id, DEFAULT_LEVEL, uow.now)
    return await _enter_years(uow, local_date(uow.now).year)


async def _enter_years(uow: UnitOfWork, this_year: int) -> UUID:
    """Enter this year and the next where nobody has, from what the public libraries know; return the new revision."""
    for year in (this_year, this_year + 1):
        seeded = calendar_seed.seed_year(year)
        source = "公开节假日库推算，待国务院通知" if seeded.is_provisional else "国务院办公厅放假通知"
        if not await repository.add_year(uow.session, uow.community_id, year, source=source):
            continue
        days = [SpecialDay(day.on_date, 0 if day.is_workday else None, day.name) for day in seeded.days]
        await repository.save_year(
            uow.session,
            uow.community_id,
            year=year,
            days=days,
            is_provisional=seeded.is_provisional,
            source=source,
        )
    revision = uow.new_id()
    await repository.save_revision(uow.session, uow.community_id, revision)
    return revision


async def get_calendars(*, uow: UnitOfWork) -> CalendarBook:
    """Return calendars, special days and which years are provisional."""
    await get_rules(uow=uow)
    return CalendarBook(
        patterns=await repository.list_patterns(uow.session, uow.community_id),
        days=await repository.list_days(uow.session, uow.community_id),
        years=await repository.list_years(uow.session, uow.community_id),
    )


async def replace_year(
    *, uow: UnitOfWork, principal: Principal, year: int, days: Sequence[SpecialDay], is_provisional: bool, source: str
) -> CalendarBook:
    """Enter a year as the official notice has it; running clocks follow at their next look.

    Errors: ForbiddenError; CalendarInvalidError for a date outside the year or named twice.
    """
    principal.require(*ADMINS)
    dates = [day.on_date for day in days]
    if len(set(dates)) != len(dates) or any(date.year != year for date in dates):
        raise CalendarInvalidError(year=year)
    await get_rules(uow=uow)
    await repository.save_year(
        uow.session, uow.community_id, year=year, days=days, is_provisional=is_provisional, source=source
    )
    await repository.save_revision(uow.session, uow.community_id, uow.new_id())
    await repository.look_again(uow.session, uow.community_id, uow.now)
    return await get_calendars(uow=uow)


async def adopt_service_level(*, uow: UnitOfWork, principal: Principal, level: ServiceLevel) -> ServiceLevel:
    """Adopt the next version of what is promised; clocks already stopped keep the promise they had.

    Errors: ForbiddenError; ServiceLevelInvalidError unless every priority has both times in order.
    """
    principal.require(*ADMINS)
    if set(level.by_priority) != {priority.value for priority in Priority}:
        raise ServiceLevelInvalidError
    if any(one.resolve_seconds < one.respond_seconds for one in level.by_priority.values()):
        raise ServiceLevelInvalidError
    current = (await get_rules(uow=uow)).level
    following = ServiceLevel(current.version + 1, level.adopted_by, level.by_priority, level.policy)
    await repository.add_level(uow.session, uow.community_id, following, uow.now)
    await repository.save_revision(uow.session, uow.community_id, uow.new_id())
    return following


async def start_clocks(
    *, uow: UnitOfWork, ticket_id: UUID, priority: str, department: str, is_danger: bool
) -> Sequence[Mapping[str, Any]]:
    """Start both clocks of a new ticket and return what they show."""
    rules = await get_rules(uow=uow)
    calendar = rules.calendar_of(department, is_danger=is_danger)
    marks = [Mark(uow.now, MarkKind.START)]
    rows = [
        _clock_row(
            uow, ticket_id, ClockPlan(kind, 1, marks), rules, rules.promise(kind, priority, calendar), calendar, []
        )
        for kind in ClockKind
    ]
    await repository.add_clocks(uow.session, rows)
    return rows


async def follow_log(
    *,
    uow: UnitOfWork,
    ticket_id: UUID,
    plans: Sequence[ClockPlan],
    priority: str,
    department: str,
    is_danger: bool,
) -> None:
    """Bring a ticket's clocks in line with its log (T3).

    A clock that has stopped is left as it ended. The response clock keeps the promise it was given at submission; the others
    follow the present priority and calendar, pauses included.

    Locks: the ticket's clocks, after the ticket itself.
    """
    rules = await get_rules(uow=uow)
    calendar = rules.calendar_of(department, is_danger=is_danger)
    known = {
        (row["kind"], row["attempt"]): row
        for row in await repository.list_clocks(uow.session, uow.community_id, ticket_id, lock=True)
    }
    changed = []
    for plan in plans:
        row = known.get((plan.kind.value, plan.attempt))
        if row is not None and row["stopped_at"] is not None:
            continue
        told = [] if row is None else row["told"]
        if row is not None and plan.kind is ClockKind.RESPOND:
            on, promise = row["calendar"], _promise_of(rules, row, priority)
        else:
            on, promise = calendar, rules.promise(plan.kind, priority, calendar)
        changed.append(_clock_row(uow, ticket_id, plan, rules, promise, on, told))
    await repository.save_clocks(uow.session, changed)


async def escalate(*, uow: UnitOfWork, ticket_id: UUID, priority: str, has_worker: bool) -> list[Escalated]:
    """Return the rungs that are reached and have not been told; afterwards they count as told.

    While nobody has been sent, the desk hears what the worker would.

    Locks: the ticket's clocks; those another sweeper holds are left to it.
    Idempotency: each rung once, by the primary key of the escalation.
    """
    rules = await get_rules(uow=uow)
    found: list[Escalated] = []
    changed = []
    rows = await repository.list_clocks(uow.session, uow.community_id, ticket_id, lock=True, skip_locked=True)
    for row in rows:
        if row["next_check_at"] is None or row["next_check_at"] > uow.now:
            continue
        kind = ClockKind(row["kind"])
        plan = ClockPlan(
            kind, row["attempt"], [Mark(datetime.fromisoformat(at), MarkKind(k)) for at, k in row["marks"]]
        )
        promise = _promise_of(rules, row, priority)
        rungs = due_rungs(promise, passed(plan.marks, uow.now), uow.now, frozenset(row["told"]))
        told = sorted({*row["told"], *(rung.percent for rung in rungs)})
        current = _clock_row(uow, ticket_id, plan, rules, promise, row["calendar"], told)
        changed.append(current)
        for rung in rungs:
            tells = "desk" if rung.tells == "worker" and not has_worker else rung.tells
            is_first = await repository.add_escalation(
                uow.session,
                {
                    "community_id": uow.community_id,
                    "ticket_id": ticket_id,
                    "kind": kind.value,
                    "attempt": plan.attempt,
                    "percent": rung.percent,
                    "tells": tells,
                    "at": uow.now,
                },
            )
            if is_first:
                found.append(Escalated(kind, plan.attempt, rung.percent, tells, current["due_at"]))
    await repository.save_clocks(uow.session, changed)
    return found


async def list_clocks(*, uow: UnitOfWork, ticket_id: UUID) -> list[Mapping[str, Any]]:
    """Return a ticket's clocks with what they show at this moment, not at the last look."""
    rules = await get_rules(uow=uow)
    rows = await repository.list_clocks(uow.session, uow.community_id, ticket_id)
    return [_now_showing(rules, row, uow.now) for row in rows]


async def list_escalations(*, uow: UnitOfWork, ticket_id: UUID) -> list[Mapping[str, Any]]:
    """Return who was told about a ticket."""
    return await repository.list_escalations(uow.session, uow.community_id, ticket_id)


def _promise_of(rules: Rules, row: Mapping[str, Any], priority: str) -> Promise:
    """Return the promise a stored clock runs under."""
    current = rules.promise(ClockKind(row["kind"]), priority, row["calendar"])
    return Promise(current.calendar, row["target_seconds"], current.quiet, current.ladder)


def _now_showing(rules: Rules, row: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    if row["stopped_at"] is not None:
        return row
    marks = passed([Mark(datetime.fromisoformat(at), MarkKind(kind)) for at, kind in row["marks"]], now)
    reading = read_clock(_promise_of(rules, row, "normal"), marks, now)
    return dict(row) | {
        "state": reading.state.value,
        "elapsed_seconds": reading.elapsed_seconds,
        "due_at": reading.due_at,
        "is_late": reading.is_late,
    }


def _clock_row(
    uow: UnitOfWork,
    ticket_id: UUID,
    plan: ClockPlan,
    rules: Rules,
    promise: Promise,
    calendar: str,
    told: Sequence[int],
) -> dict[str, Any]:
    marks = passed(plan.marks, uow.now)
    reading = read_clock(promise, marks, uow.now)
    next_check_at = next_rung_at(promise, marks, uow.now, frozenset(told))
    if reading.state is ClockState.PAUSED:
        next_check_at = resumes_at(plan.marks, uow.now)
    return {
        "community_id": uow.community_id,
        "ticket_id": ticket_id,
        "kind": plan.kind.value,
        "attempt": plan.attempt,
        "state": reading.state.value,
        "calendar": calendar,
        "policy_version": rules.level.version,
        "target_seconds": promise.target_seconds,
        "elapsed_seconds": reading.elapsed_seconds,
        "marks": [[mark.at.isoformat(), mark.kind.value] for mark in plan.marks],
        "told": list(told),
        "is_late": reading.is_late,
        "is_counted": plan.is_counted,
        "department": plan.department,
        "started_at": reading.started_at,
        "due_at": reading.due_at,
        "stopped_at": reading.stopped_at,
        "next_check_at": next_check_at,
    }


async def count_kept(
    *, uow: UnitOfWork, since: datetime, until: datetime, department: str | None
) -> Mapping[ClockKind, tuple[int, int]]:
    """Return (kept, all) of the promises of a span by clock; one that is late and still running counts as broken already."""
    counted = await repository.count_kept(
        uow.session, uow.community_id, since=since, until=until, now=uow.now, department=department
    )
    return {kind: counted.get(kind.value, (0, 0)) for kind in ClockKind}


async def find_due_clocks(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return (community, ticket) of clocks that must be looked at, across communities."""
    return await repository.find_due_clocks(session, now, limit)
