"""Every statement over workers, duty hours and assignments."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.property.dispatch.domain import WorkerRecord
from services.property.dispatch.models import AssignmentRow, DutyRow, WorkerRow
from services.property.dispatch.ranking import Skill, Worker
from shared.pagination import PageRequest, Slice, beyond

_worker = WorkerRow.__table__  # type: ignore[attr-defined]  # set by SQLAlchemy on mapped classes.
_duty = DutyRow.__table__  # type: ignore[attr-defined]
_assignment = AssignmentRow.__table__  # type: ignore[attr-defined]


def _skills(raw: Sequence[Mapping[str, Any]]) -> tuple[Skill, ...]:
    return tuple(
        Skill(one["code"], None if one.get("valid_until") is None else datetime.fromisoformat(one["valid_until"]))
        for one in raw
    )


def _record(row: Any) -> WorkerRecord:
    return WorkerRecord(
        id=row.id,
        account_id=row.account_id,
        name=row.name,
        department=row.department,
        skills=_skills(row.skills),
        grid_ids=tuple(row.grid_ids),
        base_grid_id=row.base_grid_id,
        is_active=row.is_active,
        is_on_call_reserve=row.is_on_call_reserve,
        household_id=row.household_id,
    )


async def register_worker(
    session: AsyncSession,
    *,
    community_id: UUID,
    worker_id: UUID,
    account_id: UUID,
    household_id: UUID | None,
    name: str,
    department: str,
) -> None:
    """Enter a worker, or move a known one to a department and make them active again."""
    statement = insert(WorkerRow).values(
        community_id=community_id,
        id=worker_id,
        account_id=account_id,
        household_id=household_id,
        name=name,
        department=department,
        skills=[],
        grid_ids=[],
        is_active=True,
        is_on_call_reserve=False,
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["community_id", "account_id"],
            set_={"name": name, "department": department, "is_active": True},
        )
    )


async def retire_worker(session: AsyncSession, community_id: UUID, account_id: UUID, department: str) -> None:
    """Keep a worker's history and send them nowhere any more; who has moved to another department stays."""
    await session.execute(
        update(WorkerRow)
        .where(
            col(WorkerRow.community_id) == community_id,
            col(WorkerRow.account_id) == account_id,
            col(WorkerRow.department) == department,
        )
        .values(is_active=False)
    )


async def keep_person(
    session: AsyncSession, community_id: UUID, account_id: UUID, *, name: str, household_id: UUID | None
) -> None:
    """Keep a worker's name and where they live, if the account is a worker's."""
    await session.execute(
        update(WorkerRow)
        .where(col(WorkerRow.community_id) == community_id, col(WorkerRow.account_id) == account_id)
        .values(household_id=household_id, **({"name": name} if name else {}))
    )


async def change_worker(session: AsyncSession, community_id: UUID, worker_id: UUID, changes: Mapping[str, Any]) -> None:
    """Write what dispatch should know about a worker."""
    await session.execute(
        update(WorkerRow)
        .where(col(WorkerRow.community_id) == community_id, col(WorkerRow.id) == worker_id)
        .values(**changes)
    )


async def find_worker(session: AsyncSession, community_id: UUID, worker_id: UUID) -> WorkerRecord | None:
    """Return a worker, or None."""
    query = select(_worker).where(_worker.c.community_id == community_id, _worker.c.id == worker_id)
    row = (await session.execute(query)).first()
    return None if row is None else _record(row)


async def find_worker_of_account(session: AsyncSession, community_id: UUID, account_id: UUID) -> WorkerRecord | None:
    """Return the worker an account signs in as, or None."""
    query = select(_worker).where(_worker.c.community_id == community_id, _worker.c.account_id == account_id)
    row = (await session.execute(query)).first()
    return None if row is None else _record(row)


async def list_workers(
    session: AsyncSession, community_id: UUID, *, department: str | None, page: PageRequest
) -> Slice[WorkerRecord]:
    """Return workers by id, one page."""
    query = select(_worker).where(_worker.c.community_id == community_id).order_by(_worker.c.id).limit(page.limit + 1)
    if department is not None:
        query = query.where(_worker.c.department == department)
    if (after := page.after_id()) is not None:
        query = query.where(beyond([_worker.c.id], [after]))
    rows = [_record(row) for row in await session.execute(query)]
    return Slice.cut(rows, page.limit, lambda one: (one.id,))


async def add_duty(
    session: AsyncSession,
    *,
    community_id: UUID,
    duty_id: UUID,
    worker_id: UUID,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
) -> None:
    """Enter a shift or a leave."""
    await session.execute(
        insert(DutyRow).values(
            community_id=community_id, id=duty_id, worker_id=worker_id, kind=kind, starts_at=starts_at, ends_at=ends_at
        )
    )


async def list_duties(
    session: AsyncSession, community_id: UUID, worker_id: UUID, *, since: datetime
) -> list[Mapping[str, Any]]:
    """Return a worker's shifts and leaves that have not ended, earliest first."""
    query = (
        select(_duty)
        .where(_duty.c.community_id == community_id, _duty.c.worker_id == worker_id, _duty.c.ends_at > since)
        .order_by(_duty.c.starts_at, _duty.c.id)
        .limit(200)
    )
    return [dict(row) for row in (await session.execute(query)).mappings()]


