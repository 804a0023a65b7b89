"""Every statement over tickets, their log and the notes beside it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, false, func, or_, select, text, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.property.tickets.capacities import DESK, OVERSEERS
from services.property.tickets.domain import Ticket, TicketEvent
from services.property.tickets.models import TicketEventRow, TicketNoteRow, TicketRow
from services.property.tickets.records import LogLine, TicketFilter, TicketRecord
from services.property.tickets.transitions import Action, Actor, HoldReason, Outcome, Priority, State
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.pagination import PageRequest, Slice, before

_ticket = TicketRow.__table__  # type: ignore[attr-defined]  # set by SQLAlchemy on mapped classes.
_event = TicketEventRow.__table__  # type: ignore[attr-defined]
_note = TicketNoteRow.__table__  # type: ignore[attr-defined]

_SUBMIT = text(Path(__file__).with_name("submit.sql").read_text(encoding="utf-8"))

_FOLDED = frozenset(field.name for field in fields(Ticket))


def _folded(row: RowMapping) -> Ticket:
    values = {name: row[name] for name in _FOLDED}
    values["state"] = State(values["state"])
    values["priority"] = Priority(values["priority"])
    values["outcome"] = None if values["outcome"] is None else Outcome(values["outcome"])
    values["hold_reason"] = None if values["hold_reason"] is None else HoldReason(values["hold_reason"])
    return Ticket(**values)


def _record(row: RowMapping) -> TicketRecord:
    return TicketRecord(
        id=row["id"],
        ticket=_folded(row),
        number=row["number"],
        channel=row["channel"],
        is_anonymous=row["is_anonymous"],
        grid_id=row["grid_id"],
        building_id=row["building_id"],
        place=row["place"],
        description=row["description"],
        photo_ids=tuple(row["photo_ids"]),
        wished_category=row["wished_category"],
        summary=row["summary"],
        after_photo_ids=tuple(row["after_photo_ids"]),
        silent_close_at=row["silent_close_at"],
        last_seal=row["last_seal"],
    )


def columns_of(ticket: Ticket) -> dict[str, Any]:
    """Return what the fold says, as columns."""
    values = {name: getattr(ticket, name) for name in _FOLDED}
    for name in ("state", "priority", "outcome", "hold_reason"):
        values[name] = None if values[name] is None else values[name].value
    return values


def visible_to(principal: Principal, worker_id: UUID | None) -> ColumnElement[bool]:
    """Return the rows this caller may see: all for the desk and overseers, else those of their department, grid, hands or home."""
    if principal.has(*OVERSEERS):
        return true()
    allowed: list[ColumnElement[bool]] = []
    for grant in principal.roles:
        if grant.role in {Role.DEPARTMENT_HEAD, Role.GRID_WORKER} and grant.scope_kind is ScopeKind.COMMUNITY:
            return true()
        if grant.role is Role.DEPARTMENT_HEAD and grant.scope_kind is ScopeKind.DEPARTMENT:
            allowed.append(_ticket.c.department == grant.scope_id)
        if grant.role is Role.GRID_WORKER and grant.scope_kind is ScopeKind.GRID:
            allowed.append(_ticket.c.grid_id == UUID(grant.scope_id))
    if worker_id is not None:
        allowed.append(_ticket.c.worker_id == worker_id)
    if principal.household_id is not None:
        allowed.append(_ticket.c.household_id == principal.household_id)
    return or_(false(), *allowed)


def named_to(principal: Principal) -> ColumnElement[bool]:
    """Return the rows whose reporter this caller may know: asking for a household must not unmask who wished to stay unnamed."""
    if principal.has(*DESK):
        return true()
    return or_(~_ticket.c.is_anonymous, _ticket.c.household_id == principal.household_id)


async def submit_ticket(
    session: AsyncSession, community_id: UUID, record: TicketRecord, event: TicketEvent, *, previous: bytes
) -> None:
    """Enter a ticket and the first line of its log, in one statement.

    Errors: a violation of uq_ticket_community_id_number in the one case in a million millions that the number is taken.
    """
    ticket = record.ticket
    await session.execute(
        _SUBMIT,
        {
            "community_id": community_id,
            "id": record.id,
            "number": record.number,
            "channel": record.channel,
            "is_anonymous": record.is_anonymous,
            "household_id": ticket.household_id,
            "resident_id": ticket.resident_id,
            "account_id": event.account_id,
            "grid_id": record.grid_id,
            "building_id": record.building_id,
            "place": record.place,
            "description": record.description,
            "photo_ids": list(record.photo_ids),
            "wished_category": record.wished_category,
            "state": ticket.state.value,
            "priority": ticket.priority.value,
            "action": event.action.value,
            "at": event.at,
            "actor": event.actor.value,
            "facts": json.dumps(dict(event.facts), ensure_ascii=False),
            "previous": previous,
            "seal": record.last_seal,
        },
    )


async def add_event(
    session: AsyncSession, community_id: UUID, ticket_id: UUID, event: TicketEvent, *, previous: bytes, seal: bytes
) -> None:
    """Write a line of the log.

    Errors: a violation of pk_ticket_event when somebody else wrote that line first.
    """
    await session.execute(
        insert(_event),
        {
            "community_id": community_id,
            "ticket_id": ticket_id,
            "seq": event.seq,
            "action": event.action.value,
            "at": event.at,
            "actor": event.actor.value,
            "account_id": event.account_id,
            "facts": dict(event.facts),
            "previous": previous,
            "seal": seal,
        },
    )


async def add_note(
    session: AsyncSession, community_id: UUID, ticket_id: UUID, *, seq: int, account_id: UUID, words: str
) -> None:
    """Write what somebody said with a step."""
    await session.execute(
        insert(_note).values(community_id=community_id, ticket_id=ticket_id, seq=seq, account_id=account_id, text=words)
    )


async def save_ticket(
    session: AsyncSession, community_id: UUID, before: TicketRecord, ticket: Ticket, beside: Mapping[str, Any]
) -> TicketRecord:
    """Write where a ticket stands now, with what the log does not hold; return it as written."""
    query = (
        update(_ticket)
        .where(_ticket.c.community_id == community_id, _ticket.c.id == before.id)
        .values(**columns_of(ticket), **beside)
        .returning(_ticket)
    )
    return _record((await session.execute(query)).mappings().one())


async def find_for_update(
    session: AsyncSession,
    community_id: UUID,
    ticket_id: UUID,
    *,
    visible: ColumnElement[bool] | None = None,
    skip_locked: bool = False,
) -> TicketRecord | None:
    """Return a ticket and lock it until the commit; None for one that is not there, not visible, or held by another sweeper."""
    query = select(_ticket).where(_ticket.c.community_id == community_id, _ticket.c.id == ticket_id)
    if visible is not None:
        query = query.where(visible)
    row = (await session.execute(query.with_for_update(skip_locked=skip_locked))).mappings().first()
    return None if row is None else _record(row)


async def find_ticket(
    session: AsyncSession, community_id: UUID, ticket_id: UUID, *, visible: ColumnElement[bool]
) -> TicketRecord | None:
    """Return a ticket the caller may see, or None."""
    query = select(_ticket).where(_ticket.c.community_id == community_id, _ticket.c.id == ticket_id, visible)
    row = (await session.execute(query)).mappings().first()
    return None if row is None else _record(row)


async def list_tickets(
    session: AsyncSession,
    community_id: UUID,
    *,
    visible: ColumnElement[bool],
    narrowed: TicketFilter,
    page: PageRequest,
) -> Slice[TicketRecord]:
    """Return tickets, newest first, one page."""
    query = (
        select(_ticket)
        .where(_ticket.c.community_id == community_id, visible)
        .order_by(_ticket.c.submitted_at.desc(), _ticket.c.id.desc())
        .limit(page.limit + 1)
    )
    for field in fields(narrowed):
        value = getattr(narrowed, field.name)
        if value is not None:
            query = query.where(_ticket.c[field.name] == value)
    if (after := page.after_moment_and_id()) is not None:
        query = query.where(before([_ticket.c.submitted_at, _ticket.c.id], after))
    rows = [_record(row) for row in (await session.execute(query)).mappings()]
    return Slice.cut(rows, page.limit, lambda one: (one.ticket.submitted_at, one.id))


async def list_accepted(session: AsyncSession, community_id: UUID, *, page: PageRequest) -> Slice[TicketRecord]:
    """Return tickets the desk has taken on, newest first, one page."""
    query = (
        select(_ticket)
        .where(_ticket.c.community_id == community_id, _ticket.c.accepted_at.is_not(None))
        .order_by(_ticket.c.submitted_at.desc(), _ticket.c.id.desc())
        .limit(page.limit + 1)
    )
    if (after := page.after_moment_and_id()) is not None:
        query = query.where(before([_ticket.c.submitted_at, _ticket.c.id], after))
    rows = [_record(row) for row in (await session.execute(query)).mappings()]
    return Slice.cut(rows, page.limit, lambda one: (one.ticket.submitted_at, one.id))


async def list_log(session: AsyncSession, community_id: UUID, ticket_id: UUID) -> list[LogLine]:
    """Return a ticket's log in order."""
    query = (
        select(_event, _note.c.text)
        .outerjoin(
            _note,
            (_note.c.community_id == _event.c.community_id)
            & (_note.c.ticket_id == _event.c.ticket_id)
            & (_note.c.seq == _event.c.seq),
        )
        .where(_event.c.community_id == community_id, _event.c.ticket_id == ticket_id)
        .order_by(_event.c.seq)
    )
    return [
        LogLine(
            TicketEvent(row.seq, Action(row.action), row.at, Actor(row.actor), row.account_id, row.facts),
            row.previous,
            row.seal,
            row.text,
        )
        for row in await session.execute(query)
    ]


async def find_silent(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return (community, ticket) of those whose resident said nothing in time, across communities, longest waiting first."""
    query = (
        select(_ticket.c.community_id, _ticket.c.id)
        .where(_ticket.c.silent_close_at <= now)
        .order_by(_ticket.c.silent_close_at)
        .limit(limit)
    )
    return [(community_id, ticket_id) for community_id, ticket_id in await session.execute(query)]


async def count_closed(
    session: AsyncSession, community_id: UUID, *, since: datetime, until: datetime, department: str | None
) -> Mapping[str, int]:
    """Return how many tickets were closed in a span, by outcome."""
    query = (
        select(_ticket.c.outcome, func.count().label("closed"))
        .where(_ticket.c.community_id == community_id, _ticket.c.closed_at >= since, _ticket.c.closed_at < until)
        .group_by(_ticket.c.outcome)
    )
    if department is not None:
        query = query.where(_ticket.c.department == department)
    return {row.outcome: row.closed for row in await session.execute(query)}
