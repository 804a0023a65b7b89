"""What can be done with tickets: report, read, decide at the desk; and `act`, through which every step of a ticket goes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.property.catalogue import usecases as catalogue
from services.property.catalogue.domain import DESK as DESK_DEPARTMENT
from services.property.catalogue.domain import sounds_dangerous
from services.property.dispatch import usecases as dispatch
from services.property.households import usecases as households
from services.property.sla import usecases as sla
from services.property.sla.clocks import ClockKind
from services.property.sla.marks import marks_of
from services.property.sla.usecases import ClockPlan
from services.property.tickets import repository
from services.property.tickets.capacities import DESK, capacities
from services.property.tickets.chain import GENESIS, first_broken, seal
from services.property.tickets.consequences import ASSIGNMENT_STATES, CLOCKED, NOT_WORK
from services.property.tickets.domain import (
    Ticket,
    TicketEvent,
    TicketPolicy,
    actions_for,
    apply,
    begin,
    decide,
    offer_lapses_at,
    silent_close_at,
    submit,
)
from services.property.tickets.errors import StrangerError, TicketNotFoundError
from services.property.tickets.numbers import number_of
from services.property.tickets.records import LogLine, Report, TicketFilter, TicketRecord, TicketView
from services.property.tickets.transitions import LIFE, Action, Actor, Priority, State
from shared.contracts.events import TicketClosed, TicketMoved, TicketSubmitted
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def submit_ticket(*, uow: UnitOfWork, principal: Principal, report: Report) -> TicketView:
    """Take a report from a resident, or from the desk for a named resident who will still confirm and rate.

    Errors: NoHouseholdError, StrangerError, ForbiddenError, CategoryNotFoundError, CategoryNotUsableError.
    """
    household_id, resident_id = await _served(uow, principal, report)
    category = None if report.category is None else await catalogue.get_usable_category(uow=uow, code=report.category)
    is_danger = sounds_dangerous(report.description) or (category is not None and category.is_safety)
    priority = Priority.URGENT if is_danger else Priority.NORMAL if category is None else category.priority
    place = await households.find_place(uow=uow, household_id=household_id)
    home = "" if place is None else place.building_name if report.is_anonymous else place.address or place.building_name

    ticket_id = uow.new_id()
    event = submit(
        household_id=household_id,
        resident_id=resident_id,
        account_id=principal.account_id,
        now=uow.now,
        priority=priority,
    )
    ticket = begin(event)
    mark = seal(ticket_id, event, GENESIS)
    record = TicketRecord(
        id=ticket_id,
        ticket=ticket,
        number=number_of(ticket_id, uow.now),
        channel=report.channel,
        is_anonymous=report.is_anonymous,
        grid_id=None if place is None else place.grid_id,
        building_id=None if place is None else place.building_id,
        place=report.place or home,
        description=report.description,
        photo_ids=report.photo_ids,
        wished_category=report.category,
        summary=None,
        after_photo_ids=(),
        silent_close_at=None,
        last_seal=mark,
    )
    await repository.submit_ticket(uow.session, uow.community_id, record, event, previous=GENESIS)
    clocks = await sla.start_clocks(
        uow=uow, ticket_id=ticket_id, priority=priority.value, department=DESK_DEPARTMENT, is_danger=is_danger
    )
    uow.announce(
        ticket_id,
        TicketSubmitted(
            ticket_id=ticket_id,
            number=record.number,
            household_id=household_id,
            resident_id=resident_id,
            account_id=principal.account_id,
            channel=report.channel,
            by_desk=report.resident_id is not None,
            priority=priority.value,
            respond_due_at=next(one["due_at"] for one in clocks if one["kind"] == ClockKind.RESPOND),
        ),
    )
    return TicketView(record, None, clocks)


async def _served(uow: UnitOfWork, principal: Principal, report: Report) -> tuple[UUID, UUID]:
    """Return the household and resident a report is for."""
    if report.resident_id is None or report.resident_id == principal.resident_id:
        household_id = principal.require_household()
        if principal.resident_id is None:
            raise StrangerError
        return household_id, principal.resident_id
    principal.require(*DESK, Role.GRID_WORKER)
    found = await households.find_household_of_resident(uow=uow, resident_id=report.resident_id)
    if found is None:
        raise StrangerError
    return found, report.resident_id


async def act(
    *,
    uow: UnitOfWork,
    principal: Principal,
    ticket_id: UUID,
    action: Action,
    facts: Mapping[str, Any] | None = None,
    note: str | None = None,
    beside: Mapping[str, Any] | None = None,
) -> TicketView:
    """Take one step of a ticket as a person: lock, decide, write the line, move clocks and assignment, announce.

    `beside` are columns the log does not hold (the worker's summary, pictures).
    Locks: the ticket first, then its assignment, then its clocks.
    Errors: TicketNotFoundError for what the caller may not see; those of `tickets.domain.decide`.
    """
    worker_id = await _worker_id(uow, principal)
    visible = repository.visible_to(principal, worker_id)
    record = await repository.find_for_update(uow.session, uow.community_id, ticket_id, visible=visible)
    if record is None:
        raise TicketNotFoundError
    event = decide(
        record.ticket,
        action,
        acting_as=capacities(principal, record.ticket, worker_id),
        account_id=principal.account_id,
        now=uow.now,
        facts=facts,
        policy=await _policy(uow),
    )
    following = await _write(uow, record, event, note=note, beside=beside)
    return await _view_of(uow, following)


async def act_as_clock(*, uow: UnitOfWork, ticket_id: UUID, action: Action) -> bool:
    """Take a step because time has come; tell whether it was taken, not when somebody else is at it or was first.

    Locks: as `act`, skipping a ticket that somebody holds.
    """
    record = await lock_for_sweep(uow=uow, ticket_id=ticket_id)
    if record is None or action not in LIFE.actions(record.ticket.state, frozenset({Actor.CLOCK})):
        return False
    event = decide(record.ticket, action, acting_as=frozenset({Actor.CLOCK}), account_id=None, now=uow.now)
    await _write(uow, record, event)
    return True


async def _write(
    uow: UnitOfWork,
    record: TicketRecord,
    event: TicketEvent,
    *,
    note: str | None = None,
    beside: Mapping[str, Any] | None = None,
) -> TicketRecord:
    ticket = apply(record.ticket, event)
    mark = seal(record.id, event, record.last_seal)
    await repository.add_event(uow.session, uow.community_id, record.id, event, previous=record.last_seal, seal=mark)
    if note and event.account_id is not None:
        await repository.add_note(
            uow.session, uow.community_id, record.id, seq=event.seq, account_id=event.account_id, words=note
        )
    policy = await _policy(uow)
    following = await repository.save_ticket(
        uow.session,
        uow.community_id,
        record,
        ticket,
        dict(beside or {}) | {"last_seal": mark, "silent_close_at": silent_close_at(ticket, policy)},
    )
    if (state := ASSIGNMENT_STATES.get(event.action)) is not None:
        await dispatch.move_assignment(uow=uow, ticket_id=record.id, state=state)
    if event.action in CLOCKED:
        await _follow_clocks(uow, record.id, ticket)
    await _announce(uow, record, following, event)
    return following


async def _follow_clocks(uow: UnitOfWork, ticket_id: UUID, ticket: Ticket) -> None:
    events = [line.event for line in await repository.list_log(uow.session, uow.community_id, ticket_id)]
    plans = [
        ClockPlan(kind, attempt, marks, ticket.department, is_counted=ticket.outcome not in NOT_WORK)
        for kind in ClockKind
        for attempt, marks in enumerate(marks_of(events, kind), start=1)
    ]
    category = None if ticket.category is None else await catalogue.find_category(uow=uow, code=ticket.category)
    await sla.follow_log(
        uow=uow,
        ticket_id=ticket_id,
        plans=plans,
        priority=ticket.priority.value,
        department=ticket.department or DESK_DEPARTMENT,
        is_danger=category is not None and category.is_safety,
    )


async def _announce(uow: UnitOfWork, before: TicketRecord, after: TicketRecord, event: TicketEvent) -> None:
    ticket = after.ticket
    # Who was sent learns that the offer is gone, so the worker before the step counts too.
    worker_id = ticket.worker_id or before.ticket.worker_id
    worker = None if worker_id is None else await dispatch.get_worker(uow=uow, worker_id=worker_id)
    uow.announce(
        after.id,
        TicketMoved(
            ticket_id=after.id,
            number=after.number,
            action=event.action.value,
            state=ticket.state.value,
            attempt=ticket.attempt,
            household_id=ticket.household_id,
            resident_id=ticket.resident_id,
            reporter_account_id=ticket.reported_by_id,
            worker_id=worker_id,
            worker_account_id=None if worker is None else worker.account_id,
            worker_name="" if worker is None else worker.name,
            department=ticket.department,
            priority=ticket.priority.value,
            accept_by=offer_lapses_at(uow.now, await _policy(uow)) if event.action is Action.OFFER else None,
            version=ticket.version,
        ),
    )
    if ticket.state is State.CLOSED and ticket.outcome is not None:
        uow.announce(
            after.id,
            TicketClosed(
                ticket_id=after.id,
                number=after.number,
                outcome=ticket.outcome.value,
                attempt=ticket.attempt,
                household_id=ticket.household_id,
                resident_id=ticket.resident_id,
                reporter_account_id=ticket.reported_by_id,
                worker_id=ticket.worker_id,
                department=ticket.department,
                is_rated=ticket.rated_at is not None,
            ),
        )


async def withdraw_ticket(*, uow: UnitOfWork, principal: Principal, ticket_id: UUID, note: str | None) -> TicketView:
    """Take a report back.

    Errors: those of `act`.
    """
    return await act(uow=uow, principal=principal, ticket_id=ticket_id, action=Action.WITHDRAW, note=note)


async def reopen_ticket(
    *, uow: UnitOfWork, principal: Principal, ticket_id: UUID, reason: str, note: str | None
) -> TicketView:
    """Open a closed ticket again; the work begins as the next attempt.

    Errors: those of `act`, ReopenTooLateError and WrongOutcomeError among them.
    """
    return await act(
        uow=uow,
        principal=principal,
        ticket_id=ticket_id,
        action=Action.REOPEN,
        facts={"reason": reason},
        note=note,
    )


async def lock_for_sweep(*, uow: UnitOfWork, ticket_id: UUID) -> TicketRecord | None:
    """Return a ticket and hold it until the commit; None when somebody else holds it."""
    return await repository.find_for_update(uow.session, uow.community_id, ticket_id, skip_locked=True)


async def get_ticket(*, uow: UnitOfWork, principal: Principal, ticket_id: UUID) -> TicketView:
    """Return a ticket with its worker and clocks.

    Errors: TicketNotFoundError.
    """
    return await _view_of(uow, await get_record(uow=uow, principal=principal, ticket_id=ticket_id))


async def _view_of(uow: UnitOfWork, record: TicketRecord) -> TicketView:
    worker_id = record.ticket.worker_id
    worker = None if worker_id is None else await dispatch.get_worker(uow=uow, worker_id=worker_id)
    return TicketView(record, worker, await sla.list_clocks(uow=uow, ticket_id=record.id))


async def get_record(*, uow: UnitOfWork, principal: Principal, ticket_id: UUID) -> TicketRecord:
    """Return a ticket the caller may see.

    Errors: TicketNotFoundError.
    """
    visible = repository.visible_to(principal, await _worker_id(uow, principal))
    record = await repository.find_ticket(uow.session, uow.community_id, ticket_id, visible=visible)
    if record is None:
        raise TicketNotFoundError
    return record


async def list_tickets(
    *, uow: UnitOfWork, principal: Principal, narrowed: TicketFilter, page: PageRequest
) -> Slice[TicketRecord]:
    """Return the tickets the caller may see, newest first, one page."""
    visible = repository.visible_to(principal, await _worker_id(uow, principal))
    if narrowed.household_id is not None:
        visible = visible & repository.named_to(principal)
    return await repository.list_tickets(uow.session, uow.community_id, visible=visible, narrowed=narrowed, page=page)


async def list_actions(*, uow: UnitOfWork, principal: Principal, ticket_id: UUID) -> tuple[State, list[Action]]:
    """Return the state of a ticket and what the caller could do with it now.

    Errors: TicketNotFoundError.
    """
    record = await get_record(uow=uow, principal=principal, ticket_id=ticket_id)
    acting_as = capacities(principal, record.ticket, await _worker_id(uow, principal))
    return record.ticket.state, actions_for(record.ticket, acting_as, uow.now, await _policy(uow))


async def get_log(*, uow: UnitOfWork, principal: Principal, ticket_id: UUID) -> tuple[list[LogLine], int | None]:
    """Return a ticket's log and the first line whose seal does not fit, None when the log is whole.

    Errors: TicketNotFoundError.
    """
    await get_record(uow=uow, principal=principal, ticket_id=ticket_id)
    lines = await repository.list_log(uow.session, uow.community_id, ticket_id)
    broken = first_broken(ticket_id, [(line.event, line.previous, line.seal) for line in lines])
    return lines, broken


async def list_public_tickets(*, uow: UnitOfWork, page: PageRequest) -> Slice[TicketRecord]:
    """Return accepted tickets for neighbours to see; who may read what of them is decided by the schema, which names nobody."""
    return await repository.list_accepted(uow.session, uow.community_id, page=page)


async def find_silent(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return (community, ticket) of those waiting for a resident past their time, across communities."""
    return await repository.find_silent(session, now, limit)


async def count_closed(
    *, uow: UnitOfWork, since: datetime, until: datetime, department: str | None
) -> Mapping[str, int]:
    """Return how many tickets were closed in a span, by outcome."""
    return await repository.count_closed(uow.session, uow.community_id, since=since, until=until, department=department)


async def _policy(uow: UnitOfWork) -> TicketPolicy:
    return (await sla.get_rules(uow=uow)).level.policy


async def _worker_id(uow: UnitOfWork, principal: Principal) -> UUID | None:
    """Return the worker the caller signs in as; asked only of those who hold the role."""
    if not principal.has(Role.PROPERTY_WORKER):
        return None
    worker = await dispatch.find_worker_of_account(uow=uow, account_id=principal.account_id)
    return None if worker is None else worker.id
