"""What can be done about sending somebody to a ticket."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.property.catalogue import usecases as catalogue
from services.property.dispatch import usecases as dispatch
from services.property.dispatch.errors import WorkerNotEligibleError
from services.property.dispatch.ranking import OBSTACLE_NAMES, Job, Ranking
from services.property.sla import usecases as sla
from services.property.tickets import usecases as tickets
from services.property.tickets.capacities import DESK, capacities
from services.property.tickets.domain import offer_lapses_at
from services.property.tickets.errors import NotYourTicketError
from services.property.tickets.records import TicketRecord, TicketView
from services.property.tickets.transitions import ACTOR_NAMES, Action, Actor, Priority
from shared.kernel.principal import Principal, Role
from shared.uow import UnitOfWork

_FAR_MINUTES = 100_000


async def list_candidates(*, uow: UnitOfWork, principal: Principal, ticket_id: UUID) -> Ranking:
    """Return who can be sent to a ticket, best first, and who cannot and why.

    Errors: TicketNotFoundError; NotYourTicketError for who may not dispatch.
    """
    record = await tickets.get_record(uow=uow, principal=principal, ticket_id=ticket_id)
    if Actor.DISPATCHER not in capacities(principal, record.ticket, None):
        raise NotYourTicketError(who=ACTOR_NAMES[Actor.DISPATCHER], action=Action.OFFER.value)
    return await dispatch.rank_workers(uow=uow, job=await _job_of(uow, record))


async def offer_ticket(
    *, uow: UnitOfWork, principal: Principal, ticket_id: UUID, worker_id: UUID, note: str | None
) -> TicketView:
    """Send a worker of the ranking, whoever the dispatcher chooses; the ranking is kept with the assignment.

    Locks: the ticket; two dispatchers take turns and the second is refused.
    Errors: those of `tickets.act`; WorkerNotFoundError; WorkerNotEligibleError with every obstacle.
    """
    view = await tickets.act(
        uow=uow,
        principal=principal,
        ticket_id=ticket_id,
        action=Action.OFFER,
        facts={"worker_id": str(worker_id)},
        note=note,
    )
    job = await _job_of(uow, view.record)
    ranking = await dispatch.rank_workers(uow=uow, job=job)
    chosen = ranking.of(worker_id)
    if chosen is None:
        worker = await dispatch.get_worker(uow=uow, worker_id=worker_id)
        obstacles = ranking.obstacles_of(worker_id)
        names = [OBSTACLE_NAMES[one] for one in obstacles] or ["不是承办部门的人"]
        raise WorkerNotEligibleError(name=worker.name, reasons="、".join(names), obstacles=[o.value for o in obstacles])
    await dispatch.open_assignment(
        uow=uow,
        ticket_id=ticket_id,
        attempt=view.record.ticket.attempt,
        job=job,
        chosen=chosen,
        weights_version=ranking.weights_version,
        offered_by_id=principal.account_id,
        accept_by=offer_lapses_at(uow.now, (await sla.get_rules(uow=uow)).level.policy),
    )
    return view


async def take_offer(*, uow: UnitOfWork, principal: Principal, ticket_id: UUID) -> TicketView:
    """Take the job one was offered.

    Errors: those of `tickets.act`.
    """
    return await tickets.act(uow=uow, principal=principal, ticket_id=ticket_id, action=Action.TAKE)


async def decline_offer(*, uow: UnitOfWork, principal: Principal, ticket_id: UUID, reason: str) -> TicketView:
    """Give the job back, before or after taking it; one is not asked again for this attempt.

    Errors: those of `tickets.act`.
    """
    facts = {"reason": reason}
    return await tickets.act(uow=uow, principal=principal, ticket_id=ticket_id, action=Action.DECLINE, facts=facts)


async def recall_ticket(*, uow: UnitOfWork, principal: Principal, ticket_id: UUID, reason: str) -> TicketView:
    """Call the worker off, so that somebody else can be sent.

    Errors: those of `tickets.act`.
    """
    facts = {"reason": reason}
    return await tickets.act(uow=uow, principal=principal, ticket_id=ticket_id, action=Action.RECALL, facts=facts)


async def list_dispatches(*, uow: UnitOfWork, principal: Principal, ticket_id: UUID) -> list[Mapping[str, Any]]:
    """Return everybody ever sent to a ticket, with the ranking as it was; for staff.

    Errors: ForbiddenError, TicketNotFoundError.
    """
    principal.require(*DESK, Role.DEPARTMENT_HEAD, Role.COMMUNITY_ADMIN, Role.SUPERVISOR, Role.INSPECTOR)
    await tickets.get_record(uow=uow, principal=principal, ticket_id=ticket_id)
    return await dispatch.list_assignments(uow=uow, ticket_id=ticket_id)


async def lapse_offer(uow: UnitOfWork, ticket_id: UUID) -> None:
    """Take back an offer nobody answered in time; the ticket waits for a dispatcher again. The sweep's act."""
    active = await dispatch.find_active_assignment(uow=uow, ticket_id=ticket_id)
    if active is not None and active["state"] == "offered" and active["accept_by"] <= uow.now:
        await tickets.act_as_clock(uow=uow, ticket_id=ticket_id, action=Action.LAPSE)


async def find_lapsed_offers(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return (community, ticket) of offers past their time, across communities."""
    return await dispatch.find_lapsed_offers(session, now, limit)


async def _job_of(uow: UnitOfWork, record: TicketRecord) -> Job:
    ticket = record.ticket
    category = None if ticket.category is None else await catalogue.find_category(uow=uow, code=ticket.category)
    left = [
        clock["target_seconds"] - clock["elapsed_seconds"]
        for clock in await sla.list_clocks(uow=uow, ticket_id=record.id)
        if clock["kind"] == "resolve" and clock["attempt"] == ticket.attempt
    ]
    return Job(
        department=ticket.department or "",
        household_id=ticket.household_id,
        expected_minutes=30 if category is None else category.expected_minutes,
        minutes_left=left[0] // 60 if left else _FAR_MINUTES,
        skill=None if category is None else category.skill,
        grid_id=record.grid_id,
        building_id=record.building_id,
        is_urgent=ticket.priority is Priority.URGENT,
        refused_by=await dispatch.list_refusers(uow=uow, ticket_id=record.id, attempt=ticket.attempt),
        rare_skills=await catalogue.list_rare_skills(uow=uow),
    )
