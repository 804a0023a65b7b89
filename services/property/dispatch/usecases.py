"""What can be done with workers, their duty hours, and the book of who was sent where.

This slice knows jobs, not tickets: the ticket's side of sending somebody is in `offers`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.property.dispatch import repository
from services.property.dispatch.domain import WorkerRecord
from services.property.dispatch.errors import DutySpanError, WorkerNotFoundError
from services.property.dispatch.ranking import Candidate, Job, Ranking, Skill, rank
from services.property.households import usecases as households
from shared.kernel.clock import CHINA
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

LONGEST_DUTY_DAYS = 370
MANAGERS = (Role.DEPARTMENT_HEAD, Role.PROPERTY_MANAGER, Role.COMMUNITY_ADMIN)
READERS = (*MANAGERS, Role.PROPERTY_AGENT)


async def register_worker(*, uow: UnitOfWork, account_id: UUID, name: str, department: str) -> None:
    """Enter a worker when identity grants the role over a department."""
    known = await households.find_account(uow=uow, account_id=account_id)
    await repository.register_worker(
        uow.session,
        community_id=uow.community_id,
        worker_id=uow.new_id(),
        account_id=account_id,
        household_id=None if known is None else known.household_id,
        name=name or ("" if known is None else known.name),
        department=department,
    )


async def keep_person(*, uow: UnitOfWork, account_id: UUID, name: str, household_id: UUID | None) -> None:
    """Keep a worker's name, and where they live: nobody is sent to, or rated by, their own household."""
    await repository.keep_person(uow.session, uow.community_id, account_id, name=name, household_id=household_id)


async def retire_worker(*, uow: UnitOfWork, account_id: UUID, department: str) -> None:
    """Send a worker of a department nowhere any more; what they did stays."""
    await repository.retire_worker(uow.session, uow.community_id, account_id, department)


async def list_workers(
    *, uow: UnitOfWork, principal: Principal, department: str | None, page: PageRequest
) -> Slice[WorkerRecord]:
    """Return workers, one page.

    Errors: ForbiddenError.
    """
    principal.require(*READERS)
    return await repository.list_workers(uow.session, uow.community_id, department=department, page=page)


async def get_worker(*, uow: UnitOfWork, worker_id: UUID) -> WorkerRecord:
    """Return a worker.

    Errors: WorkerNotFoundError.
    """
    worker = await repository.find_worker(uow.session, uow.community_id, worker_id)
    if worker is None:
        raise WorkerNotFoundError
    return worker


async def find_worker_of_account(*, uow: UnitOfWork, account_id: UUID) -> WorkerRecord | None:
    """Return the worker an account signs in as, or None."""
    return await repository.find_worker_of_account(uow.session, uow.community_id, account_id)


async def change_worker(
    *,
    uow: UnitOfWork,
    principal: Principal,
    worker_id: UUID,
    skills: Sequence[Skill],
    grid_ids: Sequence[UUID],
    base_grid_id: UUID | None,
    is_on_call_reserve: bool,
) -> WorkerRecord:
    """Say what a worker can do and where.

    Errors: WorkerNotFoundError; ForbiddenError for whom the department is not theirs.
    """
    worker = await _get_managed(uow, principal, worker_id)
    await repository.change_worker(
        uow.session,
        uow.community_id,
        worker.id,
        {
            "skills": [
                {"code": one.code, "valid_until": None if one.valid_until is None else one.valid_until.isoformat()}
                for one in skills
            ],
            "grid_ids": sorted(set(grid_ids)),
            "base_grid_id": base_grid_id,
            "is_on_call_reserve": is_on_call_reserve,
        },
    )
    return await get_worker(uow=uow, worker_id=worker_id)