async def list_candidates(
    session: AsyncSession,
    community_id: UUID,
    *,
    department: str,
    household_id: UUID,
    now: datetime,
    month_start: datetime,
) -> list[Worker]:
    """Return what dispatch knows about every worker of a department at this moment, in one statement."""
    active = and_(
        _assignment.c.community_id == _worker.c.community_id,
        _assignment.c.worker_id == _worker.c.id,
        _assignment.c.ended_at.is_(None),
    )
    load = select(func.coalesce(func.sum(_assignment.c.expected_minutes), 0)).where(active).scalar_subquery()
    busy = (
        select(_assignment.c.building_id)
        .where(active, _assignment.c.state == "taken")
        .order_by(_assignment.c.taken_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    own = and_(_assignment.c.community_id == _worker.c.community_id, _assignment.c.worker_id == _worker.c.id)
    month = (
        select(func.count())
        .where(own, _assignment.c.offered_at >= month_start, _assignment.c.state.in_(["taken", "done"]))
        .scalar_subquery()
    )
    knows = exists().where(own, _assignment.c.household_id == household_id, _assignment.c.state == "done")
    duty = and_(_duty.c.community_id == _worker.c.community_id, _duty.c.worker_id == _worker.c.id)
    on_now = and_(_duty.c.starts_at <= now, _duty.c.ends_at > now)
    has_shifts = exists().where(duty, _duty.c.kind == "shift", _duty.c.ends_at > month_start)
    on_shift = exists().where(duty, _duty.c.kind == "shift", on_now)
    on_leave = exists().where(duty, _duty.c.kind == "leave", on_now)
    query = select(
        _worker,
        load.label("load_minutes"),
        busy.label("busy_building_id"),
        month.label("jobs_this_month"),
        knows.label("knows_household"),
        case((has_shifts, on_shift), else_=True).label("is_on_shift"),
        on_leave.label("is_on_leave"),
    ).where(_worker.c.community_id == community_id, _worker.c.department == department)
    return [
        Worker(
            id=row.id,
            name=row.name,
            department=row.department,
            skills=_skills(row.skills),
            grid_ids=frozenset(row.grid_ids),
            household_id=row.household_id,
            is_active=row.is_active,
            is_on_shift=row.is_on_shift,
            is_on_leave=row.is_on_leave,
            is_on_call_reserve=row.is_on_call_reserve,
            load_minutes=row.load_minutes,
            jobs_this_month=row.jobs_this_month,
            base_grid_id=row.base_grid_id,
            busy_building_id=row.busy_building_id,
            knows_households=frozenset({household_id} if row.knows_household else ()),
        )
        for row in await session.execute(query)
    ]


async def list_refusers(session: AsyncSession, community_id: UUID, ticket_id: UUID, attempt: int) -> frozenset[UUID]:
    """Return the workers who declined this attempt or let it lapse."""
    query = select(_assignment.c.worker_id).where(
        _assignment.c.community_id == community_id,
        _assignment.c.ticket_id == ticket_id,
        _assignment.c.attempt == attempt,
        _assignment.c.state.in_(["declined", "lapsed"]),
    )
    return frozenset((await session.execute(query)).scalars())


async def add_assignment(session: AsyncSession, row: Mapping[str, Any]) -> None:
    """Enter who is sent.

    Errors: a violation of uq_assignment_active when somebody already is (T2).
    """
    await session.execute(insert(AssignmentRow).values(**row))


async def move_assignment(
    session: AsyncSession, community_id: UUID, ticket_id: UUID, *, state: str, now: datetime
) -> UUID | None:
    """Move the active assignment of a ticket on and return its id; None when nobody was sent."""
    moment = {"taken_at": now} if state == "taken" else {"ended_at": now}
    query = (
        update(AssignmentRow)
        .where(
            col(AssignmentRow.community_id) == community_id,
            col(AssignmentRow.ticket_id) == ticket_id,
            col(AssignmentRow.ended_at).is_(None),
        )
        .values(state=state, **moment)
        .returning(col(AssignmentRow.id))
    )
    return (await session.execute(query)).scalar_one_or_none()


async def list_assignments(session: AsyncSession, community_id: UUID, ticket_id: UUID) -> list[Mapping[str, Any]]:
    """Return everybody ever sent to a ticket, first to last, with the worker's name."""
    query = (
        select(_assignment, _worker.c.name.label("worker_name"), _worker.c.account_id.label("worker_account_id"))
        .join(
            _worker, and_(_worker.c.community_id == _assignment.c.community_id, _worker.c.id == _assignment.c.worker_id)
        )
        .where(_assignment.c.community_id == community_id, _assignment.c.ticket_id == ticket_id)
        .order_by(_assignment.c.offered_at, _assignment.c.id)
    )
    return [dict(row) for row in (await session.execute(query)).mappings()]


async def find_lapsed_offers(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return (community, ticket) of offers nobody took in time, across communities, longest waiting first."""
    query = (
        select(_assignment.c.community_id, _assignment.c.ticket_id)
        .where(_assignment.c.state == "offered", _assignment.c.accept_by <= now)
        .order_by(_assignment.c.accept_by)
        .limit(limit)
    )
    return [(community_id, ticket_id) for community_id, ticket_id in await session.execute(query)]


async def find_active_assignment(
    session: AsyncSession, community_id: UUID, ticket_id: UUID
) -> Mapping[str, Any] | None:
    """Return the active assignment of a ticket, or None."""
    query = select(_assignment).where(
        _assignment.c.community_id == community_id,
        _assignment.c.ticket_id == ticket_id,
        _assignment.c.ended_at.is_(None),
    )
    row = (await session.execute(query)).mappings().first()
    return None if row is None else dict(row)
