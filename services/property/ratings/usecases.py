"""What the served household says about the work, and the rates that are published from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.property.dispatch import usecases as dispatch
from services.property.ratings import repository
from services.property.ratings.domain import SATISFIED_FROM, Axis, Rate, Scores, may_judge
from services.property.ratings.errors import PeriodInvalidError
from services.property.sla import usecases as sla
from services.property.sla.clocks import ClockKind
from services.property.tickets import usecases as tickets
from services.property.tickets.errors import SameHouseholdError
from services.property.tickets.records import TicketView
from services.property.tickets.transitions import WORK_OUTCOMES, Action
from shared.contracts.events import TicketRated
from shared.kernel.clock import CHINA, local_date
from shared.kernel.principal import Principal
from shared.uow import UnitOfWork

LONGEST_PERIOD_DAYS = 366


@dataclass(frozen=True, slots=True)
class Statistics:
    """The three rates of a span with their denominators, the axes, and what was closed how."""

    from_on: date
    until_on: date
    department: str | None
    response: Rate
    resolution: Rate
    satisfaction: Rate
    axis_means_milli: Mapping[Axis, int | None]
    outcomes: Mapping[str, int]


async def confirm_work(*, uow: UnitOfWork, principal: Principal, ticket_id: UUID) -> TicketView:
    """Confirm that the work is done; the rating comes next.

    Errors: those of `tickets.act`.
    """
    return await tickets.act(uow=uow, principal=principal, ticket_id=ticket_id, action=Action.CONFIRM)


async def dispute_work(
    *, uow: UnitOfWork, principal: Principal, ticket_id: UUID, reason: str, note: str | None
) -> TicketView:
    """Say that it is not done: the job comes back as the next attempt, the old clock keeps its result.

    Errors: those of `tickets.act`.
    """
    facts = {"reason": reason}
    return await tickets.act(
        uow=uow, principal=principal, ticket_id=ticket_id, action=Action.DISPUTE, facts=facts, note=note
    )


async def rate_ticket(
    *, uow: UnitOfWork, principal: Principal, ticket_id: UUID, scores: Scores, comment: str
) -> TicketView:
    """Judge the work on five axes; the ticket closes with its outcome.

    Locks: the ticket; a closing sweep at the same moment skips it or comes first, never both.
    Errors: those of `tickets.act`; SameHouseholdError when the worker lives in the rater's household (T8).
    """
    view = await tickets.act(
        uow=uow, principal=principal, ticket_id=ticket_id, action=Action.RATE, note=comment or None
    )
    ticket = view.record.ticket
    worker = None if ticket.worker_id is None else await dispatch.get_worker(uow=uow, worker_id=ticket.worker_id)
    if not may_judge(ticket.household_id, None if worker is None else worker.household_id):
        raise SameHouseholdError
    by_axis = {axis.value: score for axis, score in scores.by_axis().items()}
    await repository.add_rating(
        uow.session,
        {
            "community_id": uow.community_id,
            "ticket_id": ticket_id,
            "attempt": ticket.attempt,
            "seq": ticket.version,
            "household_id": ticket.household_id,
            "resident_id": principal.resident_id,
            "worker_id": ticket.worker_id,
            "department": ticket.department,
            "rated_at": uow.now,
            **by_axis,
        },
    )
    uow.announce(
        ticket_id,
        TicketRated(
            ticket_id=ticket_id,
            number=view.record.number,
            attempt=ticket.attempt,
            household_id=ticket.household_id,
            worker_id=ticket.worker_id,
            worker_account_id=None if worker is None else worker.account_id,
            department=ticket.department,
            is_satisfied=scores.is_satisfied(),
            **by_axis,
        ),
    )
    return view


async def list_ratings(*, uow: UnitOfWork, principal: Principal, ticket_id: UUID) -> list[Mapping[str, Any]]:
    """Return a ticket's ratings by attempt.

    Errors: TicketNotFoundError.
    """
    lines, _ = await tickets.get_log(uow=uow, principal=principal, ticket_id=ticket_id)
    words = {line.event.seq: line.note or "" for line in lines}
    rows = await repository.list_ratings(uow.session, uow.community_id, ticket_id)
    return [dict(row) | {"comment": words[row["seq"]]} for row in rows]


async def close_silent_ticket(uow: UnitOfWork, ticket_id: UUID) -> None:
    """Close a ticket whose resident said nothing in time; it counts as unrated, never as satisfied. The sweep's act.

    Locks: the ticket, unless somebody is just rating it: then it is left to them.
    """
    record = await tickets.lock_for_sweep(uow=uow, ticket_id=ticket_id)
    if record is not None and record.silent_close_at is not None and record.silent_close_at <= uow.now:
        await tickets.act_as_clock(uow=uow, ticket_id=ticket_id, action=Action.CLOSE_SILENTLY)


async def find_silent_tickets(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return (community, ticket) of those waiting for a resident past their time, across communities."""
    return await tickets.find_silent(session, now, limit)


async def get_statistics(
    *, uow: UnitOfWork, from_on: date | None, until_on: date | None, department: str | None
) -> Statistics:
    """Return the published rates of a span of local days, both included; open to everybody of the community.

    Errors: PeriodInvalidError.
    """
    today = local_date(uow.now)
    last = until_on or today
    first = from_on or last.replace(day=1)
    if not 0 <= (last - first).days <= LONGEST_PERIOD_DAYS:
        raise PeriodInvalidError(days=LONGEST_PERIOD_DAYS)
    since = datetime.combine(first, time(), CHINA)
    until = datetime.combine(last + timedelta(days=1), time(), CHINA)
    sums = await repository.sum_ratings(
        uow.session,
        uow.community_id,
        since=since,
        until=until,
        department=department,
        satisfied_total=SATISFIED_FROM.least_reaching(len(Axis)),
    )
    outcomes = await tickets.count_closed(uow=uow, since=since, until=until, department=department)
    worked = sum(outcomes.get(outcome.value, 0) for outcome in WORK_OUTCOMES)
    clocks = await sla.count_kept(uow=uow, since=since, until=until, department=department)
    return Statistics(
        from_on=first,
        until_on=last,
        department=department,
        response=Rate(*clocks[ClockKind.RESPOND]),
        resolution=Rate(*clocks[ClockKind.RESOLVE]),
        satisfaction=Rate(part=sums.satisfied, n=sums.n, left_out=max(0, worked - sums.n)),
        axis_means_milli={
            axis: None if sums.n == 0 else (2_000 * sums.by_axis[axis.value] + sums.n) // (2 * sums.n) for axis in Axis
        },
        outcomes=outcomes,
    )