async def add_duty(
    *, uow: UnitOfWork, principal: Principal, worker_id: UUID, kind: str, starts_at: datetime, ends_at: datetime
) -> UUID:
    """Enter a shift or a leave and return its id.

    Errors: WorkerNotFoundError, ForbiddenError, DutySpanError.
    """
    await _get_managed(uow, principal, worker_id)
    if not timedelta() < ends_at - starts_at <= timedelta(days=LONGEST_DUTY_DAYS):
        raise DutySpanError(days=LONGEST_DUTY_DAYS)
    duty_id = uow.new_id()
    await repository.add_duty(
        uow.session,
        community_id=uow.community_id,
        duty_id=duty_id,
        worker_id=worker_id,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    return duty_id


async def list_duties(*, uow: UnitOfWork, principal: Principal, worker_id: UUID) -> list[Mapping[str, Any]]:
    """Return a worker's coming shifts and leaves; the worker may look too.

    Errors: WorkerNotFoundError, ForbiddenError.
    """
    worker = await get_worker(uow=uow, worker_id=worker_id)
    if worker.account_id != principal.account_id:
        principal.require(*READERS)
    return await repository.list_duties(uow.session, uow.community_id, worker_id, since=uow.now)


async def _get_managed(uow: UnitOfWork, principal: Principal, worker_id: UUID) -> WorkerRecord:
    principal.require(*MANAGERS)
    worker = await get_worker(uow=uow, worker_id=worker_id)
    if not principal.has_over(MANAGERS, ScopeKind.DEPARTMENT, worker.department):
        raise WorkerNotFoundError
    return worker


async def rank_workers(*, uow: UnitOfWork, job: Job) -> Ranking:
    """Return who can be sent, best first, and who cannot and why."""
    today = uow.now.astimezone(CHINA)
    month_start = today.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    workers = await repository.list_candidates(
        uow.session,
        uow.community_id,
        department=job.department,
        household_id=job.household_id,
        now=uow.now,
        month_start=month_start,
    )
    return rank(job, workers, uow.now)


async def list_refusers(*, uow: UnitOfWork, ticket_id: UUID, attempt: int) -> frozenset[UUID]:
    """Return the workers who declined this attempt or let it lapse."""
    return await repository.list_refusers(uow.session, uow.community_id, ticket_id, attempt)


async def open_assignment(
    *,
    uow: UnitOfWork,
    ticket_id: UUID,
    attempt: int,
    job: Job,
    chosen: Candidate,
    weights_version: int,
    offered_by_id: UUID,
    accept_by: datetime,
) -> UUID:
    """Write who is sent and why; return its id.

    Errors: AlreadyAssignedError by constraint when somebody else was sent at the same moment (T2).
    """
    assignment_id = uow.new_id()
    await repository.add_assignment(
        uow.session,
        {
            "community_id": uow.community_id,
            "id": assignment_id,
            "ticket_id": ticket_id,
            "attempt": attempt,
            "worker_id": chosen.worker.id,
            "household_id": job.household_id,
            "building_id": job.building_id,
            "state": "offered",
            "expected_minutes": job.expected_minutes,
            "offered_by_id": offered_by_id,
            "offered_at": uow.now,
            "accept_by": accept_by,
            "rank": chosen.rank,
            "cost": chosen.cost,
            "reasons": [reason.as_json() for reason in chosen.reasons],
            "weights_version": weights_version,
        },
    )
    return assignment_id


async def move_assignment(*, uow: UnitOfWork, ticket_id: UUID, state: str) -> None:
    """Take or end the active assignment of a ticket, if there is one."""
    await repository.move_assignment(uow.session, uow.community_id, ticket_id, state=state, now=uow.now)


async def find_active_assignment(*, uow: UnitOfWork, ticket_id: UUID) -> Mapping[str, Any] | None:
    """Return the active assignment of a ticket, or None."""
    return await repository.find_active_assignment(uow.session, uow.community_id, ticket_id)


async def list_assignments(*, uow: UnitOfWork, ticket_id: UUID) -> list[Mapping[str, Any]]:
    """Return everybody ever sent to a ticket, with the ranking as it was."""
    return await repository.list_assignments(uow.session, uow.community_id, ticket_id)


async def find_lapsed_offers(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return (community, ticket) of offers past their time, across communities."""
    return await repository.find_lapsed_offers(session, now, limit)
